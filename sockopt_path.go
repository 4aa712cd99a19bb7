package sctp

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

const noPath = "no such path or association"

// What the kernel answers to a path or an association that it does not know, and of
// SCTP_PEER_ADDR_THLDS to a path.
var (
	noPathErr = hint{sys.EINVAL, noPath}
	noPathEnt = hint{sys.ENOENT, noPath}
)

var optPrimaryAddr = option[netip.AddrPort, sys.Prim]{
	sockopt: sctpOption(sys.SCTP_PRIMARY_ADDR, "SCTP_PRIMARY_ADDR", noPathErr), assoc: true,
	encode: encodePrim,
}

// PrimaryAddr returns SCTP_PRIMARY_ADDR (RFC 6458 section 8.1.9): the path that messages
// take. It fails with EINVAL without an association.
func (o Options) PrimaryAddr() (netip.AddrPort, error) {
	k, err := optPrimaryAddr.read(o, sys.Prim{})
	if err != nil {
		return netip.AddrPort{}, err
	}
	return k.Addr.Peer(o.zones()), nil
}

// SetPrimaryAddr sets SCTP_PRIMARY_ADDR (RFC 6458 section 8.1.9) of an association. It
// fails with EINVAL if the association has no such path.
func (o Options) SetPrimaryAddr(path netip.AddrPort) error { return optPrimaryAddr.set(o, path) }

var optSetPeerPrimaryAddr = option[netip.AddrPort, sys.Prim]{
	sockopt: sctpOption(sys.SCTP_SET_PEER_PRIMARY_ADDR, "SCTP_SET_PEER_PRIMARY_ADDR",
		hint{sys.EPERM, "needs ASCONF at both ends: SetASCONFSupported or net.sctp.addip_enable, with AUTH or net.sctp.addip_noauth_enable, before the association"},
		hint{sys.EADDRNOTAVAIL, "not an address of this end of the association"},
		hint{sys.EINVAL, "no association"}), assoc: true,
	encode: encodePrim,
}

// SetPeerPrimaryAddr sets SCTP_SET_PEER_PRIMARY_ADDR (RFC 6458 section 8.3.1): it asks the
// peer to make local, an address of this end, its primary path. Only the peer sees the
// outcome. It fails with EPERM unless both ends use ASCONF (see
// [Options.SetASCONFSupported]), and with EADDRNOTAVAIL if the association does not have
// the address.
func (o Options) SetPeerPrimaryAddr(local netip.AddrPort) error {
	return optSetPeerPrimaryAddr.set(o, local)
}

func encodePrim(v netip.AddrPort, k *sys.Prim) error {
	if !v.IsValid() {
		return invalidError("an address is missing")
	}
	k.Addr = sys.StorageOf(v)
	return nil
}

// PeerAddrThlds holds the numbers of consecutive failures that a path may have (struct
// sctp_paddrthlds_v2).
type PeerAddrThlds struct {
	PathMaxRxt uint16 // after more, the path is inactive; not 0
	PFThld     uint16 // after more, the path has potentially failed: another is used if there is one
	PSThld     uint16 // after more, another path becomes primary for good: at least PFThld; 65535 means never
}

// neverSwitch is the PSThld that all kernels have, if only by not knowing it.
const neverSwitch = 1<<16 - 1

