package soak_test

import (
	"bytes"
	"fmt"

	"github.com/netsctp/sctp"
)

// took checks what a read has returned.
func (m *model) took(s *side, msg sctp.Message, err error) error {
	switch {
	case err != nil:
		return err
	case msg.Event != nil:
		m.counts.events[msg.Event.Type().String()]++
		if err := m.event(s, msg.Event); err != nil {
			return fmt.Errorf("%s reads %+v: %w", s.name, msg.Event, err)
		}
		return nil
	case s.up:
		return fmt.Errorf("%s reads a message before %v", s.name, sctp.AssocCommUp)
	case len(s.told) > 0:
		return fmt.Errorf("%s reads a message after %v", s.name, s.told)
	}
	m.want, err = s.reading().arrived(msg, m.want)
	return err
}

// reading returns the channel that the next message is of.
func (s *side) reading() *channel {
	for !s.subscribed(sctp.EventAssocChange) && len(s.in) > 1 && s.in[0].left() == 0 {
		s.in = s.in[1:] // nobody is told of the restart
	}
	return s.in[0]
}

// event checks an event.
func (m *model) event(s *side, ev sctp.Event) error {
	if !s.subscribed(ev.Type()) && ev.Type() != sctp.EventSenderDry { // which may have been queued before
		return fmt.Errorf("subscribed to %v", s.list())
	}
	switch ev := ev.(type) {
	case *sctp.AssocChange:
		if many := s.many(); many != nil && ev.Assoc != many.ID {
			if !m.others {
				return fmt.Errorf("the association is %d", many.ID)
			}
			return nil
		}
		return m.changed(s, ev)
	case *sctp.SenderDry:
		if s.dries == 0 {
			return fmt.Errorf("nothing was written since the last")
		}
		s.dries--
		s.drying = false
		return nil
	case *sctp.Shutdown:
		if many := s.many(); many != nil && ev.Assoc != many.ID && m.others {
			return nil
		}
		if !m.ending || len(s.told) > 0 {
			return fmt.Errorf("after %v, and the peer has not shut down", s.told)
		}
		s.told = append(s.told, ev)
		return nil
	case *sctp.SendFailed:
		return m.sendFailed(s, ev)
	}
	return fmt.Errorf("nothing of the kind has happened")
}

// changed checks the news of an association.
func (m *model) changed(s *side, ev *sctp.AssocChange) error {
	switch ev.State {
	case sctp.AssocCommUp:
		if !s.up || ev.InStreams == 0 || ev.OutStreams == 0 {
			return fmt.Errorf("it was up")
		}
		s.up = false
	case sctp.AssocRestart:
		if len(s.in) == 1 || s.in[0].left() > 0 {
			return fmt.Errorf("%d messages before it, %d restarts due", s.in[0].left(), len(s.in)-1)
		}
		s.in = s.in[1:]
		s.dries++
	case sctp.AssocCommLost, sctp.AssocShutdownComp:
		for _, before := range s.told {
			if _, ok := before.(*sctp.AssocChange); ok {
				return fmt.Errorf("after %v", s.told)
			}
		}
		if !m.ending {
			return fmt.Errorf("the association goes on")
		}
		s.told = append(s.told, ev)
	default:
		return fmt.Errorf("the association was set up")
	}
	return nil
}

// sendFailed checks a message that comes back: it was written, and comes back once, after
// the end.
func (m *model) sendFailed(s *side, ev *sctp.SendFailed) error {
	i := int(ev.Info.PPID - s.out.base)
	if i < 0 || i >= s.out.wrote {
		return fmt.Errorf("no message that was written since the set-up")
	}
	b, info := s.out.message(i, nil)
	switch {
	case !m.ending:
		return fmt.Errorf("the association goes on")
	case s.failed[ev.Info.PPID]:
		return fmt.Errorf("for the second time")
	case ev.Truncated || !bytes.Equal(b, ev.Data) || info.Stream != ev.Info.Stream || info.Unordered != ev.Info.Unordered:
		return fmt.Errorf("not message %d", i)
	case !ev.Sent && s.out.seen[i]:
		return fmt.Errorf("message %d was read by the peer", i)
	}
	s.failed[ev.Info.PPID] = true
	return nil
}
