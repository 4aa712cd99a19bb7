// Package systest makes the kernel do to tests what networks do: it opens network
// namespaces and switches their loopback interface off.
package systest

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Netns is a network namespace of its own, with a loopback interface that is up.
// It lives as long as a socket in it does.
type Netns struct {
	ns   *os.File // /proc/thread-self/ns/net
	ctrl int      // a socket in it, to configure the interface with
}

// NewNetns makes a network namespace. It needs CAP_SYS_ADMIN.
func NewNetns() (*Netns, error) {
	n := &Netns{ctrl: -1}
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("unshare", err)
		}
		var err error
		if n.ns, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		n.ctrl, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return os.NewSyscallError("socket", err)
	})
	if err == nil {
		err = n.Loopback(true)
	}
	if err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Do calls f in the namespace, on a thread of its own that ends with it.
func (n *Netns) Do(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(n.ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("setns", err)
		}
		return f()
	})
}

// Loopback switches the loopback interface on or off. While it is off, whatever
// is sent over it is lost without a trace.
func (n *Netns) Loopback(up bool) error {
	var req struct { // struct ifreq
		name  [unix.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(req.name[:], "lo")
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n.ctrl), unix.SIOCGIFFLAGS, uintptr(unsafe.Pointer(&req))); errno != 0 {
		return os.NewSyscallError("ioctl SIOCGIFFLAGS", errno)
	}
	req.flags &^= unix.IFF_UP
	if up {
		req.flags |= unix.IFF_UP
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n.ctrl), unix.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req)))
	if errno != 0 {
		return os.NewSyscallError("ioctl SIOCSIFFLAGS", errno)
	}
	return nil
}

// Close forgets the namespace.
func (n *Netns) Close() {
	if n.ns != nil {
		n.ns.Close()
	}
	if n.ctrl >= 0 {
		unix.Close(n.ctrl)
	}
}

// onThread calls f on an operating system thread that is thrown away afterwards,
// so that its namespace reaches no other goroutine.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}
