package dialing_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// dialOwnAddr dials the address of l, on its network, as text and as an Addr.
func dialOwnAddr(t *testing.T, network string, l *sctp.Listener) {
	t.Helper()
	c, err := sctp.Dial(network, l.Addr().String())
	require.NoError(t, err, "%s %v", network, l.Addr())
	require.NoError(t, c.Close())
	c, err = sctp.DialSCTP(network, nil, l.Addr().(*sctp.Addr))
	require.NoError(t, err, "%s %v", network, l.Addr())
	require.NoError(t, c.Close())
}

// connectOwnAddr does the same with one-to-many sockets.
func connectOwnAddr(t *testing.T, network string) {
	t.Helper()
	peer := sctptest.ListenMulti(t, sctp.ListenConfig{}, network, ":0")
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, network, ":0")
	addr := peer.LocalAddr().(*sctp.Addr)
	_, err := m.Connect(context.Background(), addr)
	require.NoError(t, err, "%s %v", network, addr)
	_, err = sctptest.ListenMulti(t, sctp.ListenConfig{}, network, ":0").WriteTo([]byte("x"), addr)
	require.NoError(t, err, "%s %v", network, addr)
	_, _, err = peer.ReadFrom(make([]byte, 1))
	require.NoError(t, err)
}

// What a listener on the unspecified address says that it listens on can be dialled,
// whatever the system has of IPv6.
func TestDialWhatListens(t *testing.T) {
	for _, tt := range []struct {
		name     string
		prepare  func(t *testing.T)
		networks []string
	}{
		{"", func(*testing.T) {}, []string{"sctp", "sctp4", "sctp6"}},
		{"IPv6 off", func(t *testing.T) {
			sctptest.Sysctl(t, "net/ipv6/conf/all/disable_ipv6", "1")
		}, []string{"sctp", "sctp4"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !sctptest.Netns(t) {
				return
			}
			tt.prepare(t)
			for _, network := range tt.networks {
				dialOwnAddr(t, network, sctptest.Listen(t, sctp.ListenConfig{}, network, ":0"))
				connectOwnAddr(t, network)
			}
			// A listener on IPv4 alone is reached through "::", too.
			_, port, err := net.SplitHostPort(sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0").Addr().String())
			require.NoError(t, err)
			for _, tt := range [][2]string{{"sctp", "[::]"}, {"sctp4", "[::]"}, {"sctp4", "0.0.0.0"}, {"sctp", "0.0.0.0"}, {"sctp", ""}} {
				c, err := sctp.Dial(tt[0], tt[1]+":"+port)
				require.NoError(t, err, "%v", tt)
				require.NoError(t, c.Close())
			}
		})
	}
}

// The empty address is ":0" to listen on, as in package net, and missing to dial.
func TestListenOnTheEmptyAddress(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", "")
	require.NotZero(t, l.Addr().(*sctp.Addr).Port)
	pc, err := sctp.ListenPacket("sctp", "")
	require.NoError(t, err)
	require.NoError(t, pc.Close())
	a, err := sctp.ResolveAddr("sctp", "")
	require.NoError(t, err)
	require.True(t, a.Equal(nil))
	_, err = sctp.Dial("sctp", "")
	var ae *net.AddrError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, "missing address", ae.Err)
}

// An IPv6 address, the unspecified one too, is no local address of the network "sctp4".
func TestDialFromTheUnspecifiedAddressOfTheOtherFamily(t *testing.T) {
	_, err := sctp.DialSCTP("sctp4", sctp.MustParseAddr("[::]:0"), sctp.MustParseAddr("127.0.0.1:9"))
	var ae *net.AddrError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, "non-IPv4 address", ae.Err)
	_, err = sctp.DialSCTP("sctp", nil, sctp.MustParseAddr("127.0.0.1/0.0.0.0:9"))
	require.ErrorAs(t, err, &ae)
	require.Equal(t, "unspecified address among others", ae.Err)
}

