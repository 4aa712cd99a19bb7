package sctp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// freeAddr returns an address of the loopback that nothing listens on.
func freeAddr(t *testing.T, network, host string) *sctp.Addr {
	t.Helper()
	l, err := sctp.Listen(network, host)
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*sctp.Addr)
}

// requireRefused checks that err is how a refused dial fails, whatever its path to
// the caller.
func requireRefused(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, "dial", oe.Op)
	require.False(t, oe.Timeout())
	var ae *sctp.AssocError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, sctp.CantStrAssoc, ae.State)
	var se *os.SyscallError
	require.ErrorAs(t, err, &se)
	require.Equal(t, "connect", se.Syscall)
}

// requireTimeout checks that err is how a dial fails when its own time is up.
func requireTimeout(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NotErrorIs(t, err, context.Canceled)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, "dial", oe.Op)
	require.True(t, oe.Timeout())
	require.ErrorContains(t, err, "i/o timeout")
}

func TestDialRefused(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, tt := range []struct{ network, host string }{
		{"sctp", "127.0.0.1:0"}, {"sctp4", "127.0.0.1:0"}, {"sctp6", "[::1]:0"}, {"sctp", "127.0.0.1/127.0.0.2:0"},
	} {
		addr := freeAddr(t, tt.network, tt.host)
		c, err := sctp.Dial(tt.network, addr.String())
		require.Equal(t, nil, c, "the nil interface")
		requireRefused(t, err)
		var oe *net.OpError
		require.ErrorAs(t, err, &oe)
		require.Equal(t, tt.network, oe.Net)
		require.Equal(t, addr.String(), oe.Addr.String())
		require.Nil(t, oe.Source)
		require.ErrorContains(t, err, "dial "+tt.network+" "+addr.String()+": connect: connection refused")

		sc, err := sctp.DialSCTP(tt.network, nil, addr)
		require.Nil(t, sc)
		requireRefused(t, err)
	}
}

// hole is a network in which all packets vanish, but for those to 192.0.2.1 and
// 2001:db8::1, which are the host itself.
func hole(t *testing.T) {
	sctptest.Hole(t, "hole", netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("2001:db8::1/64"),
		netip.MustParsePrefix("fe80::1/64"))
}

func TestDialInVain(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	hole(t)
	check := sctptest.Leaks(t)
	short := 50 * time.Millisecond
	for _, address := range []string{"192.0.2.2:9", "[2001:db8::2]:9", "192.0.2.2/192.0.2.3:9", "[fe80::2%hole]:9"} {
		c, err := sctp.DialTimeout("sctp", address, short)
		require.Equal(t, nil, c, "the nil interface")
		requireTimeout(t, err)

		_, err = (&sctp.Dialer{Deadline: time.Now().Add(short)}).Dial("sctp", address)
		requireTimeout(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), short)
		_, err = new(sctp.Dialer).DialContext(ctx, "sctp", address)
		cancel()
		requireTimeout(t, err)

		raddr, err := sctp.ParseAddr(address)
		require.NoError(t, err)
		sc, err := (&sctp.Dialer{Timeout: short}).DialSCTP(t.Context(), "sctp", nil, raddr)
		require.Nil(t, sc)
		requireTimeout(t, err)
	}
	sctptest.NoAssocs(t, 9)
	check()
}

func TestDialEarliestLimitHolds(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	hole(t)
	long, short := time.Hour, 50*time.Millisecond
	for _, tt := range []struct{ ctx, timeout, deadline time.Duration }{
		{long, long, short}, {long, short, long}, {short, long, long}, {-long, long, long}, {long, long, -long},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), tt.ctx)
		d := sctp.Dialer{Timeout: tt.timeout, Deadline: time.Now().Add(tt.deadline)}
		_, err := d.DialContext(ctx, "sctp", "192.0.2.2:9")
		cancel()
		requireTimeout(t, err)
	}
}

