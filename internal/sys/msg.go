package sys

// controlSize holds what a message carries either way: on its way in one
// SCTP_RCVINFO, on its way out one SCTP_SNDINFO, one SCTP_PRINFO, one
// SCTP_AUTHINFO and one SCTP_DSTADDRV4.
const controlSize = 512

// Control returns the empty control buffer of m, to append control messages to
// and hand to Send.
func (m *Msg) Control() []byte { return m.control[:0] }

// Name returns the empty address buffer of m, to append a socket address to and
// hand to Send.
func (m *Msg) Name() []byte { return m.name[:0] }