// The caller's Addr is its own: RemoteAddr does not change with it, however soon the
// association has ended.
func TestDialKeepsNoAddrOfTheCallers(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	raddr := sctp.AddrFrom(l.Addr().(*sctp.Addr).Port, sctptest.IPs("127.0.0.1")...)
	c, err := sctp.DialSCTP("sctp4", nil, raddr)
	require.NoError(t, err)
	defer c.Close()
	want := c.RemoteAddr().String()
	raddr.IPs[0], raddr.Port = raddr.IPs[0].Next(), 1
	require.Equal(t, want, c.RemoteAddr().String())
}

// Without a route a dial fails as soon as TCP's does, and with its errno.
func TestDialWithoutARoute(t *testing.T) {
	for _, tt := range []struct {
		name    string
		address string
		prepare func(t *testing.T)
	}{
		{"no route", "192.0.2.9:9", func(t *testing.T) {
			sctptest.Device(t, "other", netip.MustParsePrefix("198.51.100.1/24"))
		}},
		{"IPv6 off", "[::1]:9", func(t *testing.T) {
			sctptest.Sysctl(t, "net/ipv6/conf/all/disable_ipv6", "1")
		}},
		{"lo down", "[::1]:9", func(t *testing.T) {
			sctptest.Device(t, "other", netip.MustParsePrefix("2001:db8::1/64"))
			sctptest.Loopback(t, false)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !sctptest.Netns(t) {
				return
			}
			tt.prepare(t)
			_, err := net.Dial("tcp", tt.address)
			var want syscall.Errno
			require.ErrorAs(t, err, &want, "of TCP")
			_, err = sctp.Dial("sctp", tt.address) // without a timeout
			require.ErrorIs(t, err, want)
			network := "sctp4"
			if tt.address[0] == '[' {
				network = "sctp"
			}
			m := sctptest.ListenMulti(t, sctp.ListenConfig{}, network, ":0")
			_, err = m.Connect(context.Background(), sctp.MustParseAddr(tt.address))
			require.Error(t, err)
		})
	}
}

// The routing is asked as SCTP asks it: from each address of the system if from none there
// is a way. Where rules tell SCTP from UDP the answer is not to be known, nor on a thread
// in another network namespace than the socket. Then the dial goes on, until it is answered
// or its time is up.
func TestDialGoesOnWhereSCTPMayHaveARoute(t *testing.T) {
	const peer = "192.0.2.9:9"
	inVain := func(t *testing.T) {
		tap := sctptest.NewTap(t)
		_, err := sctp.DialTimeout("sctp", peer, time.Second)
		requireTimeout(t, err)
		tap.Packet(9, func(ip, p []byte) bool { return true }) // SCTP has a route
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", ":0")
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err = m.Connect(ctx, sctp.MustParseAddr(peer))
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	for _, tt := range []struct {
		name     string
		from     netip.Addr
		protocol byte
	}{
		{"source", netip.MustParseAddr("198.51.100.1"), 0},
		{"protocol", netip.Addr{}, 132},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !sctptest.Netns(t) {
				return
			}
			sctptest.Device(t, "other", netip.MustParsePrefix("198.51.100.1/24"))
			sctptest.Rule(t, "other", tt.from, tt.protocol)
			_, err := net.Dial("udp", peer)
			require.ErrorIs(t, err, syscall.ENETUNREACH)
			inVain(t)
		})
	}
	t.Run("namespace of the thread", func(t *testing.T) {
		if !sctptest.Netns(t) { // from which there is no way
			return
		}
		n, err := systest.NewNetns()
		require.NoError(t, err)
		defer n.Close()
		require.NoError(t, n.AddDummy("hole", netip.MustParsePrefix("192.0.2.1/24")))
		require.NoError(t, n.Do(func() error {
			_, err := sctp.DialTimeout("sctp", peer, time.Second)
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				return fmt.Errorf("not a timeout: %w", err)
			}
			return nil
		}))
	})
}
