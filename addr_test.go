package sctp_test

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var parseAddrTests = []struct {
	in   string
	ips  []netip.Addr
	port uint16
	out  string // what String makes of it, in if empty
}{
	{in: "10.0.0.1:3868", ips: sctptest.IPs("10.0.0.1"), port: 3868},
	{in: "10.0.0.1/10.1.0.1:3868", ips: sctptest.IPs("10.0.0.1", "10.1.0.1"), port: 3868},
	{in: "10.0.0.1/10.1.0.1/10.2.0.1:3868", ips: sctptest.IPs("10.0.0.1", "10.1.0.1", "10.2.0.1"), port: 3868},
	{in: "[::1]:1", ips: sctptest.IPs("::1"), port: 1},
	{in: "[fe80::1%eth0/2001:db8::1]:3868", ips: sctptest.IPs("fe80::1%eth0", "2001:db8::1"), port: 3868},
	{in: "[fe80::1%a:b%c]:3868", ips: sctptest.IPs("fe80::1%a:b%c"), port: 3868},
	{in: "[10.0.0.1/2001:db8::1]:3868", ips: sctptest.IPs("10.0.0.1", "2001:db8::1"), port: 3868},
	{in: "[2001:db8::1]/[2001:db8::2]:3868", ips: sctptest.IPs("2001:db8::1", "2001:db8::2"), port: 3868, out: "[2001:db8::1/2001:db8::2]:3868"},
	{in: "10.0.0.1/[2001:db8::2]:3868", ips: sctptest.IPs("10.0.0.1", "2001:db8::2"), port: 3868, out: "[10.0.0.1/2001:db8::2]:3868"},
	{in: "[fe80::1%eth0]/10.0.0.1:3868", ips: sctptest.IPs("fe80::1%eth0", "10.0.0.1"), port: 3868, out: "[fe80::1%eth0/10.0.0.1]:3868"},
	{in: "[10.0.0.1]:3868", ips: sctptest.IPs("10.0.0.1"), port: 3868, out: "10.0.0.1:3868"},
	{in: "[::ffff:10.0.0.1]:3868", ips: sctptest.IPs("10.0.0.1"), port: 3868, out: "10.0.0.1:3868"},
	{in: "[2001:DB8:0::1]:03868", ips: sctptest.IPs("2001:db8::1"), port: 3868, out: "[2001:db8::1]:3868"},
	{in: "0.0.0.0:0", ips: sctptest.IPs("0.0.0.0")},
	{in: "[::]:65535", ips: sctptest.IPs("::"), port: 65535},
	{in: ":3868", port: 3868},
	{in: ":0"},
}

func TestAddrParseAndString(t *testing.T) {
	for _, tt := range parseAddrTests {
		a, err := sctp.ParseAddr(tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, &sctp.Addr{IPs: tt.ips, Port: tt.port}, a, tt.in)
		want := tt.out
		if want == "" {
			want = tt.in
		}
		require.Equal(t, want, a.String())
		again, err := sctp.ParseAddr(a.String())
		require.NoError(t, err, tt.in)
		require.Equal(t, a, again, tt.in)
	}
}

var parseAddrErrors = []struct{ in, want string }{
	{"", "missing port in address"},
	{"10.0.0.1", "missing port in address"},
	{"[::1]", "missing port in address"},
	{"::1", "address ::1: too many colons in address"},
	{"::1:80", "too many colons in address"},
	{"10.0.0.1/::1:80", "too many colons in address"},
	{"::1/[::2]:80", "too many colons in address"},
	{"10.0.0.1:", "invalid port"},
	{"10.0.0.1:http", "address 10.0.0.1:http: invalid port"},
	{"10.0.0.1:65536", "invalid port"},
	{"10.0.0.1:-1", "invalid port"},
	{"10.0.0.1:+1", "invalid port"},
	{"10.0.0.1: 1", "invalid port"},
	{"localhost:80", "address localhost:80: invalid IP address"},
	{"10.0.0:80", "invalid IP address"},
	{"10.0.0.1%eth0:80", "invalid IP address"},
	{" 10.0.0.1:80", "invalid IP address"},
	{"[fe80::1%]:80", "invalid IP address"},
	{"/:80", "missing host in address"},
	{"/10.0.0.1:80", "missing host in address"},
	{"10.0.0.1/:80", "missing host in address"},
	{"10.0.0.1//10.0.0.2:80", "missing host in address"},
	{"[::1/]:80", "missing host in address"},
	{"[::1]/[]:80", "missing host in address"},
	{"[[::1]]:80", "unexpected bracket in address"},
	{"[::1:80", "too many colons in address"},
	{"[10.0.0.1:80", "unexpected bracket in address"},
	{"10.0.0.1]:80", "unexpected bracket in address"},
	{"[::1]x:80", "too many colons in address"},
	{"[::1]80", "missing port in address"},
}

