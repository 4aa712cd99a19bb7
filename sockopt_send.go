package sctp

import "github.com/netsctp/sctp/internal/sys"

var optNoDelay = boolOption(sctpOption(sys.SCTP_NODELAY, "SCTP_NODELAY"))

// NoDelay returns SCTP_NODELAY (RFC 6458 section 8.1.5).
func (o Options) NoDelay() (bool, error) {
	if s := o.socket(); s != nil {
		s.hold.mu.RLock()
		defer s.hold.mu.RUnlock()
	}
	return optNoDelay.get(o)
}

// SetNoDelay sets SCTP_NODELAY (RFC 6458 section 8.1.5): whether small messages are sent
// at once. The package sets it on every socket.
func (o Options) SetNoDelay(on bool) error {
	if s := o.socket(); s != nil {
		s.hold.mu.Lock()
		defer s.hold.mu.Unlock()
		s.hold.known = unknown
	}
	return optNoDelay.set(o, on)
}

var optDisableFragments = boolOption(sctpOption(sys.SCTP_DISABLE_FRAGMENTS, "SCTP_DISABLE_FRAGMENTS"))

// DisableFragments returns SCTP_DISABLE_FRAGMENTS (RFC 6458 section 8.1.11).
func (o Options) DisableFragments() (bool, error) { return optDisableFragments.get(o) }

// SetDisableFragments sets SCTP_DISABLE_FRAGMENTS (RFC 6458 section 8.1.11): if it is on,
// WriteMsg fails with EMSGSIZE for a message that does not fit into one packet, and Write
// cuts its bytes into messages that do.
func (o Options) SetDisableFragments(on bool) error { return optDisableFragments.set(o, on) }

var optMaxSeg = assocIntOption(sctpOption(sys.SCTP_MAXSEG, "SCTP_MAXSEG",
	hint{sys.EINVAL, "not between the least and the greatest size of a chunk, or no such association"}))

// MaxSeg returns SCTP_MAXSEG (RFC 6458 section 8.1.16): for an association, how many bytes
// of a message it puts into a chunk; for another socket, what was set.
func (o Options) MaxSeg() (int, error) { return optMaxSeg.get(o) }

// SetMaxSeg sets SCTP_MAXSEG (RFC 6458 section 8.1.16): how many bytes of a message a
// chunk may hold. The path MTU limits them too; with 0, the default, it alone does. It
// fails with EINVAL if n is too small or too large for a chunk.
func (o Options) SetMaxSeg(n int) error { return optMaxSeg.set(o, n) }

var optMaxBurst = assocIntOption(sctpOption(sys.SCTP_MAX_BURST, "SCTP_MAX_BURST"))

// MaxBurst returns SCTP_MAX_BURST (RFC 6458 section 8.1.24).
func (o Options) MaxBurst() (int, error) { return optMaxBurst.get(o) }

// SetMaxBurst sets SCTP_MAX_BURST (RFC 6458 section 8.1.24): how many packets may be sent
// at a time. 0 means no limit.
func (o Options) SetMaxBurst(n int) error { return optMaxBurst.set(o, n) }

// DefaultSndInfo says how messages are sent that have no [SndInfo] of their own (struct
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
		(&SndInfo{Stream: v.Stream, Unordered: v.Unordered, PPID: v.PPID, Context: v.Context}).fill(k)
		return nil
	},
}

// DefaultSndInfo returns SCTP_DEFAULT_SNDINFO (RFC 6458 section 8.1.31).
func (o Options) DefaultSndInfo() (DefaultSndInfo, error) { return optDefaultSndInfo.get(o) }

// SetDefaultSndInfo sets SCTP_DEFAULT_SNDINFO (RFC 6458 section 8.1.31): how Write,
// WriteTo, and WriteMsg with a nil info, send messages. Every field is written.
//
// It leaves the default PRInfo as it is, except on a one-to-many socket with CurrentAssoc
// or AllAssocs: there call [Options.SetDefaultPRInfo] afterwards.
func (o Options) SetDefaultSndInfo(v DefaultSndInfo) error {
	// Linux forgets the policy of SCTP_DEFAULT_PRINFO, and takes its value, whatever it was,
	// for a lifetime in milliseconds.
	pr, none := optDefaultPRInfo.read(o, sys.DefaultPRInfo{})
	if err := optDefaultSndInfo.set(o, v); err != nil || none != nil || pr.Policy == 0 {
		return err
	}
	return optDefaultPRInfo.sockopt.set(o, sys.Bytes(&pr))
}
