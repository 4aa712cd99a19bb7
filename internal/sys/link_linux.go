package sys

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// linkLocals returns the link-local addresses of the calling thread's network namespace,
// none if the kernel does not tell.
func linkLocals() (addrs []linkLocal) {
	rib, err := syscall.NetlinkRIB(unix.RTM_GETADDR, unix.AF_INET6)
	if err != nil {
		return nil
	}
	msgs, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil
	}
	for i := range msgs {
		if msgs[i].Header.Type != unix.RTM_NEWADDR || len(msgs[i].Data) < int(unsafe.Sizeof(unix.IfAddrmsg{})) {
			continue
		}
		link := binary.NativeEndian.Uint32(msgs[i].Data[unsafe.Offsetof(unix.IfAddrmsg{}.Index):])
		attrs, err := syscall.ParseNetlinkRouteAttr(&msgs[i])
		if err != nil {
			continue
		}
		// Where an interface has a single peer, IFA_ADDRESS is the peer's, and IFA_LOCAL
		// this end's; otherwise IPv6 has no IFA_LOCAL.
		var ip netip.Addr
		for _, a := range attrs {
			if a.Attr.Type == unix.IFA_LOCAL || a.Attr.Type == unix.IFA_ADDRESS && !ip.IsValid() {
				ip, _ = netip.AddrFromSlice(a.Value)
			}
		}
		if ip.Is6() && ip.IsLinkLocalUnicast() {
			addrs = append(addrs, linkLocal{ip, link})
		}
	}
	return addrs
}
