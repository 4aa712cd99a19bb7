package sctp

import (
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// peerAddrs holds the link-local addresses that messages came from lately: to find the zone
// of one costs a system call.
type peerAddrs map[linkLocal]netip.AddrPort

// A linkLocal is an address as the kernel tells it, and the association that it is of.
type linkLocal struct {
	assoc AssocID
	addr  netip.AddrPort
}

// maxPeerAddrs bounds peerAddrs.
const maxPeerAddrs = 1024

func (p *peerAddrs) clear() { clear(*p) }

// addr returns the source address of the message that Recv read.
func (r *reader) addr(fd uintptr, id AssocID) netip.AddrPort {
	raw := r.msg.Addr()
	sys.ClearScope(raw)
	ap, _ := r.s.zones.Peer(raw)
	if !isLinkLocal6(ap.Addr()) {
		return ap
	}
	key := linkLocal{id, ap}
	if known, ok := r.from[key]; ok {
		return known
	}
	if r.from == nil || len(r.from) >= maxPeerAddrs {
		r.from = peerAddrs{}
	}
	known := r.onPath(fd, id, ap)
	if known.Addr().Zone() != "" { // or else the association is gone
		r.from[key] = known
	}
	return known
}

// onPath returns ap, an address of the peer. The zone of a link-local one is that of the
// path: the kernel's is not to be trusted.
func (r *reader) onPath(fd uintptr, id AssocID, ap netip.AddrPort) netip.AddrPort {
	ip := ap.Addr().WithZone("")
	if !isLinkLocal6(ip) {
		return ap
	}
	for _, path := range r.src.paths(fd, id) {
		if path.WithZone("") == ip {
			ip = path
		}
	}
	return netip.AddrPortFrom(ip, ap.Port())
}

// isLinkLocal6 reports whether ip is an address that has a zone.
func isLinkLocal6(ip netip.Addr) bool { return ip.Is6() && ip.IsLinkLocalUnicast() }
