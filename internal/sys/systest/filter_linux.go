package systest

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// DropEnds has the kernel lose, while on, each packet to the socket behind c that begins
// with the last fragment of a message in several (SO_ATTACH_FILTER).
func DropEnds(c syscall.RawConn, on bool) error {
	const (
		load = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
		and  = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
		jeq  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		ret  = unix.BPF_RET | unix.BPF_K
	)
	// The kernel shows a filter what is behind the common header.
	program := []unix.SockFilter{
		{Code: load, K: 0},              // type of the first chunk
		{Code: jeq, K: 0, Jt: 0, Jf: 3}, // DATA
		{Code: load, K: 1},              // its flags
		{Code: and, K: 0x03},            // B and E
		{Code: jeq, K: 0x01, Jt: 1},     // E alone
		{Code: ret, K: 0xffff},
		{Code: ret, K: 0},
	}
	var err error
	cerr := c.Control(func(fd uintptr) {
		if on {
			prog := &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
			err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, prog)
		} else {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
		}
	})
	if cerr != nil {
		return cerr
	}
	return err
}
