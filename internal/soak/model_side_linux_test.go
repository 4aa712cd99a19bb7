package soak_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A channel is one direction of the association, up to its end or a restart.
type channel struct {
	*flow
	wrote int
}

func (m *model) newChannel() *channel {
	return &channel{flow: newFlow(m.r.Uint64(), modelMessages, modelSize, 20)}
}

// left returns how many messages wait to be read.
func (c *channel) left() int { return c.wrote - int(c.got.Load()) }

// A side is one end of the model's association, and what may be observed there.
type side struct {
	name  string
	e     sctptest.End
	out   *channel
	in    []*channel // the one that is read, and those that follow it, each after a restart
	types map[sctp.EventType]bool

	up     bool // AssocCommUp is the next
	dries  int  // so many SenderDry may come
	drying bool // one must come
	told   []sctp.Event
	failed map[uint32]bool // the PPIDs that SendFailed has returned
}

// modelEvents are those that a side may have from the start. Of the last three none comes.
var modelEvents = []sctp.EventType{
	sctp.EventAssocChange, sctp.EventShutdown, sctp.EventSenderDry, sctp.EventSendFailed,
	sctp.EventPartialDelivery, sctp.EventRemoteError, sctp.EventPeerAddrChange,
}

func newSide(name string, r *rand.Rand) *side {
	s := &side{name: name, types: map[sctp.EventType]bool{}, failed: map[uint32]bool{}}
	for _, ev := range modelEvents {
		if r.IntN(2) == 0 {
			s.types[ev] = true
		}
	}
	s.up = s.subscribed(sctp.EventAssocChange)
	return s
}

// many returns the one-to-many socket, nil if it is a Conn.
func (s *side) many() *sctptest.Member {
	many, _ := s.e.(*sctptest.Member)
	return many
}

func (s *side) subscribed(ev sctp.EventType) bool { return s.types[ev] }

// list returns what is subscribed to, in order.
func (s *side) list() (types []sctp.EventType) {
	for ev := range s.types {
		types = append(types, ev)
	}
	slices.Sort(types)
	return types
}

// outstanding returns how many messages wait to be read.
func (s *side) outstanding() (n int) {
	for _, c := range s.in {
		n += c.left()
	}
	return n
}

// due returns how many messages and events at least wait to be read.
func (s *side) due() int {
	if s.subscribed(sctp.EventAssocChange) {
		return s.outstanding() + len(s.in) - 1
	}
	return s.outstanding()
}

// iData offers I-DATA to the peer.
func iData(_, _ string, c syscall.RawConn) error {
	o := sctp.NewOptions(c)
	return errors.Join(o.SetFragmentInterleave(true), o.SetInterleavingSupported(true))
}

