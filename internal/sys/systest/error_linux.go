package systest

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// TakeError takes the pending error of the socket behind c (SO_ERROR), as a program
// may that looks at the socket itself. The kernel reports it once.
func TakeError(c syscall.RawConn) (errno, err error) {
	var n int
	cerr := c.Control(func(fd uintptr) { n, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR) })
	if err == nil {
		err = cerr
	}
	if n != 0 {
		errno = syscall.Errno(n)
	}
	return errno, err
}
