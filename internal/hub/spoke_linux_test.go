package hub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"

	"github.com/netsctp/sctp"
)

// A role is what happens to an association.
type role int

const (
	ordinary role = iota
	stalled       // the peer does not read
	abortedByHub
	abortedByPeer
	restarted // the peer begins anew from the same port
	peeledOff
)

// roleOf spreads the roles: of 2,000 associations 50 are stalled, 50 aborted, 50 restarted
// and 50 peeled off.
func roleOf(i int) role {
	switch i % 80 {
	case 0, 40:
		return stalled
	case 10:
		return abortedByHub
	case 50:
		return abortedByPeer
	case 20, 60:
		return restarted
	case 30, 70:
		return peeledOff
	}
	return ordinary
}

// A spoke is an association of the hub, with its peer.
type spoke struct {
	h     *hub
	index int
	role  role
	addr  *sctp.Addr // the peer's
	id    sctp.AssocID
	conn  *sctp.Conn // the peer's end
	own   *sctp.Conn // the hub's end once it was peeled off

	epoch     uint16 // for the hub's reader
	off, gone bool   // it was peeled off, or aborted

	sent, said    [2]count // by the hub, by the peer, in each epoch
	atHub, atPeer [2]*account
	atOwn         *account // what own has read
	late          *account // what the new peer has read that was sent to the old one

	halfHeard chan struct{} // closed when the peer has read half of the messages
	halfRead  chan struct{} // closed when the hub has
	moved     chan struct{} // closed when it was peeled off
	anew      chan struct{} // closed when the hub knows that the peer has begun anew
	over      chan struct{} // closed when the hub knows that the association has ended
	lost      chan bool     // whether the association was lost at its end, at the hub
	ended     chan error    // how the peer's reading has ended
	ownEnded  chan error
}

func newSpoke(h *hub, i int) *spoke {
	s := &spoke{
		h: h, index: i, role: roleOf(i),
		halfHeard: make(chan struct{}), halfRead: make(chan struct{}),
		moved: make(chan struct{}), anew: make(chan struct{}), over: make(chan struct{}),
		lost: make(chan bool, 1), ended: make(chan error, 1), ownEnded: make(chan error, 1),
	}
	s.off = s.role == peeledOff
	s.gone = s.role == abortedByHub || s.role == abortedByPeer
	for e := range s.atHub {
		s.atHub[e], s.atPeer[e] = newAccount(i, uint16(e)), newAccount(i, uint16(e))
	}
	return s
}

// dial sets the association up.
func (s *spoke) dial() error {
	d := sctp.Dialer{WriteBuffer: 16 << 10}
	ip := netip.AddrFrom4([4]byte{127, 0, 1, byte(s.index % 10)})
	d.LocalAddr = sctp.AddrFrom(0, ip)
	if s.role == stalled {
		d.ReadBuffer = 8 << 10
	}
	c, err := d.DialSCTP(context.Background(), "sctp4", nil, s.h.m.LocalAddr().(*sctp.Addr))
	if err != nil {
		return err
	}
	s.conn, s.addr = c, c.LocalAddr().(*sctp.Addr)
	return nil
}

// changed takes in what the hub's reader learns of the association.
func (s *spoke) changed(ev *sctp.AssocChange) error {
	switch {
	case ev.State == sctp.AssocRestart && s.role == restarted && s.epoch == 0:
		s.atHub[0].end()
		s.epoch = 1
		close(s.anew)
	case ev.State == sctp.AssocCommLost, ev.State == sctp.AssocShutdownComp:
		s.atHub[s.epoch].end()
		close(s.over)
		s.lost <- ev.State == sctp.AssocCommLost
	default:
		return fmt.Errorf("spoke %d, role %d: %v", s.index, s.role, ev.State)
	}
	return nil
}

// arrived takes in a message that came to the hub's end.
func (s *spoke) arrived(m sctp.Message, a *account) error {
	l, err := decode(m)
	if err != nil {
		return err
	}
	if err := a.take(l); err != nil {
		return err
	}
	if total := a.read(); a == s.atHub[0] && total.total() == s.h.half {
		close(s.halfRead)
	}
	return nil
}

// speak writes the peer's messages.
func (s *spoke) speak() error {
	n := s.h.messages
	switch s.role {
	case abortedByPeer, restarted:
		n = s.h.half
	case abortedByHub:
		n = s.h.many // or until the hub aborts it
	}
	err := s.say(s.conn, 0, n)
	switch {
	case s.role == abortedByHub && (err == nil || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)):
		return nil // the reader that has met the end closes
	case err != nil:
		return err
	case s.role == abortedByPeer:
		<-s.halfHeard
		return s.conn.Abort()
	case s.role == restarted:
		<-s.halfHeard
		s.h.ready.Done()
	}
	return nil
}

// say writes n messages from the peer.
func (s *spoke) say(c *sctp.Conn, epoch uint16, n int) error {
	var b []byte
	for range n {
		l := s.said[epoch].next(s.index, epoch)
		b = l.encode(b)
		if _, err := c.WriteMsg(b, &sctp.SndInfo{Stream: l.stream}); err != nil {
			return err
		}
		s.said[epoch].add(l)
	}
	return nil
}

