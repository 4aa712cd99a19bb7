package sctp

import (
	"errors"
	"net/netip"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// PeerAddrParams holds the parameters of a path (struct sctp_paddrparams). Times are
// rounded up to milliseconds, and by the kernel to its clock's ticks.
type PeerAddrParams struct {
	Heartbeat   Toggle        // whether to send HEARTBEATs while the path is idle
	HBInterval  time.Duration // from one HEARTBEAT to the next, in addition to the RTO; needs Heartbeat: ToggleEnable
	PathMaxRxt  uint16        // after more consecutive failures the path is inactive
	PMTUD       Toggle        // whether to discover the path MTU
	PathMTU     int           // in bytes, at least 512; needs PMTUD: ToggleDisable
	DelayedSACK Toggle        // whether an acknowledgement may wait for more data
	SACKDelay   time.Duration // how long it may wait, at most 500 ms; needs DelayedSACK: ToggleEnable
}

var (
	optPeerAddrParams = sctpOption(sys.SCTP_PEER_ADDR_PARAMS, "SCTP_PEER_ADDR_PARAMS", noPathErr)

	// The flow label and the DSCP came later, at the end of the struct.
	optPeerAddrTraffic = sctpOption(sys.SCTP_PEER_ADDR_PARAMS, "SCTP_PEER_ADDR_PARAMS", needsLinux("4.19"),
		hint{sys.EINVAL, noPath + ", or older than Linux 4.19"})
)

// The size of struct sctp_paddrparams up to Linux 4.18, which all kernels take.
const paddrParamsSize = 152

// PeerAddrParams returns SCTP_PEER_ADDR_PARAMS (RFC 6458 section 8.1.12) of a path. Each
// Toggle is ToggleEnable or ToggleDisable. It fails with EINVAL if there is no such path.
func (o Options) PeerAddrParams(path netip.AddrPort) (PeerAddrParams, error) {
	k := o.paddrParams(path)
	if _, err := optPeerAddrParams.get(o, sys.Bytes(&k)[:paddrParamsSize]); err != nil {
		return PeerAddrParams{}, err
	}
	toggle := func(bit uint32) Toggle {
		if k.Flags.Get()&bit != 0 {
			return ToggleEnable
		}
		return ToggleDisable
	}
	return PeerAddrParams{
		Heartbeat:   toggle(sys.SPP_HB_ENABLE),
		HBInterval:  duration(k.HBInterval),
		PathMaxRxt:  k.PathMaxRxt,
		PMTUD:       toggle(sys.SPP_PMTUD_ENABLE),
		PathMTU:     size(k.PathMTU.Get()),
		DelayedSACK: toggle(sys.SPP_SACKDELAY_ENABLE),
		SACKDelay:   duration(k.SACKDelay.Get()),
	}, nil
}

// SetPeerAddrParams sets SCTP_PEER_ADDR_PARAMS (RFC 6458 section 8.1.12) of a path. Zero
// fields are left unchanged.
//
// It fails with EINVAL if a value is out of range or there is no such path, and also where
// the kernel would ignore a field: HBInterval without Heartbeat: ToggleEnable, PathMTU
// without PMTUD: ToggleDisable, and SACKDelay without DelayedSACK: ToggleEnable.
func (o Options) SetPeerAddrParams(path netip.AddrPort, v PeerAddrParams) error {
	k := o.paddrParams(path)
	if err := v.encode(&k); err != nil {
		return o.opError("set", err)
	}
	return optPeerAddrParams.set(o, sys.Bytes(&k)[:paddrParamsSize])
}

func (v *PeerAddrParams) encode(k *sys.PAddrParams) error {
	for _, t := range []Toggle{v.Heartbeat, v.PMTUD, v.DelayedSACK} {
		if t > ToggleDisable {
			return invalidError("PeerAddrParams: unknown Toggle %d", t)
		}
	}
	switch {
	case v.HBInterval != 0 && v.Heartbeat != ToggleEnable:
		return invalidError("PeerAddrParams.HBInterval needs Heartbeat: ToggleEnable")
	case v.PathMTU != 0 && v.PMTUD != ToggleDisable:
		return invalidError("PeerAddrParams.PathMTU needs PMTUD: ToggleDisable")
	case v.SACKDelay != 0 && v.DelayedSACK != ToggleEnable:
		return invalidError("PeerAddrParams.SACKDelay needs DelayedSACK: ToggleEnable")
	case v.PathMTU != 0:
		if err := checkRange("PeerAddrParams.PathMTU", v.PathMTU, 512, 1<<31-1); err != nil {
			return err
		}
	}
	k.Flags.Set([]uint32{0, sys.SPP_HB_ENABLE, sys.SPP_HB_DISABLE}[v.Heartbeat] |
		[]uint32{0, sys.SPP_PMTUD_ENABLE, sys.SPP_PMTUD_DISABLE}[v.PMTUD] |
		[]uint32{0, sys.SPP_SACKDELAY_ENABLE, sys.SPP_SACKDELAY_DISABLE}[v.DelayedSACK])
	k.PathMaxRxt = v.PathMaxRxt
	k.PathMTU.Set(uint32(v.PathMTU))
	var delay uint32
	err := errors.Join(setMillis(&k.HBInterval, v.HBInterval), setSACKDelay(&delay, v.SACKDelay))
	k.SACKDelay.Set(delay)
	return err
}

// RequestHeartbeat sends a HEARTBEAT on a path now, or with the zero path on all paths of
// the association (SPP_HB_DEMAND of SCTP_PEER_ADDR_PARAMS, RFC 6458 section 8.1.12). It
// fails with EINVAL without an association.
func (o Options) RequestHeartbeat(path netip.AddrPort) error {
	k := o.paddrParams(path)
	k.Flags.Set(sys.SPP_HB_DEMAND)
	return optPeerAddrParams.set(o, sys.Bytes(&k)[:paddrParamsSize])
}

// DSCP returns the differentiated services code point that was set for a path (SPP_DSCP of
// SCTP_PEER_ADDR_PARAMS, RFC 6458 section 8.1.12), or 0 if none was. It fails with EINVAL
// if there is no such path. It needs Linux 4.19.
func (o Options) DSCP(path netip.AddrPort) (uint8, error) {
	k, err := o.traffic(path)
	return k.DSCP >> 2, err
}

// SetDSCP sets the differentiated services code point, 0 to 63, of the packets on a path
// (SPP_DSCP of SCTP_PEER_ADDR_PARAMS, RFC 6458 section 8.1.12). It takes precedence over
// [Options.SetTOS] and [Options.SetTClass]. It needs Linux 4.19.
func (o Options) SetDSCP(path netip.AddrPort, dscp uint8) error {
	if dscp > 63 {
		return o.opError("set", invalidError("DSCP %d is greater than 63", dscp))
	}
	k := o.paddrParams(path)
	k.Flags.Set(sys.SPP_DSCP)
	k.DSCP = dscp << 2
	return optPeerAddrTraffic.set(o, sys.Bytes(&k))
}

// FlowLabel returns the IPv6 flow label that was set for a path (SPP_IPV6_FLOWLABEL of
// SCTP_PEER_ADDR_PARAMS, RFC 6458 section 8.1.12), or 0 if none was. It fails with EINVAL
// if there is no such path. It needs Linux 4.19.
func (o Options) FlowLabel(path netip.AddrPort) (uint32, error) {
	k, err := o.traffic(path)
	return k.FlowLabel.Get(), err
}

// SetFlowLabel sets the IPv6 flow label, of 20 bits, of the packets on a path
// (SPP_IPV6_FLOWLABEL of SCTP_PEER_ADDR_PARAMS, RFC 6458 section 8.1.12). A path that is
// in use gets it only when the kernel looks up its route again, so set it in a Control
// function. It fails with EINVAL on an IPv4 path or socket. It needs Linux 4.19.
func (o Options) SetFlowLabel(path netip.AddrPort, label uint32) error {
	if label >= 1<<20 {
		return o.opError("set", invalidError("flow label %#x has more than 20 bits", label))
	}
	family, err := optDomain.get(o)
	if err != nil {
		return err
	}
	if family != sys.AF_INET6 || path.Addr().Unmap().Is4() {
		return o.opError("set", invalidError("IPv4 has no flow label"))
	}
	k := o.paddrParams(path)
	k.Flags.Set(sys.SPP_IPV6_FLOWLABEL)
	k.FlowLabel.Set(label)
	return optPeerAddrTraffic.set(o, sys.Bytes(&k))
}

// paddrParams returns the struct sctp_paddrparams that names a path.
func (o Options) paddrParams(path netip.AddrPort) sys.PAddrParams {
	return sys.PAddrParams{AssocID: int32(o.assoc), Addr: sys.StorageOf(path)}
}

// traffic returns the struct sctp_paddrparams of a path, with the fields at its end.
func (o Options) traffic(path netip.AddrPort) (sys.PAddrParams, error) {
	k := o.paddrParams(path)
	n, err := optPeerAddrTraffic.get(o, sys.Bytes(&k))
	if err == nil && n < len(sys.Bytes(&k)) {
		err = o.opError("get", optPeerAddrTraffic.error("getsockopt", sys.ENOPROTOOPT))
	}
	if err != nil {
		return sys.PAddrParams{}, err
	}
	return k, nil
}
