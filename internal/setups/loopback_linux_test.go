package setups_test

import (
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// What lo does otherwise than other networks.
func TestSetupsOfLoopback(t *testing.T) {
	t.Run("Down", testLoopbackDown)
	t.Run("UDPEncapsulation", testUDPEncapsulation)
}

// On a lo that was switched off SCTP does what TCP does. Of 127.0.0.1 Linux keeps the route:
// one can listen there, and a dial waits. ::1 is gone.
func testLoopbackDown(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Loopback(t, false)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { tcp.Close() })
	const wait = 300 * time.Millisecond
	for _, dial := range []func() (net.Conn, error){
		func() (net.Conn, error) { return sctp.DialTimeout("sctp4", l.Addr().String(), wait) },
		func() (net.Conn, error) { return net.DialTimeout("tcp4", tcp.Addr().String(), wait) },
	} {
		_, err := dial()
		require.True(t, sctptest.OpError(t, err).Timeout(), "%v", err)
		require.ErrorContains(t, err, "i/o timeout")
	}
	for _, tt := range []struct {
		call  func() error
		errno syscall.Errno
	}{
		{func() error { _, err := sctp.Listen("sctp", "[::1]:0"); return err }, syscall.EADDRNOTAVAIL},
		{func() error { _, err := net.Listen("tcp", "[::1]:0"); return err }, syscall.EADDRNOTAVAIL},
		{func() error { _, err := sctp.Dial("sctp", "[::1]:9"); return err }, syscall.EADDRNOTAVAIL},
		{func() error { _, err := net.Dial("tcp", "[::1]:9"); return err }, syscall.EADDRNOTAVAIL},
	} {
		require.ErrorIs(t, tt.call(), tt.errno)
	}
	sctptest.Loopback(t, true)
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	echo(t, client, server)
}

// Over lo the kernel loses what comes behind the first packet of a burst that is
// encapsulated in UDP: a long message takes seconds. It does not where lo is made to bring
// each packet by itself.
func testUDPEncapsulation(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	s := setup{settings: udpEncapsulation, since: "5.11"}
	if !s.has(t) {
		return
	}
	for _, v := range s.settings {
		sctptest.Sysctl(t, "net/"+v.name, v.value)
	}
	retransmitted := func() uint64 {
		client, server := sctptest.Pair(t)
		echo(t, client, server)
		echo(t, client, server)
		var sum uint64
		for _, c := range []*sctp.Conn{client, server} {
			st, err := c.Options().AssocStats()
			require.NoError(t, err)
			sum += st.RtxChunks
		}
		return sum
	}
	require.NotZero(t, retransmitted())
	sctptest.Unbundle(t)
	require.Zero(t, retransmitted())
}
