package sctp

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// bare returns err as the incumbent had it: io.EOF and the system's errors with nothing
// around them, syscall.EBADF for what the program has closed itself, and syscall.EINVAL for
// addresses that do not fit together, of which the kernel said so. A deadline, which the
// incumbent did not have, stays a net.Error.
func bare(err error) error {
	var errno syscall.Errno
	var addr *net.AddrError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrClosed):
		return syscall.EBADF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case errors.Is(err, errors.ErrUnsupported):
		return unsupported(err)
	case errors.As(err, &errno):
		return errno
	case errors.As(err, &addr):
		return syscall.EINVAL
	}
	return err
}
