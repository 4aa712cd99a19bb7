package multihome_test

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// hintingNetns returns two network namespaces with two links between them. On both, one
// soon learns that a neighbour is not there, and so do the sockets that send to it.
func hintingNetns(t *testing.T) (one, two *systest.Netns) {
	t.Helper()
	one, two = linkedNetns(t, map[string]string{"v1": "10.1.0.0/24", "v2": "10.2.0.0/24"})
	for _, v := range []string{"v1", "v2"} {
		require.NoError(t, one.Sysctl("net/ipv4/neigh/"+v+"/retrans_time_ms", "50"))
		require.NoError(t, one.Sysctl("net/ipv4/neigh/"+v+"/mcast_solicit", "1"))
	}
	return one, two
}

// receiveErrors is a Control function with which hints from the network are errors of the
// socket (IP_RECVERR).
func receiveErrors(c syscall.RawConn) error {
	var err error
	return errors.Join(c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
	}), err)
}

// An association comes up over its second path, though the first address answers no ARP,
// which the kernel leaves as an error of the socket.
func TestDialDespiteAHintFromTheNetwork(t *testing.T) {
	for _, tt := range []struct {
		name string
		also func(c syscall.RawConn) error
	}{
		{"", func(syscall.RawConn) error { return nil }},
		{"IP_RECVERR", receiveErrors},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one, two := hintingNetns(t)
			l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp4", "10.2.0.2:0")
			d := sctp.Dialer{
				Netns: one.Path(), Timeout: sctptest.Wait,
				Control: func(_, _ string, c syscall.RawConn) error {
					return errors.Join(tt.also(c), sctp.NewOptions(c).SetRTOInfo(sctp.RTOInfo{Initial: 500 * time.Millisecond, Min: 100 * time.Millisecond}))
				},
			}
			peer := l.Addr().(*sctp.Addr)
			first := netip.MustParseAddr("10.1.0.77")
			c, err := d.DialSCTP(context.Background(), "sctp4", nil, sctp.AddrFrom(peer.Port, first, peer.IPs[0]))
			require.NoError(t, err)
			t.Cleanup(func() { c.Abort() })
			s, err := l.AcceptSCTP()
			require.NoError(t, err)
			t.Cleanup(func() { s.Abort() })
			exchange(t, c, s, nil)
		})
	}
}

// A hint from the network is no error of an association that is up: it goes on over its
// other path, with IP_RECVERR too, which raises one for every hint.
func TestConnGoesOnAfterAHintFromTheNetwork(t *testing.T) {
	one, two := hintingNetns(t)
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp4", "10.1.0.2/10.2.0.2:0")
	d := sctp.Dialer{
		Netns: one.Path(), Timeout: sctptest.Wait, LocalAddr: sctp.MustParseAddr("10.1.0.1/10.2.0.1:0"),
		Control: func(n, a string, c syscall.RawConn) error {
			return errors.Join(receiveErrors(c), fastPaths(n, a, c))
		},
	}
	c, err := d.DialSCTP(context.Background(), "sctp4", nil, l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	s, err := l.AcceptSCTP()
	require.NoError(t, err)
	t.Cleanup(func() { s.Abort() })
	exchange(t, c, s, nil)

	// What is sent to the first address meets nobody.
	require.NoError(t, two.SetLink("v1", false))
	require.NoError(t, one.SetLink("v1", false)) // which forgets the neighbour
	require.NoError(t, one.SetLink("v1", true))
	for range 50 {
		exchange(t, c, s, nil)
	}
}
