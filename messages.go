package sctp

import (
	"errors"
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

// A partKey names the message that a piece belongs to: with I-DATA the kernel may
// deliver pieces of several in turn.
type partKey struct {
	assoc     AssocID
	stream    uint16
	unordered bool
	mid       uint16 // of an unordered message
}

// keyOf returns the key of the message that a piece with info belongs to. Amid a long
// unordered message the kernel delivers short ones of the same stream. Its SSN is the half
// of I-DATA's message identifier that lies first in memory: on big-endian machines that
// tells nothing.
func keyOf(info *RcvInfo) partKey {
	key := partKey{assoc: info.Assoc, stream: info.Stream, unordered: info.Unordered}
	if info.Unordered {
		key.mid = info.SSN
	}
	return key
}

// isOf reports whether ev is about the message, where its association uses I-DATA. The
// kernel delivers one unordered message of a stream in pieces at a time.
func (k partKey) isOf(ev *PartialDelivery) bool {
	return k.assoc == ev.Assoc && k.stream == ev.Stream && k.unordered == ev.Unordered
}

// An assembly is what was read of a message so far. It belongs to the reader and not
// to an iterator: concurrent iterators, and one that begins after a deadline, go on
// with it. Of one that was longer than a limit only the beginning is kept.
type assembly struct {
	m    Message // of the first piece
	data []byte
	size int
	cut  bool // data ends before size
}

// add appends a piece.
func (a *assembly) add(data []byte, limit int) {
	a.size += len(data)
	if a.cut {
		return
	}
	if room := max(0, limit-len(a.data)); len(data) > room {
		data, a.cut = data[:room], true
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
		m, size, err := r.piece(*b, limit, readWhole)
		switch {
		case err == errMore:
			if r.n == len(*b) && len(*b) < limit {
				*b = make([]byte, min(limit, 2*len(*b)))
			}
		case size > limit || size > len(m.Data): // or another iterator's limit has cut it
			return Message{}, &lengthError{size: size, limit: min(limit, len(m.Data))}
		default:
			return m, err
		}
	}
}

// readFrom reads a whole message into b, and drops of it what b is too short for.
func (r *reader) readFrom(b []byte) (int, netip.AddrPort, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	limit, buf := len(b), b
	if limit == 0 {
		buf = make([]byte, 1) // a message ends, whatever of it is taken
	}
	for {
		m, _, err := r.piece(buf, limit, readData)
		if err != errMore {
			return copy(b, m.Data), m.Addr, err
		}
	}
}

// errMore says that a message goes on.
var errMore = errors.New("more")

// piece reads an event or a piece of a message. It returns the event, or the message
// and its size if the piece ends it; of one in several pieces it keeps limit bytes.
func (r *reader) piece(b []byte, limit int, mode readMode) (Message, int, error) {
	if r.s.closed.Load() {
		return Message{}, 0, net.ErrClosed
	}
	err := r.run(b, mode)
	defer r.release()
	m := r.m
	r.m = Message{}
	if err != nil || m.Event != nil {
		return m, 0, err
	}
	key := keyOf(&m.Info)
	a := r.parts[key]
	if a == nil && m.EOR {
		m.Data = b[:r.n]
		return m, r.n, nil
	}
	if a == nil {
		a = &assembly{m: m}
		if r.parts == nil {
			r.parts = map[partKey]*assembly{}
		}
		r.parts[key] = a
	}
	a.add(b[:r.n], limit)
	if !m.EOR {
		return Message{}, 0, errMore
	}
	delete(r.parts, key)
	m = a.m
	m.Data, m.EOR = a.data, true
	return m, a.size, nil
}

// A lengthError says that a message was skipped because it was too long for an
// iterator.
type lengthError struct{ size, limit int }

func (e *lengthError) Error() string {
	return fmt.Sprintf("message of %d bytes skipped, limit %d: %v", e.size, e.limit, sys.EMSGSIZE)
}
func (e *lengthError) Unwrap() error { return sys.EMSGSIZE }

// goesOn says that the error ends no iteration.
func (e *lengthError) goesOn() {}
