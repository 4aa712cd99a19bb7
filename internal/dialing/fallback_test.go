package dialing_test

import (
	"context"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// blackHole listens on address, in a network in which other addresses do not answer, and
// returns the address of a name at the port.
func blackHole(t *testing.T, address string) (l *sctp.Listener, name string) {
	sctptest.Hole(t)
	l = sctptest.Listen(t, sctp.ListenConfig{}, "sctp", address)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return l, net.JoinHostPort("peer.example.", port)
}

// A name whose IPv6 address does not answer is reached at its IPv4 address, and the other
// way round, without a timeout; what was begun in vain is gone.
func TestDialFallsBackToTheOtherFamily(t *testing.T) {
	for _, tt := range []struct {
		name, listen string
		ips          []string
	}{
		{"IPv6 does not answer", "192.0.2.1:0", []string{"2001:db8::2", "2001:db8::3", "192.0.2.1"}},
		{"IPv4 does not answer", "[2001:db8::1]:0", []string{"192.0.2.2", "2001:db8::1"}},
		{"IPv6 refuses", "192.0.2.1:0", []string{"2001:db8::1", "192.0.2.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !sctptest.Netns(t) {
				return
			}
			l, name := blackHole(t, tt.listen)
			check := sctptest.Leaks(t)
			d := sctp.Dialer{Resolver: dnsServer(tt.ips...)}
			c, err := d.Dial("sctp", name)
			require.NoError(t, err)
			require.Equal(t, l.Addr().String(), c.RemoteAddr().String())
			s, err := l.AcceptSCTP()
			require.NoError(t, err)
			require.NoError(t, c.Close())
			_, err = s.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
			require.NoError(t, s.Close())
			check()
		})
	}
}

// Both families answer: the first one's association is kept, and if the other has come up
// as well, its listener sees it end.
func TestDialFallbackKeepsOne(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", ":0")
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	held := make(chan struct{})
	d := sctp.Dialer{
		Resolver: dnsServer("::1", "127.0.0.1"), FallbackDelay: time.Nanosecond,
		Control: func(network, _ string, _ syscall.RawConn) error {
			if network == "sctp6" {
				<-held // until the other is up
			}
			return nil
		},
	}
	c, err := d.Dial("sctp", net.JoinHostPort("peer.example.", port))
	close(held)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:"+port, c.RemoteAddr().String())
	require.NoError(t, c.Close())
	s, err := l.AcceptSCTP()
	require.NoError(t, err)
	_, err = s.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.NoError(t, s.Close())
}

// A negative delay means one after the other: the first that does not answer uses up its
// share of the time. So does a local port.
func TestDialWithoutFallback(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	l, name := blackHole(t, "192.0.2.1:0")
	r := dnsServer("2001:db8::2", "192.0.2.1")
	for _, d := range []sctp.Dialer{
		{FallbackDelay: -1},
		{LocalAddr: &sctp.Addr{Port: 12345}},
	} {
		d.Resolver = r
		ctx, cancel := context.WithCancel(context.Background())
		var networks []string
		d.Control = func(network, _ string, _ syscall.RawConn) error {
			networks = append(networks, network) // no lock: one after the other
			time.AfterFunc(time.Second, cancel)  // more than the default delay
			return nil
		}
		_, err := d.DialContext(ctx, "sctp", name)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"sctp6"}, networks)
	}
	// With a deadline the next one gets its share.
	d := sctp.Dialer{FallbackDelay: -1, Resolver: r, Timeout: sctptest.Wait / 4}
	c, err := d.Dial("sctp", name)
	require.NoError(t, err)
	require.Equal(t, l.Addr().String(), c.RemoteAddr().String())
	require.NoError(t, c.Close())
}

// Without a deadline, too, an address that does not answer is given up for the next one.
func TestDialGoesOnWithoutADeadline(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	l, name := blackHole(t, "192.0.2.1:0")
	d := sctp.Dialer{Resolver: dnsServer("192.0.2.2", "192.0.2.1")}
	c, err := d.Dial("sctp", name)
	require.NoError(t, err)
	require.Equal(t, l.Addr().String(), c.RemoteAddr().String())
	require.NoError(t, c.Close())
}
