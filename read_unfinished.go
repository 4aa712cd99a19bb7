package sctp

import (
	"fmt"
	"math"
	"slices"

	"github.com/netsctp/sctp/internal/sys"
)

// A fate says what becomes of the rest of a message whose end was not read yet.
type fate uint8

const (
	handedOut fate = iota // Read or ReadMsg has returned a part: the rest is theirs
	kept                  // an iterator, or ReadFrom, puts it together
	tooLong               // for the iterator: the rest is skipped, and its length told
	cut                   // was handedOut, but an iterator or ReadFrom has met the rest: that is dropped
	unwanted              // ReadFrom has returned what its buffer could take: the rest is dropped
)

// A partial is what is known of a message whose end was not read yet.
type partial struct {
	fate fate
	m    Message // of the first piece, without Data
	data []byte  // what no call has returned yet
	size int     // of what was skipped

	limit   int  // that was too small for it
	crowded bool // the limit is that of all messages that ReadFrom puts together
}

// unfinished is the one table of the messages of which a part was read and not the end. It
// belongs to the reader and not to an iterator: concurrent iterators, and one that begins
// after a deadline, go on with what is kept. It is guarded by the reader's queue.
type unfinished struct {
	messages map[partKey]*partial
	mids     map[partKey][]uint16 // of the unordered messages of a stream, whose key has none here

	size  int      // bytes that are kept; 0 if no message is
	left  int      // bytes of all messages that no call has returned yet
	most  int      // how many messages there were since there was none
	quiet int      // messages whose rest is skipped or dropped
	spare *partial // to be used again
}

func (u *unfinished) empty() bool { return len(u.messages) == 0 }

// begin enters a message.
func (u *unfinished) begin(key partKey, m Message, f fate) *partial {
	p := u.spare
	if u.spare = nil; p == nil {
		p = new(partial)
	}
	m.Data, m.EOR = nil, false
	*p = partial{fate: f, m: m}
	u.enter(key, p)
	return p
}

// enter enters p.
func (u *unfinished) enter(key partKey, p *partial) {
	if u.messages == nil {
		u.messages = map[partKey]*partial{}
	}
	u.messages[key] = p
	if key.unordered {
		if u.mids == nil {
			u.mids = map[partKey][]uint16{}
		}
		of := key.withoutMID()
		u.mids[of] = append(u.mids[of], key.mid)
	}
	u.most = max(u.most, len(u.messages))
	u.count(p, 1)
}

// end removes a message, if it is there.
func (u *unfinished) end(key partKey) {
	p := u.messages[key]
	if p == nil {
		return
	}
	delete(u.messages, key)
	if key.unordered {
		of := key.withoutMID()
		mids := slices.DeleteFunc(u.mids[of], func(mid uint16) bool { return mid == key.mid })
		if u.mids[of] = mids; len(mids) == 0 {
			delete(u.mids, of)
		}
	}
	u.count(p, -1)
	*p = partial{}
	u.spare = p
	if u.empty() {
		if u.most > manyMessages {
			u.messages, u.mids = nil, nil // maps do not shrink
		}
		u.most = 0
	}
}

// manyMessages is how many messages the table may have had to be used again.
const manyMessages = 64

// change changes what becomes of a message, and forgets what is kept of it.
func (u *unfinished) change(p *partial, f fate) {
	u.count(p, -1)
	p.fate, p.data = f, nil
	u.count(p, 1)
}

// count adds a message to the sums, or removes it with -1.
func (u *unfinished) count(p *partial, by int) {
	u.left += by * len(p.data)
	if p.fate == kept {
		u.size += by * len(p.data)
	}
	if p.fate >= tooLong {
		u.quiet += by
	}
}

// keep adds a piece to a message that is kept.
func (u *unfinished) keep(p *partial, data []byte) {
	p.data = append(p.data, data...)
	u.size += len(data)
	u.left += len(data)
}

