package sctp

import (
	"io"
	"iter"
	"net"
	"net/netip"
)

// firstBuffer is the size of an iterator's buffer to begin with, where its limit
// allows.
const firstBuffer = 4096

// messages implements the iterators.
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
			if _, goesOn := err.(interface{ goesOn() }); err != nil && !goesOn {
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
		m, whole, err := r.piece(*b, limit)
		if whole || err != nil {
			return m, err
		}
		if r.n == len(*b) && len(*b) < limit {
			*b = make([]byte, min(limit, 2*len(*b)))
		}
	}
}

// piece reads an event, or a piece of a message. It reports whether it returns an event,
// or a message that the piece has made whole.
func (r *reader) piece(b []byte, limit int) (m Message, whole bool, err error) {
	err = r.run(b, readWhole)
	defer r.release()
	m, r.m = r.m, Message{}
	if err != nil || m.Event != nil {
		return m, true, err
	}
	eor := m.EOR
	m, err = r.parts.add(r.key, m, b[:r.n], limit)
	return m, eor, err
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
		n, from, err := r.pieceFrom(buf)
		if n > 0 || err != nil {
			return min(n, len(b)), from, err
		}
	}
}

// pieceFrom reads a piece of a message. It returns the length of the message in b, if
// the piece ends it or fills b.
func (r *reader) pieceFrom(b []byte) (int, netip.AddrPort, error) {
	err := r.run(b, readData)
	defer r.release()
	m := r.m
	r.m = Message{}
	if err != nil || m.Event != nil {
		return 0, netip.AddrPort{}, err
	}
	return r.parts.fill(r.key, m, b, r.n), m.Addr, nil
}
