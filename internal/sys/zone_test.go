package sys

import (
	"math"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestZoneCacheKnowsTheInterfaces(t *testing.T) {
	ifs, err := net.Interfaces()
	require.NoError(t, err)
	var z zoneCache
	for _, i := range ifs {
		require.Equal(t, i.Name, z.name(uint32(i.Index)))
		require.Equal(t, uint32(i.Index), z.index(i.Name))
	}
	require.Zero(t, z.index(""))
}

func TestZoneCacheUnknownIndexIsItsNumber(t *testing.T) {
	var z zoneCache
	require.Equal(t, "4294967295", z.name(math.MaxUint32))
	require.Equal(t, uint32(math.MaxUint32), z.index("4294967295"))
	read := z.read
	require.Equal(t, "4294967294", z.name(math.MaxUint32-1))
	require.Equal(t, read, z.read, "a packet costs no dump of the interfaces")
}

func TestZoneCacheUnknownNameIsLookedUp(t *testing.T) {
	var z zoneCache
	require.Zero(t, z.index("no such name"))
	read := z.read
	require.False(t, read.IsZero())
	require.Zero(t, z.index("no such name"))
	require.NotEqual(t, read, z.read, "it may have come since")
}

func TestZoneCacheAges(t *testing.T) {
	z := zoneCache{read: time.Now(), names: map[uint32]string{1: "gone"}, indexes: map[string]uint32{"gone": 1}}
	require.Equal(t, "gone", z.name(1))
	require.Equal(t, uint32(1), z.index("gone"))
	z.read = z.read.Add(-2 * zoneCacheAge)
	require.NotEqual(t, "gone", z.name(1))
	require.Zero(t, z.index("gone"))
}

// Only link-local IPv6 addresses have a zone, whatever scope the kernel gives to others.
func TestZonesAreOfLinkLocalAddresses(t *testing.T) {
	far := &Zones{fd: func(func(fd uintptr)) {}}
	for _, z := range []*Zones{Here, far} {
		for _, ip := range []string{"::1", "fd01::a", "2001:db8::1", "fec0::1", "ff02::1", "::"} {
			b := AppendSockaddr(nil, AF_INET6, netip.AddrPortFrom(netip.MustParseAddr(ip).WithZone("4294967295"), 7))
			for _, parse := range []func([]byte) (netip.AddrPort, int){z.Local, z.Peer} {
				ap, n := parse(b)
				require.Equal(t, SizeofSockaddrIn6, n)
				require.Equal(t, ip, ap.Addr().String())
			}
		}
		ap, _ := z.Peer(AppendSockaddr(nil, AF_INET6, netip.MustParseAddrPort("[fe80::1%4294967295]:7")))
		require.Equal(t, "[fe80::1%4294967295]:7", ap.String())
	}
}

// An address that the kernel tells without a scope gets the zone that it must have, and no
// other.
func TestZonesGuessNothing(t *testing.T) {
	one, both, peer := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fe80::2"), netip.MustParseAddr("fe80::99")
	two := &Zones{fd: func(func(fd uintptr)) {}, read: time.Now(), links: linksOf([]linkLocal{{one, 3}, {both, 3}, {both, 4}})}
	require.Equal(t, "3", two.zone(one, 0, true))
	require.Empty(t, two.zone(both, 0, true))
	require.Empty(t, two.zone(peer, 0, false))
	require.Empty(t, two.zone(one, 0, false), "a peer may have an address that is also this host's")
	require.Equal(t, "9", two.zone(one, 9, true), "what the kernel says")
	single := &Zones{fd: func(func(fd uintptr)) {}, read: time.Now(), links: linksOf([]linkLocal{{one, 3}, {both, 3}})}
	require.Equal(t, "3", single.zone(peer, 0, false))
	single.read = single.read.Add(-2 * linksAge)
	require.Empty(t, single.zone(peer, 0, false), "the list is read anew")
}
