package sctp

import "github.com/netsctp/sctp/internal/sys"

// A partKey names the message that a piece belongs to. Without I-DATA an association
// delivers one at a time, whatever its peer says of the pieces; with it, the kernel may
// deliver pieces of several in turn.
type partKey struct {
	assoc     AssocID
	alone     bool // without I-DATA; then nothing follows
	stream    uint16
	unordered bool
	mid       uint16 // of an unordered message
}

// interleavedKey returns the key of the message that a piece with info belongs to, with
// I-DATA. Amid a long unordered message the kernel delivers short ones of the same stream.
// Its SSN is the half of I-DATA's message identifier that lies first in memory: on
// big-endian machines that tells nothing.
func interleavedKey(info *RcvInfo) partKey {
	key := partKey{assoc: info.Assoc, stream: info.Stream, unordered: info.Unordered}
	if info.Unordered {
		key.mid = info.SSN
	}
	return key
}

// isOf reports whether ev is about the message. The kernel delivers one unordered message
// of a stream in pieces at a time.
func (k partKey) isOf(ev *PartialDelivery) bool {
	return k.assoc == ev.Assoc && (k.alone || k.stream == ev.Stream && k.unordered == ev.Unordered)
}

// drops reports whether what Recv read is of a message whose rest is not wanted.
func (r *reader) drops(fd uintptr, flags int) bool {
	info, eor := decodeRcvInfo(r.msg.Rcvd()), flags&sys.MSG_EOR != 0
	return r.parts.drops(r.keyOf(fd, &info, eor), eor)
}

// keyOf returns the key of the message that a piece with info belongs to.
func (r *reader) keyOf(fd uintptr, info *RcvInfo, eor bool) partKey {
	key, alone := interleavedKey(info), partKey{assoc: info.Assoc, alone: true}
	switch {
	case r.begun(key) || !r.begun(alone) && (eor || r.src.idata(fd, info.Assoc)):
		return key // of a message that is whole, nobody asks again
	default:
		return alone
	}
}

// begun reports whether a piece of the message was read before.
func (r *reader) begun(key partKey) bool { return r.parts.has(key) || r.src.has(key) }
