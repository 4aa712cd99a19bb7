// Package systest makes the kernel do to tests what networks do: it opens network
// namespaces, connects them, and switches their links off.
package systest

import (
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// A Netns is a network namespace, whose loopback interface is up and has the MTU of a
// network: with its own, of 64 KiB, a chunk may be larger than the receiver's window.
// The namespace lives as long as a socket in it does.
type Netns struct {
	ns *os.File // /proc/thread-self/ns/net
	nl int      // a netlink socket in it
}

// NewNetns makes a network namespace. It needs CAP_SYS_ADMIN.
func NewNetns() (n *Netns, err error) {
	err = OnThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("unshare", err)
		}
		n, err = OwnNetns()
		return err
	})
	return n, err
}

// OwnNetns returns the calling thread's namespace, which must be nobody else's.
func OwnNetns() (*Netns, error) {
	ns, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	n := &Netns{ns: ns}
	n.nl, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		ns.Close()
		return nil, os.NewSyscallError("socket", err)
	}
	if err := n.Loopback(true); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Path returns a path of the namespace's in this process, until Close.
func (n *Netns) Path() string { return "/proc/self/fd/" + strconv.Itoa(int(n.ns.Fd())) }

// Do calls f in the namespace, on a thread of its own that ends with it.
func (n *Netns) Do(f func() error) error {
	return OnThread(func() error {
		if err := unix.Setns(int(n.ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("setns", err)
		}
		return f()
	})
}

// Sysctl sets a variable of the namespace's, as "net/sctp/rto_min".
func (n *Netns) Sysctl(name, value string) error {
	return n.Do(func() error { return os.WriteFile("/proc/sys/"+name, []byte(value), 0) })
}

// SystemSysctl sets a variable that only the system's first namespace has, as
// "net/sctp/sctp_mem", and returns its former value. It needs CAP_SYS_ADMIN.
func SystemSysctl(name, value string) (old string, err error) {
	ns, err := os.Open("/proc/1/ns/net")
	if err != nil {
		return "", err
	}
	defer ns.Close()
	err = (&Netns{ns: ns}).Do(func() error {
		b, err := os.ReadFile("/proc/sys/" + name)
		if err != nil {
			return err
		}
		old = string(b)
		return os.WriteFile("/proc/sys/"+name, []byte(value), 0)
	})
	return old, err
}

// Close forgets the namespace.
func (n *Netns) Close() {
	n.ns.Close()
	unix.Close(n.nl)
}

// OnThread calls f on an operating system thread that is thrown away afterwards, so that
// what f does to it, as to go to a namespace, reaches no other goroutine.
func OnThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer close(done) // also when f ends its goroutine, as t.FailNow does
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The main thread never ends: hold it, so that f gets another one.
			done <- OnThread(f)
			runtime.UnlockOSThread()
			return
		}
		done <- f()
	}()
	return <-done
}
