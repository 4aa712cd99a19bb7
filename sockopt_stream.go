package sctp

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/netsctp/sctp/internal/sys"
)

var optReconfigSupported = assocBoolOption(sctpOption(sys.SCTP_RECONFIG_SUPPORTED, "SCTP_RECONFIG_SUPPORTED", needsLinux("4.12")))

// ReconfigSupported returns SCTP_RECONFIG_SUPPORTED (stream reconfiguration, RFC 6525).
// Of an association it says whether both ends agreed on it, elsewhere whether later
// associations offer it. Needs Linux 4.12.
func (o Options) ReconfigSupported() (bool, error) { return optReconfigSupported.get(o) }

// SetReconfigSupported sets SCTP_RECONFIG_SUPPORTED (RFC 6525): whether associations
// that come later offer stream reconfiguration. The default is net.sctp.reconf_enable,
// off unless changed. Set it in a Control function, or on a Listener: an association
// keeps what was agreed on when it came up. Needs Linux 4.12.
func (o Options) SetReconfigSupported(on bool) error { return optReconfigSupported.set(o, on) }

// EnableStreamReset is a set of what may be done to the streams of an association.
type EnableStreamReset uint32

const (
	EnableResetStreams EnableStreamReset = 0x1 // SCTP_ENABLE_RESET_STREAM_REQ: Options.ResetStreams
	EnableResetAssoc   EnableStreamReset = 0x2 // SCTP_ENABLE_RESET_ASSOC_REQ: Options.ResetAssoc
	EnableAddStreams   EnableStreamReset = 0x4 // SCTP_ENABLE_CHANGE_ASSOC_REQ: Options.AddStreams
)

// String returns the names of what is in v, as in "reset streams|add streams", or
// "none".
func (v EnableStreamReset) String() string {
	var names []string
	for _, b := range []struct {
		bit  EnableStreamReset
		name string
	}{{EnableResetStreams, "reset streams"}, {EnableResetAssoc, "reset association"}, {EnableAddStreams, "add streams"}} {
		if v&b.bit != 0 {
			names = append(names, b.name)
			v &^= b.bit
		}
	}
	if v != 0 {
		names = append(names, fmt.Sprintf("EnableStreamReset(%#x)", uint32(v)))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, "|")
}

var optEnableStreamReset = assocValueOption[EnableStreamReset](
	sctpOption(sys.SCTP_ENABLE_STREAM_RESET, "SCTP_ENABLE_STREAM_RESET", needsLinux("4.11")))

// EnableStreamReset returns SCTP_ENABLE_STREAM_RESET (RFC 6525 section 6.3.1).
func (o Options) EnableStreamReset() (EnableStreamReset, error) { return optEnableStreamReset.get(o) }

// SetEnableStreamReset sets SCTP_ENABLE_STREAM_RESET (RFC 6525 section 6.3.1): what
// this end may ask for, and what it grants the peer. The default is nothing. On an
// association it takes effect at once; in a Control function and on a Listener it is
// for later associations. The association must also support stream reconfiguration:
// see SetReconfigSupported. A set with unknown members is EINVAL. Needs Linux 4.11.
func (o Options) SetEnableStreamReset(v EnableStreamReset) error {
	return optEnableStreamReset.set(o, v)
}

// reconfigHints are what the errors of a request to change an association's streams
// mean.
var reconfigHints = []hint{
	{sys.ENOPROTOOPT, "not enabled, or Linux before 4.11: it needs Options.SetEnableStreamReset, " +
		"and at both ends Options.SetReconfigSupported in Control or net.sctp.reconf_enable=1"},
	{sys.EINPROGRESS, "the peer has not answered the previous request"},
	{sys.EAGAIN, "data waits to be sent: try again when it is"},
}

var optResetStreams = sctpOption(sys.SCTP_RESET_STREAMS, "SCTP_RESET_STREAMS", reconfigHints...)

