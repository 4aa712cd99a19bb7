package sctp

import (
	"fmt"
	"io"
	"iter"
	"net"

	"github.com/netsctp/sctp/internal/sys"
)

// firstBuffer is the size of an iterator's buffer to begin with, where its limit
// allows.
const firstBuffer = 4096

// A partKey names the message that a piece belongs to: with I-DATA the kernel may
// deliver pieces of several in turn.
type partKey struct {
	assoc     AssocID
	stream    uint16
	unordered bool
}

// keyOf returns the key of the message that a piece with info belongs to.
func keyOf(info *RcvInfo) partKey { return partKey{info.Assoc, info.Stream, info.Unordered} }

// An assembly is what was read of a message so far. It belongs to the reader and not
// to an iterator: concurrent iterators, and one that begins after a deadline, go on
// with it. One that was longer than an iterator's limit keeps only its size.
type assembly struct {
	m       Message // of the first piece
	data    []byte
	size    int
	tooLong *lengthError
}

// add appends a piece.
func (a *assembly) add(data []byte, limit int) {
	a.size += len(data)
	if a.tooLong == nil && a.size > limit {
		a.data, a.tooLong = nil, &lengthError{limit: limit}
	}
	if a.tooLong != nil {
		a.tooLong.size = a.size
		return
	}
	a.data = append(a.data, data...)
}

// messages implements Conn.Messages.
func (r *reader) messages(limit int) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if limit <= 0 {
			yield(Message{}, invalidError("limit %d for the length of messages", limit))
			return
		}
		b := make([]byte, min(limit, firstBuffer))
		for {
			m, err := r.readWhole(&b, limit)
			if err == io.EOF || !yield(m, err) {
				return
			}
			if _, tooLong := err.(*lengthError); err != nil && !tooLong {
				return
			}
		}
	}
}

// readWhole reads a whole message or an event. It makes *b larger, up to limit, when
// a message did not fit, so that the next one is read at once.
func (r *reader) readWhole(b *[]byte, limit int) (Message, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.s.closed.Load() {
			return Message{}, net.ErrClosed
		}
		m, ok, err := r.takePiece(b, limit)
		if ok || err != nil {
			return m, err
		}
	}
}

// takePiece reads an event or a piece of a message, and reports whether it returns
// something whole.
func (r *reader) takePiece(b *[]byte, limit int) (Message, bool, error) {
	err := r.run(*b, readWhole)
	defer r.release()
	m, data := r.m, (*b)[:r.n]
	r.m = Message{}
	if err != nil || m.Event != nil {
		return m, true, err
	}
	key := keyOf(&m.Info)
	a := r.parts[key]
	if a == nil && m.EOR {
		m.Data = data
		return m, true, nil
	}
	if a == nil {
		a = &assembly{m: m}
		if r.parts == nil {
			r.parts = map[partKey]*assembly{}
		}
		r.parts[key] = a
	}
	a.add(data, limit)
	if m.EOR {
		delete(r.parts, key)
		if a.tooLong != nil {
			return Message{}, true, a.tooLong
		}
		m = a.m
		m.Data, m.EOR = a.data, true
		return m, true, nil
	}
	if len(data) == len(*b) && len(*b) < limit {
		*b = make([]byte, min(limit, 2*len(*b)))
	}
	return Message{}, false, nil
}

// A lengthError says that a message was skipped because it was too long for an
// iterator.
type lengthError struct{ size, limit int }

func (e *lengthError) Error() string {
	return fmt.Sprintf("message of %d bytes skipped, limit %d: %v", e.size, e.limit, sys.EMSGSIZE)
}
func (e *lengthError) Unwrap() error { return sys.EMSGSIZE }