// setUp makes the association.
func (m *model) setUp() error {
	m.one, m.two = newSide("one", m.r), newSide("two", m.r)
	m.one.out, m.two.out = m.newChannel(), m.newChannel()
	m.one.in, m.two.in = []*channel{m.two.out}, []*channel{m.one.out}
	if both := m.r.IntN(3); both > 0 {
		m.control[0] = iData
		if both > 1 {
			m.control[1] = iData
			m.counts.idata++
		}
	}
	lc := sctp.ListenConfig{Control: m.control[1], Events: m.two.list()}
	if m.accepted == sctptest.OneToMany {
		pc, err := lc.ListenPacket(context.Background(), "sctp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		many := &sctptest.Member{MultiConn: pc.(*sctp.MultiConn)}
		m.two.e, m.addr = many, many.LocalAddr().(*sctp.Addr)
		if err := m.dial(sctp.AddrFrom(0, sctptest.IPs("127.0.0.1")...)); err != nil {
			return err
		}
		many.Peer = m.one.e.LocalAddr().(*sctp.Addr)
		ids, err := many.Assocs()
		if err != nil || len(ids) != 1 {
			return fmt.Errorf("associations %v: %w", ids, orNone(err))
		}
		many.ID = ids[0]
		return nil
	}
	l, err := lc.Listen(context.Background(), "sctp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	m.listener = l.(*sctp.Listener)
	m.addr = l.Addr().(*sctp.Addr)
	if err := m.dial(sctp.AddrFrom(0, sctptest.IPs("127.0.0.1")...)); err != nil {
		return err
	}
	c, err := m.accept()
	if err == nil {
		m.two.e = c
	}
	return err
}

// dial makes the association from one's address.
func (m *model) dial(from *sctp.Addr) error {
	ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
	defer cancel()
	if m.dialled == "Dialled" {
		d := sctp.Dialer{Control: m.control[0], Events: m.one.list()}
		c, err := d.DialSCTP(ctx, "sctp4", from, m.addr)
		if err == nil {
			m.one.e = c
		}
		return err
	}
	lc := sctp.ListenConfig{Control: m.control[0], Events: m.one.list()}
	pc, err := lc.ListenPacket(ctx, "sctp4", from.String())
	if err != nil {
		return err
	}
	many := &sctptest.Member{MultiConn: pc.(*sctp.MultiConn), Peer: m.addr}
	m.one.e = many
	if many.ID, err = many.Connect(ctx, m.addr); err != nil || m.dialled != "PeeledOff" {
		return err
	}
	c, err := many.PeelOff(many.ID)
	if err == nil {
		m.one.e = c
		err = many.Close()
	}
	return err
}

// accept returns the next association, whose peer one is not known to be.
func (m *model) accept() (*sctp.Conn, error) {
	m.listener.SetDeadline(time.Now().Add(sctptest.Wait))
	return m.listener.AcceptSCTP()
}

// restart has one forget the association without a word, and begin anew from its port.
func (m *model) restart() error {
	// What is not acknowledged would be sent again, and meet nobody, who answers with an ABORT.
	for _, s := range []*side{m.one, m.two} {
		sctptest.Eventually(m.t, func() bool {
			st, err := s.e.Options().Status()
			return err == nil && st.UnackedData == 0
		}, "acknowledgement of everything")
	}
	m.did(m.one, "restart")
	sctptest.Loopback(m.t, false)
	from := m.one.e.LocalAddr().(*sctp.Addr)
	err := abortAll(m.one.e)
	sctptest.Loopback(m.t, true)
	if err != nil {
		return err
	}
	m.one.up, m.one.dries, m.one.drying = m.one.subscribed(sctp.EventAssocChange), 0, false
	m.one.out, m.two.out = m.newChannel(), m.newChannel()
	m.one.in, m.two.in = []*channel{m.two.out}, append(m.two.in, m.one.out)
	m.counts.restart++
	return m.dial(from)
}

// otherDial dials the address of two, as others may.
func (m *model) otherDial() error {
	m.did(m.two, "dial by another")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := sctp.Dialer{Timeout: sctptest.Wait}
	if _, err := d.DialSCTP(ctx, "sctp4", nil, m.addr); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w, not %w", orNone(err), context.Canceled)
	}
	c, err := d.DialSCTP(context.Background(), "sctp4", nil, m.addr)
	if m.listener == nil && m.two.many() == nil {
		return expect(err, syscall.ECONNREFUSED)
	}
	if err != nil {
		return err
	}
	defer c.Abort()
	if m.listener == nil {
		m.others = true
		return c.Abort()
	}
	other, err := m.accept()
	if err != nil {
		return err
	}
	defer other.Abort()
	if !c.LocalAddr().(*sctp.Addr).Equal(other.RemoteAddr().(*sctp.Addr)) {
		return fmt.Errorf("dialled from %v, accepted from %v", c.LocalAddr(), other.RemoteAddr())
	}
	hello := []byte("hello")
	other.SetReadDeadline(time.Now().Add(sctptest.Wait))
	if _, err := c.Write(hello); err != nil {
		return err
	}
	b := make([]byte, 100)
	n, err := other.Read(b)
	if err == nil && !bytes.Equal(b[:n], hello) {
		err = fmt.Errorf("another's message is %q", b[:n])
	}
	return err
}

// close closes what is open.
func (m *model) close() {
	for _, s := range []*side{m.one, m.two} {
		if s != nil && s.e != nil {
			s.e.Close()
		}
	}
	if m.listener != nil {
		m.listener.Close()
	}
}
