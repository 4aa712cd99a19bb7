package sctp

import (
	"bytes"
	"encoding/binary"

	"github.com/netsctp/sctp/internal/sys"
)

// maxEvent bounds the size of a notification: what carries a message that failed,
// of at most 64 KiB a chunk, and the headers around it. A longer one does not
// exist; should the kernel send one, its end is dropped.
const maxEvent = 128 << 10

// decodeEvent decodes one whole notification. It returns nil if b is too short to
// be one, and an *UnknownEvent for what it has no type for or what is shorter than
// its type.
func decodeEvent(b []byte, z *sys.Zones) Event {
	h, body, ok := sys.Decode[sys.NotificationHeader](b)
	if !ok {
		return nil
	}
	if decode, ok := eventDecoders[h.Type]; ok {
		if ev := decode(b, z); ev != nil {
			return ev
		}
	}
	return &UnknownEvent{EventType: EventType(h.Type), Flags: h.Flags, Data: bytes.Clone(body)}
}

// eventDecoders has a function for each type of notification; it returns nil if
// the notification is too short.
var eventDecoders = map[uint16]func(b []byte, z *sys.Zones) Event{
	sys.SCTP_ASSOC_CHANGE: eventOf(func(e *sys.AssocChange, info []byte) Event {
		return &AssocChange{
			Assoc:      AssocID(e.AssocID),
			State:      AssocChangeState(e.State),
			Cause:      Cause(sys.Ntohs(e.Error)),
			InStreams:  e.InboundStreams,
			OutStreams: e.OutboundStreams,
			Info:       bytes.Clone(info),
		}
	}),
	sys.SCTP_PEER_ADDR_CHANGE: eventWithAddrOf(func(e *sys.PAddrChange, z *sys.Zones, _ []byte) Event {
		// The field error is not a cause, but a number of the kernel's own.
		return &PeerAddrChange{
			Assoc: AssocID(e.AssocID),
			Addr:  e.Addr.Peer(z),
			State: PeerAddrChangeState(e.State),
		}
	}),
	sys.SCTP_REMOTE_ERROR: eventOf(func(e *sys.RemoteError, data []byte) Event {
		return &RemoteError{
			Assoc: AssocID(e.AssocID),
			Cause: Cause(sys.Ntohs(e.Error)),
			Data:  bytes.Clone(data),
		}
	}),
	sys.SCTP_SHUTDOWN_EVENT: eventOf(func(e *sys.ShutdownEvent, _ []byte) Event {
		return &Shutdown{Assoc: AssocID(e.AssocID)}
	}),
	sys.SCTP_PARTIAL_DELIVERY_EVENT: eventOf(func(e *sys.PDAPIEvent, _ []byte) Event {
		return &PartialDelivery{
			Assoc:     AssocID(e.AssocID),
			Stream:    uint16(e.Stream),
			Seq:       e.Seq,
			Unordered: e.Flags&sys.SCTP_UNORDERED != 0,
		}
	}),
	sys.SCTP_ADAPTATION_INDICATION: eventOf(func(e *sys.AdaptationEvent, _ []byte) Event {
		return &AdaptationIndication{Assoc: AssocID(e.AssocID), Indication: e.Indication}
	}),
	sys.SCTP_AUTHENTICATION_EVENT: eventOf(func(e *sys.AuthKeyEvent, _ []byte) Event {
		return &Authentication{
			Assoc:      AssocID(e.AssocID),
			Key:        e.KeyNumber,
			Indication: AuthIndication(e.Indication),
		}
	}),
	sys.SCTP_SENDER_DRY_EVENT: eventOf(func(e *sys.SenderDryEvent, _ []byte) Event {
		return &SenderDry{Assoc: AssocID(e.AssocID)}
	}),
	sys.SCTP_STREAM_RESET_EVENT: eventOf(func(e *sys.StreamResetEvent, streams []byte) Event {
		return &StreamReset{
			Assoc:    AssocID(e.AssocID),
			Incoming: e.Flags&sys.SCTP_STREAM_RESET_INCOMING_SSN != 0,
			Outgoing: e.Flags&sys.SCTP_STREAM_RESET_OUTGOING_SSN != 0,
			Denied:   e.Flags&sys.SCTP_STREAM_RESET_DENIED != 0,
			Failed:   e.Flags&sys.SCTP_STREAM_RESET_FAILED != 0,
			Streams:  decodeStreams(streams),
		}
	}),
	sys.SCTP_ASSOC_RESET_EVENT: eventOf(func(e *sys.AssocResetEvent, _ []byte) Event {
		// The kernel's local TSN is the one that the peer uses, and the other way round.
		return &AssocReset{
			Assoc:    AssocID(e.AssocID),
			Denied:   e.Flags&sys.SCTP_STREAM_RESET_DENIED != 0,
			Failed:   e.Flags&sys.SCTP_STREAM_RESET_FAILED != 0,
			LocalTSN: e.RemoteTSN,
			PeerTSN:  e.LocalTSN,
		}
	}),
	sys.SCTP_STREAM_CHANGE_EVENT: eventOf(func(e *sys.StreamChangeEvent, _ []byte) Event {
		return &StreamChange{
			Assoc:    AssocID(e.AssocID),
			Denied:   e.Flags&sys.SCTP_STREAM_RESET_DENIED != 0,
			Failed:   e.Flags&sys.SCTP_STREAM_RESET_FAILED != 0,
			InAdded:  e.InStreams,
			OutAdded: e.OutStreams,
		}
	}),
	sys.SCTP_SEND_FAILED_EVENT: eventOf(func(e *sys.SendFailedEvent, data []byte) Event {
		return &SendFailed{
			Assoc:     AssocID(e.AssocID),
			Sent:      e.NotificationHeader.Flags&sys.SCTP_DATA_SENT != 0,
			Truncated: e.Info.Flags&wholeMessage != wholeMessage,
			Cause:     Cause(sys.Ntohs(uint16(e.Error))),
			Info: SndInfo{
				Stream:    e.Info.SID,
				Unordered: e.Info.Flags&sys.SCTP_DATA_UNORDERED != 0,
				PPID:      sys.Ntohl(e.Info.PPID),
				Context:   e.Info.Context,
			},
			Data: bytes.Clone(data),
		}
	}),
}

