package soak_test

import (
	"fmt"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// write writes a message, whole or in parts.
func (m *model) write(s *side) error {
	b, info := s.out.message(s.wrote, nil)
	s.wrote++
	if parts, ok := s.e.(*sctp.Conn); ok && m.r.IntN(3) == 0 {
		m.did(s, "WriteMsgParts")
		cut := m.r.IntN(len(b))
		_, err := parts.WriteMsgParts([][]byte{b[:cut], b[cut:]}, &info)
		return err
	}
	m.did(s, "WriteMsg")
	_, err := s.e.WriteMsg(b, &info)
	return err
}

// writeBatch writes n messages at once.
func (m *model) writeBatch(s *side, n int) error {
	m.did(s, "WriteBatch")
	bufs, infos := make([][]byte, n), make([]sctp.SndInfo, n)
	for i := range n {
		bufs[i], infos[i] = s.out.message(s.wrote, nil)
		if many, ok := s.e.(*sctptest.Member); ok {
			infos[i].Assoc = many.ID
		}
		s.wrote++
	}
	w := s.e.(interface {
		WriteBatch([][]byte, []sctp.SndInfo) (int, error)
	})
	sent, err := w.WriteBatch(bufs, infos)
	if err == nil && sent != n {
		err = fmt.Errorf("%d of %d messages", sent, n)
	}
	return err
}

// read reads a message, or what there is of them.
func (m *model) read(s, peer *side) (err error) {
	s.e.SetReadDeadline(time.Now().Add(sctptest.Wait))
	switch m.r.IntN(4) {
	case 0:
		m.did(s, "ReadMsg in pieces")
		var whole []byte
		b := make([]byte, 1+m.r.IntN(300))
		for {
			msg, err := s.e.ReadMsg(b)
			if err != nil {
				return err
			}
			whole = append(whole, msg.Data...)
			if msg.EOR {
				msg.Data = whole
				return m.arrived(s, msg)
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
		most := s.outstanding(peer)
		n, err := rd.ReadBatch(bufs, ms)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("%d of %d messages: %w", n, most, orNone(err))
		}
		for _, msg := range ms[:n] {
			if err := m.arrived(s, msg); err != nil {
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
		if err != nil {
			return err
		}
		return m.arrived(s, msg)
	}
	m.did(s, "ReadMsg")
	msg, err := s.e.ReadMsg(make([]byte, modelSize))
	if err != nil {
		return err
	}
	return m.arrived(s, msg)
}

func (m *model) arrived(s *side, msg sctp.Message) (err error) {
	m.want, err = s.in.arrived(msg, m.want)
	return err
}
