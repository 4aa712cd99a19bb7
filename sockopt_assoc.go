package sctp

import (
	"errors"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// RTOInfo holds the initial value and the bounds of the retransmission timeout (struct
// sctp_rtoinfo). Times are rounded up to milliseconds.
type RTOInfo struct{ Initial, Max, Min time.Duration }

var optRTOInfo = option[RTOInfo, sys.RTOInfo]{
	sockopt: sctpOption(sys.SCTP_RTOINFO, "SCTP_RTOINFO"), assoc: true,
	decode: func(k *sys.RTOInfo) RTOInfo {
		return RTOInfo{duration(k.Initial), duration(k.Max), duration(k.Min)}
	},
	encode: func(v RTOInfo, k *sys.RTOInfo) error {
		return errors.Join(setMillis(&k.Initial, v.Initial), setMillis(&k.Max, v.Max), setMillis(&k.Min, v.Min))
	},
}

// RTOInfo returns SCTP_RTOINFO (RFC 6458 section 8.1.1).
func (o Options) RTOInfo() (RTOInfo, error) { return optRTOInfo.get(o) }

// SetRTOInfo sets SCTP_RTOINFO (RFC 6458 section 8.1.1). Zero fields are left unchanged.
// It fails with EINVAL if Min is greater than Max.
func (o Options) SetRTOInfo(v RTOInfo) error { return optRTOInfo.set(o, v) }

// AssocInfo holds limits of an association and facts about its peer (struct
// sctp_assocparams).
type AssocInfo struct {
	MaxRetrans uint16 // retransmissions after which the association is lost
	PeerAddrs  int    // number of the peer's addresses; read only
	PeerRwnd   int    // the peer's receive window in bytes; read only
	LocalRwnd  int    // the receive window offered to the peer, in bytes; read only
	CookieLife time.Duration
}

var optAssocInfo = option[AssocInfo, sys.AssocParams]{
	sockopt: sctpOption(sys.SCTP_ASSOCINFO, "SCTP_ASSOCINFO"), assoc: true,
	decode: func(k *sys.AssocParams) AssocInfo {
		return AssocInfo{k.AsocMaxRxt, int(k.NumberPeerDests), size(k.PeerRwnd), size(k.LocalRwnd), duration(k.CookieLife)}
	},
	encode: func(v AssocInfo, k *sys.AssocParams) error {
		k.AsocMaxRxt = v.MaxRetrans
		return setMillis(&k.CookieLife, v.CookieLife)
	},
}

// AssocInfo returns SCTP_ASSOCINFO (RFC 6458 section 8.1.2).
func (o Options) AssocInfo() (AssocInfo, error) { return optAssocInfo.get(o) }

// SetAssocInfo sets SCTP_ASSOCINFO (RFC 6458 section 8.1.2). Zero fields are left
// unchanged, and read-only fields are ignored. It fails with EINVAL if the association has
// several paths and MaxRetrans is greater than the sum of their limits.
func (o Options) SetAssocInfo(v AssocInfo) error { return optAssocInfo.set(o, v) }

// InitMsg holds what an association asks for when it is set up (struct sctp_initmsg). A
// zero field means the kernel's default: 10 outbound streams, up to 65535 inbound streams,
// and net.sctp.max_init_retransmits attempts, with at most net.sctp.rto_max between two.
type InitMsg struct {
	OutStreams   uint16 // the peer may grant fewer: see Options.Status
	MaxInStreams uint16
	MaxAttempts  uint16        // number of times that INIT is sent again
	MaxTimeout   time.Duration // limit of the time between two INITs, rounded up to milliseconds, at most 65.535 s
}

var optInitMsg = option[InitMsg, sys.InitMsg]{
	sockopt: sctpOption(sys.SCTP_INITMSG, "SCTP_INITMSG"),
	decode: func(k *sys.InitMsg) InitMsg {
		return InitMsg{k.NumOstreams, k.MaxInstreams, k.MaxAttempts, duration(uint32(k.MaxInitTimeo))}
	},
	encode: func(v InitMsg, k *sys.InitMsg) error {
		ms, err := millis(v.MaxTimeout)
		if err != nil || ms > 1<<16-1 {
			return invalidError("InitMsg.MaxTimeout %v is out of range", v.MaxTimeout)
		}
		*k = sys.InitMsg{NumOstreams: v.OutStreams, MaxInstreams: v.MaxInStreams, MaxAttempts: v.MaxAttempts, MaxInitTimeo: uint16(ms)}
		return nil
	},
}

// InitMsg returns SCTP_INITMSG (RFC 6458 section 8.1.3).
func (o Options) InitMsg() (InitMsg, error) { return optInitMsg.get(o) }

// SetInitMsg sets SCTP_INITMSG (RFC 6458 section 8.1.3) for later associations. Zero
// fields are left unchanged.
func (o Options) SetInitMsg(v InitMsg) error { return optInitMsg.set(o, v) }

var optAutoClose = option[time.Duration, int32]{
	sockopt: sctpOption(sys.SCTP_AUTOCLOSE, "SCTP_AUTOCLOSE", oneToMany),
	decode:  func(k *int32) time.Duration { return time.Duration(*k) * time.Second },
	encode: func(v time.Duration, k *int32) error {
		s := v / time.Second
		if v%time.Second > 0 {
			s++
		}
		if v < 0 || s > 1<<31-1 {
			return invalidError("duration %v is out of range", v)
		}
		*k = int32(s)
		return nil
	},
}

// AutoClose returns SCTP_AUTOCLOSE (RFC 6458 section 8.1.8); 0 means off. It fails with
// EOPNOTSUPP on a one-to-one socket.
func (o Options) AutoClose() (time.Duration, error) { return optAutoClose.get(o) }

// SetAutoClose sets SCTP_AUTOCLOSE (RFC 6458 section 8.1.8) of a one-to-many socket: an
// association that carries no data for that time is shut down. The time is rounded up to
// seconds and limited by net.sctp.max_autoclose; 0 means never. It applies to later
// associations. It fails with EOPNOTSUPP on a one-to-one socket.
func (o Options) SetAutoClose(d time.Duration) error { return optAutoClose.set(o, d) }

var optAdaptationLayer = option[uint32, uint32]{
	sockopt: sctpOption(sys.SCTP_ADAPTATION_LAYER, "SCTP_ADAPTATION_LAYER"),
	decode:  func(k *uint32) uint32 { return *k },
	encode:  func(v uint32, k *uint32) error { *k = v; return nil },
}

// AdaptationLayer returns SCTP_ADAPTATION_LAYER (RFC 6458 section 8.1.10).
func (o Options) AdaptationLayer() (uint32, error) { return optAdaptationLayer.get(o) }

// SetAdaptationLayer sets SCTP_ADAPTATION_LAYER (RFC 6458 section 8.1.10): the adaptation
// indication, in host order, that the peers of later associations receive. With 0, the
// default, none is sent.
func (o Options) SetAdaptationLayer(ind uint32) error { return optAdaptationLayer.set(o, ind) }

var optReusePort = boolOption(sctpOption(sys.SCTP_REUSE_PORT, "SCTP_REUSE_PORT", needsLinux("4.19"),
	hint{sys.EFAULT, "only before the socket is bound: in a Control function"},
	hint{sys.EOPNOTSUPP, "for one-to-one sockets only"}))

// ReusePort returns SCTP_REUSE_PORT (RFC 6458 section 8.1.27). It needs Linux 4.19.
func (o Options) ReusePort() (bool, error) { return optReusePort.get(o) }

// SetReusePort sets SCTP_REUSE_PORT (RFC 6458 section 8.1.27). Sockets that all set it may
// be bound to the same address, and one of them may listen. It fails with EFAULT once the
// socket is bound, so set it in a Control function, and with EOPNOTSUPP on a one-to-many
// socket. It needs Linux 4.19.
func (o Options) SetReusePort(on bool) error { return optReusePort.set(o, on) }

var optAutoASCONF = boolOption(sctpOption(sys.SCTP_AUTO_ASCONF, "SCTP_AUTO_ASCONF",
	hint{sys.EINVAL, "needs a socket that is bound to the unspecified address"}))

// AutoASCONF returns SCTP_AUTO_ASCONF (RFC 6458 section 8.1.23).
func (o Options) AutoASCONF() (bool, error) { return optAutoASCONF.get(o) }

// SetAutoASCONF sets SCTP_AUTO_ASCONF (RFC 6458 section 8.1.23): whether associations
// follow the host when it gains or loses addresses. The associations need ASCONF: see
// [Options.SetASCONFSupported]. It fails with EINVAL unless the socket is bound to the
// unspecified address, and therefore always in a Control function.
func (o Options) SetAutoASCONF(on bool) error { return optAutoASCONF.set(o, on) }

var optASCONFSupported = assocBoolOption(sctpOption(sys.SCTP_ASCONF_SUPPORTED, "SCTP_ASCONF_SUPPORTED", needsLinux("5.4")))

// ASCONFSupported returns SCTP_ASCONF_SUPPORTED (RFC 5061): for an association, whether
// its peer supports ASCONF; for another socket, what was set. It needs Linux 5.4.
func (o Options) ASCONFSupported() (bool, error) { return optASCONFSupported.get(o) }

// SetASCONFSupported sets SCTP_ASCONF_SUPPORTED (RFC 5061): whether later associations may
// change their addresses. The default is net.sctp.addip_enable. Both ends need it, and
// also AUTH or net.sctp.addip_noauth_enable. It needs Linux 5.4.
func (o Options) SetASCONFSupported(on bool) error { return optASCONFSupported.set(o, on) }

var optECNSupported = assocBoolOption(sctpOption(sys.SCTP_ECN_SUPPORTED, "SCTP_ECN_SUPPORTED", needsLinux("5.4")))

// ECNSupported returns SCTP_ECN_SUPPORTED (RFC 9260 appendix A): for an association,
// whether its peer supports ECN; for another socket, what was set. It needs Linux 5.4.
func (o Options) ECNSupported() (bool, error) { return optECNSupported.get(o) }

// SetECNSupported sets SCTP_ECN_SUPPORTED (RFC 9260 appendix A): whether later
// associations use explicit congestion notification. The default is net.sctp.ecn_enable,
// which is on. Both ends need it. It needs Linux 5.4.
func (o Options) SetECNSupported(on bool) error { return optECNSupported.set(o, on) }