// The limit of the kernel is no deadline of anybody's.
func TestDialKernelsOwnLimit(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	hole(t)
	sctptest.Sysctl(t, "net/sctp/rto_min", "10")
	sctptest.Sysctl(t, "net/sctp/rto_initial", "20")
	d := sctp.Dialer{InitMsg: sctp.InitMsg{MaxAttempts: 1, MaxTimeout: 20 * time.Millisecond}}
	c, err := d.Dial("sctp", "192.0.2.2:9")
	require.Equal(t, nil, c)
	require.ErrorIs(t, err, syscall.ETIMEDOUT)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	var ne net.Error
	require.ErrorAs(t, err, &ne)
	require.True(t, ne.Timeout())
	var ae *sctp.AssocError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, sctp.CantStrAssoc, ae.State)
	require.ErrorContains(t, err, "connect: connection timed out")
	sctptest.NoAssocs(t, 9)
}

func TestDialCancelled(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	hole(t)
	check := sctptest.Leaks(t)
	for i := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		port := uint16(10 + i)
		raddr := sctp.AddrFrom(port, ips("192.0.2.2")...)
		result := make(chan error, 1)
		go func() {
			_, err := new(sctp.Dialer).DialContext(ctx, "sctp", raddr.String())
			result <- err
		}()
		sctptest.Eventually(t, func() bool { return len(sctptest.AssocLines(t, port)) == 1 }, "a dial under way")
		cancel()
		err := sctptest.Receive(t, result) // long before the kernel's limit
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		var oe *net.OpError
		require.ErrorAs(t, err, &oe)
		require.Equal(t, "dial", oe.Op)
		require.False(t, oe.Timeout())
	}
	for i := range 20 {
		sctptest.NoAssocs(t, uint16(10+i))
	}
	check()
}