// wholeMessage are the flags of a DATA chunk that is the first of a message and the last.
const wholeMessage = sys.SCTP_DATA_FIRST_FRAG | sys.SCTP_DATA_LAST_FRAG

// fragmentFlags returns the flags of the DATA chunk that a SCTP_SEND_FAILED_EVENT is of.
func fragmentFlags(b []byte) uint16 {
	e, _, _ := sys.Decode[sys.SendFailedEvent](b)
	return e.Info.Flags
}

// decodeStreams decodes as many stream identifiers as b has, in host order.
func decodeStreams(b []byte) []uint16 {
	if len(b) < 2 {
		return nil
	}
	streams := make([]uint16, len(b)/2)
	for i := range streams {
		streams[i] = binary.NativeEndian.Uint16(b[2*i:])
	}
	return streams
}

// eventOf makes a decoder from what turns the kernel's struct and the bytes behind
// it into an event. What of b lies beyond the length in its header is not part of
// it.
func eventOf[T any](event func(v *T, rest []byte) Event) func(b []byte, z *sys.Zones) Event {
	return eventWithAddrOf(func(v *T, _ *sys.Zones, rest []byte) Event { return event(v, rest) })
}

// eventWithAddrOf is eventOf for what has an address of the peer.
func eventWithAddrOf[T any](event func(v *T, z *sys.Zones, rest []byte) Event) func(b []byte, z *sys.Zones) Event {
	return func(b []byte, z *sys.Zones) Event {
		h, _, _ := sys.Decode[sys.NotificationHeader](b)
		if uint64(h.Length) < uint64(len(b)) {
			b = b[:h.Length]
		}
		v, rest, ok := sys.Decode[T](b)
		if !ok {
			return nil
		}
		return event(&v, z, rest)
	}
}
