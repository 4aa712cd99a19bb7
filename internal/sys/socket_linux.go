package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Socket opens a non-blocking, close-on-exec SCTP socket.
func Socket(family, style int) (int, Errno) {
	fd, _, errno := unix.Syscall(unix.SYS_SOCKET, uintptr(family),
		uintptr(style|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC), IPPROTO_SCTP)
	return int(fd), errno
}

// Close closes fd, which no os.File owns yet.
func Close(fd int) { unix.Close(fd) }

// Bind binds fd to the socket address sa.
func Bind(fd int, sa []byte) Errno {
	_, _, errno := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&sa[0])), uintptr(len(sa)))
	return errno
}

// connect connects fd to the socket address sa.
func connect(fd int, sa []byte) Errno {
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa[0])), uintptr(len(sa)))
	return errno
}

// Listen makes fd a listener.
func Listen(fd, backlog int) Errno {
	_, _, errno := unix.Syscall(unix.SYS_LISTEN, uintptr(fd), uintptr(backlog), 0)
	return errno
}

// Accept takes the next association of the listener fd: a non-blocking,
// close-on-exec descriptor. It writes the peer's address, which the new
// descriptor cannot tell when the association has died already, to sa.
func Accept(fd uintptr, sa *[SizeofSockaddrIn6]byte) (int, Errno) {
	n := uint32(len(sa))
	nfd, _, errno := unix.Syscall6(unix.SYS_ACCEPT4, fd, uintptr(unsafe.Pointer(sa)),
		uintptr(unsafe.Pointer(&n)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	return int(nfd), errno
}

// Connectx starts an association with the peer at the packed addresses
// (SCTP_SOCKOPT_CONNECTX3, what libsctp's sctp_connectx calls), and returns its id,
// also with EINPROGRESS.
func Connectx(fd uintptr, addrs []byte) (int32, Errno) {
	arg := ConnectxArg{Size: int32(len(addrs)), Addrs: &addrs[0]}
	n := uint32(unsafe.Sizeof(arg))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX3,
		uintptr(unsafe.Pointer(&arg)), uintptr(unsafe.Pointer(&n)), 0)
	return arg.AssocID, errno
}

// PeelOff moves an association of the one-to-many socket fd to a descriptor of its own:
// non-blocking, close-on-exec.
func PeelOff(fd uintptr, id int32) (int, Errno) {
	arg := PeelOffFlagsArg{Arg: PeelOffArg{AssocID: id}, Flags: unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC}
	n := uint32(unsafe.Sizeof(arg))
	nfd, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, SOL_SCTP, SCTP_SOCKOPT_PEELOFF_FLAGS,
		uintptr(unsafe.Pointer(&arg)), uintptr(unsafe.Pointer(&n)), 0)
	return int(nfd), errno
}

// Spare opens a descriptor that stands for nothing, close-on-exec: it shows that there is
// one to be had.
func Spare() (int, Errno) {
	fd, _, errno := unix.Syscall(unix.SYS_EVENTFD2, 0, unix.EFD_CLOEXEC, 0)
	return int(fd), errno
}

// Shutdown calls shutdown.
func Shutdown(fd uintptr, how int) Errno {
	_, _, errno := unix.Syscall(unix.SYS_SHUTDOWN, fd, uintptr(how), 0)
	return errno
}

// Getsockopt reads an option into b, which also holds what the kernel wants to
// know first, and returns the length that the kernel reports.
func Getsockopt(fd uintptr, level, name int, b []byte) (int, Errno) {
	n := uint32(len(b))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, uintptr(level), uintptr(name),
		uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(unsafe.Pointer(&n)), 0)
	return int(n), errno
}

// Setsockopt sets an option to b.
func Setsockopt(fd uintptr, level, name int, b []byte) Errno {
	_, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, fd, uintptr(level), uintptr(name),
		uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0)
	return errno
}

// Getsockname returns one address that fd is bound to.
func Getsockname(fd uintptr) ([]byte, Errno) {
	sa := make([]byte, SizeofSockaddrIn6)
	n := uint32(len(sa))
	_, _, errno := unix.Syscall(unix.SYS_GETSOCKNAME, fd, uintptr(unsafe.Pointer(&sa[0])), uintptr(unsafe.Pointer(&n)))
	return sa[:min(int(n), len(sa))], errno
}

// Poll returns which of PollOut, PollErr and PollRdhup hold for fd now.
func Poll(fd uintptr) int16 {
	p := []unix.PollFd{{Fd: int32(fd), Events: PollOut | PollRdhup}}
	if n, err := unix.Poll(p, 0); n <= 0 || err != nil {
		return 0
	}
	return p[0].Revents
}

// Dup duplicates fd, close-on-exec.
func Dup(fd uintptr) (int, Errno) {
	n, _, errno := unix.Syscall(unix.SYS_FCNTL, fd, unix.F_DUPFD_CLOEXEC, 0)
	return int(n), errno
}

// SetNonblock makes the open file behind fd non-blocking, or blocking.
func SetNonblock(fd int, on bool) Errno {
	if err := unix.SetNonblock(fd, on); err != nil {
		return err.(Errno)
	}
	return 0
}
