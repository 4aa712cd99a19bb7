package sctp

import (
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// A Message is what ReadMsg returns: a message or a part of one, or an event.
type Message struct {
	// Data is the filled part of the buffer that the caller gave.
	Data []byte

	// Info is the message's. For an event only its Assoc is set.
	Info RcvInfo

	// Addr is the address that the message came from, one of the peer's paths. For an
	// event it is the peer's primary address.
	Addr netip.AddrPort

	// EOR (end of record) reports whether Data ends the message. The rest of a
	// message that has not ended comes with the next reads.
	EOR bool

	// Control holds the control messages that came with the message beside SCTP_RCVINFO,
	// as the kernel gives them: those that an option asked for which a Control function
	// set, such as SO_TIMESTAMPNS. It is nil if there are none, and is the caller's.
	Control []byte

	// Event is not nil if this is an event and no data.
	Event Event

	// Notification is the Event as the kernel gave it, for programs that decode the
	// structs of RFC 6458 section 6.1 themselves. It is the event's own, and nil for a
	// SendFailed, which is put together of several.
	Notification []byte
}

// RcvInfo says how a message was sent (struct sctp_rcvinfo, RFC 6458 section
// 5.3.5).
type RcvInfo struct {
	Stream    uint16
	SSN       uint16 // stream sequence number
	PPID      uint32 // payload protocol identifier, in host order
	TSN       uint32 // transmission sequence number of the message's first chunk
	CumTSN    uint32 // cumulative TSN, of an unordered message
	Context   uint32 // what the receiver set with SCTP_CONTEXT
	Assoc     AssocID
	Unordered bool
}

// Reply returns how to answer the message: on its stream, ordered or unordered as it was,
// with its PPID, and to its association.
func (i RcvInfo) Reply() *SndInfo {
	return &SndInfo{Stream: i.Stream, Unordered: i.Unordered, PPID: i.PPID, Assoc: i.Assoc}
}

// SndInfo says how to send a message (struct sctp_sndinfo, struct sctp_prinfo and
// struct sctp_authinfo, RFC 6458 sections 5.3.4, 5.3.7 and 5.3.8).
type SndInfo struct {
	// Stream is the stream to send on, less than the association's number of
	// outbound streams; see [Options.Status].
	Stream uint16

	// Unordered lets the message overtake others of its stream.
	Unordered bool

	// SACKImmediately asks the peer to acknowledge the message at once (RFC 7053).
	SACKImmediately bool

	// AuthKey is the number of the key to authenticate the message with, in place of
	// the active one, which 0 means (RFC 4895). The association must have the key:
	// see [Options.SetAuthKey]. Where its peer does not want DATA authenticated it is
	// ignored. Needs Linux 4.17.
	AuthKey uint16

	// PPID is the payload protocol identifier, in host order: 60 for NGAP is 60
	// here and on the wire. SCTP itself does not use it.
	PPID uint32

	// Assoc is the association to send to, on a one-to-many socket. On a Conn it is
	// ignored.
	Assoc AssocID

	// Context comes back in SendFailed if the message fails.
	Context uint32

	// PR says when to give the message up.
	PR PRInfo

	// Addr is the peer's address and port to send the message to, in place of the
	// primary path. The zero AddrPort leaves the choice to the kernel. While the path is
	// not confirmed ([PathUnconfirmed]), Linux sends to the primary path all the same. On
	// a Conn that was peeled off, where Linux ignores it, it fails with EINVAL: use
	// [Options.SetPrimaryAddr].
	Addr netip.AddrPort
}

// encode appends the control messages of info to b. A SCTP_PRINFO is always there:
// without one the message would inherit the socket's lifetime. A SCTP_AUTHINFO, which
// older kernels do not know, only with a key.
func (info *SndInfo) encode(b []byte) ([]byte, error) {
	pr, err := info.PR.value()
	if err != nil {
		return nil, err
	}
	snd := info.kernel()
	b = sys.AppendCmsg(b, sys.SCTP_SNDINFO, &snd)
	b = sys.AppendCmsg(b, sys.SCTP_PRINFO, &sys.PRInfo{Policy: uint16(info.PR.Policy), Value: pr})
	if info.AuthKey != 0 {
		b = sys.AppendCmsg(b, sys.SCTP_AUTHINFO, &sys.AuthInfo{KeyNumber: info.AuthKey})
	}
	return b, nil
}

// kernel returns the struct sctp_sndinfo of info.
func (info *SndInfo) kernel() sys.SndInfo {
	k := sys.SndInfo{SID: info.Stream, PPID: sys.Htonl(info.PPID), Context: info.Context, AssocID: int32(info.Assoc)}
	if info.Unordered {
		k.Flags |= sys.SCTP_UNORDERED
	}
	if info.SACKImmediately {
		k.Flags |= sys.SCTP_SACK_IMMEDIATELY
	}
	if info.Addr.IsValid() {
		k.Flags |= sys.SCTP_ADDR_OVER
	}
	return k
}

// decodeSndInfo is the inverse of kernel.
func decodeSndInfo(k sys.SndInfo) SndInfo {
	return SndInfo{
		Stream:          k.SID,
		Unordered:       k.Flags&sys.SCTP_UNORDERED != 0,
		SACKImmediately: k.Flags&sys.SCTP_SACK_IMMEDIATELY != 0,
		PPID:            sys.Ntohl(k.PPID),
		Context:         k.Context,
	}
}

// decodeRcvInfo decodes the SCTP_RCVINFO among the control messages in b, and reports
// whether there is one.
func decodeRcvInfo(b []byte) (RcvInfo, bool) {
	r, _, ok := sys.Decode[sys.RcvInfo](sys.FindCmsg(b, sys.SCTP_RCVINFO))
	if !ok {
		return RcvInfo{}, false
	}
	return RcvInfo{
		Stream:    r.SID,
		SSN:       r.SSN,
		PPID:      sys.Ntohl(r.PPID),
		TSN:       r.TSN,
		CumTSN:    r.CumTSN,
		Context:   r.Context,
		Assoc:     AssocID(r.AssocID),
		Unordered: r.Flags&sys.SCTP_UNORDERED != 0,
	}, true
}
