package sctp

import (
	"errors"
	"math"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// SACKInfo says when received data are acknowledged (struct sctp_sack_info).
type SACKInfo struct {
	// Delay is how long an acknowledgement may wait for more data, at most 500 ms,
	// rounded up to milliseconds and by the kernel to its clock's ticks. It reads as
	// 0 where acknowledgements are not delayed.
	Delay time.Duration

	// Freq is the number of packets at which an acknowledgement does not wait any
	// more. With 1 none waits, whatever the Delay.
	Freq int
}

var optDelayedSACK = option[SACKInfo, sys.SACKInfo]{
	sockopt: sctpOption(sys.SCTP_DELAYED_SACK, "SCTP_DELAYED_SACK"), assoc: true,
	decode: func(k *sys.SACKInfo) SACKInfo { return SACKInfo{duration(k.Delay), size(k.Freq)} },
	encode: func(v SACKInfo, k *sys.SACKInfo) error {
		k.Freq = uint32(v.Freq)
		return errors.Join(checkRange("SACKInfo.Freq", v.Freq, 0, math.MaxInt32), setSACKDelay(&k.Delay, v.Delay))
	},
}

// DelayedSACK returns SCTP_DELAYED_SACK (RFC 6458 section 8.1.19).
func (o Options) DelayedSACK() (SACKInfo, error) { return optDelayedSACK.get(o) }

// SetDelayedSACK sets SCTP_DELAYED_SACK (RFC 6458 section 8.1.19). Zero fields are left
// unchanged. It fails with EINVAL if Delay is more than 500 ms.
func (o Options) SetDelayedSACK(v SACKInfo) error { return optDelayedSACK.set(o, v) }

// setSACKDelay is setMillis for the delay of an acknowledgement, which the kernel
// limits (RFC 9260 section 6.2).
func setSACKDelay(field *uint32, d time.Duration) error {
	if d > 500*time.Millisecond {
		return invalidError("a SACK delay of %v is more than 500ms", d)
	}
	return setMillis(field, d)
}

var optFragmentInterleave = boolOption(sctpOption(sys.SCTP_FRAGMENT_INTERLEAVE, "SCTP_FRAGMENT_INTERLEAVE"))

// FragmentInterleave returns SCTP_FRAGMENT_INTERLEAVE (RFC 6458 section 8.1.20).
func (o Options) FragmentInterleave() (bool, error) { return optFragmentInterleave.get(o) }

// SetFragmentInterleave sets SCTP_FRAGMENT_INTERLEAVE (RFC 6458 section 8.1.20): whether
// pieces of a long message may be delivered between messages of other associations and,
// with I-DATA, of other streams. If it is off on a one-to-many socket, a message that is
// delivered in part holds up all associations. Switching it off also switches off the use
// of I-DATA.
func (o Options) SetFragmentInterleave(on bool) error { return optFragmentInterleave.set(o, on) }

var optPartialDeliveryPoint = intOption(sctpOption(sys.SCTP_PARTIAL_DELIVERY_POINT, "SCTP_PARTIAL_DELIVERY_POINT",
	hint{sys.EINVAL, "more than half of the receive buffer"}), 0, 1<<31-1)

// PartialDeliveryPoint returns SCTP_PARTIAL_DELIVERY_POINT (RFC 6458 section 8.1.21).
func (o Options) PartialDeliveryPoint() (int, error) { return optPartialDeliveryPoint.get(o) }

// SetPartialDeliveryPoint sets SCTP_PARTIAL_DELIVERY_POINT (RFC 6458 section 8.1.21): the
// number of bytes of a message after which the kernel delivers it in pieces. With 0, the
// default, it does so only when the receive window is full. It fails with EINVAL for more
// than half of the receive buffer.
func (o Options) SetPartialDeliveryPoint(n int) error { return optPartialDeliveryPoint.set(o, n) }

var optContext = assocValueOption[uint32](sctpOption(sys.SCTP_CONTEXT, "SCTP_CONTEXT"))

// Context returns SCTP_CONTEXT (RFC 6458 section 8.1.25).
func (o Options) Context() (uint32, error) { return optContext.get(o) }

// SetContext sets SCTP_CONTEXT (RFC 6458 section 8.1.25): the Context in the RcvInfo of
// received messages. It has nothing to do with the Context of a SndInfo.
func (o Options) SetContext(v uint32) error { return optContext.set(o, v) }
