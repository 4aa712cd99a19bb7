package sctp

import (
	"bytes"

	"github.com/netsctp/sctp/internal/sys"
)

// maxEvent bounds the size of a notification: what carries a message that failed,
// of at most 64 KiB a chunk, and the headers around it. A longer one does not
// exist; should the kernel send one, its end is dropped.
const maxEvent = 128 << 10

// decodeEvent decodes one whole notification. It returns nil if b is too short to
// be one, and an *UnknownEvent for what it has no type for or what is shorter than
// its type.
func decodeEvent(b []byte) Event {
	h, body, ok := sys.Decode[sys.NotificationHeader](b)
	if !ok {
		return nil
	}
	if decode, ok := eventDecoders[h.Type]; ok {
		if ev := decode(b); ev != nil {
			return ev
		}
	}
	return &UnknownEvent{EventType: EventType(h.Type), Flags: h.Flags, Data: bytes.Clone(body)}
}

// eventDecoders has a function for each type of notification; it returns nil if
// the notification is too short.
var eventDecoders = map[uint16]func(b []byte) Event{
	sys.SCTP_ASSOC_CHANGE: eventOf(func(e sys.AssocChange, info []byte) Event {
		return &AssocChange{
			Assoc:      AssocID(e.AssocID),
			State:      AssocChangeState(e.State),
			Cause:      Cause(sys.Ntohs(e.Error)),
			InStreams:  e.InboundStreams,
			OutStreams: e.OutboundStreams,
			Info:       bytes.Clone(info),
		}
	}),
	sys.SCTP_SHUTDOWN_EVENT: eventOf(func(e sys.ShutdownEvent, _ []byte) Event {
		return &Shutdown{Assoc: AssocID(e.AssocID)}
	}),
	sys.SCTP_PARTIAL_DELIVERY_EVENT: eventOf(func(e sys.PDAPIEvent, _ []byte) Event {
		return &PartialDelivery{
			Assoc:     AssocID(e.AssocID),
			Stream:    uint16(e.Stream),
			Seq:       e.Seq,
			Unordered: e.Flags&sys.SCTP_UNORDERED != 0,
		}
	}),
	sys.SCTP_SEND_FAILED_EVENT: eventOf(func(e sys.SendFailedEvent, data []byte) Event {
		return &SendFailed{
			Assoc: AssocID(e.AssocID),
			Sent:  e.Flags&sys.SCTP_DATA_SENT != 0,
			Cause: Cause(sys.Ntohs(uint16(e.Error))),
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

// eventOf makes a decoder from what turns the kernel's struct and the bytes behind
// it into an event. What of b lies beyond the length in its header is not part of
// it.
func eventOf[T any](event func(v T, rest []byte) Event) func(b []byte) Event {
	return func(b []byte) Event {
		h, _, _ := sys.Decode[sys.NotificationHeader](b)
		if uint64(h.Length) < uint64(len(b)) {
			b = b[:h.Length]
		}
		v, rest, ok := sys.Decode[T](b)
		if !ok {
			return nil
		}
		return event(v, rest)
	}
}
