package sctp

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// Toggle is a switch that can be left alone.
type Toggle uint8

const (
	ToggleUnchanged Toggle = iota
	ToggleEnable
	ToggleDisable
)

// RTOInfo bounds the retransmission timeout (struct sctp_rtoinfo). Times are rounded
// up to milliseconds.
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

// AssocInfo holds limits of an association and what is known of its peer (struct
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

// InitMsg holds what an association asks for when it is set up (struct
// sctp_initmsg). A zero field means the kernel's default: 10 outbound and up to
// 65535 inbound streams, net.sctp.max_init_retransmits attempts, each after
// net.sctp.rto_max at most.
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

// DefaultSndInfo says how messages are sent for which no [SndInfo] is given (struct
// sctp_sndinfo).
type DefaultSndInfo struct {
	Stream    uint16
	Unordered bool
	PPID      uint32 // payload protocol identifier, in host order
	Context   uint32 // comes back in SendFailed
}

var optDefaultSndInfo = option[DefaultSndInfo, sys.SndInfo]{
	sockopt: sctpOption(sys.SCTP_DEFAULT_SNDINFO, "SCTP_DEFAULT_SNDINFO"), assoc: true, assocAt: 12,
	decode: func(k *sys.SndInfo) DefaultSndInfo {
		v := decodeSndInfo(*k)
		return DefaultSndInfo{v.Stream, v.Unordered, v.PPID, v.Context}
	},
	encode: func(v DefaultSndInfo, k *sys.SndInfo) error {
		*k = (&SndInfo{Stream: v.Stream, Unordered: v.Unordered, PPID: v.PPID, Context: v.Context}).kernel()
		return nil
	},
}

var optDefaultPRInfo = option[PRInfo, sys.DefaultPRInfo]{
	sockopt: sctpOption(sys.SCTP_DEFAULT_PRINFO, "SCTP_DEFAULT_PRINFO"), assoc: true,
	decode: func(k *sys.DefaultPRInfo) PRInfo {
		if PRPolicy(k.Policy) == PRTTL {
			return PRInfo{Policy: PRTTL, TTL: duration(k.Value)}
		}
		if PRPolicy(k.Policy) == PRNone {
			return PRInfo{}
		}
		return PRInfo{Policy: PRPolicy(k.Policy), Value: k.Value}
	},
	encode: func(v PRInfo, k *sys.DefaultPRInfo) (err error) {
		k.Policy = uint16(v.Policy)
		k.Value, err = v.value()
		return err
	},
}

// SACKInfo says when received data are acknowledged (struct sctp_sack_info).
type SACKInfo struct {
	// Delay is how long an acknowledgement may wait for more data, at most 500 ms,
	// rounded up to milliseconds and by the kernel to its clock's ticks. It reads as
	// 0 where acknowledgements are not delayed.
	Delay time.Duration

	// Freq is the number of packets at which an acknowledgement does not wait any
	// more. With 1 none waits, whatever the Delay.
	Freq int
}

var optDelayedSACK = option[SACKInfo, sys.SACKInfo]{
	sockopt: sctpOption(sys.SCTP_DELAYED_SACK, "SCTP_DELAYED_SACK"), assoc: true,
	decode: func(k *sys.SACKInfo) SACKInfo { return SACKInfo{duration(k.Delay), size(k.Freq)} },
	encode: func(v SACKInfo, k *sys.SACKInfo) error {
		k.Freq = uint32(v.Freq)
		return errors.Join(checkRange("SACKInfo.Freq", v.Freq, 0, math.MaxInt32), setSACKDelay(&k.Delay, v.Delay))
	},
}

// setSACKDelay is setMillis for the delay of an acknowledgement, which the kernel
// limits (RFC 9260 section 6.2).
func setSACKDelay(field *uint32, d time.Duration) error {
	if d > 500*time.Millisecond {
		return invalidError("a SACK delay of %v is more than 500ms", d)
	}
	return setMillis(field, d)
}

// PFExpose says whether a path that has potentially failed is shown as such (enum
// sctp_pf_expose).
type PFExpose uint32

const (
	PFExposeUnset   PFExpose = iota // in PeerAddrInfo, but not as an event
	PFExposeDisable                 // nowhere: PeerAddrInfo of the path is EACCES
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

// assocIntOption returns the option of an sctp_assoc_value that is a number of bytes or
// packets.
func assocIntOption(p sockopt) option[int, sys.AssocValue] {
	return option[int, sys.AssocValue]{
		sockopt: p, assoc: true,
		decode: func(k *sys.AssocValue) int { return int(k.Value) },
		encode: func(v int, k *sys.AssocValue) error {
			k.Value = uint32(v)
			return checkRange(p.name, v, 0, 1<<31-1)
		},
	}
}

// intOption returns the option of an int, which may be set to what is in a range.
func intOption(p sockopt, lo, hi int) option[int, int32] {
	return option[int, int32]{
		sockopt: p,
		decode:  func(k *int32) int { return int(*k) },
		encode: func(v int, k *int32) error {
			*k = int32(v)
			return checkRange(p.name, v, lo, hi)
		},
	}
}

// checkRange returns an error if v is not in a range.
func checkRange(name string, v, lo, hi int) error {
	if v < lo || v > hi {
		return invalidError("%s: %d is not in the range from %d to %d", name, v, lo, hi)
	}
	return nil
}

// size converts a number of the kernel to compute with; no real one is greater than an int
// of 32 bits holds.
func size(n uint32) int { return int(min(n, math.MaxInt32)) }

// duration converts milliseconds of the kernel.
func duration(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

// setMillis writes a duration to a field of the kernel's.
func setMillis(field *uint32, d time.Duration) (err error) {
	*field, err = millis(d)
	return err
}
