package sctp

import (
	"io"
	"iter"
	"net"
)

// firstBuffer is the size of an iterator's buffer to begin with, where its limit
// allows.
const firstBuffer = 4096

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
		err := r.run(*b, readWhole)
		m, data := r.m, (*b)[:r.n]
		r.m = Message{}
		switch {
		case err != nil:
			return Message{}, err
		case m.Event != nil:
			switch ev := m.Event.(type) {
			case *PartialDelivery:
				r.forget(ev)
				if !r.s.events.shows(ev) {
					return Message{}, errPartial
				}
			case *AssocChange:
				if ev.State == Restart {
					r.parts.clear() // nothing of what was begun goes on
				}
			}
			return m, nil
		}
		eor := m.EOR
		if m, err = r.parts.add(m, data, limit); eor {
			return m, err
		}
		if len(data) == len(*b) && len(*b) < limit {
			*b = make([]byte, min(limit, 2*len(*b)))
		}
	}
}

// forget drops what was read of the message that pd says will not be completed.
func (r *reader) forget(pd *PartialDelivery) {
	if r.interleaved == yes {
		r.parts.forget(partKey{pd.Assoc, pd.Stream, pd.Unordered})
	} else {
		r.parts.clear()
	}
}