func TestAddrParseErrors(t *testing.T) {
	for _, tt := range parseAddrErrors {
		a, err := sctp.ParseAddr(tt.in)
		require.Nil(t, a, tt.in)
		var ae *net.AddrError
		require.ErrorAs(t, err, &ae, tt.in)
		require.Equal(t, tt.in, ae.Addr)
		require.ErrorContains(t, err, tt.want, tt.in)
	}
}

func TestAddrZeroAndNil(t *testing.T) {
	var none *sctp.Addr
	require.Equal(t, "sctp", none.Network())
	require.Equal(t, "<nil>", none.String()) // as *net.TCPAddr
	require.Equal(t, netip.AddrPort{}, none.AddrPort())
	require.Nil(t, none.AddrPorts())
	_, err := none.MarshalText()
	require.Error(t, err)

	zero := new(sctp.Addr)
	require.Equal(t, "sctp", zero.Network())
	require.Equal(t, ":0", zero.String())
	require.False(t, zero.AddrPort().IsValid())
	require.Empty(t, zero.AddrPorts())
	require.Equal(t, uint16(7), sctp.AddrFrom(7).AddrPort().Port())
}

func TestAddrAddrPorts(t *testing.T) {
	a := sctp.AddrFrom(36412, sctptest.IPs("10.0.0.1", "fe80::1%eth0")...)
	require.Equal(t, netip.MustParseAddrPort("10.0.0.1:36412"), a.AddrPort())
	require.Equal(t, []netip.AddrPort{
		netip.MustParseAddrPort("10.0.0.1:36412"), netip.MustParseAddrPort("[fe80::1%eth0]:36412"),
	}, a.AddrPorts())
	require.Equal(t, "[10.0.0.1/fe80::1%eth0]:36412", a.String())
}

func TestAddrMappedIPv4ParsesBack(t *testing.T) {
	a := sctp.AddrFrom(1, sctptest.IPs("::ffff:10.0.0.1")...)
	b, err := sctp.ParseAddr(a.String())
	require.NoError(t, err)
	require.Equal(t, sctp.AddrFrom(1, sctptest.IPs("10.0.0.1")...), b)
}

func TestAddrText(t *testing.T) {
	type config struct{ Listen *sctp.Addr }
	var c config
	require.NoError(t, json.Unmarshal([]byte(`{"Listen":"10.0.0.1/10.1.0.1:3868"}`), &c))
	require.Equal(t, sctp.AddrFrom(3868, sctptest.IPs("10.0.0.1", "10.1.0.1")...), c.Listen)
	b, err := json.Marshal(c)
	require.NoError(t, err)
	require.Equal(t, `{"Listen":"10.0.0.1/10.1.0.1:3868"}`, string(b))

	before := *c.Listen
	require.ErrorContains(t, c.Listen.UnmarshalText([]byte("localhost:1")), "invalid IP address")
	require.Equal(t, before, *c.Listen, "a failure changes nothing")
}

var resolveAddrTests = []struct{ network, address, want string }{
	{"sctp", "127.0.0.1:3868", "127.0.0.1:3868"},
	{"sctp", "[::1]:3868", "[::1]:3868"},
	{"sctp", "[::1/127.0.0.1]:3868", "[::1/127.0.0.1]:3868"},
	{"sctp", "[::1]/127.0.0.1:3868", "[::1/127.0.0.1]:3868"},
	{"sctp4", "127.0.0.1/127.0.0.2:3868", "127.0.0.1/127.0.0.2:3868"},
	{"sctp4", "[::ffff:127.0.0.1]:3868", "127.0.0.1:3868"},
	{"sctp6", "[::1]:3868", "[::1]:3868"},
	{"sctp6", "[fe80::1%eth0]:3868", "[fe80::1%eth0]:3868"},
	{"sctp", "127.0.0.1:http", "127.0.0.1:80"},
	{"sctp4", "127.0.0.1:https", "127.0.0.1:443"},
	{"sctp", "127.0.0.1:", "127.0.0.1:0"},
	{"sctp", ":3868", ":3868"},
	{"sctp6", ":http", ":80"},
	{"sctp4", ":", ":0"},
}

