package sctp

import (
	"errors"
	"syscall"

	"github.com/netsctp/sctp"
)

// flagTypes has the package's event for each flag but SCTP_EVENT_DATA_IO, which is no event,
// and SCTP_EVENT_SEND_FAILURE, whose SCTP_SEND_FAILED the package does not subscribe to.
var flagTypes = map[int]sctp.EventType{
	SCTP_EVENT_ASSOCIATION:      sctp.EventAssocChange,
	SCTP_EVENT_ADDRESS:          sctp.EventPeerAddrChange,
	SCTP_EVENT_PEER_ERROR:       sctp.EventRemoteError,
	SCTP_EVENT_SHUTDOWN:         sctp.EventShutdown,
	SCTP_EVENT_PARTIAL_DELIVERY: sctp.EventPartialDelivery,
	SCTP_EVENT_ADAPTATION_LAYER: sctp.EventAdaptationIndication,
	SCTP_EVENT_AUTHENTICATION:   sctp.EventAuthentication,
	SCTP_EVENT_SENDER_DRY:       sctp.EventSenderDry,
}

// eventTypes returns the package's events for flags.
func eventTypes(flags int) (types []sctp.EventType) {
	for flag, t := range flagTypes {
		if flags&flag != 0 {
			types = append(types, t)
		}
	}
	return types
}

// fields returns the fields of e in the order of the flags' bits.
func (e *EventSubscribe) fields() [10]*uint8 {
	return [10]*uint8{&e.DataIO, &e.Association, &e.Address, &e.SendFailure, &e.PeerError,
		&e.Shutdown, &e.PartialDelivery, &e.AdaptationLayer, &e.Authentication, &e.SenderDry}
}

// subscribedEvents returns the flags of what the kernel sends on fd.
func subscribedEvents(fd int) (flags int, err error) {
	var e EventSubscribe
	if err := getOption(fd, SCTP_EVENTS, &e); err != nil {
		return 0, err
	}
	for i, on := range e.fields() {
		if *on != 0 {
			flags |= 1 << i
		}
	}
	return flags, nil
}

// subscribeSendFailed switches SCTP_SEND_FAILED on, which every SetEvents switches off. With
// SCTP_EVENTS the kernel would repeat a SENDER_DRY that is on.
func subscribeSendFailed(fd int) error {
	const sctpEvent, allAssoc = 127, 2 // SCTP_EVENT, SCTP_ALL_ASSOC
	k := struct {
		assoc int32
		typ   uint16
		on    uint8
	}{allAssoc, uint16(SCTP_SEND_FAILED), 1}
	err := setOption(fd, sctpEvent, &k)
	if !errors.Is(err, syscall.ENOPROTOOPT) {
		return err
	}
	var e EventSubscribe // before Linux 5.0
	if err := getOption(fd, SCTP_EVENTS, &e); err != nil {
		return err
	}
	e.SendFailure = 1
	return setOption(fd, SCTP_EVENTS, &e)
}
