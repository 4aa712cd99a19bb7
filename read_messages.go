package sctp

import (
	"fmt"
	"io"
	"iter"
	"net"
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// firstBuffer is the size of an iterator's buffer to begin with, where its limit
// allows.
const firstBuffer = 4096

// messages implements the iterators.
func (r *reader) messages(limit int) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if r.s.closed.Load() {
			yield(Message{}, net.ErrClosed)
			return
		}
		var b []byte
		for {
			m, err := r.readWhole(&b, limit)
			if err == io.EOF || err == net.ErrClosed || !yield(m, err) {
				return
			}
			if _, goesOn := err.(*MessageError); err != nil && !goesOn {
				return
			}
		}
	}
}

// readWhole reads a whole message or an event. It makes *b larger, up to limit, when
// a message did not fit, so that the next one is read at once.
func (r *reader) readWhole(b *[]byte, limit int) (Message, error) {
	if limit <= 0 {
		return Message{}, invalidError("limit %d for the length of messages", limit)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(*b) == 0 {
		*b = make([]byte, min(limit, firstBuffer))
	}
	for {
		if r.s.closed.Load() {
			return Message{}, net.ErrClosed
		}
		m, whole, err := r.piece(*b, limit)
		if whole || err != nil {
			return m, err
		}
		if n := r.n; n == len(*b) && n < limit {
			*b = make([]byte, min(limit, 2*n))
		}
	}
}

// piece reads an event, or a piece of a message. It reports whether it returns an event,
// or a message that the piece has made whole.
func (r *reader) piece(b []byte, limit int) (m Message, whole bool, err error) {
	err = r.run(b, readWhole, limit)
	r.moveTo(&m, b)
	return m, r.whole, err
}

// collect takes in a piece for an iterator, of n bytes: p is what there is of its message.
func (r *reader) collect(key partKey, p *partial, n int, eor bool) bool {
	if p != nil && p.fate == handedOut {
		r.open.change(p, cut)
	}
	switch {
	case p == nil && eor:
		r.n, r.m.EOR, r.whole = n, true, true
		return true
	case p == nil:
		p = r.open.begin(key, r.m, kept)
	case p.fate >= tooLong:
		return r.discard(key, p, n, eor)
	}
	r.open.keep(p, r.b[:n])
	r.open.bound(p, r.limit)
	switch {
	case eor && p.fate == tooLong:
		return r.discard(key, p, 0, true)
	case eor:
		r.m = p.m
		r.m.Data, r.m.EOR, r.whole = p.data, true, true
		r.open.end(key)
	}
	r.n = n // how much of b was needed
	return true
}

// discard drops a piece of a message that nobody wants. The end says so, but to ReadFrom, if
// the message was too long for an iterator; to all, if ReadFrom had no room for it; and if it
// was cut, to Read and ReadMsg, which have returned the beginning. The poller is asked before
// the next piece: there may be no end of them.
func (r *reader) discard(key partKey, p *partial, n int, eor bool) bool {
	r.m, r.more = Message{}, true
	p.size += n
	if !eor {
		return true
	}
	err := &MessageError{Info: p.m.Info, Addr: p.m.Addr, Err: errCut}
	told := p.fate == cut && r.mode <= readPart
	if p.fate == tooLong {
		err.Err = &lengthError{p.size, p.limit, p.crowded}
		told = r.mode != readData || p.crowded
	}
	r.open.end(key)
	if !told {
		return true
	}
	r.more = false
	r.push(Message{}, err)
	return r.finish()
}

// readFrom reads a message into b, and drops of it what b is too short for.
func (r *reader) readFrom(b []byte) (n int, from netip.AddrPort, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	buf := b
	if len(b) == 0 {
		buf = make([]byte, 1)
	}
	for {
		if r.s.closed.Load() {
			return 0, netip.AddrPort{}, net.ErrClosed
		}
		var m Message
		err := r.run(buf, readData, 0)
		n := r.n
		r.moveTo(&m, buf)
		if err != nil || m.Event == nil && n > 0 {
			return min(n, len(b)), m.Addr, err
		}
	}
}

// fill takes in a piece for ReadFrom, of n bytes: p is what there is of its message. When
// the piece ends the message, or b is full of it, that is the result, and the rest is
// dropped.
func (r *reader) fill(key partKey, p *partial, n int, eor bool) bool {
	switch {
	case p != nil && p.fate == handedOut:
		r.open.change(p, cut)
		fallthrough
	case p != nil && p.fate >= tooLong:
		return r.discard(key, p, n, eor)
	case p == nil:
		p = r.open.begin(key, r.m, kept)
	}
	r.open.keep(p, r.b[:n])
	if !eor && len(p.data) < len(r.b) {
		r.open.crowd(len(r.b))
		return p.fate == tooLong && r.discard(key, p, 0, false)
	}
	r.m = p.m
	r.n = copy(r.b, p.data)
	if eor {
		r.open.end(key)
	} else {
		r.open.change(p, unwanted)
	}
	return true
}

// handKept makes what is left of what an iterator or ReadFrom has kept of a message the
// result of a ReadMsg or Read, up to the end of the buffer. The rest is then theirs.
func (r *reader) handKept() bool {
	for _, p := range r.open.messages {
		if len(p.data) == 0 {
			continue
		}
		data := p.data
		r.m, r.n = p.m, copy(r.b, data)
		r.open.change(p, handedOut)
		p.data = data[r.n:]
		r.open.left += len(p.data)
		return true
	}
	return false
}

// A lengthError says that a message was skipped because it was too long for an
// iterator.
type lengthError struct {
	size, limit int
	crowded     bool // there was no room for it beside others, though it came to ReadFrom
}

func (e *lengthError) Error() string {
	if e.crowded {
		return fmt.Sprintf("message of %d bytes skipped, limit %d for all that are unfinished: %v", e.size, e.limit, sys.EMSGSIZE)
	}
	s := fmt.Sprintf("message of %d bytes skipped, limit %d", e.size, e.limit)
	if e.size <= e.limit {
		s += fmt.Sprintf(" and %d for all that are unfinished", allUnfinished(e.limit))
	}
	return s + ": " + sys.EMSGSIZE.Error()
}
func (e *lengthError) Unwrap() error { return sys.EMSGSIZE }