func TestDialCancelledBefore(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{Backlog: 1}, "sctp4", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 { // more than the backlog: none arrives
		c, err := new(sctp.Dialer).DialContext(ctx, "sctp", l.Addr().String())
		require.Equal(t, nil, c)
		require.ErrorIs(t, err, context.Canceled)
		_, err = new(sctp.Dialer).DialSCTP(ctx, "sctp", nil, l.Addr().(*sctp.Addr))
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err := (&sctp.Dialer{Deadline: time.Unix(1, 0)}).Dial("sctp", l.Addr().String())
	requireTimeout(t, err)
	require.NoError(t, l.SetDeadline(time.Unix(1, 0)))
	_, err = l.Accept()
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

// Once the association is up the context has no effect on it.
func TestDialCancelledAfterwards(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	c, err := (&sctp.Dialer{Timeout: sctptest.Wait}).DialContext(ctx, "sctp", l.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	cancel()
	s, err := l.Accept()
	require.NoError(t, err)
	defer s.Close()
	b := make([]byte, 8)
	for range 100 {
		_, err = c.Write([]byte("ping"))
		require.NoError(t, err)
		n, err := s.Read(b)
		require.NoError(t, err)
		_, err = s.Write(b[:n])
		require.NoError(t, err)
		_, err = c.Read(b)
		require.NoError(t, err)
	}
}

func TestDialRefusedLeavesNothing(t *testing.T) {
	sctptest.NeedKernel(t)
	addr := freeAddr(t, "sctp4", "127.0.0.1:0")
	check := sctptest.Leaks(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 1000 {
		_, err := new(sctp.Dialer).DialContext(ctx, "sctp", addr.String())
		requireRefused(t, err)
	}
	sctptest.NoAssocs(t, addr.Port)
	check()
}

func TestDialCancelledLeavesNothing(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	hole(t)
	check := sctptest.Leaks(t)
	dialAndCancel(t, 1000, "192.0.2.2:9")
	sctptest.NoAssocs(t, 9)
	check()
}

// dialAndCancel dials n times, some at once, and cancels each after a little while.
func dialAndCancel(t *testing.T, n int, address string) (done int) {
	t.Helper()
	results := make(chan error)
	dial := func() {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(rand.N(time.Millisecond), cancel)
		c, err := new(sctp.Dialer).DialContext(ctx, "sctp", address)
		timer.Stop()
		cancel()
		if err == nil {
			c.(*sctp.Conn).Abort()
		}
		results <- err
	}
	for i := range n {
		go dial()
		if i < 10 {
			continue // so many at once
		}
		if err := sctptest.Receive(t, results); err != nil {
			require.ErrorIs(t, err, context.Canceled)
		} else {
			done++
		}
	}
	for range min(n, 10) {
		if err := sctptest.Receive(t, results); err != nil {
			require.ErrorIs(t, err, context.Canceled)
		} else {
			done++
		}
	}
	return done
}

// At a live listener a cancelled dial meets each step of the set-up. Nothing is left at
// the dialler's end at once, and an ABORT tells the listener's. If that comes right
// behind the COOKIE ECHO, while Accept holds the listening socket, the listener's
// kernel queues the one and drops the other, which is of no association that it knows
// yet (seen in a capture): then it learns when it sends something. Here that is a
// heartbeat, which come often. To wait for the set-up to end instead would keep the
// local port from the next dial.
func TestDialCancelledLeavesNothingAtTheListener(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/hb_interval", "100") // milliseconds
	sctptest.Sysctl(t, "net/sctp/rto_min", "50")
	sctptest.Sysctl(t, "net/sctp/rto_initial", "100")
	check := sctptest.Leaks(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	port := l.Addr().(*sctp.Addr).Port
	const dials = 1000
	accepted := make(chan error, dials+1)
	var readers sync.WaitGroup
	readers.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				accepted <- err
				return
			}
			readers.Go(func() {
				defer c.Close()
				// The dialler aborts; nothing else ends it.
				if _, err := io.Copy(io.Discard, c); !errors.Is(err, syscall.ECONNRESET) {
					accepted <- fmt.Errorf("not an abort, but %w", err)
				}
			})
		}
	})
	done := dialAndCancel(t, dials, l.Addr().String())
	t.Logf("%d of %d dials were done before they were cancelled", done, dials)
	sctptest.NoAssocs(t, port)
	require.NoError(t, l.Close())
	require.ErrorIs(t, sctptest.Receive(t, accepted), net.ErrClosed)
	readers.Wait()
	require.Empty(t, accepted)
	check()
}

// A signal ends no system call of a dial with an error.
func TestDialUnderSignals(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	refused := freeAddr(t, "sctp4", "127.0.0.1:0")
	sctptest.Signals(t)
	results := make(chan error)
	const workers, dials = 4, 100
	for range workers {
		go func() {
			for range dials {
				c, err := sctp.Dial("sctp4", l.Addr().String())
				if err == nil {
					err = c.Close()
				}
				results <- err
				_, err = sctp.Dial("sctp4", refused.String())
				if errors.Is(err, syscall.ECONNREFUSED) {
					err = nil
				}
				results <- err
			}
		}()
		go func() {
			for range dials {
				c, err := l.Accept()
				if err == nil {
					_, err = io.Copy(io.Discard, c)
					c.Close()
				}
				results <- err
			}
		}()
	}
	for range workers * dials * 3 {
		require.NoError(t, sctptest.Receive(t, results))
	}
}

// A dnsServer answers for any name with its addresses, in their order.
func dnsServer(ips ...string) *net.Resolver {
	serve := func(c net.Conn) {
		defer c.Close()
		var length [2]byte
		for {
			if _, err := io.ReadFull(c, length[:]); err != nil {
				return
			}
			query := make([]byte, int(length[0])<<8|int(length[1]))
			if _, err := io.ReadFull(c, query); err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(query) != nil || len(m.Questions) != 1 {
				return
			}
			q := m.Questions[0]
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			for _, s := range ips {
				h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
				ip := netip.MustParseAddr(s)
				switch {
				case q.Type == dnsmessage.TypeA && ip.Is4():
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: ip.As4()}})
				case q.Type == dnsmessage.TypeAAAA && ip.Is6():
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
				}
			}
			answer, err := m.Pack()
			if err != nil {
				return
			}
			if _, err := c.Write(append([]byte{byte(len(answer) >> 8), byte(len(answer))}, answer...)); err != nil {
				return
			}
		}
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe() // no net.PacketConn: DNS as over TCP
		go serve(server)
		return client, nil
	}}
}

