package sctptest

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// IPs returns the addresses that texts are.
func IPs(texts ...string) []netip.Addr {
	var ips []netip.Addr
	for _, s := range texts {
		ips = append(ips, netip.MustParseAddr(s))
	}
	return ips
}

// FreeAddr returns an address that nothing listens on: of host, as "127.0.0.1:0".
func FreeAddr(t testing.TB, network, host string) *sctp.Addr {
	t.Helper()
	l, err := sctp.Listen(network, host)
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*sctp.Addr)
}

// RequireRefused checks that err is how a refused dial fails, whatever its path to
// the caller.
func RequireRefused(t testing.TB, err error) {
	t.Helper()
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, "dial", oe.Op)
	require.False(t, oe.Timeout())
	var ae *sctp.AssocError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, sctp.AssocCantStart, ae.State)
	var se *os.SyscallError
	require.ErrorAs(t, err, &se)
	require.Equal(t, "connect", se.Syscall)
}