var (
	optPeerAddrThlds = option[PeerAddrThlds, sys.PAddrThlds]{
		sockopt: wideOption(sys.SCTP_PEER_ADDR_THLDS, "SCTP_PEER_ADDR_THLDS", noPathErr, noPathEnt), assoc: true,
		decode: func(k *sys.PAddrThlds) PeerAddrThlds {
			return PeerAddrThlds{k.PathMaxRxt, k.PathPFThld, neverSwitch}
		},
		encode: func(v PeerAddrThlds, k *sys.PAddrThlds) error {
			k.PathMaxRxt, k.PathPFThld = v.PathMaxRxt, v.PFThld
			return nil
		},
	}
	optPeerAddrThldsV2 = option[PeerAddrThlds, sys.PAddrThldsV2]{
		sockopt: wideOption(sys.SCTP_PEER_ADDR_THLDS_V2, "SCTP_PEER_ADDR_THLDS_V2", noPathErr, noPathEnt, needsLinux("5.5")), assoc: true,
		decode: func(k *sys.PAddrThldsV2) PeerAddrThlds {
			return PeerAddrThlds{k.PathMaxRxt, k.PathPFThld, k.PathCPThld}
		},
		encode: func(v PeerAddrThlds, k *sys.PAddrThldsV2) error {
			k.PathMaxRxt, k.PathPFThld, k.PathCPThld = v.PathMaxRxt, v.PFThld, v.PSThld
			switch {
			case v.PathMaxRxt == 0:
				return invalidError("PeerAddrThlds.PathMaxRxt is 0")
			case v.PFThld > v.PSThld:
				return invalidError("PeerAddrThlds.PFThld %d is greater than PSThld %d", v.PFThld, v.PSThld)
			}
			return nil
		},
	}
)

// PeerAddrThlds returns SCTP_PEER_ADDR_THLDS (RFC 7829 section 7.2) of a path. It fails
// with ENOENT if there is no such path.
func (o Options) PeerAddrThlds(path netip.AddrPort) (PeerAddrThlds, error) {
	v, err := optPeerAddrThldsV2.getFor(o, sys.PAddrThldsV2{Addr: sys.StorageOf(path)})
	if errors.Is(err, sys.ENOPROTOOPT) {
		return optPeerAddrThlds.getFor(o, sys.PAddrThlds{Addr: sys.StorageOf(path)})
	}
	return v, err
}

// SetPeerAddrThlds sets SCTP_PEER_ADDR_THLDS (RFC 7829 section 7.2) of a path. Every field
// is written: to change one, start with what PeerAddrThlds returns. It fails with EINVAL
// if PathMaxRxt is 0 or PFThld is greater than PSThld, and with ENOENT if there is no such
// path. A PSThld other than 65535 needs Linux 5.5.
func (o Options) SetPeerAddrThlds(path netip.AddrPort, v PeerAddrThlds) error {
	err := optPeerAddrThldsV2.setFor(o, sys.PAddrThldsV2{Addr: sys.StorageOf(path)}, v)
	if v.PSThld == neverSwitch && errors.Is(err, sys.ENOPROTOOPT) {
		return optPeerAddrThlds.setFor(o, sys.PAddrThlds{Addr: sys.StorageOf(path)}, v)
	}
	return err
}

var optRemoteUDPEncapsPort = option[uint16, sys.UDPEncaps]{
	sockopt: wideOption(sys.SCTP_REMOTE_UDP_ENCAPS_PORT, "SCTP_REMOTE_UDP_ENCAPS_PORT", noPathErr, needsLinux("5.11")), assoc: true,
	decode: func(k *sys.UDPEncaps) uint16 { return sys.Ntohs(k.Port) },
	encode: func(v uint16, k *sys.UDPEncaps) error { k.Port = sys.Htons(v); return nil },
}

// RemoteUDPEncapsPort returns SCTP_REMOTE_UDP_ENCAPS_PORT (RFC 6951 section 6.1) of a
// path. It needs Linux 5.11.
func (o Options) RemoteUDPEncapsPort(path netip.AddrPort) (uint16, error) {
	return optRemoteUDPEncapsPort.getFor(o, sys.UDPEncaps{Addr: sys.StorageOf(path)})
}

// SetRemoteUDPEncapsPort sets SCTP_REMOTE_UDP_ENCAPS_PORT (RFC 6951 section 6.1) of a
// path: the peer's UDP port, to which packets are sent inside UDP. 0 means without UDP. It
// fails with EINVAL if there is no such path. It needs Linux 5.11.
//
// It takes effect only if net.sctp.udp_port, the local UDP port, was not 0 when the socket
// was made; otherwise the kernel accepts the port and sends without UDP. On a virtual
// Ethernet device the kernel passes on SCTP packets longer than the MTU (GSO). Inside UDP
// a decapsulator in user space never receives those: switch them off with ethtool -K DEV
// gso off tx-sctp-segmentation off.
func (o Options) SetRemoteUDPEncapsPort(path netip.AddrPort, port uint16) error {
	return optRemoteUDPEncapsPort.setFor(o, sys.UDPEncaps{Addr: sys.StorageOf(path)}, port)
}

