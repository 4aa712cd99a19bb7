package multihome_test

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// allAddrs returns the addresses that c tells, by where: its own, and its peer's as a
// message, a set-up path and each option show them.
func allAddrs(t *testing.T, c, peer *sctp.Conn) map[string][]netip.Addr {
	t.Helper()
	o := c.Options()
	got := map[string][]netip.Addr{
		"LocalAddr": c.LocalAddr().(*sctp.Addr).IPs, "RemoteAddr": c.RemoteAddr().(*sctp.Addr).IPs,
	}
	local, err := o.LocalAddrs()
	require.NoError(t, err)
	got["LocalAddrs"] = local.IPs
	paths, err := o.PeerAddrs()
	require.NoError(t, err)
	got["PeerAddrs"] = paths.IPs
	primary, err := o.PrimaryAddr()
	require.NoError(t, err)
	got["PrimaryAddr"] = []netip.Addr{primary.Addr()}
	require.NoError(t, o.SetPrimaryAddr(primary), "taken back")
	status, err := o.Status()
	require.NoError(t, err)
	got["Status"] = []netip.Addr{status.Primary.Addr.Addr()}
	for _, path := range paths.AddrPorts() {
		info, err := o.PeerAddrInfo(path)
		require.NoError(t, err, "taken back: %v", path)
		got["PeerAddrInfo"] = append(got["PeerAddrInfo"], info.Addr.Addr())
		if _, err = c.WriteMsg([]byte("y"), &sctp.SndInfo{Addr: path}); errors.Is(err, syscall.EINVAL) {
			require.ErrorContains(t, err, "peeled off") // which takes none
			_, err = c.WriteMsg([]byte("y"), nil)
		}
		require.NoError(t, err, "taken back: %v", path)
	}
	stats, err := o.AssocStats()
	require.NoError(t, err)
	got["AssocStats"] = []netip.Addr{stats.ObsMaxRTOAddr.Addr()}
	_, err = peer.Write([]byte("x"))
	require.NoError(t, err)
	for {
		m, err := c.ReadMsg(make([]byte, 8))
		require.NoError(t, err)
		if string(m.Data) == "x" {
			got["ReadMsg"] = []netip.Addr{m.Addr.Addr()}
			return got
		}
	}
}

// requireAddrs checks that everything that tells an address of c tells the same.
func requireAddrs(t *testing.T, c, peer *sctp.Conn, local, remote netip.Addr) {
	t.Helper()
	for where, ips := range allAddrs(t, c, peer) {
		want := remote
		if where == "LocalAddr" || where == "LocalAddrs" {
			want = local
		}
		require.Equal(t, []netip.Addr{want}, ips, where)
	}
}

