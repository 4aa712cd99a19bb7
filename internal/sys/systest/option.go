package systest

import (
	"syscall"

	"github.com/netsctp/sctp/internal/sys"
)

// SetOption sets an option of SCTP's level to v, as the kernel's struct has it.
func SetOption(c syscall.RawConn, num int, v []byte) error {
	var errno sys.Errno
	if err := c.Control(func(fd uintptr) { errno = sys.Setsockopt(fd, sys.SOL_SCTP, num, v) }); err != nil {
		return err
	}
	if errno != 0 {
		return errno
	}
	return nil
}
