package soak_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// An ending is how one end ends the association, and what the other gets.
type ending struct {
	state  sctp.AssocChangeState // AssocShutdownComp, AssocCommLost or AssocRestart
	reason string                // in the ABORT
	own    bool                  // who ends it has the socket still
}

// end ends the association at one end, and checks what both get.
func (m *model) end() error {
	s, peer := m.one, m.two
	if m.r.IntN(2) == 0 {
		s, peer = peer, s
	}
	// Unread input makes an ABORT of a Close: the model must know that it has arrived. A
	// restart that was not read is an error to Shutdown.
	for s.due() > 0 && (len(s.in) > 1 || m.r.IntN(2) == 0) {
		if err := m.read(s); err != nil {
			return err
		}
	}
	how, err := m.endBy(s, peer)
	if err != nil {
		return err
	}
	if err := m.endsFor(peer, ending{state: how.state, reason: how.reason}); err != nil {
		return fmt.Errorf("the other end: %w", err)
	}
	switch {
	case how.state == sctp.AssocRestart:
		return nil
	case how.own:
		if err := m.endsFor(s, ending{state: how.state, own: true}); err != nil {
			return fmt.Errorf("the own end: %w", err)
		}
		return nil
	}
	_, err = s.e.WriteMsg([]byte("late"), nil)
	return expect(err, net.ErrClosed)
}

// endBy ends the association at s.
func (m *model) endBy(s, peer *side) (how ending, err error) {
	m.ending = true
	ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
	defer cancel()
	many := s.many()
	op := m.r.IntN(5)
	if s == m.one && op == 4 && peer.many() == nil && !peer.subscribed(sctp.EventAssocChange) {
		how.state = sctp.AssocRestart // which is an end to who is not subscribed to it
		return how, m.restart()
	}
	switch {
	case op == 0 && many != nil:
		m.did(s, "AbortAssoc")
		how = ending{sctp.AssocCommLost, fmt.Sprintf("reason %d", m.r.IntN(1000)), true}
		return how, many.AbortAssoc(many.ID, []byte(how.reason))
	case op == 0:
		m.did(s, "Abort")
		how.state = sctp.AssocCommLost
		return how, s.e.Abort()
	case op == 1:
		m.did(s, "Close")
		how.state = sctp.AssocShutdownComp
		if s.outstanding() > 0 {
			how.state = sctp.AssocCommLost
		}
		return how, s.e.Close()
	case op == 2 && many != nil && len(s.in) == 1 && m.r.IntN(2) == 0: // as to Shutdown, see end
		m.did(s, "ShutdownAssoc")
		how.state = sctp.AssocShutdownComp
		return how, errors.Join(many.ShutdownAssoc(ctx, many.ID), many.Close())
	case op == 2:
		m.did(s, "Shutdown")
		how.state = sctp.AssocShutdownComp
		if many != nil {
			return how, many.MultiConn.Shutdown(ctx)
		}
		return how, s.e.Shutdown(ctx)
	}
	m.did(s, "StartShutdown")
	how = ending{state: sctp.AssocShutdownComp, own: true}
	if many != nil {
		return how, many.StartShutdown(many.ID)
	}
	return how, s.e.(*sctp.Conn).StartShutdown()
}

// endsFor reads what an end gets: messages, events, and what the association ended with.
func (m *model) endsFor(s *side, how ending) error {
	b := make([]byte, modelSize)
	many := s.many()
	if many != nil { // the socket goes on: what has come by then is all there is
		sctptest.AwaitEnd(m.t, s.e)
	}
	for {
		wait := sctptest.Wait
		if many != nil && (how.state != sctp.AssocShutdownComp || s.outstanding() == 0) && (len(s.told) > 0 || !s.subscribed(sctp.EventAssocChange)) {
			wait = 20 * time.Millisecond
		}
		s.e.SetReadDeadline(time.Now().Add(wait))
		msg, err := s.e.ReadMsg(b)
		if err == nil {
			err = m.took(s, msg, nil)
			if err == nil {
				continue
			}
		}
		if err := m.endedWith(s, how, err); err != nil {
			return err
		}
		break
	}
	if left := s.outstanding(); left > 0 && how.state == sctp.AssocShutdownComp {
		return fmt.Errorf("%d messages are missing", left)
	}
	_, err := s.e.WriteMsg([]byte("late"), nil)
	switch {
	case many != nil:
		return expect(err, syscall.ENOTCONN)
	case how.state == sctp.AssocShutdownComp:
		return expect(err, syscall.EPIPE)
	}
	return expect(err, syscall.ECONNRESET)
}

// endedWith checks the error that a read has met at the end, and the events before it.
func (m *model) endedWith(s *side, how ending, err error) error {
	var change, shutdown bool
	for _, ev := range s.told {
		switch ev := ev.(type) {
		case *sctp.AssocChange:
			change = true
			if ev.State != how.state {
				return fmt.Errorf("%v, not %v", ev.State, how.state)
			}
		case *sctp.Shutdown:
			shutdown = true
		}
	}
	many := s.many() != nil
	graceful := how.state == sctp.AssocShutdownComp
	told := change || !s.subscribed(sctp.EventAssocChange) || !many && how.state != sctp.AssocCommLost
	if !told {
		return fmt.Errorf("%w, and no AssocChange", err)
	}
	if graceful && !how.own && s.subscribed(sctp.EventShutdown) && !shutdown {
		return fmt.Errorf("%w, and no Shutdown", err)
	}
	if many {
		return expect(err, os.ErrDeadlineExceeded)
	}
	if graceful {
		return expect(err, io.EOF)
	}
	var ae *sctp.AssocError
	if !errors.As(err, &ae) || ae.State != how.state || how.state == sctp.AssocCommLost && ae.Cause != sctp.CauseUserAbort || string(ae.Reason) != how.reason {
		return fmt.Errorf("%w is not %v for %q", err, how.state, how.reason)
	}
	return expect(err, syscall.ECONNRESET)
}
