package sctptest

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// ListenMany returns a one-to-many socket that takes associations on 127.0.0.1, and its
// port. It is closed with the test.
func ListenMany(t testing.TB) (*os.File, uint16) {
	t.Helper()
	NeedKernel(t)
	f := RawSocket(t, syscall.AF_INET, syscall.SOCK_SEQPACKET, sctpProtocol)
	c, err := f.SyscallConn()
	require.NoError(t, err)
	var sa syscall.Sockaddr
	require.NoError(t, c.Control(func(fd uintptr) {
		err = syscall.Bind(int(fd), &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
		if err == nil {
			err = syscall.Listen(int(fd), 1)
		}
		if err == nil {
			sa, err = syscall.Getsockname(int(fd))
		}
	}))
	require.NoError(t, err)
	return f, uint16(sa.(*syscall.SockaddrInet4).Port)
}
