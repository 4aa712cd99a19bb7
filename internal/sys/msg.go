package sys

// outControlSize holds one SCTP_SNDINFO, one SCTP_PRINFO, one SCTP_AUTHINFO and one
// SCTP_DSTADDRV4: 104.
const outControlSize = 128

// inControlSize holds what Linux writes in front of SCTP_RCVINFO, and that: SO_TIMESTAMPNS
// or SO_TIMESTAMP (32 bytes), SO_TIMESTAMPING (64) with SOF_TIMESTAMPING_OPT_PKTINFO (32),
// SO_RXQ_OVFL, SO_RCVMARK, SO_RCVPRIORITY and SO_WIFI_STATUS (24 each), SCTP_NXTINFO,
// SCTP_RCVINFO and SCTP_SNDRCV (48 each): 368.
const inControlSize = 512

// MaxParts is how many slices SendParts takes (UIO_MAXIOV of linux/uio.h).
const MaxParts = 1024

// Control returns the empty control buffer of m, to append control messages to
// and hand to Send.
func (m *OutMsg) Control() []byte { return m.control[:0] }

// Name returns the empty address buffer of m, to append a socket address to and
// hand to Send.
func (m *OutMsg) Name() []byte { return m.name[:0] }
