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

// An assembly is what was read of a message so far.
type assembly struct {
	key  partKey
	m    Message // of the first piece
	data []byte
}

// assemblies are the messages whose end was not read yet. They belong to the reader and
// not to an iterator: concurrent iterators, and one that begins after a deadline, go on
// with them.
type assemblies struct {
	begun   map[partKey]*assembly
	skipped map[partKey]*lengthError // too long to be kept
	dropped map[partKey]struct{}     // ReadFrom has returned the beginning, the rest is not wanted
	size    int                      // bytes that begun holds
}

// add appends a piece that came with m to the message of key, and returns that if the
// piece is its last. Of a message longer than limit, only the length is kept. If all of
// them hold more than unfinishedLimits times that, the longest become such messages.
func (as *assemblies) add(key partKey, m Message, data []byte, limit int) (Message, error) {
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

// fill appends the n bytes of a piece in b, that came with m, to the message of key. When
// the piece ends the message, or b is full of it, fill returns the length of the message in
// b, and drops the rest.
func (as *assemblies) fill(key partKey, m Message, b []byte, n int) int {
	a := as.begun[key]
	switch {
	case as.skipped[key] != nil: // an iterator has met it, and did not want it
		if m.EOR {
			as.forget(key)
		}
		return 0
	case a == nil && !m.EOR && n < len(b):
		a = as.begin(key, m)
		fallthrough
	case a != nil:
		a.data = append(a.data, b[:n]...)
		as.size += n
		if !m.EOR && len(a.data) < len(b) {
			return 0
		}
		n = copy(b, a.data)
	}
	as.forget(key)
	if !m.EOR {
		as.init()
		as.dropped[key] = struct{}{}
	}
	return n
}

// empty reports whether no message was begun.
func (as *assemblies) empty() bool { return len(as.begun)+len(as.skipped)+len(as.dropped) == 0 }

// has reports whether the message of key was begun.
func (as *assemblies) has(key partKey) bool {
	if as.empty() {
		return false
	}
	_, dropped := as.dropped[key]
	return dropped || as.begun[key] != nil || as.skipped[key] != nil
}

// drops reports whether a piece is of a message whose rest is not wanted.
func (as *assemblies) drops(key partKey, eor bool) bool {
	_, dropped := as.dropped[key]
	if dropped && eor {
		delete(as.dropped, key)
	}
	return dropped
}

// init makes the maps.
func (as *assemblies) init() {
	if as.begun == nil {
		as.begun, as.skipped = map[partKey]*assembly{}, map[partKey]*lengthError{}
	}
	if as.dropped == nil { // PeelOff may have handed some on
		as.dropped = map[partKey]struct{}{}
	}
}

// begin makes room for a message.
func (as *assemblies) begin(key partKey, m Message) *assembly {
	as.init()
	a := &assembly{key: key, m: m}
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
	if as.empty() {
		return
	}
	if a := as.begun[key]; a != nil {
		as.size -= len(a.data)
	}
	delete(as.begun, key)
	delete(as.skipped, key)
	delete(as.dropped, key)
}

// forgetAll drops what there is of the messages that gone names.
func (as *assemblies) forgetAll(gone func(key partKey) bool) {
	for key := range as.begun {
		if gone(key) {
			as.forget(key)
		}
	}
	for key := range as.skipped {
		if gone(key) {
			as.forget(key)
		}
	}
	for key := range as.dropped {
		if gone(key) {
			as.forget(key)
		}
	}
}

// take removes what there is of the messages of an association, and returns it.
func (as *assemblies) take(id AssocID) (begun []*assembly, dropped map[partKey]struct{}) {
	dropped = map[partKey]struct{}{}
	for key, a := range as.begun {
		if key.assoc == id {
			begun = append(begun, a)
			as.forget(key)
		}
	}
	for key := range as.dropped {
		if key.assoc == id {
			dropped[key] = struct{}{}
			as.forget(key)
		}
	}
	return begun, dropped
}

// clear drops all of them.
func (as *assemblies) clear() {
	clear(as.begun)
	clear(as.skipped)
	clear(as.dropped)
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

// goesOn says that the error ends no iteration.
func (e *lengthError) goesOn() {}
