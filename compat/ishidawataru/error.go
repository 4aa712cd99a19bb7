package sctp

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// bare returns err as the incumbent had it: io.EOF and the system's errors with nothing
// around them, and syscall.EBADF for what the program has closed itself. A deadline, which
// the incumbent did not have, stays a net.Error.
func bare(err error) error {
	var errno syscall.Errno
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
	}
	return err
}