// listen reads what comes to the peer, until the association has ended.
func (s *spoke) listen(c *sctp.Conn, a *account) {
	if s.role == stalled {
		<-s.h.resume
	}
	err := s.hear(c, a)
	a.end()
	switch {
	case a == s.atPeer[0] && s.role == restarted:
		if !errors.Is(err, net.ErrClosed) {
			err = fmt.Errorf("spoke %d before it begins anew: %w", s.index, err)
			s.h.t.Error(err)
		}
		return
	case s.role == abortedByPeer && errors.Is(err, net.ErrClosed):
		err = nil
	case s.gone && errors.Is(err, syscall.ECONNRESET):
		err = nil
	case err == io.EOF && !s.gone:
		err = nil
	}
	s.ended <- errors.Join(err, ignoreClosed(c.Close()))
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// hear reads messages up to the end.
func (s *spoke) hear(c *sctp.Conn, a *account) error {
	b := make([]byte, 2*longSize)
	for {
		m, err := c.ReadMsg(b)
		if err != nil {
			return err
		}
		l, err := decode(m)
		if err != nil {
			return err
		}
		to := a
		if l.epoch < a.epoch {
			to = s.late
		}
		if err := to.take(l); err != nil {
			return err
		}
		if total := a.read(); a == s.atPeer[0] && total.total() == s.h.half {
			close(s.halfHeard)
		}
	}
}

// writeUntilAborted is the hub's writing to a peer that aborts.
func (s *spoke) writeUntilAborted() error {
	var b []byte
	var err error
	for i := 0; i <= s.h.many && err == nil; i++ {
		if i == s.h.many {
			<-s.over
		}
		b, err = s.h.write(s, 0, b)
	}
	if !errors.Is(err, syscall.ENOTCONN) {
		return fmt.Errorf("spoke %d: %w, want ENOTCONN", s.index, err)
	}
	return nil
}

// writeAndAbort writes half of the messages, and aborts while those of the peer come.
func (s *spoke) writeAndAbort() error {
	var b []byte
	var err error
	for range s.h.half {
		if b, err = s.h.write(s, 0, b); err != nil {
			return err
		}
	}
	<-s.halfRead
	return s.h.m.AbortAssoc(s.id, []byte("enough"))
}

// fillOwn writes to a stalled association with a send buffer of its own until there is no
// more room.
func (s *spoke) fillOwn() error {
	var b []byte
	for {
		l := s.sent[0].next(s.index, 0)
		b = l.encodeSize(b, 1000)
		_, err := s.h.m.WriteMsg(b, &sctp.SndInfo{Assoc: s.id, Stream: l.stream})
		var e *sctp.StalledError
		switch {
		case err == nil:
			s.sent[0].add(l)
		case errors.As(err, &e) && e.Assoc == s.id:
			return nil
		default:
			return fmt.Errorf("association %d: %w", s.id, err)
		}
	}
}

// toConn gives the association a socket of its own, which is read from now on.
func (s *spoke) toConn() error {
	c, err := s.h.m.PeelOff(s.id)
	if err != nil {
		return err
	}
	s.own, s.atOwn = c, newSequel(s.index, 0)
	go func() {
		var err error
		for m, rerr := range c.Messages(maxSize) {
			if m.Event != nil {
				continue
			}
			if err = rerr; err == nil {
				err = s.arrived(m, s.atOwn)
			}
			if err != nil {
				break
			}
		}
		s.ownEnded <- errors.Join(err, c.Close())
	}()
	close(s.moved)
	return nil
}

// peelOff peels the association off amid its messages.
func (s *spoke) peelOff() error {
	<-s.halfRead
	return s.toConn()
}

// writeAcrossPeelOff writes to the hub until that has forgotten the association, and to the
// socket that it got from then on.
func (s *spoke) writeAcrossPeelOff() error {
	var b []byte
	var err error
	for i := 0; i <= s.h.many && err == nil; i++ {
		if i == s.h.many {
			<-s.moved
		}
		b, err = s.h.write(s, 0, b)
	}
	if !errors.Is(err, syscall.ENOTCONN) {
		return fmt.Errorf("spoke %d: %w, want ENOTCONN", s.index, err)
	}
	<-s.moved
	for range s.h.half {
		l := s.sent[0].next(s.index, 0)
		b = l.encode(b)
		if _, err := s.own.WriteMsg(b, &sctp.SndInfo{Stream: l.stream}); err != nil {
			return err
		}
		s.sent[0].add(l)
	}
	return nil
}

// check accounts for every message of the association.
func (s *spoke) check() error {
	switch s.role {
	case abortedByHub, abortedByPeer:
		return errors.Join(s.atHub[0].prefix(s.said[0]), s.atPeer[0].prefix(s.sent[0]))
	case restarted:
		return errors.Join(s.atHub[0].prefix(s.said[0]), s.atPeer[0].prefix(s.sent[0]),
			s.late.follows(s.atPeer[0], true), s.late.complete(s.sent[0]),
			s.atHub[1].whole(s.said[1]), s.atPeer[1].whole(s.sent[1]))
	}
	if s.gone { // stalled, and aborted for it
		return errors.Join(s.atHub[0].prefix(s.said[0]), s.atPeer[0].prefix(s.sent[0]))
	}
	if s.off {
		return errors.Join(s.atOwn.follows(s.atHub[0], false), s.atOwn.whole(s.said[0]), s.atPeer[0].whole(s.sent[0]))
	}
	return errors.Join(s.atHub[0].whole(s.said[0]), s.atPeer[0].whole(s.sent[0]))
}
