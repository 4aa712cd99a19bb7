package sys

import (
	"encoding/binary"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// NoRoute returns why the socket fd cannot reach any of peers from any of locals, of which
// the zero Addr is whatever the system chooses: the error with which a UDP socket of the
// same device, mark and type of service is refused a route. It returns 0 if there is a
// route, or where the question itself is refused. Nothing is sent. If the calling thread is
// in another network namespace than fd, the question is refused (Linux 5.14; before that
// the kernel does not tell).
func NoRoute(fd uintptr, locals, peers []netip.Addr) (first Errno) {
	for _, peer := range peers {
		for _, local := range locals {
			if local.IsValid() && local.Unmap().Is4() != peer.Unmap().Is4() {
				continue
			}
			errno := noRoute(fd, local, peer)
			if errno == 0 {
				return 0
			}
			if first == 0 {
				first = errno
			}
		}
	}
	if first != 0 && rulesOfTransport() {
		return 0 // they may send SCTP another way
	}
	return first
}

func noRoute(fd uintptr, local, peer netip.Addr) Errno {
	family, level, tos := AF_INET, unix.IPPROTO_IP, unix.IP_TOS
	if peer.Unmap().Is6() {
		family, level, tos = AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_TCLASS
	}
	udp, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(udp)
	here, err := unix.GetsockoptUint64(udp, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if there, err2 := unix.GetsockoptUint64(int(fd), unix.SOL_SOCKET, unix.SO_NETNS_COOKIE); err == nil && err2 == nil && here != there {
		return 0
	}
	device, err := unix.GetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE)
	if err != nil || device != "" && unix.SetsockoptString(udp, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, device) != nil {
		return 0
	}
	for _, o := range []struct{ level, name int }{{unix.SOL_SOCKET, unix.SO_MARK}, {unix.SOL_SOCKET, unix.SO_DONTROUTE}, {level, tos}} {
		n, err := unix.GetsockoptInt(int(fd), o.level, o.name)
		if err == unix.EOPNOTSUPP {
			continue // an IPv4 socket has no traffic class
		}
		if err != nil || n != 0 && unix.SetsockoptInt(udp, o.level, o.name, n) != nil {
			return 0
		}
	}
	if local.IsValid() && Bind(udp, AppendSockaddr(nil, family, netip.AddrPortFrom(local, 0))) != 0 {
		return 0
	}
	const discard = 9 // any port will do
	errno := connect(udp, AppendSockaddr(nil, family, netip.AddrPortFrom(peer, discard)))
	switch errno {
	case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL:
		return errno
	}
	return 0
}

// rulesOfTransport reports whether there may be rules of routing that ask for a protocol
// or for ports: to them SCTP is not UDP.
func rulesOfTransport() bool {
	b, err := syscall.NetlinkRIB(unix.RTM_GETRULE, unix.AF_UNSPEC)
	if err != nil {
		return true
	}
	ms, err := syscall.ParseNetlinkMessage(b)
	if err != nil {
		return true
	}
	const sizeofRule = 12 // struct fib_rule_hdr
	for _, m := range ms {
		if m.Header.Type != unix.RTM_NEWRULE || len(m.Data) < sizeofRule {
			continue
		}
		for attrs := m.Data[sizeofRule:]; len(attrs) >= unix.SizeofRtAttr; {
			switch binary.NativeEndian.Uint16(attrs[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER) {
			case unix.FRA_IP_PROTO, unix.FRA_SPORT_RANGE, unix.FRA_DPORT_RANGE:
				return true
			}
			size := max(int(binary.NativeEndian.Uint16(attrs)), unix.SizeofRtAttr)
			attrs = attrs[min((size+3)&^3, len(attrs)):]
		}
	}
	return false
}
