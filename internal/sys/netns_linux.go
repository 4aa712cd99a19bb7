package sys

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// InNetns calls f on a thread that is in the network namespace at path. No other
// goroutine runs there meanwhile; afterwards the thread is back in the namespace that
// it was in, or is no more. If f was not called, it returns the call that failed.
func InNetns(path string, f func()) (call string, errno Errno) {
	ns, errno := openNetns(path)
	if errno != 0 {
		return "open", errno
	}
	defer unix.Close(ns)
	return "setns", inNetns(ns, f)
}

// InNetnsOf is InNetns for the namespace of the socket fd. It needs CAP_NET_ADMIN there.
func InNetnsOf(fd uintptr, f func()) (call string, errno Errno) {
	ns, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, unix.SIOCGSKNS, 0)
	if errno != 0 {
		return "ioctl SIOCGSKNS", errno
	}
	defer unix.Close(int(ns))
	return "setns", inNetns(int(ns), f)
}

// openNetns opens a file of the proc or nsfs file system. Should it be a FIFO, say,
// it does not wait.
func openNetns(path string) (int, Errno) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return -1, err.(Errno)
	}
	return fd, 0
}

// inNetns calls f on a thread in the namespace ns.
func inNetns(ns int, f func()) Errno {
	done := make(chan Errno, 1)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The main thread never ends, and its namespace is what /proc shows as
			// the process's. While it is locked here, f gets another one.
			done <- inNetns(ns, f)
			runtime.UnlockOSThread()
			return
		}
		errno, home := switchNetns(ns, f)
		done <- errno
		if home {
			runtime.UnlockOSThread()
		}
		// Otherwise the runtime ends the thread, since its goroutine is locked to it.
	}()
	return <-done
}

// switchNetns takes the calling thread to the namespace ns for f, and reports whether
// it is home again. A process may have the right to enter ns, and not its own.
func switchNetns(ns int, f func()) (errno Errno, home bool) {
	own, ownErrno := openNetns("/proc/thread-self/ns/net")
	if ownErrno == 0 {
		defer unix.Close(own)
	}
	if err := unix.Setns(ns, unix.CLONE_NEWNET); err != nil {
		return err.(Errno), true
	}
	f()
	return 0, ownErrno == 0 && unix.Setns(own, unix.CLONE_NEWNET) == nil
}

// InterfaceIndex returns the number of the network interface called name in the
// namespace of the socket fd, 0 if there is none. SCTP listeners do not answer.
func InterfaceIndex(fd uintptr, name string) uint32 {
	var req struct { // struct ifreq
		name  [unix.IFNAMSIZ]byte
		index uint32
		_     [20]byte
	}
	if len(name) >= len(req.name) {
		return 0
	}
	copy(req.name[:], name)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, unix.SIOCGIFINDEX, uintptr(unsafe.Pointer(&req)))
	if errno != 0 {
		return 0
	}
	return req.index
}