func TestDialTriesEachAddressOfAName(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.2:0")
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	address := net.JoinHostPort("peer.example.", port)

	d := sctp.Dialer{Resolver: dnsServer("127.0.0.1", "127.0.0.3", "127.0.0.2")}
	c, err := d.Dial("sctp", address)
	require.NoError(t, err)
	defer c.Close()
	require.Equal(t, l.Addr().String(), c.RemoteAddr().String())

	// None answers: the first one's error.
	d.Resolver = dnsServer("127.0.0.1", "127.0.0.3")
	_, err = d.Dial("sctp", address)
	requireRefused(t, err)
	require.ErrorContains(t, err, net.JoinHostPort("127.0.0.1", port))

	// Only those of the network.
	d.Resolver = dnsServer("::1", "127.0.0.2")
	c4, err := d.Dial("sctp4", address)
	require.NoError(t, err)
	defer c4.Close()
	_, err = d.Dial("sctp6", address)
	requireRefused(t, err)
	require.ErrorContains(t, err, net.JoinHostPort("::1", port))

	// No such name.
	d.Resolver = dnsServer()
	c, err = d.Dial("sctp", address)
	require.Equal(t, nil, c)
	var de *net.DNSError
	require.ErrorAs(t, err, &de)
	require.Equal(t, "peer.example.", de.Name)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, "dial", oe.Op)
}

// An address that does not answer leaves time for the next one.
func TestDialSharesTheTimeAmongAddresses(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	hole(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "192.0.2.1:0")
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	d := sctp.Dialer{Resolver: dnsServer("192.0.2.2", "192.0.2.1"), Timeout: sctptest.Wait / 10}
	c, err := d.Dial("sctp", net.JoinHostPort("peer.example.", port))
	require.NoError(t, err)
	defer c.Close()
	require.Equal(t, l.Addr().String(), c.RemoteAddr().String())
}

// Names between slashes are paths of one peer.
func TestDialMultihomedPeer(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
	want := l.Addr().(*sctp.Addr)
	require.Equal(t, ips("127.0.0.1", "127.0.0.2"), want.IPs)
	_, port, err := net.SplitHostPort(want.String())
	require.NoError(t, err)
	for _, address := range []string{want.String(), "127.0.0.1:" + port, "[127.0.0.2]/[127.0.0.1]:" + port} {
		c, err := sctp.Dial("sctp", address)
		require.NoError(t, err, address)
		got := c.RemoteAddr().(*sctp.Addr)
		require.ElementsMatch(t, want.IPs, got.IPs, address)
		require.Equal(t, want.Port, got.Port)
		s, err := l.AcceptSCTP()
		require.NoError(t, err)
		require.ElementsMatch(t, want.IPs, s.LocalAddr().(*sctp.Addr).IPs)
		require.NoError(t, c.Close())
		require.NoError(t, s.Close())
	}
	// One path alone does not know the port: it is one peer, so nothing answers for it.
	_, err = sctp.Dial("sctp", "127.0.0.3/127.0.0.1:"+port)
	requireRefused(t, err)
}