// ResetStreams asks the peer to start again with the stream sequence numbers (SSN) of
// streams, or of all streams if none are given (SCTP_RESET_STREAMS, RFC 6525 section
// 6.3.2): of the streams that come in, of those that go out, or both. It returns when
// the request is made; how it ended is an event, to be had with [EventStreamReset]. An
// outgoing stream sends nothing until then, and what waits for it holds up all others.
//
// Both ends need SetReconfigSupported before the association, and EnableResetStreams in
// SetEnableStreamReset; without that it is ENOPROTOOPT here, or a denial from the peer.
// It is EINPROGRESS while an earlier request is not answered, EAGAIN while messages
// wait to be sent on an outgoing stream, and EINVAL for a stream that there is not or
// without an association. Needs Linux 4.11.
func (o Options) ResetStreams(in, out bool, streams ...uint16) error {
	if !in && !out {
		return o.opError("set", invalidError("reset streams: neither incoming nor outgoing ones"))
	}
	if len(streams) > 1<<16-1 {
		return o.opError("set", invalidError("reset streams: %d streams are too many", len(streams)))
	}
	flags := uint16(bit(in)*sys.SCTP_STREAM_RESET_INCOMING | bit(out)*sys.SCTP_STREAM_RESET_OUTGOING)
	// struct sctp_reset_streams
	b := binary.NativeEndian.AppendUint32(nil, uint32(o.assoc))
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint16(b, uint16(len(streams)))
	for _, s := range streams {
		b = binary.NativeEndian.AppendUint16(b, s)
	}
	return optResetStreams.set(o, b)
}

var optResetAssoc = sctpOption(sys.SCTP_RESET_ASSOC, "SCTP_RESET_ASSOC", reconfigHints...)

// ResetAssoc asks the peer to start again with all stream and transmission sequence
// numbers of the association, both ways (SCTP_RESET_ASSOC, RFC 6525 section 6.3.3).
// It returns when the request is made; how it ended is an event, to be had with
// [EventAssocReset]. Nothing is sent until then.
//
// It needs what ResetStreams needs, with EnableResetAssoc, and has its errors; EAGAIN
// here also means data that the peer has not acknowledged. Needs Linux 4.11.
func (o Options) ResetAssoc() error {
	return optResetAssoc.set(o, binary.NativeEndian.AppendUint32(nil, uint32(o.assoc)))
}

var optAddStreams = sctpOption(sys.SCTP_ADD_STREAMS, "SCTP_ADD_STREAMS", reconfigHints...)

// AddStreams asks the peer for more streams: so many that come in, and so many that go
// out (SCTP_ADD_STREAMS, RFC 6525 section 6.3.4). It returns when the request is made;
// how it ended is an event, to be had with [EventStreamChange]. Status counts them.
//
// It needs what ResetStreams needs, with EnableAddStreams, and has its errors, but for
// EAGAIN. None at all, or more than 65535 in the end, is EINVAL. Needs Linux 4.11.
func (o Options) AddStreams(in, out uint16) error {
	if in == 0 && out == 0 {
		return o.opError("set", invalidError("add streams: none to add"))
	}
	return optAddStreams.set(o, sys.Bytes(&sys.AddStreams{AssocID: int32(o.assoc), InStreams: in, OutStreams: out}))
}

var optInterleavingSupported = assocBoolOption(sctpOption(sys.SCTP_INTERLEAVING_SUPPORTED, "SCTP_INTERLEAVING_SUPPORTED",
	needsLinux("4.16"), hint{sys.EPERM, "needs net.sctp.intl_enable=1 when the socket is made, and SCTP_FRAGMENT_INTERLEAVE"}))

// InterleavingSupported returns SCTP_INTERLEAVING_SUPPORTED (user message interleaving,
// RFC 8260 section 4.3.1). Of an association it says whether both ends agreed on it,
// elsewhere whether later associations offer it. Needs Linux 4.16.
func (o Options) InterleavingSupported() (bool, error) { return optInterleavingSupported.get(o) }

// SetInterleavingSupported sets SCTP_INTERLEAVING_SUPPORTED (RFC 8260 section 4.3.1):
// whether associations that come later offer to send messages as I-DATA chunks, so that
// a long message of one stream does not hold up the others. Set it in a Control
// function, or on a Listener: an association keeps what was agreed on when it came up.
//
// It is EPERM unless net.sctp.intl_enable was 1 when the socket was made, and
// SCTP_FRAGMENT_INTERLEAVE was set before. ReadMsg then returns a message in the
// kernel's parts, and those of several streams may alternate. Needs Linux 4.16.
func (o Options) SetInterleavingSupported(on bool) error { return optInterleavingSupported.set(o, on) }
