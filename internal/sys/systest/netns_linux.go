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
		err = n.setMTU()
	}
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
	var req ifreq
	if err := n.ioctl("SIOCGIFFLAGS", unix.SIOCGIFFLAGS, &req); err != nil {
		return err
	}
	flags := (*int16)(unsafe.Pointer(&req.value))
	*flags &^= unix.IFF_UP
	if up {
		*flags |= unix.IFF_UP
	}
	return n.ioctl("SIOCSIFFLAGS", unix.SIOCSIFFLAGS, &req)
}

// setMTU gives the loopback interface the MTU of a network: with its own, of 64 KiB,
// a chunk may be larger than the receiver's window.
func (n *Netns) setMTU() error {
	var req ifreq
	req.value = 1500
	return n.ioctl("SIOCSIFMTU", unix.SIOCSIFMTU, &req)
}

// An ifreq is a struct ifreq, whose union is an int or, for the flags, a short.
type ifreq struct {
	name  [unix.IFNAMSIZ]byte
	value int32
	_     [20]byte
}

// ioctl configures the loopback interface.
func (n *Netns) ioctl(name string, request uintptr, req *ifreq) error {
	copy(req.name[:], "lo")
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n.ctrl), request, uintptr(unsafe.Pointer(req))); errno != 0 {
		return os.NewSyscallError("ioctl "+name, errno)
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
