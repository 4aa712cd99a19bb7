//go:build !linux

package systest

import (
	"errors"
	"syscall"
)

// SetOption fails where there is no SCTP.
func SetOption(c syscall.RawConn, option int, words ...uint32) error { return errors.ErrUnsupported }
