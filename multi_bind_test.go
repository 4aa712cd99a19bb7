package sctp_test

import (
	"context"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// What is added to a one-to-many socket is a path of the associations that come after.
func TestMultiConnBindAddAndRemove(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	local := m.LocalAddr().(*sctp.Addr)
	require.NoError(t, m.BindAdd(sctptest.IPs("127.0.0.2", "127.0.0.3")...))
	require.NoError(t, m.BindRemove(sctptest.IPs("127.0.0.3")...))
	c, err := sctp.DialSCTP("sctp4", nil, sctp.AddrFrom(local.Port, sctptest.IPs("127.0.0.2")...))
	require.NoError(t, err)
	defer c.Abort()
	require.ElementsMatch(t, sctptest.IPs("127.0.0.1", "127.0.0.2"), c.RemoteAddr().(*sctp.Addr).IPs)
	_, err = sctp.DialSCTP("sctp4", nil, sctp.AddrFrom(local.Port, sctptest.IPs("127.0.0.3")...))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.NoError(t, m.BindRemove(sctptest.IPs("127.0.0.2")...))
	require.ErrorIs(t, m.BindRemove(sctptest.IPs("127.0.0.1")...), syscall.EBUSY)
	require.ErrorIs(t, m.BindAdd(), syscall.EINVAL)
}

// A socket that only dials takes no associations until it listens.
func TestMultiConnDialOnly(t *testing.T) {
	sctptest.NeedKernel(t)
	lc := sctp.ListenConfig{DialOnly: true}
	m, err := lc.ListenMulti(context.Background(), "sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	_, err = sctp.DialSCTP("sctp4", nil, m.LocalAddr().(*sctp.Addr))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	peer, err := sctp.ListenMulti("sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	require.NoError(t, err)
	t.Cleanup(func() { peer.Close() })
	_, err = m.Connect(context.Background(), peer.LocalAddr().(*sctp.Addr))
	require.NoError(t, err)

	require.NoError(t, m.SetListening(true))
	c, err := sctp.DialSCTP("sctp4", nil, m.LocalAddr().(*sctp.Addr))
	require.NoError(t, err)
	require.NoError(t, c.Close())

	_, err = lc.Listen(context.Background(), "sctp4", "127.0.0.1:0")
	require.ErrorIs(t, err, syscall.EINVAL)
}