// streamed takes note that Read has returned a piece, of which it does not know which
// message it is of: the one before has ended, or is that.
func (u *unfinished) streamed(eor bool) {
	if eor && u.empty() {
		return
	}
	for key, p := range u.messages {
		if p.fate == handedOut {
			u.end(key)
		}
	}
	if !eor {
		u.begin(partKey{alone: true}, Message{}, handedOut)
	}
}

// bound skips messages that are longer than limit, and, of those that are kept, the longest,
// until all of them come to unfinishedLimits times that at most.
func (u *unfinished) bound(p *partial, limit int) {
	if len(p.data) > limit {
		u.skip(p, limit)
	}
	for u.size > allUnfinished(limit) {
		u.skip(u.longest(), limit)
	}
}

// crowd skips, of the messages that ReadFrom puts together in a buffer of size bytes, the
// longest, until they come to unfinishedLimits times that at most, or leastForAll.
func (u *unfinished) crowd(size int) {
	limit := max(allUnfinished(size), leastForAll)
	for u.size > limit {
		p := u.longest()
		u.skip(p, limit)
		p.crowded = true
	}
}

// leastForAll is how much ReadFrom keeps even for a small buffer: there a message that is
// skipped was one that its caller had room for.
const leastForAll = 1 << 20

// skip keeps only the length of a message.
func (u *unfinished) skip(p *partial, limit int) {
	p.size, p.limit = len(p.data), limit
	u.change(p, tooLong)
}

// longest returns the longest message that is kept, or where there are many, one of the
// longest.
func (u *unfinished) longest() (longest *partial) {
	const enough = 64 // of them, in the random order of maps
	n := 0
	for _, p := range u.messages {
		if p.fate != kept {
			continue
		}
		if longest == nil || len(p.data) > len(longest.data) {
			longest = p
		}
		if n++; n == enough {
			break
		}
	}
	return longest
}

// peelable returns why an association cannot be peeled off amid one of its messages, or
// nil.
func (u *unfinished) peelable(id AssocID) error {
	for key, p := range u.messages {
		if key.assoc == id && p.fate == handedOut {
			return fmt.Errorf("a message of association %d was read in part, read its end first: %w", id, sys.EBUSY)
		}
	}
	return nil
}

// moveTo moves the messages of an association to v, the table of its own socket.
func (u *unfinished) moveTo(v *unfinished, id AssocID) {
	for key, p := range u.messages {
		if key.assoc != id {
			continue
		}
		moved := *p
		u.end(key)
		key.assoc = FutureAssoc
		v.enter(key, &moved)
	}
}

// unfinishedLimits is how many times an iterator's limit the messages that it has begun
// to put together may hold.
const unfinishedLimits = 4

// allUnfinished returns the limit for all of them together.
func allUnfinished(limit int) int {
	return unfinishedLimits * min(limit, math.MaxInt/unfinishedLimits)
}

// A partKey names the message that a piece belongs to. Without I-DATA an association
// delivers one at a time, whatever its peer says of the pieces; with it, the kernel may
// deliver pieces of several in turn.
type partKey struct {
	assoc     AssocID // 0 where the socket has but one
	alone     bool    // without I-DATA; then nothing follows
	stream    uint16
	unordered bool
	mid       uint16 // of an unordered message
}

// withoutMID returns what all messages of k's stream and order have.
func (k partKey) withoutMID() partKey {
	k.mid = 0
	return k
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

// keyOf returns the key of the message that a piece with info belongs to.
func (r *reader) keyOf(fd uintptr, info *RcvInfo, eor bool) partKey {
	key := interleavedKey(info)
	if !r.s.many {
		key.assoc = FutureAssoc
	}
	alone := partKey{assoc: key.assoc, alone: true}
	switch {
	case r.begun(key) || !r.begun(alone) && (eor || r.usesIDATA(fd, info.Assoc)):
		return key // of a message that is whole, nobody asks again
	default:
		return alone
	}
}

// begun reports whether a piece of the message was read before.
func (r *reader) begun(key partKey) bool { return r.open.messages[key] != nil }
