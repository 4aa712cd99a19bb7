package sctp

import "github.com/netsctp/sctp"

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

// subscribeFlag switches the event of one flag on or off, and leaves the others.
func subscribeFlag(fd, flag int, on bool) error {
	var e EventSubscribe
	err := getOption(fd, SCTP_EVENTS, &e)
	if err != nil {
		return err
	}
	for i, f := range e.fields() {
		if flag == 1<<i {
			*f = 0
			if on {
				*f = 1
			}
		}
	}
	return setOption(fd, SCTP_EVENTS, &e)
}
