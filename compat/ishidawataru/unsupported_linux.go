package sctp

import (
	"errors"
	"syscall"
)

// unsupported returns the kernel's own error where it has no SCTP.
func unsupported(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
