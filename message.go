package sctp

import (
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// A Message is what ReadMsg returns: a message, a part of one, or an event.
type Message struct {
	// Data is the filled part of the caller's buffer, or of an iterator's.
	Data []byte

	// Info describes the message. For an event only its Assoc is set.
	Info RcvInfo

	// Addr is the address that the message came from, one of the peer's paths. For an
	// event it is the peer's primary address.
	Addr netip.AddrPort

	// EOR (end of record) reports whether the message ends with Data. If it is false,
	// later reads return the rest.
	EOR bool

	// Control holds the other control messages that came with the message, as the
	// kernel sends them, if an option that a Control function has set asks for some,
	// such as SO_TIMESTAMPNS. It is nil if there are none. It belongs to the caller.
	Control []byte

	// Event is the event, or nil if this is a message.
	Event Event

	// Notification holds the bytes of the Event as the kernel sends them, for programs
	// that decode the structs of RFC 6458 section 6.1 themselves. It is nil for a
	// SendFailed, which is assembled from several. It belongs to the caller.
	Notification []byte
}

// RcvInfo describes a received message (struct sctp_rcvinfo, RFC 6458 section 5.3.5).
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

// Reply returns the SndInfo of an answer: for the same association and stream, with the
// same PPID, and unordered if the message was.
func (i RcvInfo) Reply() *SndInfo {
	return &SndInfo{Stream: i.Stream, Unordered: i.Unordered, PPID: i.PPID, Assoc: i.Assoc}
}

// SndInfo says how to send a message (struct sctp_sndinfo, struct sctp_prinfo and
// struct sctp_authinfo, RFC 6458 sections 5.3.4, 5.3.7 and 5.3.8).
type SndInfo struct {
	// Stream is the stream to send on, less than the association's number of
	// outbound streams; see [Options.Status].
	Stream uint16

	// Unordered allows the message to overtake others of its stream.
	Unordered bool

	// SACKImmediately asks the peer to acknowledge the message at once (RFC 7053).
	SACKImmediately bool

	// AuthKey is the number of the key that authenticates the message (RFC 4895); 0
	// means the active key. The association must have the key: see
	// [Options.SetAuthKey]. It is ignored if the peer does not want DATA authenticated.
	// It needs Linux 4.17.
	AuthKey uint16

	// PPID is the payload protocol identifier, in host order: 60 for NGAP is 60
	// here and on the wire. SCTP itself does not use it.
	PPID uint32

	// Assoc is the association to send to, on a one-to-many socket. On a Conn it is
	// ignored.
	Assoc AssocID

	// Context comes back in SendFailed if the message fails.
	Context uint32

	// PR says when to give the message up; the zero value means never.
	PR PRInfo

	// Addr is the path to send the message on: one of the peer's addresses with its
	// port. The zero AddrPort leaves the choice to the kernel, which prefers the primary
	// path. Linux also sends on the primary path while the one in Addr is not confirmed
	// ([PathUnconfirmed]). On a peeled-off Conn, where Linux would ignore it, WriteMsg
	// fails with EINVAL: use [Options.SetPrimaryAddr].
	Addr netip.AddrPort
}

// addTo adds the control messages of info to m. A SCTP_PRINFO that is zero is there only
// if the message may have a lifetime by default, which it would inherit without one. A
// SCTP_AUTHINFO, which older kernels do not know, is there only with a key.
func (info *SndInfo) addTo(m *sys.OutMsg, lifetimes bool) error {
	info.fill(sys.AddCmsg[sys.SndInfo](m, sys.SCTP_SNDINFO))
	if info.PR != (PRInfo{}) || lifetimes {
		pr, err := info.PR.value()
		if err != nil {
			return err
		}
		*sys.AddCmsg[sys.PRInfo](m, sys.SCTP_PRINFO) = sys.PRInfo{Policy: uint16(info.PR.Policy), Value: pr}
	}
	if info.AuthKey != 0 {
		*sys.AddCmsg[sys.AuthInfo](m, sys.SCTP_AUTHINFO) = sys.AuthInfo{KeyNumber: info.AuthKey}
	}
	return nil
}

// fill makes k, which is zero, what info says.
func (info *SndInfo) fill(k *sys.SndInfo) {
	k.SID, k.PPID = info.Stream, sys.Htonl(info.PPID)
	k.Context, k.AssocID = info.Context, int32(info.Assoc)
	if info.Unordered {
		k.Flags |= sys.SCTP_UNORDERED
	}
	if info.SACKImmediately {
		k.Flags |= sys.SCTP_SACK_IMMEDIATELY
	}
	if info.Addr.IsValid() {
		k.Flags |= sys.SCTP_ADDR_OVER
	}
}

// decodeSndInfo is the inverse of fill.
func decodeSndInfo(k sys.SndInfo) SndInfo {
	return SndInfo{
		Stream:          k.SID,
		Unordered:       k.Flags&sys.SCTP_UNORDERED != 0,
		SACKImmediately: k.Flags&sys.SCTP_SACK_IMMEDIATELY != 0,
		PPID:            sys.Ntohl(k.PPID),
		Context:         k.Context,
	}
}

// decode makes i what k says.
func (i *RcvInfo) decode(k *sys.RcvInfo) {
	i.Stream, i.SSN = k.SID, k.SSN
	i.PPID = sys.Ntohl(k.PPID)
	i.TSN, i.CumTSN = k.TSN, k.CumTSN
	i.Context = k.Context
	i.Assoc = AssocID(k.AssocID)
	i.Unordered = k.Flags&sys.SCTP_UNORDERED != 0
}
