package sys

import (
	"net/netip"
	"unsafe"
)

// outControlSize holds one SCTP_SNDINFO, one SCTP_PRINFO, one SCTP_AUTHINFO and one
// SCTP_DSTADDRV4: 104.
const outControlSize = 128

// inControlSize holds what Linux writes in front of SCTP_RCVINFO, and that: SO_TIMESTAMPNS
// or SO_TIMESTAMP (32 bytes), SO_TIMESTAMPING (64) with SOF_TIMESTAMPING_OPT_PKTINFO (32),
// SO_RXQ_OVFL, SO_RCVMARK, SO_RCVPRIORITY and SO_WIFI_STATUS (24 each), SCTP_NXTINFO,
// SCTP_RCVINFO and SCTP_SNDRCV (48 each): 368.
const inControlSize = 512

// MaxParts is how many slices Send takes (UIO_MAXIOV of linux/uio.h).
const MaxParts = 1024

// An ancillary is what an OutMsg sends beside its data.
type ancillary struct {
	control [outControlSize]byte // aligned like the structs that it holds: the first field
	used    int                  // of control
	name    [SizeofSockaddrIn6]byte
	named   int // bytes of name
}

// Reset forgets the address and the control messages.
func (a *ancillary) Reset() { a.used, a.named = 0, 0 }

// SetAddr sets the address to send to; the invalid one is the unspecified one of family.
func (a *ancillary) SetAddr(family int, ap netip.AddrPort) {
	a.named = len(AppendSockaddr(a.name[:0], family, ap))
}

// HasAddr reports whether there is an address.
func (a *ancillary) HasAddr() bool { return a.named > 0 }

// AddCmsg adds a control message of level SOL_SCTP that holds a T, which is zero, and
// returns that.
func AddCmsg[T any](m *OutMsg, typ int) *T {
	c := (*cmsg[T])(unsafe.Pointer(unsafe.SliceData(m.control[m.used:][:unsafe.Sizeof(cmsg[T]{})])))
	*c = newCmsg[T](typ)
	m.used += int(unsafe.Sizeof(*c))
	return &c.data
}
