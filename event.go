package sctp

import (
	"fmt"

	"github.com/netsctp/sctp/internal/sys"
)

// EventType names a kind of event, to subscribe to it. The values are the
// kernel's (sctp_sn_type, RFC 6458 section 6.1).
type EventType uint16

const (
	EventAssocChange          EventType = sys.SCTP_ASSOC_CHANGE           // *AssocChange
	EventPeerAddrChange       EventType = sys.SCTP_PEER_ADDR_CHANGE       // *UnknownEvent
	EventRemoteError          EventType = sys.SCTP_REMOTE_ERROR           // *UnknownEvent
	EventShutdown             EventType = sys.SCTP_SHUTDOWN_EVENT         // *Shutdown
	EventPartialDelivery      EventType = sys.SCTP_PARTIAL_DELIVERY_EVENT // *PartialDelivery
	EventAdaptationIndication EventType = sys.SCTP_ADAPTATION_INDICATION  // *UnknownEvent
	EventAuthentication       EventType = sys.SCTP_AUTHENTICATION_EVENT   // *UnknownEvent
	EventSenderDry            EventType = sys.SCTP_SENDER_DRY_EVENT       // *UnknownEvent
	EventStreamReset          EventType = sys.SCTP_STREAM_RESET_EVENT     // *UnknownEvent
	EventAssocReset           EventType = sys.SCTP_ASSOC_RESET_EVENT      // *UnknownEvent
	EventStreamChange         EventType = sys.SCTP_STREAM_CHANGE_EVENT    // *UnknownEvent
	EventSendFailed           EventType = sys.SCTP_SEND_FAILED_EVENT      // *SendFailed
)

var eventNames = map[EventType]string{
	EventAssocChange:          "AssocChange",
	EventPeerAddrChange:       "PeerAddrChange",
	EventRemoteError:          "RemoteError",
	EventShutdown:             "Shutdown",
	EventPartialDelivery:      "PartialDelivery",
	EventAdaptationIndication: "AdaptationIndication",
	EventAuthentication:       "Authentication",
	EventSenderDry:            "SenderDry",
	EventStreamReset:          "StreamReset",
	EventAssocReset:           "AssocReset",
	EventStreamChange:         "StreamChange",
	EventSendFailed:           "SendFailed",
}

// String returns the name of t's event, as in "AssocChange".
func (t EventType) String() string {
	if s, ok := eventNames[t]; ok {
		return s
	}
	return fmt.Sprintf("EventType(%#x)", uint16(t))
}

// An Event is what the kernel tells about an association, in the order in which
// it happened between the messages: one of *[AssocChange], *[SendFailed],
// *[Shutdown], *[PartialDelivery] or *[UnknownEvent]. It owns its memory. A Conn
// returns the events that it was subscribed to with [Conn.Subscribe], or
// with the Events of a [Dialer] or [ListenConfig].
type Event interface {
	// Type returns the event's type.
	Type() EventType
	assoc() AssocID
}

// AssocChange says that an association came up or ended (SCTP_ASSOC_CHANGE, RFC
// 6458 section 6.1.1).
type AssocChange struct {
	Assoc AssocID
	State AssocChangeState

	// Cause says why the association was lost; 0 where the peer gave no cause.
	Cause Cause

	// InStreams and OutStreams are the counts that both ends agreed on. They are
	// set for CommUp and Restart.
	InStreams, OutStreams uint16

	// Info holds the error causes of the ABORT that ended the association, as the
	// peer sent them (RFC 9260 section 3.3.10). It is set for CommLost, and only
	// if an ABORT from the peer was the reason.
	Info []byte
}

// SendFailed returns a message, or a fragment of one, that was not, or maybe not,
// delivered (SCTP_SEND_FAILED_EVENT, RFC 6458 section 6.1.11). It needs Linux 5.5.
type SendFailed struct {
	Assoc AssocID

	// Sent reports whether the data were put on the wire: the peer may have them.
	Sent bool

	// Cause is 0 where a message's lifetime or retransmissions ran out.
	Cause Cause

	// Info is the message's, without the policy of its partial reliability and its
	// path, which the kernel does not return.
	Info SndInfo

	Data []byte
}

// Shutdown says that the peer has begun to shut the association down: it takes no
// more messages (SCTP_SHUTDOWN_EVENT, RFC 6458 section 6.1.5).
type Shutdown struct{ Assoc AssocID }

// PartialDelivery says that the rest of a message that was read in part will not
// come (SCTP_PARTIAL_DELIVERY_EVENT, RFC 6458 section 6.1.6).
type PartialDelivery struct {
	Assoc AssocID

	// Stream, Seq and Unordered name the message. The kernel sets them only when
	// the association uses I-DATA (RFC 8260).
	Stream    uint16
	Seq       uint32
	Unordered bool
}

// UnknownEvent is an event that the package has no type for.
type UnknownEvent struct {
	EventType EventType
	Flags     uint16
	Data      []byte // what follows the header sn_type, sn_flags, sn_length
}

func (*AssocChange) Type() EventType     { return EventAssocChange }
func (*SendFailed) Type() EventType      { return EventSendFailed }
func (*Shutdown) Type() EventType        { return EventShutdown }
func (*PartialDelivery) Type() EventType { return EventPartialDelivery }

// Type returns the kernel's number.
func (e *UnknownEvent) Type() EventType { return e.EventType }

func (e *AssocChange) assoc() AssocID     { return e.Assoc }
func (e *SendFailed) assoc() AssocID      { return e.Assoc }
func (e *Shutdown) assoc() AssocID        { return e.Assoc }
func (e *PartialDelivery) assoc() AssocID { return e.Assoc }
func (e *UnknownEvent) assoc() AssocID    { return 0 }

// AssocChangeState says what happened to an association (sctp_sac_state).
type AssocChangeState uint16

const (
	CommUp       AssocChangeState = sys.SCTP_COMM_UP        // it is ready
	CommLost     AssocChangeState = sys.SCTP_COMM_LOST      // it failed: ABORT, or no answer
	Restart      AssocChangeState = sys.SCTP_RESTART        // the peer began anew
	ShutdownComp AssocChangeState = sys.SCTP_SHUTDOWN_COMP  // it ended in good order
	CantStrAssoc AssocChangeState = sys.SCTP_CANT_STR_ASSOC // it could not be set up
)

var assocChangeNames = [...]string{
	CommUp:       "communication up",
	CommLost:     "communication lost",
	Restart:      "restart",
	ShutdownComp: "shutdown complete",
	CantStrAssoc: "cannot start association",
}

// String returns what happened, in words.
func (s AssocChangeState) String() string {
	if int(s) < len(assocChangeNames) {
		return assocChangeNames[s]
	}
	return fmt.Sprintf("AssocChangeState(%d)", uint16(s))
}
