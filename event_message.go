package sctp

// SendFailed returns a message that was not delivered, or may not have been
// (SCTP_SEND_FAILED_EVENT, RFC 6458 section 6.1.11). It comes when the kernel gives the
// message up, or after the AssocChange when the association is lost. The kernel returns
// the fragments of a long message one by one, including those that the peer has
// acknowledged; the package assembles them. It needs Linux 5.5.
type SendFailed struct {
	Assoc AssocID

	// Sent reports whether some of the message was sent: then the peer may have it.
	Sent bool

	// Truncated reports that the kernel has not returned the beginning or the end of
	// the message: it had no memory for them, or another process reads from the same
	// socket.
	Truncated bool

	// Cause is 0 if the message's lifetime or retransmissions ran out, or if the peer has
	// stopped answering.
	Cause Cause

	// Info describes the message, except for SACKImmediately, PR and Addr, which the
	// kernel does not return.
	Info SndInfo

	Data []byte
}

// PartialDelivery reports that the rest of a message that was read in part will not come
// (SCTP_PARTIAL_DELIVERY_EVENT, RFC 6458 section 6.1.7).
type PartialDelivery struct {
	Assoc AssocID

	// Stream, Seq and Unordered name the message. The kernel sets them only when
	// the association uses I-DATA (RFC 8260).
	Stream    uint16
	Seq       uint32
	Unordered bool
}

// SenderDry reports that the peer has acknowledged everything that was written
// (SCTP_SENDER_DRY_EVENT, RFC 6458 section 6.1.9). It comes each time that the last
// message is acknowledged, and at once when [Conn.Subscribe] asks for it while nothing is
// unacknowledged; every later Subscribe or Unsubscribe that leaves it on repeats that.
type SenderDry struct{ Assoc AssocID }
