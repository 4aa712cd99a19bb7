package sctp

import (
	"fmt"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// PRPolicy says what makes a message expire (RFC 7496; partial reliability, RFC
// 3758).
type PRPolicy uint16

const (
	PRNone PRPolicy = 0x0  // SCTP_PR_SCTP_NONE: nothing: it is delivered, or the association fails
	PRTTL  PRPolicy = 0x10 // SCTP_PR_SCTP_TTL: it is older than PRInfo.TTL
	PRRTX  PRPolicy = 0x20 // SCTP_PR_SCTP_RTX: it was retransmitted PRInfo.Value times
	PRPrio PRPolicy = 0x30 // SCTP_PR_SCTP_PRIO: the send buffer is full, and one of a smaller PRInfo.Value comes

	// PRAll is every policy, in the statistics only.
	PRAll PRPolicy = 0x80 // SCTP_PR_SCTP_ALL
)

// String returns "none", "ttl", "rtx", "prio" or "all".
func (p PRPolicy) String() string {
	switch p {
	case PRNone:
		return "none"
	case PRTTL:
		return "ttl"
	case PRRTX:
		return "rtx"
	case PRPrio:
		return "prio"
	case PRAll:
		return "all"
	}
	return fmt.Sprintf("PRPolicy(%#x)", uint16(p))
}

// PRInfo says when a message is given up instead of being sent again. The zero PRInfo
// means never, as does a peer that does not support partial reliability.
//
// On Linux (6.1) use it only for messages that fit into one packet. If everything that was
// sent of a longer, ordered message is acknowledged when its lifetime ends, the kernel
// drops the rest without telling the receiver, who then gets nothing more of the stream.
// With PRRTX and a Value of 0 Linux gives up a message that needs several round trips,
// even if nothing is lost.
//
// Methods that take a PRInfo fail with EINVAL for a TTL without the policy PRTTL, and for
// a Value without PRRTX or PRPrio.
type PRInfo struct {
	Policy PRPolicy
	Value  uint32        // PRRTX: retransmissions, 0 means none; PRPrio: the smaller, the more important
	TTL    time.Duration // PRTTL: the lifetime, rounded up to milliseconds
}

// value returns what the kernel wants for p.
func (p PRInfo) value() (uint32, error) {
	switch p.Policy {
	case PRNone:
		if p != (PRInfo{}) {
			return 0, errNoPolicy
		}
		return 0, nil
	case PRTTL:
		if p.TTL <= 0 {
			return 0, errTTL
		}
		if p.Value != 0 {
			return 0, errPRValue
		}
		return millis(p.TTL)
	case PRRTX, PRPrio:
		if p.TTL != 0 {
			return 0, errPRTTL
		}
		return p.Value, nil
	}
	return 0, errPolicy
}

var optPRSupported = assocBoolOption(sctpOption(sys.SCTP_PR_SUPPORTED, "SCTP_PR_SUPPORTED"))

// PRSupported returns SCTP_PR_SUPPORTED (RFC 7496 section 4.5): for an association,
// whether both ends agreed on partial reliability, without which SndInfo.PR is ignored;
// for another socket, whether later associations offer it.
func (o Options) PRSupported() (bool, error) { return optPRSupported.get(o) }

// SetPRSupported sets SCTP_PR_SUPPORTED (RFC 7496 section 4.5): whether later associations
// offer partial reliability. The default is net.sctp.prsctp_enable, which is on. An
// association keeps what was agreed on when it was set up, so call this in a Control
// function or on a Listener.
func (o Options) SetPRSupported(on bool) error { return optPRSupported.set(o, on) }

// PRStatus counts the messages that were given up (struct sctp_prstatus). It is no count
// of losses: under PRRTX Linux counts the messages that used up their retransmissions,
// acknowledged or not. Under PRPrio it counts DATA chunks, of which a long message has
// several.
type PRStatus struct {
	AbandonedUnsent uint64 // before they were sent; SendFailed returns these, but not under PRPrio
	AbandonedSent   uint64 // after they were sent; SendFailed does not return these
}

var optPRAssocStatus = prStatusOption(sctpOption(sys.SCTP_PR_ASSOC_STATUS, "SCTP_PR_ASSOC_STATUS"))

// PRAssocStatus returns SCTP_PR_ASSOC_STATUS (RFC 7496 section 4.4): how many messages of
// an association were given up under policy p, or under any policy with [PRAll], which
// needs Linux 4.19. It fails with EINVAL for PRNone and without an association.
func (o Options) PRAssocStatus(p PRPolicy) (PRStatus, error) {
	return optPRAssocStatus.getFor(o, sys.PRStatus{Policy: uint16(p)})
}

var optPRStreamStatus = prStatusOption(sctpOption(sys.SCTP_PR_STREAM_STATUS, "SCTP_PR_STREAM_STATUS", needsLinux("4.12")))

// PRStreamStatus returns SCTP_PR_STREAM_STATUS (RFC 7496 section 4.3): the same as
// PRAssocStatus for one outbound stream. It fails with EINVAL if the association has no
// such stream. It needs Linux 4.12.
func (o Options) PRStreamStatus(stream uint16, p PRPolicy) (PRStatus, error) {
	return optPRStreamStatus.getFor(o, sys.PRStatus{SID: stream, Policy: uint16(p)})
}

// prStatusOption returns an option of an sctp_prstatus.
func prStatusOption(p sockopt) option[PRStatus, sys.PRStatus] {
	return option[PRStatus, sys.PRStatus]{
		sockopt: p, assoc: true,
		decode: func(k *sys.PRStatus) PRStatus { return PRStatus{k.AbandonedUnsent, k.AbandonedSent} },
	}
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

// DefaultPRInfo returns SCTP_DEFAULT_PRINFO (RFC 6458 section 8.1.32).
func (o Options) DefaultPRInfo() (PRInfo, error) { return optDefaultPRInfo.get(o) }

// SetDefaultPRInfo sets SCTP_DEFAULT_PRINFO (RFC 6458 section 8.1.32): when messages of
// Write, WriteTo, and WriteMsg with a nil info, are given up. Every field is written.
func (o Options) SetDefaultPRInfo(v PRInfo) error {
	if s := o.socket(); s != nil {
		s.lifetimes.Store(true)
	}
	return optDefaultPRInfo.set(o, v)
}
