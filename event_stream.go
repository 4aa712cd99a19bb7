package sctp

// StreamReset reports that the sequence numbers of streams were reset, or not
// (SCTP_STREAM_RESET_EVENT, RFC 6525 section 6.1.1). It comes at both ends. It needs Linux
// 4.11.
type StreamReset struct {
	Assoc AssocID

	// Incoming and Outgoing say which streams are meant, as seen from this end.
	Incoming, Outgoing bool

	// Denied is set if the peer refused the request, and Failed if it went wrong
	// otherwise. If neither is, it was carried out.
	Denied, Failed bool

	// Streams holds the streams; none means all of them.
	Streams []uint16
}

// AssocReset reports that the TSNs and all streams of the association were reset, or not
// (SCTP_ASSOC_RESET_EVENT, RFC 6525 section 6.1.2). It needs Linux 4.12.
type AssocReset struct {
	Assoc AssocID

	// Denied is set if the peer refused the request, and Failed if it went wrong
	// otherwise. If neither is, it was carried out.
	Denied, Failed bool

	// LocalTSN and PeerTSN are the first transmission sequence numbers that this end
	// and the peer use from now on. They are 0 unless it was carried out.
	LocalTSN, PeerTSN uint32
}

// StreamChange reports that streams were added to the association, or not
// (SCTP_STREAM_CHANGE_EVENT, RFC 6525 section 6.1.3). It needs Linux 4.12.
type StreamChange struct {
	Assoc AssocID

	// Denied is set if the peer refused the request, and Failed if it went wrong
	// otherwise. If neither is, it was carried out.
	Denied, Failed bool

	// InAdded and OutAdded are how many were, or should have been, added: the
	// kernel's numbers, where the RFC has the new totals. See [Options.Status].
	InAdded, OutAdded uint16
}
