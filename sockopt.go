package sctp

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// Options reads and sets the SCTP options of a socket. It is a small value: get it
// where you need it, from [Conn.Options], [Listener.Options] or, inside a Control
// function, [NewOptions].
//
// The options of a Conn are those of its association. The options of a Listener,
// and those set in Control, hold for the associations that come after.
//
// Errors are *net.OpError over *os.SyscallError, which names the option. After the
// association has ended most are EINVAL, after Close [net.ErrClosed].
type Options struct {
	c     syscall.RawConn // in a Control function
	s     *socket         // elsewhere
	assoc AssocID
}

// NewOptions returns the options of the socket behind c, which a Control function
// was given.
func NewOptions(c syscall.RawConn) Options { return Options{c: c} }

// Assoc returns the options of one association of a one-to-many socket. Instead of an
// association it takes FutureAssoc, which is the default, and to set most options also
// CurrentAssoc and AllAssoc. On a Conn it changes nothing.
func (o Options) Assoc(id AssocID) Options {
	o.assoc = id
	return o
}

// Toggle is a switch that can be left alone.
type Toggle uint8

const (
	Unchanged Toggle = iota
	Enable
	Disable
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

// RTOInfo returns SCTP_RTOINFO (RFC 6458 section 8.1.1).
func (o Options) RTOInfo() (RTOInfo, error) { return optRTOInfo.get(o) }

// SetRTOInfo sets SCTP_RTOINFO (RFC 6458 section 8.1.1). Zero fields are left
// unchanged. A Min that is greater than Max is EINVAL.
func (o Options) SetRTOInfo(v RTOInfo) error { return optRTOInfo.set(o, v) }

// AssocInfo holds limits of an association and what is known of its peer (struct
// sctp_assocparams).
type AssocInfo struct {
	MaxRetrans uint16 // retransmissions after which the association is lost
	PeerAddrs  uint16 // number of the peer's addresses; read only
	PeerRwnd   uint32 // the peer's receive window in bytes; read only
	LocalRwnd  uint32 // the receive window offered to the peer, in bytes; read only
	CookieLife time.Duration
}

var optAssocInfo = option[AssocInfo, sys.AssocParams]{
	sockopt: sctpOption(sys.SCTP_ASSOCINFO, "SCTP_ASSOCINFO"), assoc: true,
	decode: func(k *sys.AssocParams) AssocInfo {
		return AssocInfo{k.AsocMaxRxt, k.NumberPeerDests, k.PeerRwnd, k.LocalRwnd, duration(k.CookieLife)}
	},
	encode: func(v AssocInfo, k *sys.AssocParams) error {
		k.AsocMaxRxt = v.MaxRetrans
		return setMillis(&k.CookieLife, v.CookieLife)
	},
}

// AssocInfo returns SCTP_ASSOCINFO (RFC 6458 section 8.1.2).
func (o Options) AssocInfo() (AssocInfo, error) { return optAssocInfo.get(o) }

// SetAssocInfo sets SCTP_ASSOCINFO (RFC 6458 section 8.1.2). Zero fields are left
// unchanged, read-only ones ignored. With several paths a MaxRetrans greater than
// the sum of the paths' limits is EINVAL.
func (o Options) SetAssocInfo(v AssocInfo) error { return optAssocInfo.set(o, v) }

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

// InitMsg returns SCTP_INITMSG (RFC 6458 section 8.1.3).
func (o Options) InitMsg() (InitMsg, error) { return optInitMsg.get(o) }

// SetInitMsg sets SCTP_INITMSG (RFC 6458 section 8.1.3) for later associations. Zero
// fields are left unchanged.
func (o Options) SetInitMsg(v InitMsg) error { return optInitMsg.set(o, v) }

var optNoDelay = boolOption(sctpOption(sys.SCTP_NODELAY, "SCTP_NODELAY"))

// NoDelay returns SCTP_NODELAY (RFC 6458 section 8.1.5).
func (o Options) NoDelay() (bool, error) { return optNoDelay.get(o) }

// SetNoDelay sets SCTP_NODELAY (RFC 6458 section 8.1.5): whether small messages are
// sent at once. The package sets it for every socket.
func (o Options) SetNoDelay(on bool) error { return optNoDelay.set(o, on) }

var optDisableFragments = boolOption(sctpOption(sys.SCTP_DISABLE_FRAGMENTS, "SCTP_DISABLE_FRAGMENTS"))

// DisableFragments returns SCTP_DISABLE_FRAGMENTS (RFC 6458 section 8.1.11).
func (o Options) DisableFragments() (bool, error) { return optDisableFragments.get(o) }

// SetDisableFragments sets SCTP_DISABLE_FRAGMENTS (RFC 6458 section 8.1.11): WriteMsg
// of more than fits a packet is then EMSGSIZE, and Write cuts into such messages.
func (o Options) SetDisableFragments(on bool) error { return optDisableFragments.set(o, on) }

// AssocState is the state of an association (enum sctp_sstat_state).
type AssocState int32

const (
	StateEmpty AssocState = iota
	StateClosed
	StateCookieWait
	StateCookieEchoed
	StateEstablished
	StateShutdownPending
	StateShutdownSent
	StateShutdownReceived
	StateShutdownAckSent
)

var assocStateNames = [...]string{
	StateEmpty:            "empty",
	StateClosed:           "closed",
	StateCookieWait:       "cookie wait",
	StateCookieEchoed:     "cookie echoed",
	StateEstablished:      "established",
	StateShutdownPending:  "shutdown pending",
	StateShutdownSent:     "shutdown sent",
	StateShutdownReceived: "shutdown received",
	StateShutdownAckSent:  "shutdown ack sent",
}

// String returns the RFC's name of s, in lower case.
func (s AssocState) String() string {
	if s >= 0 && int(s) < len(assocStateNames) {
		return assocStateNames[s]
	}
	return fmt.Sprintf("AssocState(%d)", int32(s))
}

// Status is the state of an association (struct sctp_status).
type Status struct {
	Assoc                 AssocID
	State                 AssocState
	PeerRwnd              uint32 // the peer's receive window in bytes
	UnackedData           uint16 // DATA chunks sent and not acknowledged
	PendingData           uint16 // DATA chunks received and not yet deliverable
	InStreams, OutStreams uint16 // as both ends agreed
	FragPoint             uint32 // bytes of a message that fit a packet
	Primary               netip.AddrPort
}

var optStatus = option[Status, sys.Status]{
	sockopt: sctpOption(sys.SCTP_STATUS, "SCTP_STATUS"), assoc: true,
	decode: func(k *sys.Status) Status {
		return Status{
			Assoc: AssocID(k.AssocID), State: AssocState(k.State), PeerRwnd: k.Rwnd,
			UnackedData: k.UnackData, PendingData: k.PendData, InStreams: k.InStreams, OutStreams: k.OutStreams,
			FragPoint: k.FragmentationPoint, Primary: k.Primary.Addr.AddrPort(),
		}
	},
}

// Status returns SCTP_STATUS (RFC 6458 section 8.2.1). Without an association it is
// EINVAL.
func (o Options) Status() (Status, error) { return optStatus.get(o) }

var optDefaultSndInfo = option[SndInfo, sys.SndInfo]{
	sockopt: sctpOption(sys.SCTP_DEFAULT_SNDINFO, "SCTP_DEFAULT_SNDINFO"), assoc: true, assocAt: 12,
	decode: func(k *sys.SndInfo) SndInfo { return decodeSndInfo(*k) },
	encode: func(v SndInfo, k *sys.SndInfo) error {
		if v.PR != (PRInfo{}) || v.Addr.IsValid() || v.SACKImmediately || v.AuthKey != 0 {
			return invalidError("default SndInfo: PR, Addr, SACKImmediately and AuthKey belong to a message")
		}
		*k = v.kernel()
		return nil
	},
}

// DefaultSndInfo returns SCTP_DEFAULT_SNDINFO (RFC 6458 section 8.1.31).
func (o Options) DefaultSndInfo() (SndInfo, error) { return optDefaultSndInfo.get(o) }

// SetDefaultSndInfo sets SCTP_DEFAULT_SNDINFO (RFC 6458 section 8.1.31): how Write,
// and WriteMsg with a nil info, send. Every field is written; PR, Addr,
// SACKImmediately and AuthKey, which belong to a single message, must be zero.
func (o Options) SetDefaultSndInfo(v SndInfo) error { return optDefaultSndInfo.set(o, v) }

// PeerAddrs returns the addresses of the association's peer as they are now
// (SCTP_GET_PEER_ADDRS, RFC 6458 section 9.3).
func (o Options) PeerAddrs() (*Addr, error) {
	return o.addrs(sys.SCTP_GET_PEER_ADDRS, "SCTP_GET_PEER_ADDRS", o.assoc)
}

// LocalAddrs returns the socket's own addresses as they are now: the association's
// if there is one, and of a socket that is bound to the unspecified address all of
// the host's (SCTP_GET_LOCAL_ADDRS, RFC 6458 section 9.5).
func (o Options) LocalAddrs() (*Addr, error) {
	return o.addrs(sys.SCTP_GET_LOCAL_ADDRS, "SCTP_GET_LOCAL_ADDRS", o.assoc)
}

func (o Options) addrs(num int, name string, assoc AssocID) (a *Addr, err error) {
	err = o.control(func(fd uintptr) error {
		a, err = addrs(fd, num, name, assoc)
		return err
	})
	return a, o.opError("get", err)
}

// duration converts milliseconds of the kernel.
func duration(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

// setMillis writes a duration to a field of the kernel's.
func setMillis(field *uint32, d time.Duration) (err error) {
	*field, err = millis(d)
	return err
}
