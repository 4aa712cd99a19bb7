package sctp

import (
	"fmt"
)

// EventType is a type of event. The values are the kernel's (sctp_sn_type, RFC 6458
// section 6.1).
type EventType uint16

const (
	EventAssocChange          EventType = 0x8001 // SCTP_ASSOC_CHANGE, *AssocChange
	EventPeerAddrChange       EventType = 0x8002 // SCTP_PEER_ADDR_CHANGE, *PeerAddrChange
	EventRemoteError          EventType = 0x8004 // SCTP_REMOTE_ERROR, *RemoteError
	EventShutdown             EventType = 0x8005 // SCTP_SHUTDOWN_EVENT, *Shutdown
	EventPartialDelivery      EventType = 0x8006 // SCTP_PARTIAL_DELIVERY_EVENT, *PartialDelivery
	EventAdaptationIndication EventType = 0x8007 // SCTP_ADAPTATION_INDICATION, *AdaptationIndication
	EventAuthentication       EventType = 0x8008 // SCTP_AUTHENTICATION_EVENT, *Authentication
	EventSenderDry            EventType = 0x8009 // SCTP_SENDER_DRY_EVENT, *SenderDry
	EventStreamReset          EventType = 0x800a // SCTP_STREAM_RESET_EVENT, *StreamReset
	EventAssocReset           EventType = 0x800b // SCTP_ASSOC_RESET_EVENT, *AssocReset
	EventStreamChange         EventType = 0x800c // SCTP_STREAM_CHANGE_EVENT, *StreamChange
	EventSendFailed           EventType = 0x800d // SCTP_SEND_FAILED_EVENT, *SendFailed
)

// eventTypes has the types that can be subscribed to. Since is the first Linux that
// knows the type, where that is later than 4.0.
var eventTypes = map[EventType]struct{ name, since string }{
	EventAssocChange:          {"AssocChange", ""},
	EventPeerAddrChange:       {"PeerAddrChange", ""},
	EventRemoteError:          {"RemoteError", ""},
	EventShutdown:             {"Shutdown", ""},
	EventPartialDelivery:      {"PartialDelivery", ""},
	EventAdaptationIndication: {"AdaptationIndication", ""},
	EventAuthentication:       {"Authentication", ""},
	EventSenderDry:            {"SenderDry", ""},
	EventStreamReset:          {"StreamReset", "4.11"},
	EventAssocReset:           {"AssocReset", "4.12"},
	EventStreamChange:         {"StreamChange", "4.12"},
	EventSendFailed:           {"SendFailed", "5.5"},
}

// String returns the name of t's event, as in "AssocChange".
func (t EventType) String() string {
	if e, ok := eventTypes[t]; ok {
		return e.name
	}
	return fmt.Sprintf("EventType(%#x)", uint16(t))
}

// An Event is what the kernel reports about an association, in the order in which it
// happened among the messages: a pointer to one of the structs named after the [EventType]
// constants, or an *[UnknownEvent]. It owns its memory. A Conn returns the events that it
// was subscribed to with [Conn.Subscribe], or with the Events of a [Dialer] or
// [ListenConfig], which also include what happens while the association is set up.
//
//	switch ev := m.Event.(type) {
//	case nil: // a message
//	case *sctp.PeerAddrChange:
type Event interface {
	// Type returns the event's type.
	Type() EventType
	assoc() AssocID
}

func (*AssocChange) Type() EventType          { return EventAssocChange }
func (*PeerAddrChange) Type() EventType       { return EventPeerAddrChange }
func (*RemoteError) Type() EventType          { return EventRemoteError }
func (*Shutdown) Type() EventType             { return EventShutdown }
func (*PartialDelivery) Type() EventType      { return EventPartialDelivery }
func (*AdaptationIndication) Type() EventType { return EventAdaptationIndication }
func (*Authentication) Type() EventType       { return EventAuthentication }
func (*SenderDry) Type() EventType            { return EventSenderDry }
func (*StreamReset) Type() EventType          { return EventStreamReset }
func (*AssocReset) Type() EventType           { return EventAssocReset }
func (*StreamChange) Type() EventType         { return EventStreamChange }
func (*SendFailed) Type() EventType           { return EventSendFailed }

// Type returns the kernel's number.
func (e *UnknownEvent) Type() EventType { return e.EventType }

func (e *AssocChange) assoc() AssocID          { return e.Assoc }
func (e *PeerAddrChange) assoc() AssocID       { return e.Assoc }
func (e *RemoteError) assoc() AssocID          { return e.Assoc }
func (e *Shutdown) assoc() AssocID             { return e.Assoc }
func (e *PartialDelivery) assoc() AssocID      { return e.Assoc }
func (e *AdaptationIndication) assoc() AssocID { return e.Assoc }
func (e *Authentication) assoc() AssocID       { return e.Assoc }
func (e *SenderDry) assoc() AssocID            { return e.Assoc }
func (e *StreamReset) assoc() AssocID          { return e.Assoc }
func (e *AssocReset) assoc() AssocID           { return e.Assoc }
func (e *StreamChange) assoc() AssocID         { return e.Assoc }
func (e *SendFailed) assoc() AssocID           { return e.Assoc }
func (e *UnknownEvent) assoc() AssocID         { return 0 }

// UnknownEvent is an event that the package has no type for.
type UnknownEvent struct {
	EventType EventType
	Flags     uint16
	Data      []byte // what follows the header sn_type, sn_flags, sn_length
}
