package sctp

import (
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// Options reads and sets the SCTP options of a socket. It is a small value: get it
// where you need it, from [Conn.Options], [Listener.Options], [MultiConn.Options] or,
// inside a Control function, [NewOptions].
//
// The options of a Conn are those of its association. The options of a Listener or
// MultiConn, and those set in Control, hold for the associations that come after; those of
// one association of a MultiConn are behind [Options.Assoc].
//
// A path is an address of the peer with its port, as [Addr.AddrPorts] lists them. Where
// an option has one, the zero AddrPort means the association, and to set it all its
// paths; where there is no association, the paths of later ones.
//
// Errors are *net.OpError over *os.SyscallError, which names the option; of an option
// that the kernel does not know, ENOPROTOOPT. A value that is out of range is EINVAL.
// After the association has ended most are EINVAL, after Close [net.ErrClosed].
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

// oneToMany is the error of what one-to-one sockets do not have.
var oneToMany = hint{sys.EOPNOTSUPP, "for one-to-many sockets only"}

// RTOInfo returns SCTP_RTOINFO (RFC 6458 section 8.1.1).
func (o Options) RTOInfo() (RTOInfo, error) { return optRTOInfo.get(o) }

// SetRTOInfo sets SCTP_RTOINFO (RFC 6458 section 8.1.1). Zero fields are left
// unchanged. A Min that is greater than Max is EINVAL.
func (o Options) SetRTOInfo(v RTOInfo) error { return optRTOInfo.set(o, v) }

// AssocInfo returns SCTP_ASSOCINFO (RFC 6458 section 8.1.2).
func (o Options) AssocInfo() (AssocInfo, error) { return optAssocInfo.get(o) }

// SetAssocInfo sets SCTP_ASSOCINFO (RFC 6458 section 8.1.2). Zero fields are left
// unchanged, read-only ones ignored. With several paths a MaxRetrans greater than
// the sum of the paths' limits is EINVAL.
func (o Options) SetAssocInfo(v AssocInfo) error { return optAssocInfo.set(o, v) }

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

// AutoClose returns SCTP_AUTOCLOSE (RFC 6458 section 8.1.8), 0 if it is off. On a
// one-to-one socket it is EOPNOTSUPP.
func (o Options) AutoClose() (time.Duration, error) { return optAutoClose.get(o) }

// SetAutoClose sets SCTP_AUTOCLOSE (RFC 6458 section 8.1.8) of a one-to-many socket:
// the time after which an association that carries no data is shut down, rounded up to
// seconds and limited by net.sctp.max_autoclose. It holds for later associations; 0
// switches it off. On a one-to-one socket it is EOPNOTSUPP.
func (o Options) SetAutoClose(d time.Duration) error { return optAutoClose.set(o, d) }

var optAdaptationLayer = option[uint32, uint32]{
	sockopt: sctpOption(sys.SCTP_ADAPTATION_LAYER, "SCTP_ADAPTATION_LAYER"),
	decode:  func(k *uint32) uint32 { return *k },
	encode:  func(v uint32, k *uint32) error { *k = v; return nil },
}

// AdaptationLayer returns SCTP_ADAPTATION_LAYER (RFC 6458 section 8.1.10).
func (o Options) AdaptationLayer() (uint32, error) { return optAdaptationLayer.get(o) }

// SetAdaptationLayer sets SCTP_ADAPTATION_LAYER (RFC 6458 section 8.1.10): what the
// peers of later associations get as an adaptation indication, in host order. With 0,
// which is the default, none is sent.
func (o Options) SetAdaptationLayer(ind uint32) error { return optAdaptationLayer.set(o, ind) }

var optDisableFragments = boolOption(sctpOption(sys.SCTP_DISABLE_FRAGMENTS, "SCTP_DISABLE_FRAGMENTS"))

// DisableFragments returns SCTP_DISABLE_FRAGMENTS (RFC 6458 section 8.1.11).
func (o Options) DisableFragments() (bool, error) { return optDisableFragments.get(o) }

// SetDisableFragments sets SCTP_DISABLE_FRAGMENTS (RFC 6458 section 8.1.11): WriteMsg
// of more than fits a packet is then EMSGSIZE, and Write cuts into such messages.
func (o Options) SetDisableFragments(on bool) error { return optDisableFragments.set(o, on) }

var optMaxSeg = assocIntOption(sctpOption(sys.SCTP_MAXSEG, "SCTP_MAXSEG",
	hint{sys.EINVAL, "not between the least and the greatest size of a chunk, or no such association"}))

// MaxSeg returns SCTP_MAXSEG (RFC 6458 section 8.1.16): of an association the bytes of
// a message that it puts into a chunk now, where there is none what was set.
func (o Options) MaxSeg() (int, error) { return optMaxSeg.get(o) }

// SetMaxSeg sets SCTP_MAXSEG (RFC 6458 section 8.1.16): the limit of the bytes of a
// message in a chunk. With 0, which is the default, the path MTU alone counts, which
// limits them anyway. What is too small or too large for a chunk is EINVAL.
func (o Options) SetMaxSeg(n int) error { return optMaxSeg.set(o, n) }

// DelayedSACK returns SCTP_DELAYED_SACK (RFC 6458 section 8.1.19).
func (o Options) DelayedSACK() (SACKInfo, error) { return optDelayedSACK.get(o) }

// SetDelayedSACK sets SCTP_DELAYED_SACK (RFC 6458 section 8.1.19). Zero fields are
// left unchanged. A Delay of more than 500 ms is EINVAL.
func (o Options) SetDelayedSACK(v SACKInfo) error { return optDelayedSACK.set(o, v) }

var optFragmentInterleave = boolOption(sctpOption(sys.SCTP_FRAGMENT_INTERLEAVE, "SCTP_FRAGMENT_INTERLEAVE"))

// FragmentInterleave returns SCTP_FRAGMENT_INTERLEAVE (RFC 6458 section 8.1.20).
func (o Options) FragmentInterleave() (bool, error) { return optFragmentInterleave.get(o) }

// SetFragmentInterleave sets SCTP_FRAGMENT_INTERLEAVE (RFC 6458 section 8.1.20):
// whether pieces of a long message may be delivered between those of other
// associations, and with I-DATA of other streams. On a one-to-many socket without it, a
// message that is delivered in part holds all associations up. To switch it off
// switches off the use of I-DATA, too.
func (o Options) SetFragmentInterleave(on bool) error { return optFragmentInterleave.set(o, on) }

var optPartialDeliveryPoint = intOption(sctpOption(sys.SCTP_PARTIAL_DELIVERY_POINT, "SCTP_PARTIAL_DELIVERY_POINT",
	hint{sys.EINVAL, "more than half of the receive buffer"}), 0, 1<<31-1)

// PartialDeliveryPoint returns SCTP_PARTIAL_DELIVERY_POINT (RFC 6458 section 8.1.21).
func (o Options) PartialDeliveryPoint() (int, error) { return optPartialDeliveryPoint.get(o) }

// SetPartialDeliveryPoint sets SCTP_PARTIAL_DELIVERY_POINT (RFC 6458 section 8.1.21):
// the bytes of a message after which the kernel delivers it piece by piece. With 0,
// which is the default, it does so only when the receive window is full. More than half
// of the receive buffer is EINVAL.
func (o Options) SetPartialDeliveryPoint(n int) error { return optPartialDeliveryPoint.set(o, n) }

var optAutoASCONF = boolOption(sctpOption(sys.SCTP_AUTO_ASCONF, "SCTP_AUTO_ASCONF",
	hint{sys.EINVAL, "needs a socket that is bound to the unspecified address"}))

// AutoASCONF returns SCTP_AUTO_ASCONF (RFC 6458 section 8.1.23).
func (o Options) AutoASCONF() (bool, error) { return optAutoASCONF.get(o) }

// SetAutoASCONF sets SCTP_AUTO_ASCONF (RFC 6458 section 8.1.23): whether associations
// follow the host when it gets or loses addresses. The socket must be bound to the
// unspecified address, or it is EINVAL, as always in a Control function; and
// associations need ASCONF: see [Options.SetASCONFSupported].
func (o Options) SetAutoASCONF(on bool) error { return optAutoASCONF.set(o, on) }

var optMaxBurst = assocIntOption(sctpOption(sys.SCTP_MAX_BURST, "SCTP_MAX_BURST"))

// MaxBurst returns SCTP_MAX_BURST (RFC 6458 section 8.1.24).
func (o Options) MaxBurst() (int, error) { return optMaxBurst.get(o) }

// SetMaxBurst sets SCTP_MAX_BURST (RFC 6458 section 8.1.24): how many packets may be
// sent at a time. 0 means any number.
func (o Options) SetMaxBurst(n int) error { return optMaxBurst.set(o, n) }

var optContext = assocValueOption[uint32](sctpOption(sys.SCTP_CONTEXT, "SCTP_CONTEXT"))

// Context returns SCTP_CONTEXT (RFC 6458 section 8.1.25).
func (o Options) Context() (uint32, error) { return optContext.get(o) }

// SetContext sets SCTP_CONTEXT (RFC 6458 section 8.1.25): the Context in the RcvInfo of
// received messages. That of a SndInfo is another.
func (o Options) SetContext(v uint32) error { return optContext.set(o, v) }

var optReusePort = boolOption(sctpOption(sys.SCTP_REUSE_PORT, "SCTP_REUSE_PORT", needsLinux("4.19"),
	hint{sys.EFAULT, "only before the socket is bound: in a Control function"},
	hint{sys.EOPNOTSUPP, "for one-to-one sockets only"}))

// ReusePort returns SCTP_REUSE_PORT (RFC 6458 section 8.1.27). It needs Linux 4.19.
func (o Options) ReusePort() (bool, error) { return optReusePort.get(o) }

// SetReusePort sets SCTP_REUSE_PORT (RFC 6458 section 8.1.27), in a Control function:
// whether several sockets, all of which set it, may be bound to the same address, of
// which one may listen. When the socket is bound it is EFAULT, on a one-to-many socket
// EOPNOTSUPP. It needs Linux 4.19.
func (o Options) SetReusePort(on bool) error { return optReusePort.set(o, on) }

// DefaultSndInfo returns SCTP_DEFAULT_SNDINFO (RFC 6458 section 8.1.31).
func (o Options) DefaultSndInfo() (DefaultSndInfo, error) { return optDefaultSndInfo.get(o) }

// SetDefaultSndInfo sets SCTP_DEFAULT_SNDINFO (RFC 6458 section 8.1.31): how Write,
// WriteTo, and WriteMsg with a nil info, send. Every field is written.
func (o Options) SetDefaultSndInfo(v DefaultSndInfo) error { return optDefaultSndInfo.set(o, v) }

// DefaultPRInfo returns SCTP_DEFAULT_PRINFO (RFC 6458 section 8.1.32).
func (o Options) DefaultPRInfo() (PRInfo, error) { return optDefaultPRInfo.get(o) }

// SetDefaultPRInfo sets SCTP_DEFAULT_PRINFO (RFC 6458 section 8.1.32): when messages
// of Write, and of WriteMsg with a nil info, are given up. Every field is written; TTL
// counts with the policy PRTTL, Value with the others.
func (o Options) SetDefaultPRInfo(v PRInfo) error { return optDefaultPRInfo.set(o, v) }

var optASCONFSupported = assocBoolOption(sctpOption(sys.SCTP_ASCONF_SUPPORTED, "SCTP_ASCONF_SUPPORTED", needsLinux("5.4")))

// ASCONFSupported returns SCTP_ASCONF_SUPPORTED (RFC 5061): of an association whether
// its peer has it, where there is none what was set. It needs Linux 5.4.
func (o Options) ASCONFSupported() (bool, error) { return optASCONFSupported.get(o) }

// SetASCONFSupported sets SCTP_ASCONF_SUPPORTED (RFC 5061): whether later associations
// may change their addresses, as net.sctp.addip_enable does for all sockets. Both ends
// need it, and AUTH or net.sctp.addip_noauth_enable. It needs Linux 5.4.
func (o Options) SetASCONFSupported(on bool) error { return optASCONFSupported.set(o, on) }

var optECNSupported = assocBoolOption(sctpOption(sys.SCTP_ECN_SUPPORTED, "SCTP_ECN_SUPPORTED", needsLinux("5.4")))

// ECNSupported returns SCTP_ECN_SUPPORTED (RFC 9260 appendix A): of an association
// whether its peer has it, where there is none what was set. It needs Linux 5.4.
func (o Options) ECNSupported() (bool, error) { return optECNSupported.get(o) }

// SetECNSupported sets SCTP_ECN_SUPPORTED (RFC 9260 appendix A): whether later
// associations use explicit congestion notification, as net.sctp.ecn_enable does for
// all sockets. It is on by default, and both ends need it. It needs Linux 5.4.
func (o Options) SetECNSupported(on bool) error { return optECNSupported.set(o, on) }

var optExposePF = assocValueOption[PFExpose](sctpOption(sys.SCTP_EXPOSE_POTENTIALLY_FAILED_STATE,
	"SCTP_EXPOSE_POTENTIALLY_FAILED_STATE", needsLinux("5.5")))

// ExposePotentiallyFailedState returns SCTP_EXPOSE_POTENTIALLY_FAILED_STATE (RFC 7829
// section 7.3). It needs Linux 5.5.
func (o Options) ExposePotentiallyFailedState() (PFExpose, error) { return optExposePF.get(o) }

// SetExposePotentiallyFailedState sets SCTP_EXPOSE_POTENTIALLY_FAILED_STATE (RFC 7829
// section 7.3), whose default is net.sctp.pf_expose. It needs Linux 5.5.
func (o Options) SetExposePotentiallyFailedState(v PFExpose) error { return optExposePF.set(o, v) }