func TestDialFromSeveralAddresses(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	laddr := freeAddr(t, "sctp4", "127.0.0.2/127.0.0.3:0")
	require.NotZero(t, laddr.Port)
	dials := map[string]func() (net.Conn, error){
		"LocalAddr": func() (net.Conn, error) {
			return (&sctp.Dialer{LocalAddr: laddr}).Dial("sctp", l.Addr().String())
		},
		"laddr": func() (net.Conn, error) {
			return sctp.DialSCTP("sctp4", laddr, l.Addr().(*sctp.Addr))
		},
		"laddr before LocalAddr": func() (net.Conn, error) {
			d := sctp.Dialer{LocalAddr: sctp.AddrFrom(1, ips("127.0.0.9")...)}
			return d.DialSCTP(t.Context(), "sctp4", laddr, l.Addr().(*sctp.Addr))
		},
	}
	for name, dial := range dials {
		c, err := dial()
		require.NoError(t, err, name)
		s, err := l.Accept()
		require.NoError(t, err)
		for _, a := range []net.Addr{c.LocalAddr(), s.RemoteAddr()} {
			require.ElementsMatch(t, laddr.IPs, a.(*sctp.Addr).IPs, name)
			require.Equal(t, laddr.Port, a.(*sctp.Addr).Port, name)
		}
		ctx, cancel := context.WithTimeout(t.Context(), sctptest.Wait)
		require.NoError(t, c.(*sctp.Conn).Shutdown(ctx)) // the port is free again
		cancel()
		require.NoError(t, s.Close())
	}
	// Only a port, only an address.
	c, err := sctp.DialSCTP("sctp4", sctp.AddrFrom(laddr.Port), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	require.Equal(t, laddr.Port, c.LocalAddr().(*sctp.Addr).Port)
	require.NoError(t, c.Abort())
	c, err = sctp.DialSCTP("sctp4", sctp.AddrFrom(0, ips("127.0.0.4")...), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	require.Equal(t, ips("127.0.0.4"), c.LocalAddr().(*sctp.Addr).IPs)
	require.NotZero(t, c.LocalAddr().(*sctp.Addr).Port)
	require.NoError(t, c.Abort())
}

func TestDialFromAddressOfNobody(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	laddr := sctp.AddrFrom(0, ips("192.0.2.77")...)
	c, err := (&sctp.Dialer{LocalAddr: laddr}).Dial("sctp", l.Addr().String())
	require.Equal(t, nil, c)
	require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, laddr, oe.Source)
	require.ErrorContains(t, err, "bind: ")
}

var dialBadTests = []struct{ network, address, want string }{
	{"sctp4", "[::1]:9", "no suitable address found"},
	{"sctp6", "127.0.0.1:9", "no suitable address found"},
	{"sctp", "127.0.0.1", "missing port in address"},
	{"sctp", "127.0.0.1/:9", "missing host in address"},
	{"sctp", "127.0.0.1:99999", "invalid port"},
	{"tcp", "127.0.0.1:9", "unknown network tcp"},
	{"", "127.0.0.1:9", "unknown network "},
	{"sctp5", "127.0.0.1:9", "unknown network sctp5"},
}

func TestDialBadAddress(t *testing.T) {
	for _, tt := range dialBadTests {
		c, err := sctp.Dial(tt.network, tt.address)
		require.Equal(t, nil, c, "the nil interface")
		var oe *net.OpError
		require.ErrorAs(t, err, &oe)
		require.Equal(t, "dial", oe.Op)
		require.Equal(t, tt.network, oe.Net)
		require.ErrorContains(t, err, tt.want, "%s %s", tt.network, tt.address)
		l, err := sctp.Listen(tt.network, tt.address)
		require.Equal(t, nil, l, "the nil interface")
		require.ErrorAs(t, err, &oe)
		require.Equal(t, "listen", oe.Op)
		require.ErrorContains(t, err, tt.want, "%s %s", tt.network, tt.address)
	}
	for _, network := range []string{"tcp", "sctp5"} {
		_, err := sctp.DialSCTP(network, nil, sctp.AddrFrom(9, ips("127.0.0.1")...))
		var une net.UnknownNetworkError
		require.ErrorAs(t, err, &une)
		_, err = sctp.ListenSCTP(network, nil)
		require.ErrorAs(t, err, &une)
	}
}

var dialMismatchTests = []struct {
	network      string
	laddr, raddr []netip.Addr
	want         string
}{
	{"sctp4", nil, ips("::1"), "non-IPv4 address"},
	{"sctp4", nil, ips("127.0.0.1", "::1"), "non-IPv4 address"},
	{"sctp4", ips("::1"), ips("127.0.0.1"), "non-IPv4 address"},
	{"sctp6", nil, ips("127.0.0.1"), "non-IPv6 address"},
	{"sctp6", nil, ips("::ffff:127.0.0.1"), "non-IPv6 address"},
	{"sctp6", ips("127.0.0.1"), ips("::1"), "non-IPv6 address"},
	{"sctp", nil, []netip.Addr{{}}, "invalid IP address"},
	{"sctp", []netip.Addr{{}}, ips("127.0.0.1"), "invalid IP address"},
}

func TestDialFamilyMismatch(t *testing.T) {
	for _, tt := range dialMismatchTests {
		var laddr *sctp.Addr
		if tt.laddr != nil {
			laddr = sctp.AddrFrom(0, tt.laddr...)
		}
		c, err := sctp.DialSCTP(tt.network, laddr, sctp.AddrFrom(9, tt.raddr...))
		require.Nil(t, c)
		var ae *net.AddrError
		require.ErrorAs(t, err, &ae, "%v", tt)
		require.ErrorContains(t, err, tt.want, "%v", tt)
	}
	_, err := sctp.DialSCTP("sctp", nil, nil)
	require.ErrorContains(t, err, "missing address")
}

func TestDialLocalSystem(t *testing.T) {
	for _, tt := range []struct{ listen, network, host, want string }{
		{"sctp4", "sctp", "", "127.0.0.1"},
		{"sctp4", "sctp4", "", "127.0.0.1"},
		{"sctp", "sctp", "", "127.0.0.1"},
		{"sctp", "sctp6", "", "::1"},
		{"sctp4", "sctp", "0.0.0.0", "127.0.0.1"},
		{"sctp", "sctp", "[::]", "::1"},
		{"sctp6", "sctp6", "[::]", "::1"},
	} {
		l := sctptest.Listen(t, sctp.ListenConfig{}, tt.listen, ":0")
		_, port, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		c, err := sctp.Dial(tt.network, tt.host+":"+port)
		require.NoError(t, err, "%v", tt)
		require.Contains(t, c.RemoteAddr().(*sctp.Addr).IPs, netip.MustParseAddr(tt.want), "%v", tt)
		require.NoError(t, c.Close())
	}
}

// IPv4 and IPv6 of one peer, from a wildcard listener, are never shown mapped.
func TestDialIPv4ToDualListener(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", ":0")
	require.Equal(t, ips("::"), l.Addr().(*sctp.Addr).IPs)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	c, err := sctp.Dial("sctp4", "127.0.0.1:"+port)
	require.NoError(t, err)
	defer c.Close()
	s, err := l.AcceptSCTP()
	require.NoError(t, err)
	defer s.Close()
	_, err = c.Write([]byte("x"))
	require.NoError(t, err)
	m, err := s.ReadMsg(make([]byte, 8))
	require.NoError(t, err)
	require.True(t, m.Addr.Addr().Is4(), "%v", m.Addr)
	for _, a := range []net.Addr{c.LocalAddr(), c.RemoteAddr(), s.LocalAddr(), s.RemoteAddr()} {
		require.NotEmpty(t, a.(*sctp.Addr).IPs)
		for _, ip := range a.(*sctp.Addr).IPs {
			require.False(t, ip.Is4In6(), "%v", a)
		}
	}
}

func TestDialLinkLocal(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	hole(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp6", "[fe80::1%hole]:0")
	require.Equal(t, ips("fe80::1%hole"), l.Addr().(*sctp.Addr).IPs)
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	require.Equal(t, l.Addr(), client.RemoteAddr())
	require.Equal(t, l.Addr(), server.LocalAddr())
	require.Contains(t, server.RemoteAddr().(*sctp.Addr).IPs, netip.MustParseAddr("fe80::1%hole"))
	_, err := client.Write([]byte("x"))
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 8))
	require.NoError(t, err)
	require.Equal(t, netip.AddrPortFrom(netip.MustParseAddr("fe80::1%hole"), client.LocalAddr().(*sctp.Addr).Port), m.Addr)
}

