package systest

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/netsctp/sctp/internal/sys"
)

// mtu is what all links get.
const mtu = 1500

// vethInfoPeer is linux/veth.h's VETH_INFO_PEER.
const vethInfoPeer = 1

// Loopback switches the loopback interface on or off. While it is off, whatever
// is sent over it is lost without a trace.
func (n *Netns) Loopback(up bool) error { return n.SetLink("lo", up) }

// SetLink switches a link on or off.
func (n *Netns) SetLink(name string, up bool) error {
	return n.netlink("link "+name, unix.RTM_NEWLINK, 0, linkMessage(name, up))
}

// Unbundle has the kernel hand each packet by itself to a link, where else it hands several
// on as one (GSO), which a filter at the other end sees as one.
func (n *Netns) Unbundle(name string) error { return n.SetPacketSize(name, mtu) }

// SetPacketSize sets the MTU of a link as SetMTU does, and has the kernel hand each packet
// by itself to it as Unbundle does.
func (n *Netns) SetPacketSize(name string, bytes uint32) error {
	size := binary.NativeEndian.AppendUint32(nil, bytes)
	msg := appendAttr(appendAttr(linkMessage(name, true), unix.IFLA_MTU, size), unix.IFLA_GSO_MAX_SIZE, size)
	return n.netlink("link "+name, unix.RTM_NEWLINK, 0, msg)
}

// SetMTU sets the MTU of a link.
func (n *Netns) SetMTU(name string, bytes uint32) error {
	msg := appendAttr(linkMessage(name, true), unix.IFLA_MTU, binary.NativeEndian.AppendUint32(nil, bytes))
	return n.netlink("link "+name, unix.RTM_NEWLINK, 0, msg)
}

// AddDummy makes a link that leads nowhere: what is sent to its networks, other than
// to addrs themselves, vanishes.
func (n *Netns) AddDummy(name string, addrs ...netip.Prefix) error {
	msg := appendAttr(linkMessage(name, true), unix.IFLA_LINKINFO, linkKind("dummy"))
	if err := n.netlink("dummy "+name, unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, msg); err != nil {
		return err
	}
	return n.addAddrs(name, addrs)
}

// AddVeth connects n and peer with links that have the name at both ends, and an
// address each.
func (n *Netns) AddVeth(peer *Netns, name string, own, others netip.Prefix) error {
	// Neither end can be up before it has the other.
	end := appendAttr(linkMessage(name, false), unix.IFLA_NET_NS_FD, binary.NativeEndian.AppendUint32(nil, uint32(peer.ns.Fd())))
	info := appendAttr(linkKind("veth"), unix.IFLA_INFO_DATA, appendAttr(nil, vethInfoPeer, end))
	msg := appendAttr(linkMessage(name, false), unix.IFLA_LINKINFO, info)
	if err := n.netlink("veth "+name, unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, msg); err != nil {
		return err
	}
	for _, end := range []struct {
		n    *Netns
		addr netip.Prefix
	}{{n, own}, {peer, others}} {
		if err := end.n.SetLink(name, true); err != nil {
			return err
		}
		if err := end.n.addAddrs(name, []netip.Prefix{end.addr}); err != nil {
			return err
		}
	}
	return nil
}

// addAddrs adds addresses to a link. Those of IPv6 are usable at once.
func (n *Netns) addAddrs(link string, addrs []netip.Prefix) error {
	for _, p := range addrs {
		if err := n.addr(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL, link, p); err != nil {
			return err
		}
	}
	return nil
}

// RemoveAddr removes an address from a link.
func (n *Netns) RemoveAddr(link string, p netip.Prefix) error {
	return n.addr(unix.RTM_DELADDR, 0, link, p)
}

// addr adds or removes an address.
func (n *Netns) addr(typ, flags uint16, link string, p netip.Prefix) error {
	family := byte(unix.AF_INET)
	if p.Addr().Is6() {
		family = unix.AF_INET6
	}
	msg := []byte{family, byte(p.Bits()), unix.IFA_F_NODAD, 0}
	msg = binary.NativeEndian.AppendUint32(msg, n.Index(link))
	ip := p.Addr().AsSlice()
	msg = appendAttr(msg, unix.IFA_LOCAL, ip)
	msg = appendAttr(msg, unix.IFA_ADDRESS, ip)
	return n.netlink(fmt.Sprintf("address %v", p), typ, flags, msg)
}

