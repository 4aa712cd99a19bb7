package sctp_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// A stalledConn is the sending end of an association whose network can be switched
// off amid a message.
type stalledConn struct {
	*sctp.Conn
	ns *systest.Netns
}

// stalledPair returns an association in a network namespace of its own, whose
// receiving end has a window that a long message does not fit.
func stalledPair(t *testing.T) (client stalledConn, server *sctp.Conn) {
	t.Helper()
	return stalledPairOf(t, sctptest.ShortTimers, nil)
}

// stalledPairOf is stalledPair with Control functions.
func stalledPairOf(t *testing.T, dial, listen func(network, address string, c syscall.RawConn) error) (client stalledConn, server *sctp.Conn) {
	t.Helper()
	sctptest.NeedKernel(t)
	ns, err := systest.NewNetns()
	require.NoError(t, err)
	t.Cleanup(ns.Close)
	require.NoError(t, ns.Do(func() error {
		l := sctptest.Listen(t, sctp.ListenConfig{Control: listen, ReadBuffer: 32 << 10}, "sctp4", "127.0.0.1:0")
		client.Conn, server = sctptest.Connect(t, sctp.Dialer{Control: dial, WriteBuffer: 200000}, l)
		return nil
	}))
	client.ns = ns
	return client, server
}

// writeStalled sends b, waits until the window has taken what it can, and switches the
// network off: the rest cannot come until resume.
func writeStalled(t *testing.T, client stalledConn, b []byte) {
	t.Helper()
	require.NoError(t, client.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	_, err := client.WriteMsg(b, nil)
	require.NoError(t, err)
	sctptest.Eventually(t, func() bool {
		st, err := client.Options().Status()
		return err == nil && st.PeerRwnd == 0
	}, "a full window")
	require.NoError(t, client.ns.Loopback(false))
}

func (c stalledConn) resume(t *testing.T) {
	t.Helper()
	require.NoError(t, c.ns.Loopback(true))
}
