package dialing_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

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
	sctptest.RequireRefused(t, err)
	require.ErrorContains(t, err, net.JoinHostPort("127.0.0.1", port))

	// Only those of the network.
	d.Resolver = dnsServer("::1", "127.0.0.2")
	c4, err := d.Dial("sctp4", address)
	require.NoError(t, err)
	defer c4.Close()
	_, err = d.Dial("sctp6", address)
	sctptest.RequireRefused(t, err)
	require.ErrorContains(t, err, net.JoinHostPort("::1", port))

	// Only those to which there is a way from the local address.
	d.LocalAddr = sctp.AddrFrom(0, sctptest.IPs("127.0.0.1")...)
	c, err = d.Dial("sctp", address)
	require.NoError(t, err)
	defer c.Close()
	d.Resolver = dnsServer("::1", "127.0.0.3")
	_, err = d.Dial("sctp", address)
	sctptest.RequireRefused(t, err)
	require.ErrorContains(t, err, net.JoinHostPort("127.0.0.3", port))
	d.LocalAddr = nil

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
	sctptest.Hole(t)
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
	require.Equal(t, sctptest.IPs("127.0.0.1", "127.0.0.2"), want.IPs)
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
	sctptest.RequireRefused(t, err)
}

func TestDialFromSeveralAddresses(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	laddr := sctptest.FreeAddr(t, "sctp4", "127.0.0.2/127.0.0.3:0")
	require.NotZero(t, laddr.Port)
	dials := map[string]func() (net.Conn, error){
		"LocalAddr": func() (net.Conn, error) {
			return (&sctp.Dialer{LocalAddr: laddr}).Dial("sctp", l.Addr().String())
		},
		"laddr": func() (net.Conn, error) {
			return sctp.DialSCTP("sctp4", laddr, l.Addr().(*sctp.Addr))
		},
		"laddr before LocalAddr": func() (net.Conn, error) {
			d := sctp.Dialer{LocalAddr: sctp.AddrFrom(1, sctptest.IPs("127.0.0.9")...)}
			return d.DialSCTP(context.Background(), "sctp4", laddr, l.Addr().(*sctp.Addr))
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
		ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
		require.NoError(t, c.(*sctp.Conn).Shutdown(ctx)) // the port is free again
		cancel()
		require.NoError(t, s.Close())
	}
	// Only a port, only an address.
	c, err := sctp.DialSCTP("sctp4", sctp.AddrFrom(laddr.Port), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	require.Equal(t, laddr.Port, c.LocalAddr().(*sctp.Addr).Port)
	require.NoError(t, c.Abort())
	c, err = sctp.DialSCTP("sctp4", sctp.AddrFrom(0, sctptest.IPs("127.0.0.4")...), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	require.Equal(t, sctptest.IPs("127.0.0.4"), c.LocalAddr().(*sctp.Addr).IPs)
	require.NotZero(t, c.LocalAddr().(*sctp.Addr).Port)
	require.NoError(t, c.Abort())
}

func TestDialFromAddressOfNobody(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	laddr := sctp.AddrFrom(0, sctptest.IPs("192.0.2.77")...)
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
		_, err := sctp.DialSCTP(network, nil, sctp.AddrFrom(9, sctptest.IPs("127.0.0.1")...))
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
	{"sctp4", nil, sctptest.IPs("::1"), "non-IPv4 address"},
	{"sctp4", nil, sctptest.IPs("127.0.0.1", "::1"), "non-IPv4 address"},
	{"sctp4", sctptest.IPs("::1"), sctptest.IPs("127.0.0.1"), "non-IPv4 address"},
	{"sctp6", nil, sctptest.IPs("127.0.0.1"), "non-IPv6 address"},
	{"sctp6", nil, sctptest.IPs("::ffff:127.0.0.1"), "non-IPv6 address"},
	{"sctp6", sctptest.IPs("127.0.0.1"), sctptest.IPs("::1"), "non-IPv6 address"},
	{"sctp", sctptest.IPs("127.0.0.1"), sctptest.IPs("::1"), "no address of the family of [::1]:9"},
	{"sctp", sctptest.IPs("::1"), sctptest.IPs("127.0.0.1", "127.0.0.2"), "no address of the family of 127.0.0.1/127.0.0.2:9"},
	{"sctp", nil, []netip.Addr{{}}, "invalid IP address"},
	{"sctp", []netip.Addr{{}}, sctptest.IPs("127.0.0.1"), "invalid IP address"},
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
	require.Equal(t, sctptest.IPs("::"), l.Addr().(*sctp.Addr).IPs)
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
	sctptest.Hole(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp6", "[fe80::1%hole]:0")
	require.Equal(t, sctptest.IPs("fe80::1%hole"), l.Addr().(*sctp.Addr).IPs)
	t.Cleanup(func() {
		if t.Failed() {
			for _, name := range []string{"if_inet6", "ipv6_route", "snmp6", "sctp/eps", "sctp/assocs", "sctp/snmp"} {
				b, err := os.ReadFile("/proc/net/" + name)
				t.Logf("%s: %v\n%s", name, err, b)
			}
		}
	})
	client, server := sctptest.Connect(t, sctp.Dialer{Timeout: sctptest.Wait}, l)
	require.Equal(t, l.Addr(), client.RemoteAddr())
	require.Equal(t, l.Addr(), server.LocalAddr())
	require.Contains(t, server.RemoteAddr().(*sctp.Addr).IPs, netip.MustParseAddr("fe80::1%hole"))
	_, err := client.Write([]byte("x"))
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 8))
	require.NoError(t, err)
	require.Equal(t, netip.AddrPortFrom(netip.MustParseAddr("fe80::1%hole"), client.LocalAddr().(*sctp.Addr).Port), m.Addr)
}

// Without a free port a dial fails at once, as TCP's: that is no timeout.
func TestDialWithoutAFreePort(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/ipv4/ip_local_port_range", "40000 40001")
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:9")
	var err error
	for err == nil {
		var c net.Conn
		if c, err = sctp.Dial("sctp4", l.Addr().String()); err == nil {
			t.Cleanup(func() { c.Close() })
		}
	}
	require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
	require.ErrorContains(t, err, "no local port is free")
	require.False(t, sctptest.OpError(t, err).Timeout())
}