// Global addresses have no zone, link-local ones have one: in what every decoder shows, at
// both ends, of sockets in this namespace.
func TestZonesAreOfLinkLocalAddresses(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	for _, ip := range []string{"::1", "2001:db8::1", "fe80::1%hole"} {
		a := netip.MustParseAddr(ip)
		client, server := sctptest.PairOf(t, sctp.Dialer{LocalAddr: sctp.AddrFrom(0, a)}, sctp.ListenConfig{}, "sctp6", "["+ip+"]:0")
		requireAddrs(t, client, server, a, a)
		requireAddrs(t, server, client, a, a)

		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp6", "["+ip+"]:0")
		require.Equal(t, []netip.Addr{a}, m.LocalAddr().(*sctp.Addr).IPs)
		d := sctp.Dialer{LocalAddr: sctp.AddrFrom(0, a)}
		c, err := d.DialSCTP(context.Background(), "sctp6", nil, m.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		t.Cleanup(func() { c.Abort() })
		_, err = c.Write([]byte("x"))
		require.NoError(t, err)
		msg, err := m.ReadMsg(make([]byte, 8))
		require.NoError(t, err)
		require.Equal(t, c.LocalAddr().(*sctp.Addr).AddrPort(), msg.Addr)
		peeled, err := m.PeelOff(msg.Info.Assoc)
		require.NoError(t, err)
		t.Cleanup(func() { peeled.Abort() })
		requireAddrs(t, peeled, c, a, a)
	}
}

// Between namespaces, over a veth pair, zones are numbers of the other namespace, and
// accepted connections know them too.
func TestNetnsZonesHaveOneForm(t *testing.T) {
	one, two := newNetns(t), newNetns(t)
	for i := range 20 { // the link's number is nothing that is here
		require.NoError(t, two.AddDummy("dummy"+strconv.Itoa(i)))
	}
	require.NoError(t, one.AddVeth(two, "far", netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("fe80::2/64")))
	require.NoError(t, one.AddVeth(two, "wide", netip.MustParsePrefix("fd01::1/64"), netip.MustParsePrefix("fd01::2/64")))
	number := func(index uint32) string { return strconv.Itoa(int(index)) }
	for _, tt := range []struct{ dial, listen, local, remote, serverLocal, serverRemote string }{
		{"fd01::1", "fd01::2", "fd01::1", "fd01::2", "fd01::2", "fd01::1"},
		{"fe80::1%far", "fe80::2%far", "fe80::1%" + number(one.Index("far")), "fe80::2%" + number(one.Index("far")),
			"fe80::2%" + number(two.Index("far")), "fe80::1%" + number(two.Index("far"))},
	} {
		l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp6", "["+tt.listen+"]:0")
		d := sctp.Dialer{Netns: one.Path(), Timeout: sctptest.Wait, LocalAddr: sctp.AddrFrom(0, netip.MustParseAddr(tt.dial))}
		to := netip.MustParseAddr(tt.listen).WithZone(netip.MustParseAddr(tt.dial).Zone())
		client, err := d.DialSCTP(context.Background(), "sctp6", nil, sctp.AddrFrom(l.Addr().(*sctp.Addr).Port, to))
		require.NoError(t, err)
		t.Cleanup(func() { client.Abort() })
		server := sctptest.Accept(t, l)
		requireAddrs(t, client, server, netip.MustParseAddr(tt.local), netip.MustParseAddr(tt.remote))
		requireAddrs(t, server, client, netip.MustParseAddr(tt.serverLocal), netip.MustParseAddr(tt.serverRemote))
	}
	m := sctptest.ListenMulti(t, sctp.ListenConfig{Netns: one.Path()}, "sctp6", "[fe80::1%far]:0")
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp6", "[fe80::2%far]:0")
	for _, zone := range []string{"far", number(one.Index("far"))} {
		id, err := m.Connect(context.Background(), sctp.AddrFrom(l.Addr().(*sctp.Addr).Port, netip.MustParseAddr("fe80::2%"+zone)))
		require.NoError(t, err)
		require.NoError(t, m.AbortAssoc(id, nil))
		require.NoError(t, sctptest.Accept(t, l).Close())
		sctptest.Eventually(t, func() bool { ids, err := m.Assocs(); return err == nil && len(ids) == 0 }, "the end")
	}
}

// What is accepted on the unspecified address can be dialled back: its own addresses, which
// the kernel tells without a zone, and the peer's have the one of the only link.
func TestAcceptedLinkLocalAddrHasItsZone(t *testing.T) {
	one, two := newNetns(t), newNetns(t)
	require.NoError(t, one.AddVeth(two, "far", netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("fe80::2/64")))
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp6", "[::]:0")
	d := sctp.Dialer{Netns: one.Path(), Timeout: sctptest.Wait}
	client, err := d.DialSCTP(context.Background(), "sctp6", nil, sctp.AddrFrom(l.Addr().(*sctp.Addr).Port, netip.MustParseAddr("fe80::2%far")))
	require.NoError(t, err)
	t.Cleanup(func() { client.Abort() })
	server := sctptest.Accept(t, l)
	zone := strconv.Itoa(int(two.Index("far")))
	for _, ip := range append(server.LocalAddr().(*sctp.Addr).IPs, server.RemoteAddr().(*sctp.Addr).IPs...) {
		require.True(t, ip.IsLinkLocalUnicast(), ip)
		require.Equal(t, zone, ip.Zone(), ip)
	}
	self, peer := netip.MustParseAddr("fe80::2%"+zone), netip.MustParseAddr("fe80::1%"+zone)
	require.Contains(t, server.LocalAddr().(*sctp.Addr).IPs, self)
	require.Contains(t, server.RemoteAddr().(*sctp.Addr).IPs, peer)
	back := sctptest.Listen(t, sctp.ListenConfig{Netns: one.Path()}, "sctp6", "[::]:0")
	d = sctp.Dialer{Netns: two.Path(), Timeout: sctptest.Wait, LocalAddr: sctp.AddrFrom(0, self)}
	again, err := d.DialSCTP(context.Background(), "sctp6", nil, sctp.AddrFrom(back.Addr().(*sctp.Addr).Port, peer))
	require.NoError(t, err)
	require.NoError(t, again.Abort())
}

// With two links that have the same address nobody can know which one is meant.
func TestAcceptedLinkLocalAddrWithTwoLinksHasNoZone(t *testing.T) {
	one, two := newNetns(t), newNetns(t)
	for _, link := range []string{"far", "near"} {
		require.NoError(t, one.AddVeth(two, link, netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("fe80::2/64")))
	}
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp6", "[::]:0")
	d := sctp.Dialer{Netns: one.Path(), Timeout: sctptest.Wait, LocalAddr: sctp.AddrFrom(0, netip.MustParseAddr("fe80::1%far"))}
	client, err := d.DialSCTP(context.Background(), "sctp6", nil, sctp.AddrFrom(l.Addr().(*sctp.Addr).Port, netip.MustParseAddr("fe80::2%far")))
	require.NoError(t, err)
	t.Cleanup(func() { client.Abort() })
	server := sctptest.Accept(t, l)
	require.Contains(t, server.LocalAddr().(*sctp.Addr).IPs, netip.MustParseAddr("fe80::2"))
	require.Equal(t, "fe80::1%"+strconv.Itoa(int(two.Index("far"))), server.RemoteAddr().(*sctp.Addr).IPs[0].String())
}