var optPLPMTUDProbeInterval = option[time.Duration, sys.ProbeInterval]{
	sockopt: wideOption(sys.SCTP_PLPMTUD_PROBE_INTERVAL, "SCTP_PLPMTUD_PROBE_INTERVAL", noPathErr, needsLinux("5.14")), assoc: true,
	decode: func(k *sys.ProbeInterval) time.Duration { return duration(k.Interval) },
	encode: func(v time.Duration, k *sys.ProbeInterval) error {
		if v > 0 && v < 5*time.Second {
			return invalidError("a probe interval of %v is less than 5s", v)
		}
		return setMillis(&k.Interval, v)
	},
}

// PLPMTUDProbeInterval returns SCTP_PLPMTUD_PROBE_INTERVAL (Linux; RFC 8899) of a path. It
// needs Linux 5.14.
func (o Options) PLPMTUDProbeInterval(path netip.AddrPort) (time.Duration, error) {
	return optPLPMTUDProbeInterval.getFor(o, sys.ProbeInterval{Addr: sys.StorageOf(path)})
}

// SetPLPMTUDProbeInterval sets SCTP_PLPMTUD_PROBE_INTERVAL (Linux; RFC 8899) of a path:
// the time between the packets that probe for the path's MTU, rounded up to milliseconds.
// 0, the default, means no probes. It fails with EINVAL below 5 s, and if there is no such
// path. It needs Linux 5.14.
func (o Options) SetPLPMTUDProbeInterval(path netip.AddrPort, d time.Duration) error {
	return optPLPMTUDProbeInterval.setFor(o, sys.ProbeInterval{Addr: sys.StorageOf(path)}, d)
}

// wideOption is sctpOption for a struct whose layout depends on the kernel's word size.
func wideOption(num int, name string, hints ...hint) sockopt {
	p := sctpOption(num, name, hints...)
	p.wide = true
	return p
}

// PFExpose says where a path that has potentially failed is shown as such (enum
// sctp_pf_expose).
type PFExpose uint32

const (
	PFExposeUnset   PFExpose = iota // in PeerAddrInfo, but not as an event
	PFExposeDisable                 // nowhere: PeerAddrInfo of the path fails with EACCES
	PFExposeEnable                  // in PeerAddrInfo, and as AddrPotentiallyFailed
)

var pfExposeNames = [...]string{PFExposeUnset: "unset", PFExposeDisable: "disable", PFExposeEnable: "enable"}

// String returns "unset", "disable" or "enable".
func (v PFExpose) String() string {
	if int64(v) < int64(len(pfExposeNames)) {
		return pfExposeNames[v]
	}
	return fmt.Sprintf("PFExpose(%d)", uint32(v))
}

var optExposePF = assocValueOption[PFExpose](sctpOption(sys.SCTP_EXPOSE_POTENTIALLY_FAILED_STATE,
	"SCTP_EXPOSE_POTENTIALLY_FAILED_STATE", needsLinux("5.5")))

// ExposePotentiallyFailedState returns SCTP_EXPOSE_POTENTIALLY_FAILED_STATE (RFC 7829
// section 7.3). It needs Linux 5.5.
func (o Options) ExposePotentiallyFailedState() (PFExpose, error) { return optExposePF.get(o) }

// SetExposePotentiallyFailedState sets SCTP_EXPOSE_POTENTIALLY_FAILED_STATE (RFC 7829
// section 7.3). The default is net.sctp.pf_expose. It needs Linux 5.5.
func (o Options) SetExposePotentiallyFailedState(v PFExpose) error { return optExposePF.set(o, v) }
