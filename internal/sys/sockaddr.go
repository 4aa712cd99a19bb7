package sys

import (
	"encoding/binary"
	"net/netip"
)

// Address families of Linux, and the sizes of their socket addresses.
const (
	AF_INET  = 2
	AF_INET6 = 10

	SizeofSockaddrIn  = 16
	SizeofSockaddrIn6 = 28
)

// AppendSockaddr appends the sockaddr_in or sockaddr_in6 of ap to b. An
// IPv4-mapped address becomes a sockaddr_in: SCTP sockets of both families take
// it. The invalid address becomes the unspecified one of family.
func AppendSockaddr(b []byte, family int, ap netip.AddrPort) []byte {
	ip := ap.Addr().Unmap()
	if !ip.IsValid() {
		ip = netip.IPv4Unspecified()
		if family == AF_INET6 {
			ip = netip.IPv6Unspecified()
		}
	}
	if ip.Is4() {
		a := ip.As4()
		b = binary.NativeEndian.AppendUint16(b, AF_INET)
		b = binary.BigEndian.AppendUint16(b, ap.Port())
		b = append(b, a[:]...)
		return append(b, make([]byte, SizeofSockaddrIn-8)...)
	}
	a := ip.As16()
	b = binary.NativeEndian.AppendUint16(b, AF_INET6)
	b = binary.BigEndian.AppendUint16(b, ap.Port())
	b = binary.NativeEndian.AppendUint32(b, 0) // flow information
	b = append(b, a[:]...)
	return binary.NativeEndian.AppendUint32(b, zones.index(ip.Zone()))
}

// Local decodes the sockaddr_in or sockaddr_in6 at the start of b, an address of this
// host, and returns it with its size. Anything else is the zero AddrPort of size 0.
func (z *Zones) Local(b []byte) (netip.AddrPort, int) { return z.parse(b, true) }

// Peer is Local for an address of a peer.
func (z *Zones) Peer(b []byte) (netip.AddrPort, int) { return z.parse(b, false) }

func (z *Zones) parse(b []byte, local bool) (netip.AddrPort, int) {
	if len(b) < 2 {
		return netip.AddrPort{}, 0
	}
	switch binary.NativeEndian.Uint16(b) {
	case AF_INET:
		if len(b) < SizeofSockaddrIn {
			return netip.AddrPort{}, 0
		}
		ip := netip.AddrFrom4([4]byte(b[4:8]))
		return netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b[2:])), SizeofSockaddrIn
	case AF_INET6:
		if len(b) < SizeofSockaddrIn6 {
			return netip.AddrPort{}, 0
		}
		ip := netip.AddrFrom16([16]byte(b[8:24])).Unmap()
		if zone := z.zone(ip, binary.NativeEndian.Uint32(b[24:]), local); zone != "" {
			ip = ip.WithZone(zone)
		}
		return netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b[2:])), SizeofSockaddrIn6
	}
	return netip.AddrPort{}, 0
}

// ClearScope sets the scope of the sockaddr_in6 in b to 0. With a message the kernel
// (6.1: inet6_skb_msgname in net/sctp/ipv6.c) reports as the scope of a link-local
// address whatever stands in memory that SCTP uses for something else.
func ClearScope(b []byte) {
	if len(b) >= SizeofSockaddrIn6 && binary.NativeEndian.Uint16(b) == AF_INET6 {
		clear(b[24:28])
	}
}

// hasScope reports whether sa is the sockaddr_in6 of a link-local address.
func hasScope(sa *[SizeofSockaddrIn6]byte) bool {
	return binary.NativeEndian.Uint16(sa[:]) != AF_INET && sa[8] == 0xfe && sa[9]&0xc0 == 0x80
}

// AppendSockaddrs appends the packed list that bindx and connectx take: one
// socket address for each IP, all with the same port.
func AppendSockaddrs(b []byte, family int, port uint16, ips []netip.Addr) []byte {
	for _, ip := range ips {
		b = AppendSockaddr(b, family, netip.AddrPortFrom(ip, port))
	}
	return b
}

// Locals decodes the packed list of this host's addresses that SCTP_GET_LOCAL_ADDRS
// returns: at most n addresses, and never past the end of b. It returns their IPs and the
// port of the last.
func (z *Zones) Locals(b []byte, n int) (ips []netip.Addr, port uint16) {
	return z.parseAll(b, n, true)
}

// Peers is Locals for the list that SCTP_GET_PEER_ADDRS returns.
func (z *Zones) Peers(b []byte, n int) (ips []netip.Addr, port uint16) {
	return z.parseAll(b, n, false)
}

func (z *Zones) parseAll(b []byte, n int, local bool) (ips []netip.Addr, port uint16) {
	for range n {
		ap, size := z.parse(b, local)
		if size == 0 {
			break
		}
		ips, port, b = append(ips, ap.Addr()), ap.Port(), b[size:]
	}
	return ips, port
}
