package sctp

import (
	"fmt"
	"math"

	"github.com/netsctp/sctp/internal/sys"
)

// unfinishedLimits is how many times an iterator's limit the messages that it has begun
// to put together may hold.
const unfinishedLimits = 4

// unfinished returns the limit for all of them together.
func unfinished(limit int) int { return unfinishedLimits * min(limit, math.MaxInt/unfinishedLimits) }

// A partKey names the message that a piece belongs to: with I-DATA the kernel may
// deliver pieces of several in turn.
type partKey struct {
	assoc     AssocID
	stream    uint16
	unordered bool
}

// An assembly is what was read of a message so far.
type assembly struct {
	m    Message // of the first piece
	data []byte
}

// assemblies are the messages whose end was not read yet. They belong to the reader and
// not to an iterator: concurrent iterators, and one that begins after a deadline, go on
// with them.
type assemblies struct {
	begun   map[partKey]*assembly
	skipped map[partKey]*lengthError // too long to be kept
	size    int                      // bytes that begun holds
}

// add appends a piece that came with m to the message that it belongs to, and returns
// the message if the piece is its last. Of a message longer than limit, only the length
// is kept. If all of them hold more than unfinishedLimits times that, the longest
// become such messages.
func (as *assemblies) add(m Message, data []byte, limit int) (Message, error) {
	key := partKey{m.Info.Assoc, m.Info.Stream, m.Info.Unordered}
	a, skipped := as.begun[key], as.skipped[key]
	if a == nil && skipped == nil {
		if m.EOR {
			m.Data = data
			return m, nil
		}
		a = as.begin(key, m)
	}
	if a != nil {
		a.data = append(a.data, data...)
		as.size += len(data)
		if len(a.data) > limit {
			as.skip(key, limit)
		}
		for as.size > unfinished(limit) {
			as.skip(as.longest(), limit)
		}
		skipped = as.skipped[key]
	} else {
		skipped.size += len(data)
	}
	if !m.EOR {
		return Message{}, nil
	}
	as.forget(key)
	if skipped != nil {
		return Message{}, skipped
	}
	whole := a.m
	whole.Data, whole.EOR = a.data, true
	return whole, nil
}

// begin makes room for a message.
func (as *assemblies) begin(key partKey, m Message) *assembly {
	if as.begun == nil {
		as.begun, as.skipped = map[partKey]*assembly{}, map[partKey]*lengthError{}
	}
	a := &assembly{m: m}
	as.begun[key] = a
	return a
}

// skip keeps only the length of a message.
func (as *assemblies) skip(key partKey, limit int) {
	size := len(as.begun[key].data)
	as.forget(key)
	as.skipped[key] = &lengthError{size: size, limit: limit}
}

// longest returns the longest message, or where there are many, one of the longest.
func (as *assemblies) longest() (longest partKey) {
	const enough = 64 // of them, in the random order of maps
	n, size := 0, -1
	for key, a := range as.begun {
		if len(a.data) > size {
			longest, size = key, len(a.data)
		}
		if n++; n == enough {
			break
		}
	}
	return longest
}

// forget drops what there is of a message.
func (as *assemblies) forget(key partKey) {
	if a := as.begun[key]; a != nil {
		as.size -= len(a.data)
	}
	delete(as.begun, key)
	delete(as.skipped, key)
}

// clear drops all of them.
func (as *assemblies) clear() {
	clear(as.begun)
	clear(as.skipped)
	as.size = 0
}

// A lengthError says that a message was skipped because it was too long for an
// iterator.
type lengthError struct{ size, limit int }

func (e *lengthError) Error() string {
	s := fmt.Sprintf("message of %d bytes skipped, limit %d", e.size, e.limit)
	if e.size <= e.limit {
		s += fmt.Sprintf(" and %d for all that are unfinished", unfinished(e.limit))
	}
	return s + ": " + sys.EMSGSIZE.Error()
}
func (e *lengthError) Unwrap() error { return sys.EMSGSIZE }
