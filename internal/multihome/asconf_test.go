// Package multihome_test changes the paths of associations while they live, and opens
// sockets in network namespaces and on devices. It is a package of its own because that
// takes long.
package multihome_test

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// setAssocValue sets an option that is a sctp_assoc_value.
func setAssocValue(c syscall.RawConn, option int, value uint32) error {
	return setRaw(c, option, &sys.AssocValue{Value: value})
}

// setRaw sets an option of SCTP's level.
func setRaw[T any](c syscall.RawConn, option int, v *T) error {
	var errno syscall.Errno
	if err := c.Control(func(fd uintptr) {
		errno = syscall.Errno(sys.Setsockopt(fd, sys.SOL_SCTP, option, sys.Bytes(v)))
	}); err != nil || errno == 0 {
		return err
	}
	return errno
}

// withASCONF is a Control function that allows the reconfiguration of addresses.
func withASCONF(_, _ string, c syscall.RawConn) error {
	return errors.Join(setAssocValue(c, sys.SCTP_ASCONF_SUPPORTED, 1), setAssocValue(c, sys.SCTP_AUTH_SUPPORTED, 1))
}

// asconfPair returns an association that both ends may reconfigure, of which each has
// one address, and sees what becomes of the other's.
func asconfPair(t *testing.T) (client, server *sctp.Conn) {
	t.Helper()
	events := []sctp.EventType{sctp.EventPeerAddrChange}
	return sctptest.PairOf(t,
		sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs("127.0.0.2")...), Control: withASCONF, Events: events},
		sctp.ListenConfig{Control: withASCONF, Events: events}, "sctp4", "127.0.0.1:0")
}

// forEachEnd calls f for the end that dialled and for the one that was accepted.
func forEachEnd(t *testing.T, pair func(t *testing.T) (client, server *sctp.Conn), f func(t *testing.T, c, peer *sctp.Conn)) {
	t.Run("Dialled", func(t *testing.T) { client, server := pair(t); f(t, client, server) })
	t.Run("Accepted", func(t *testing.T) { client, server := pair(t); f(t, server, client) })
}

// bound returns the addresses of the association, and of the endpoint.
func bound(t *testing.T, c *sctp.Conn) (assoc, endpoint []netip.Addr) {
	t.Helper()
	a, err := c.Options().Assoc(sctp.CurrentAssoc).LocalAddrs()
	require.NoError(t, err)
	e, err := c.Options().Assoc(sctp.FutureAssoc).LocalAddrs()
	require.NoError(t, err)
	return a.IPs, e.IPs
}

// requireBound requires that association and endpoint have these addresses.
func requireBound(t *testing.T, c *sctp.Conn, want ...netip.Addr) {
	t.Helper()
	assoc, endpoint := bound(t, c)
	require.ElementsMatch(t, want, assoc)
	require.ElementsMatch(t, want, endpoint)
}

// A pathChange is what a SCTP_PEER_ADDR_CHANGE says.
type pathChange struct {
	ip    netip.Addr
	state sctp.PeerAddrChangeState
}

// nextPathChange returns the next event of c, which must be about a path.
func nextPathChange(t *testing.T, c *sctp.Conn) pathChange {
	t.Helper()
	m, err := c.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	require.NotNil(t, m.Event, "data: %q", m.Data)
	return pathChangeOf(t, m.Event)
}

// primaryOf returns the primary path of c.
func primaryOf(t *testing.T, c *sctp.Conn) netip.AddrPort {
	t.Helper()
	st, err := c.Options().Status()
	require.NoError(t, err)
	return st.Primary.Addr
}

// pathChangeOf returns what ev, which must be about a path, says.
func pathChangeOf(t *testing.T, ev sctp.Event) pathChange {
	t.Helper()
	e, ok := ev.(*sctp.PeerAddrChange)
	require.True(t, ok, "%T", ev)
	return pathChange{e.Addr.Addr(), e.State}
}

// requireOpError requires that err is an error of op, over target.
func requireOpError(t *testing.T, err error, op string, target error) {
	t.Helper()
	require.ErrorIs(t, err, target)
	require.Equal(t, op, sctptest.OpError(t, err).Op)
}
