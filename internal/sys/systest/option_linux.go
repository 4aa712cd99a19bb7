package systest

import (
	"encoding/binary"
	"os"
	"syscall"
)

// SetOption sets an option of SCTP whose value is the given words, for what the package
// does not offer.
func SetOption(c syscall.RawConn, option int, words ...uint32) error {
	var b []byte
	for _, w := range words {
		b = binary.NativeEndian.AppendUint32(b, w)
	}
	var err error
	if e := c.Control(func(fd uintptr) {
		err = os.NewSyscallError("setsockopt", syscall.SetsockoptString(int(fd), syscall.IPPROTO_SCTP, option, string(b)))
	}); e != nil {
		return e
	}
	return err
}