// What the fields say is applied in their order: buffers and InitMsg, then Control,
// which sees a socket that is not bound yet, then Events.
func TestDialControl(t *testing.T) {
	l4 := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	l6 := sctptest.Listen(t, sctp.ListenConfig{}, "sctp6", "[::1]:0")
	type key struct{}
	for _, tt := range []struct {
		l           *sctp.Listener
		network     string
		wantNetwork string
	}{
		{l4, "sctp", "sctp4"}, {l4, "sctp4", "sctp4"}, {l6, "sctp", "sctp6"}, {l6, "sctp6", "sctp6"},
	} {
		calls := 0
		var initMsg sctp.InitMsg
		var noDelay bool
		var local *sctp.Addr
		control := func(network, address string, c syscall.RawConn) (err error) {
			calls++
			require.Equal(t, tt.wantNetwork, network)
			require.Equal(t, tt.l.Addr().String(), address)
			o := sctp.NewOptions(c)
			if initMsg, err = o.InitMsg(); err != nil {
				return err
			}
			if noDelay, err = o.NoDelay(); err != nil {
				return err
			}
			if local, err = o.LocalAddrs(); err != nil {
				return err
			}
			return o.SetNoDelay(false)
		}
		d := sctp.Dialer{InitMsg: sctp.InitMsg{OutStreams: 77}, Control: control}
		c, err := d.Dial(tt.network, tt.l.Addr().String())
		require.NoError(t, err)
		require.Equal(t, 1, calls)
		require.Equal(t, uint16(77), initMsg.OutStreams, "InitMsg was applied before")
		require.True(t, noDelay, "the defaults were applied before")
		require.Zero(t, local.Port, "it was not bound before")
		noDelay, err = c.(*sctp.Conn).Options().NoDelay()
		require.NoError(t, err)
		require.False(t, noDelay, "what Control sets holds")
		require.NoError(t, c.Close())

		d.ControlContext = func(ctx context.Context, network, address string, c syscall.RawConn) error {
			require.Equal(t, "value", ctx.Value(key{}))
			return control(network, address, c)
		}
		d.Control = func(string, string, syscall.RawConn) error { return errors.New("both were called") }
		c, err = d.DialContext(context.WithValue(t.Context(), key{}, "value"), tt.network, tt.l.Addr().String())
		require.NoError(t, err)
		require.Equal(t, 2, calls)
		require.NoError(t, c.Close())
	}
}

