package multihome_test

import (
	"context"
	"errors"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// An address that was removed comes back only after the peer has confirmed that it is gone:
// the kernel would add it to the socket, and not to the association.
func TestMultiConnBindAddBeforeTheRemovalIsConfirmed(t *testing.T) {
	one, two := linkedNetns(t, map[string]string{"v1": "10.9.1.0/24", "v2": "10.9.2.0/24"})
	control := func(network, address string, c syscall.RawConn) error {
		return errors.Join(fastPaths(network, address, c), withASCONF(network, address, c))
	}
	m := sctptest.ListenMulti(t, sctp.ListenConfig{Netns: one.Path(), Control: control}, "sctp4", "10.9.1.1/10.9.2.1:0")
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path(), Control: control}, "sctp4", "10.9.1.2:0")
	_, err := m.Connect(context.Background(), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	server := sctptest.Accept(t, l)
	ip := sctptest.IPs("10.9.2.1")[0]
	requireBindError(t, m.BindAdd(ip), syscall.EINVAL, "bound already")

	require.NoError(t, one.SetLink("v1", false))
	require.NoError(t, m.BindRemove(ip))
	requireBindError(t, m.BindAdd(ip), syscall.EADDRINUSE, "has not confirmed")
	require.NoError(t, one.SetLink("v1", true))
	sctptest.Eventually(t, func() bool {
		err := m.BindAdd(ip)
		if errors.Is(err, syscall.EADDRINUSE) {
			return false
		}
		require.NoError(t, err)
		return true
	}, "the peer's confirmation")
	sctptest.Eventually(t, func() bool {
		paths, err := server.Options().PeerAddrs()
		require.NoError(t, err)
		return slices.Contains(paths.IPs, ip)
	}, "the path at the peer")
}
