package sctp

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/netsctp/sctp/internal/sys"
)

var optReconfigSupported = assocBoolOption(sctpOption(sys.SCTP_RECONFIG_SUPPORTED, "SCTP_RECONFIG_SUPPORTED", needsLinux("4.12")))

// ReconfigSupported returns SCTP_RECONFIG_SUPPORTED (stream reconfiguration, RFC 6525):
// for an association, whether both ends agreed on it; for another socket, whether later
// associations offer it. It needs Linux 4.12.
func (o Options) ReconfigSupported() (bool, error) { return optReconfigSupported.get(o) }

// SetReconfigSupported sets SCTP_RECONFIG_SUPPORTED (RFC 6525): whether later associations
// offer stream reconfiguration. The default is net.sctp.reconf_enable, which is off. An
// association keeps what was agreed on when it was set up, so call this in a Control
// function or on a Listener. It needs Linux 4.12.
func (o Options) SetReconfigSupported(on bool) error { return optReconfigSupported.set(o, on) }

// EnableStreamReset is a set of changes to the streams of an association that are allowed.
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

// SetEnableStreamReset sets SCTP_ENABLE_STREAM_RESET (RFC 6525 section 6.3.1): what this
// end may ask for, and what it grants the peer. The default is nothing. It takes effect at
// once on an association; in a Control function and on a Listener it applies to later
// ones. The association must also support stream reconfiguration: see
// [Options.SetReconfigSupported]. It fails with EINVAL for unknown members of the set. It
// needs Linux 4.11.
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

// ResetStreams asks the peer to restart the stream sequence numbers (SSN) of the incoming
// streams, the outgoing streams, or both (SCTP_RESET_STREAMS, RFC 6525 section 6.3.2):
// those of the given streams, or of all if none are given. It does not wait: the outcome
// arrives as a [StreamReset] event. Until then an outgoing stream sends nothing, and what
// waits for it holds up all other streams.
//
// Both ends need [Options.SetReconfigSupported] before the association, and
// EnableResetStreams in [Options.SetEnableStreamReset]. ResetStreams fails with
// ENOPROTOOPT if this end lacks them; if the peer does, the event says Denied. It fails
// with EINPROGRESS while an earlier request is unanswered, with EAGAIN while messages wait
// to be sent on an outgoing stream, and with EINVAL if there is no such stream or no
// association. It needs Linux 4.11.
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

// ResetAssoc asks the peer to restart all stream and transmission sequence numbers of the
// association, in both directions (SCTP_RESET_ASSOC, RFC 6525 section 6.3.3). It does not
// wait: the outcome arrives as an [AssocReset] event. Nothing is sent until then.
//
// It needs what [Options.ResetStreams] needs, with EnableResetAssoc, and fails in the same
// ways; it also fails with EAGAIN while the peer has data to acknowledge. It needs Linux
// 4.11.
func (o Options) ResetAssoc() error {
	return optResetAssoc.set(o, binary.NativeEndian.AppendUint32(nil, uint32(o.assoc)))
}

var optAddStreams = sctpOption(sys.SCTP_ADD_STREAMS, "SCTP_ADD_STREAMS", reconfigHints...)

// AddStreams asks the peer for more streams (SCTP_ADD_STREAMS, RFC 6525 section 6.3.4): in
// more incoming and out more outgoing ones. It does not wait: the outcome arrives as a
// [StreamChange] event, and [Options.Status] has the new counts.
//
// It needs what [Options.ResetStreams] needs, with EnableAddStreams, and fails in the same
// ways, except with EAGAIN. It also fails with EINVAL if both are 0, or if there would be
// more than 65535 streams. It needs Linux 4.11.
func (o Options) AddStreams(in, out uint16) error {
	if in == 0 && out == 0 {
		return o.opError("set", invalidError("add streams: none to add"))
	}
	return optAddStreams.set(o, sys.Bytes(&sys.AddStreams{AssocID: int32(o.assoc), InStreams: in, OutStreams: out}))
}

var optInterleavingSupported = assocBoolOption(sctpOption(sys.SCTP_INTERLEAVING_SUPPORTED, "SCTP_INTERLEAVING_SUPPORTED",
	needsLinux("4.16"), hint{sys.EPERM, "needs net.sctp.intl_enable=1 when the socket is made, and SCTP_FRAGMENT_INTERLEAVE"}))

// InterleavingSupported returns SCTP_INTERLEAVING_SUPPORTED (user message interleaving,
// RFC 8260 section 4.3.1): for an association, whether both ends agreed on it; for another
// socket, whether later associations offer it. It needs Linux 4.16.
func (o Options) InterleavingSupported() (bool, error) { return optInterleavingSupported.get(o) }

// SetInterleavingSupported sets SCTP_INTERLEAVING_SUPPORTED (RFC 8260 section 4.3.1):
// whether later associations offer to send messages as I-DATA chunks, so that a long
// message of one stream does not hold up the others. ReadMsg then returns a long message
// in the kernel's pieces, and pieces of several streams may alternate. An association
// keeps what was agreed on when it was set up, so call this in a Control function or on a
// Listener.
//
// It fails with EPERM unless net.sctp.intl_enable was 1 when the socket was made, and
// SCTP_FRAGMENT_INTERLEAVE is on. It needs Linux 4.16.
func (o Options) SetInterleavingSupported(on bool) error { return optInterleavingSupported.set(o, on) }