func TestResolveAddr(t *testing.T) {
	for _, tt := range resolveAddrTests {
		a, err := sctp.ResolveAddr(tt.network, tt.address)
		require.NoError(t, err, "%s %s", tt.network, tt.address)
		require.Equal(t, tt.want, a.String(), "%s %s", tt.network, tt.address)
	}
}

func TestResolveAddrName(t *testing.T) {
	names, err := net.DefaultResolver.LookupNetIP(context.Background(), "ip4", "localhost")
	if err != nil || names[0].Unmap().String() != "127.0.0.1" {
		t.Skipf("localhost is %v here, %v: put \"127.0.0.1 localhost\" into /etc/hosts", names, err)
	}
	for _, network := range []string{"sctp", "sctp4"} {
		a, err := sctp.ResolveAddr(network, "localhost:3868")
		require.NoError(t, err)
		require.Equal(t, "127.0.0.1:3868", a.String(), "an IPv4 address goes before the others")
		a, err = sctp.ResolveAddr(network, "localhost/127.0.0.2:http")
		require.NoError(t, err)
		require.Equal(t, "127.0.0.1/127.0.0.2:80", a.String())
	}
}

var resolveAddrErrors = []struct{ network, address, want string }{
	{"sctp4", "[::1]:80", "no suitable address found"},
	{"sctp6", "127.0.0.1:80", "no suitable address found"},
	{"sctp6", "[::1/127.0.0.1]:80", "no suitable address found"},
	{"sctp6", "[::ffff:127.0.0.1]:80", "no suitable address found"},
	{"sctp", "127.0.0.1", "missing port in address"},
	{"sctp", "127.0.0.1/:80", "missing host in address"},
	{"sctp", "127.0.0.1:65536", "invalid port"},
	{"sctp", "127.0.0.1:no-such-service", "unknown port"},
}

func TestResolveAddrErrors(t *testing.T) {
	for _, tt := range resolveAddrErrors {
		a, err := sctp.ResolveAddr(tt.network, tt.address)
		require.Nil(t, a)
		require.ErrorContains(t, err, tt.want, "%s %s", tt.network, tt.address)
	}
}

func TestResolveAddrUnknownNetwork(t *testing.T) {
	for _, network := range []string{"tcp", "ip", "", "SCTP", "sctp5", "sctp:132"} {
		_, err := sctp.ResolveAddr(network, "127.0.0.1:80")
		require.Equal(t, net.UnknownNetworkError(network), err)
	}
}

func TestAddrEqual(t *testing.T) {
	a := sctp.MustParseAddr("10.0.0.1/[fd00::1]:7")
	for _, test := range []struct {
		a, b  *sctp.Addr
		equal bool
	}{
		{a, a, true},
		{a, sctp.MustParseAddr("[fd00::1/::ffff:10.0.0.1]:7"), true},
		{a, sctp.MustParseAddr("10.0.0.1/[fd00::1]:8"), false},
		{a, sctp.MustParseAddr("10.0.0.1:7"), false},
		{sctp.MustParseAddr("[fe80::1%1]:7"), sctp.MustParseAddr("[fe80::1%2]:7"), false},
		{nil, nil, true},
		{nil, &sctp.Addr{}, true},
		{nil, a, false},
	} {
		require.Equal(t, test.equal, test.a.Equal(test.b), "%v and %v", test.a, test.b)
		require.Equal(t, test.equal, test.b.Equal(test.a), "%v and %v", test.b, test.a)
	}
}

func TestMustParseAddrPanics(t *testing.T) {
	require.PanicsWithError(t, "address 10.0.0.1: missing port in address", func() { sctp.MustParseAddr("10.0.0.1") })
}