func TestDialControlError(t *testing.T) {
	check := sctptest.Leaks(t)
	bad := errors.New("no")
	d := sctp.Dialer{Control: func(string, string, syscall.RawConn) error { return bad }}
	c, err := d.Dial("sctp", "127.0.0.1:9")
	require.Equal(t, nil, c)
	require.ErrorIs(t, err, bad)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, "dial", oe.Op)
	lc := sctp.ListenConfig{Control: d.Control}
	l, err := lc.Listen(t.Context(), "sctp", "127.0.0.1:0")
	require.Equal(t, nil, l)
	require.ErrorIs(t, err, bad)
	check()
}

func TestDialInitMsg(t *testing.T) {
	d := sctp.Dialer{InitMsg: sctp.InitMsg{OutStreams: 7, MaxInStreams: 5}}
	lc := sctp.ListenConfig{InitMsg: sctp.InitMsg{OutStreams: 20, MaxInStreams: 3}}
	client, server := sctptest.PairOf(t, d, lc, "sctp4", "127.0.0.1:0")
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, [2]uint16{3, 5}, [2]uint16{st.OutStreams, st.InStreams})
	require.Equal(t, sctp.StateEstablished, st.State)
	st, err = server.Options().Status()
	require.NoError(t, err)
	require.Equal(t, [2]uint16{5, 3}, [2]uint16{st.OutStreams, st.InStreams})

	// Promise 11: without InitMsg it is the kernel's counts.
	client, _ = sctptest.Pair(t)
	st, err = client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, [2]uint16{10, 10}, [2]uint16{st.OutStreams, st.InStreams})
}

func TestDialBadInitMsg(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, d := range []time.Duration{-time.Second, 66 * time.Second} {
		_, err := (&sctp.Dialer{InitMsg: sctp.InitMsg{MaxTimeout: d}}).Dial("sctp", "127.0.0.1:9")
		require.ErrorIs(t, err, syscall.EINVAL)
		_, err = (&sctp.ListenConfig{InitMsg: sctp.InitMsg{MaxTimeout: d}}).Listen(t.Context(), "sctp", "127.0.0.1:0")
		require.ErrorIs(t, err, syscall.EINVAL)
	}
	_, err := (&sctp.Dialer{Events: []sctp.EventType{1}}).Dial("sctp", "127.0.0.1:9")
	require.ErrorIs(t, err, syscall.EINVAL)
}

