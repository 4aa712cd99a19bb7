package soak_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// write writes a message, whole or in parts, or with the defaults.
func (m *model) write(s *side) error {
	b, info := s.out.message(s.out.wrote, nil)
	s.wrote(1)
	many := s.many()
	var n int
	var err error
	switch op := m.r.IntN(4); {
	case op == 0:
		m.did(s, "WriteMsgParts")
		w := s.e.(interface {
			WriteMsgParts([][]byte, *sctp.SndInfo) (int, error)
		})
		if many != nil {
			info.Assoc = many.ID
		}
		cut := m.r.IntN(len(b))
		n, err = w.WriteMsgParts([][]byte{b[:cut], b[cut:]}, &info)
	case op == 1:
		def := sctp.DefaultSndInfo{Stream: info.Stream, Unordered: info.Unordered, PPID: info.PPID}
		if err := s.e.Options().SetDefaultSndInfo(def); err != nil {
			return err
		}
		switch c, ok := s.e.(*sctp.Conn); {
		case !ok:
			m.did(s, "WriteTo")
			n, err = many.WriteTo(b, many.Peer)
		case m.r.IntN(2) == 0:
			m.did(s, "WriteMsg with the defaults")
			n, err = c.WriteMsg(b, nil)
		default:
			m.did(s, "Write")
			n, err = c.Write(b)
		}
	default:
		m.did(s, "WriteMsg")
		n, err = s.e.WriteMsg(b, &info)
	}
	if err == nil && n != len(b) {
		err = fmt.Errorf("%d of %d bytes", n, len(b))
	}
	return err
}

// wrote notes that n messages are on their way.
func (s *side) wrote(n int) {
	s.out.wrote += n
	s.dries += n
	s.drying = s.subscribed(sctp.EventSenderDry)
}

// writeBatch writes n messages at once.
func (m *model) writeBatch(s *side, n int) error {
	m.did(s, "WriteBatch")
	bufs, infos := make([][]byte, n), make([]sctp.SndInfo, n)
	for i := range n {
		bufs[i], infos[i] = s.out.message(s.out.wrote+i, nil)
		if many := s.many(); many != nil {
			infos[i].Assoc = many.ID
		}
	}
	s.wrote(n)
	w := s.e.(interface {
		WriteBatch([][]byte, []sctp.SndInfo) (int, error)
	})
	sent, err := w.WriteBatch(bufs, infos)
	if err == nil && sent != n {
		err = fmt.Errorf("%d of %d messages", sent, n)
	}
	return err
}

// read reads a message or an event, or what there is of them.
func (m *model) read(s *side) error {
	s.e.SetReadDeadline(time.Now().Add(sctptest.Wait))
	switch m.r.IntN(6) {
	case 0:
		m.did(s, "ReadMsg in pieces")
		var whole []byte
		b := make([]byte, 1+m.r.IntN(300))
		for {
			msg, err := s.e.ReadMsg(b)
			if err != nil || msg.Event != nil {
				if len(whole) > 0 {
					err = fmt.Errorf("%v after %d bytes of a message: %w", msg.Event, len(whole), orNone(err))
				}
				return m.took(s, msg, err)
			}
			if whole = append(whole, msg.Data...); msg.EOR {
				msg.Data = whole
				return m.took(s, msg, nil)
			}
		}
	case 1:
		m.did(s, "ReadBatch")
		n := 1 + m.r.IntN(8)
		bufs, ms := make([][]byte, n), make([]sctp.Message, n)
		for i := range bufs {
			bufs[i] = make([]byte, modelSize)
		}
		rd := s.e.(interface {
			ReadBatch([][]byte, []sctp.Message) (int, error)
		})
		n, err := rd.ReadBatch(bufs, ms)
		if err != nil || n < 1 {
			return fmt.Errorf("%d messages: %w", n, orNone(err))
		}
		for _, msg := range ms[:n] {
			if err := m.took(s, msg, nil); err != nil {
				return err
			}
		}
		return nil
	case 2:
		m.did(s, "ReadWhole")
		w := s.e.(interface {
			ReadWhole([]byte, int) (sctp.Message, error)
		})
		msg, err := w.ReadWhole(make([]byte, 0, m.r.IntN(modelSize)), modelSize)
		return m.took(s, msg, err)
	case 3:
		return m.iterate(s)
	case 4:
		if len(s.in) == 1 { // else it met the restart, and returned that
			return m.readBytes(s)
		}
	}
	m.did(s, "ReadMsg")
	msg, err := s.e.ReadMsg(make([]byte, modelSize))
	return m.took(s, msg, err)
}

// iterate takes some messages from an iterator, which skips those that are too long for it.
func (m *model) iterate(s *side) error {
	m.did(s, "Messages")
	limit, n := modelSize, 1+m.r.IntN(s.due())
	if m.r.IntN(2) == 0 {
		limit = 1 + m.r.IntN(modelSize)
	}
	for msg, err := range s.e.Messages(limit) {
		var one *sctp.MessageError
		if errors.As(err, &one) && errors.Is(err, syscall.EMSGSIZE) {
			in := s.reading()
			i := int(one.Info.PPID - in.base)
			if i < 0 || i >= in.wrote {
				return fmt.Errorf("a message that was not sent was skipped: %+v", one.Info)
			}
			b, _ := in.message(i, nil)
			if len(b) <= limit {
				return fmt.Errorf("a message of %d bytes was skipped, limit %d", len(b), limit)
			}
			msg, err = sctp.Message{Data: b, Info: one.Info, EOR: true}, nil
		}
		if err := m.took(s, msg, err); err != nil {
			return err
		}
		if n--; n == 0 {
			return nil
		}
	}
	return errors.New("the end of the iteration")
}

// readBytes reads a message as bytes, or as a packet. It skips events.
func (m *model) readBytes(s *side) error {
	s.up, s.drying = false, false
	in := s.in[0]
	i := slices.Index(in.seen, false) // what was sent first has come first
	if i < 0 || i >= in.wrote {
		return nil
	}
	want, info := in.message(i, nil)
	var got []byte
	if many := s.many(); many != nil {
		m.did(s, "ReadFrom")
		b := make([]byte, modelSize)
		n, addr, err := many.ReadFrom(b)
		if err != nil {
			return err
		}
		if !addr.(*sctp.Addr).Equal(many.Peer) {
			return fmt.Errorf("a message from %v, not %v", addr, many.Peer)
		}
		got = b[:n]
	} else {
		m.did(s, "Read")
		b := make([]byte, 1+m.r.IntN(modelSize))
		for len(got) < len(want) {
			n, err := s.e.(*sctp.Conn).Read(b)
			if err != nil {
				return err
			}
			got = append(got, b[:n]...)
		}
	}
	return m.took(s, sctp.Message{Data: got, EOR: true, Info: sctp.RcvInfo{Stream: info.Stream, PPID: info.PPID, Unordered: info.Unordered}}, nil)
}

// readEvents reads events until a deadline; there are no messages.
func (m *model) readEvents(s *side, deadline time.Time) error {
	s.e.SetReadDeadline(deadline)
	for {
		msg, err := s.e.ReadMsg(make([]byte, 100))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err := m.took(s, msg, err); err != nil {
			return err
		}
	}
}

// awaitDry reads the SenderDry that everything that was written leads to.
func (m *model) awaitDry(s *side) error {
	m.did(s, "read until SenderDry")
	s.e.SetReadDeadline(time.Now().Add(sctptest.Wait))
	for s.drying {
		msg, err := s.e.ReadMsg(make([]byte, 100))
		if err := m.took(s, msg, err); err != nil {
			return err
		}
	}
	return nil
}
