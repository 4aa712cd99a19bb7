package sctp

// SendFailed returns a message that was not, or maybe not, delivered
// (SCTP_SEND_FAILED_EVENT, RFC 6458 section 6.1.11). It needs Linux 5.5. It comes when
// the kernel gives the message up, or when the association is lost, and then behind
// the AssocChange. The kernel returns the fragments of a long message one by one, those
// that the peer has acknowledged among them; the package puts them together.
type SendFailed struct {
	Assoc AssocID

	// Sent reports whether some of the message was put on the wire: the peer may have
	// it. If it is false, the peer has nothing of it.
	Sent bool

	// Truncated reports that the kernel has not returned the beginning or the end of
	// the message: it had no memory for them, or another process reads from the same
	// socket.
	Truncated bool

	// Cause is 0 where a message's lifetime or retransmissions ran out, or where the
	// peer did not answer any more.
	Cause Cause

	// Info is the message's, without its SACKImmediately, the policy of its partial
	// reliability and its path, which the kernel does not return.
	Info SndInfo

	Data []byte
}

// PartialDelivery says that the rest of a message that was read in part will not
// come (SCTP_PARTIAL_DELIVERY_EVENT, RFC 6458 section 6.1.7).
type PartialDelivery struct {
	Assoc AssocID

	// Stream, Seq and Unordered name the message. The kernel sets them only when
	// the association uses I-DATA (RFC 8260).
	Stream    uint16
	Seq       uint32
	Unordered bool
}

// SenderDry says that the peer has acknowledged all that was written
// (SCTP_SENDER_DRY_EVENT, RFC 6458 section 6.1.9). It comes each time that the last
// message is acknowledged, and at once when [Conn.Subscribe] asks for it while nothing is
// on its way; every later Subscribe or Unsubscribe that leaves it on repeats that.
type SenderDry struct{ Assoc AssocID }