// AddRule has the routing of IPv4 packets from the address, and of the protocol, look in
// a table of its own, in which the link leads everywhere. A zero address or protocol is any.
func (n *Netns) AddRule(link string, from netip.Addr, protocol byte) error {
	const table = 100
	rule := []byte{unix.AF_INET, 0, byte(from.BitLen()), 0, table, 0, 0, unix.FR_ACT_TO_TBL, 0, 0, 0, 0} // struct fib_rule_hdr
	if from.IsValid() {
		rule = appendAttr(rule, unix.FRA_SRC, from.AsSlice())
	}
	if protocol != 0 {
		rule = appendAttr(rule, unix.FRA_IP_PROTO, []byte{protocol})
	}
	if err := n.netlink("rule", unix.RTM_NEWRULE, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rule); err != nil {
		return err
	}
	route := []byte{unix.AF_INET, 0, 0, 0, table, unix.RTPROT_STATIC, unix.RT_SCOPE_LINK, unix.RTN_UNICAST, 0, 0, 0, 0} // struct rtmsg
	route = appendAttr(route, unix.RTA_OIF, binary.NativeEndian.AppendUint32(nil, n.Index(link)))
	return n.netlink("route", unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_EXCL, route)
}

// AddRoute has packets to a network leave through a link, or vanish where the link is "".
func (n *Netns) AddRoute(to netip.Prefix, link string) error {
	return n.route(unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_EXCL, to, link)
}

// RemoveRoute removes a route through a link, also one that came with an address, or one
// where packets vanish.
func (n *Netns) RemoveRoute(to netip.Prefix, link string) error {
	return n.route(unix.RTM_DELROUTE, 0, to, link)
}

// route adds or removes a route of IPv4.
func (n *Netns) route(typ, flags uint16, to netip.Prefix, link string) error {
	protocol, scope, kind := byte(unix.RTPROT_STATIC), byte(unix.RT_SCOPE_LINK), byte(unix.RTN_UNICAST)
	if link == "" {
		scope, kind = unix.RT_SCOPE_UNIVERSE, unix.RTN_BLACKHOLE
	}
	if typ == unix.RTM_DELROUTE {
		protocol, scope = 0, unix.RT_SCOPE_NOWHERE // any
	}
	msg := []byte{unix.AF_INET, byte(to.Bits()), 0, 0, unix.RT_TABLE_MAIN, protocol, scope, kind, 0, 0, 0, 0} // struct rtmsg
	msg = appendAttr(msg, unix.RTA_DST, to.Addr().AsSlice())
	if link != "" {
		msg = appendAttr(msg, unix.RTA_OIF, binary.NativeEndian.AppendUint32(nil, n.Index(link)))
	}
	return n.netlink(fmt.Sprintf("route %v", to), typ, flags, msg)
}

// Index returns the number of a link, 0 if there is none.
func (n *Netns) Index(link string) uint32 { return sys.InterfaceIndex(uintptr(n.nl), link) }

// linkMessage returns a struct ifinfomsg that switches a link on or off, with its
// name.
func linkMessage(name string, up bool) []byte {
	msg := make([]byte, unix.SizeofIfInfomsg)
	if up {
		binary.NativeEndian.PutUint32(msg[8:], unix.IFF_UP)
	}
	binary.NativeEndian.PutUint32(msg[12:], unix.IFF_UP) // which of the flags to change
	msg = appendAttr(msg, unix.IFLA_IFNAME, append([]byte(name), 0))
	return appendAttr(msg, unix.IFLA_MTU, binary.NativeEndian.AppendUint32(nil, mtu))
}

// linkKind returns the attribute for the kind of a new link.
func linkKind(kind string) []byte { return appendAttr(nil, unix.IFLA_INFO_KIND, []byte(kind)) }

// appendAttr appends a struct rtattr with data.
func appendAttr(b []byte, typ uint16, data []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(unix.SizeofRtAttr+len(data)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, data...)
	return append(b, make([]byte, -len(data)&3)...)
}

// netlink sends a request, and waits for its acknowledgement.
func (n *Netns) netlink(what string, typ, flags uint16, msg []byte) error {
	req := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(msg)))
	req = binary.NativeEndian.AppendUint16(req, typ)
	req = binary.NativeEndian.AppendUint16(req, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	req = append(req, make([]byte, 8)...) // sequence number, sender
	if err := unix.Sendto(n.nl, append(req, msg...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return os.NewSyscallError("netlink "+what, err)
	}
	b := make([]byte, 4096)
	size, _, err := unix.Recvfrom(n.nl, b, 0)
	if err != nil {
		return os.NewSyscallError("netlink "+what, err)
	}
	ms, err := syscall.ParseNetlinkMessage(b[:size])
	if err != nil || len(ms) != 1 || ms[0].Header.Type != unix.NLMSG_ERROR || len(ms[0].Data) < 4 {
		return fmt.Errorf("netlink %s: not an acknowledgement: % x", what, b[:size])
	}
	if errno := -int32(binary.NativeEndian.Uint32(ms[0].Data)); errno != 0 {
		return os.NewSyscallError("netlink "+what, syscall.Errno(errno))
	}
	return nil
}