// The CommUp of the set-up is shown to those who asked for it before.
func TestDialEventsFromTheStart(t *testing.T) {
	events := []sctp.EventType{sctp.EventAssocChange}
	client, server := sctptest.PairOf(t, sctp.Dialer{Events: events}, sctp.ListenConfig{Events: events}, "sctp4", "127.0.0.1:0")
	for _, c := range []*sctp.Conn{client, server} {
		m, err := c.ReadMsg(make([]byte, 8))
		require.NoError(t, err)
		ev, ok := m.Event.(*sctp.AssocChange)
		require.True(t, ok, "%v", m)
		require.Equal(t, sctp.CommUp, ev.State)
		require.Equal(t, uint16(10), ev.OutStreams)
		require.Empty(t, m.Data)
	}

	client, server = sctptest.Pair(t)
	for _, c := range []*sctp.Conn{client, server} {
		require.NoError(t, c.Subscribe(events...))
		_, err := c.Write([]byte("x"))
		require.NoError(t, err)
	}
	for _, c := range []*sctp.Conn{client, server} {
		m, err := c.ReadMsg(make([]byte, 8))
		require.NoError(t, err)
		require.Nil(t, m.Event)
		require.Equal(t, "x", string(m.Data))
	}
}

func TestDialBuffers(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{ReadBuffer: 20_000, WriteBuffer: 10_000},
		sctp.ListenConfig{ReadBuffer: 30_000, WriteBuffer: 15_000}, "sctp4", "127.0.0.1:0")
	info, err := client.Options().AssocInfo()
	require.NoError(t, err)
	require.Equal(t, [2]uint32{20_000, 30_000}, [2]uint32{info.LocalRwnd, info.PeerRwnd}, "half of what the kernel made of it")
	for c, size := range map[*sctp.Conn]int{client: 20_000, server: 30_000} {
		_, err = c.WriteMsg(make([]byte, size+1), nil)
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		_, err = c.WriteMsg(make([]byte, size), nil)
		require.NoError(t, err)
	}
	_, err = (&sctp.Dialer{ReadBuffer: -1}).Dial("sctp", "127.0.0.1:9")
	require.ErrorIs(t, err, syscall.EINVAL)
	_, err = (&sctp.Dialer{WriteBuffer: -1}).Dial("sctp", "127.0.0.1:9")
	require.ErrorIs(t, err, syscall.EINVAL)
}

func TestDialNoDelayByDefault(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, c := range []*sctp.Conn{client, server} {
		on, err := c.Options().NoDelay()
		require.NoError(t, err)
		require.True(t, on)
	}
}

// Promise 6: no OS thread is held by a call that waits. Afterwards all goroutines
// and descriptors are gone.
func TestConnParkedCallsHoldNoThread(t *testing.T) {
	const pairs = 300
	check := sctptest.Leaks(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	before := sctptest.Threads(t)
	results := make(chan error)
	var conns []*sctp.Conn
	for range pairs {
		c, err := sctp.DialSCTP("sctp4", nil, l.Addr().(*sctp.Addr))
		require.NoError(t, err)
		s, err := l.AcceptSCTP()
		require.NoError(t, err)
		conns = append(conns, c, s)
	}
	for _, c := range conns {
		go func() {
			_, err := c.Read(make([]byte, 8))
			results <- err
		}()
	}
	sctptest.AwaitParked(t, len(conns))
	require.Less(t, sctptest.Threads(t), before+20, "%d calls wait", len(conns))

	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() { c.Close() })
	}
	for range conns {
		if err := sctptest.Receive(t, results); err != io.EOF { // the peer was the first
			require.ErrorIs(t, err, net.ErrClosed)
		}
	}
	wg.Wait()
	require.NoError(t, l.Close())
	check()
}
