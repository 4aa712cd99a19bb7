package soak_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A model makes random calls on both ends of an association. Between calls nothing is under
// way, so that it knows what each must return.
type model struct {
	t        *testing.T
	seed     uint64
	use      uint64     // of the seed
	r        *rand.Rand // the step's own, so that a step is the same whatever came before
	dialled  string     // the kind of one
	accepted string     // the kind of two
	one, two *side      // the one that dials, and may restart
	listener *sctp.Listener
	addr     *sctp.Addr // two's
	control  [2]func(network, address string, c syscall.RawConn) error
	others   bool // there were associations of others with two's socket
	ending   bool
	counts   *modelCounts
	log      []string
	want     []byte
}

// modelCounts are those of all models.
type modelCounts struct {
	calls, events          map[string]int
	assocs, idata, restart int
}

const (
	modelMessages = 400
	modelSize     = 1200
	modelQueue    = 12 // messages at most that wait: they fit into every buffer
)

// modelKinds are the ends that an association may have: who dials, and who is dialled.
var modelKinds = [][2]string{
	{"Dialled", "Accepted"}, {"PeeledOff", "Accepted"}, {sctptest.OneToMany, "Accepted"},
	{"Dialled", sctptest.OneToMany}, {"PeeledOff", sctptest.OneToMany}, {sctptest.OneToMany, sctptest.OneToMany},
}

// Random calls, on all kinds of ends, with I-DATA and without, return what a simple model
// says, and so do the events between the messages. The seed repeats them.
func TestModel(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	sctptest.Sysctl(t, "net/sctp/sack_timeout", "20") // a restart waits for acknowledgements
	check := leaks(t)
	n := &modelCounts{calls: map[string]int{}, events: map[string]int{}}
	rounds(t, 15, func(first uint64) {
		seeds := uint64(8)
		if *soakTime != 0 {
			seeds = 1 // the next round has the next seed
		}
		for seed := first; seed < first+seeds; seed++ {
			for i, kinds := range modelKinds {
				m := &model{t: t, seed: seed, use: 30 + uint64(i), dialled: kinds[0], accepted: kinds[1], counts: n}
				if err := m.run(); err != nil {
					t.Errorf("%s to %s: %v\nafter %q\nagain: -run '^TestModel$' -seed %d", kinds[0], kinds[1], err, m.log, seed)
				}
			}
		}
	})
	check()
	calls := 0
	for _, c := range n.calls {
		calls += c
	}
	report(t, "%d calls on %d associations, %d of them with I-DATA and %d restarts, as the model says: %v; events: %v", calls, n.assocs, n.idata, n.restart, n.calls, n.events)
}

// run is the life of an association.
func (m *model) run() error {
	defer m.close()
	m.r = random(m.seed, m.use)
	if err := m.setUp(); err != nil {
		return err
	}
	m.counts.assocs++
	steps := 60 + m.r.IntN(60)
	for i := range uint64(steps) {
		m.r = random(m.seed, m.use<<32+i)
		if err := m.step(); err != nil {
			return err
		}
	}
	if err := m.end(); err != nil {
		return err
	}
	m.close()
	return nil
}

// did notes a call.
func (m *model) did(s *side, call string) {
	m.log = append(m.log, s.name+"."+call)
	m.counts.calls[call]++
}

// step makes one call at one end.
func (m *model) step() error {
	s, peer := m.one, m.two
	if m.r.IntN(2) == 0 {
		s, peer = peer, s
	}
	room := min(modelQueue-peer.outstanding(), modelMessages-s.out.wrote)
	switch op := m.r.IntN(32); {
	case op < 8 && room > 0:
		return m.write(s)
	case op < 11 && room > 0:
		return m.writeBatch(s, 1+m.r.IntN(room))
	case op < 22 && s.due() > 0:
		return m.read(s)
	case op < 16 && s.drying && s.due() == 0:
		return m.awaitDry(s)
	case op < 24 && s.due() == 0:
		m.did(s, "read of nothing")
		return m.readEvents(s, time.Now().Add(time.Duration(m.r.IntN(1000))*time.Microsecond))
	case op == 24:
		m.did(s, "write after the deadline")
		s.e.SetWriteDeadline(time.Unix(1, 0))
		_, err := s.e.WriteMsg([]byte("late"), nil)
		s.e.SetWriteDeadline(time.Time{})
		return expect(err, os.ErrDeadlineExceeded)
	case op == 25:
		m.did(s, "Status")
		st, err := s.e.Options().Status()
		if err == nil && st.State != sctp.StateEstablished {
			err = fmt.Errorf("state %v", st.State)
		}
		return err
	case op == 26 && m.r.IntN(4) == 0:
		return m.peelOff(s)
	case op == 27:
		return m.subscribe(s)
	case op == 28 && m.r.IntN(2) == 0:
		return m.file(s)
	case op == 29:
		return m.syscallConn(s)
	case op == 30 && m.r.IntN(4) == 0:
		return m.otherDial()
	case op == 31 && m.r.IntN(4) == 0 && (m.two.subscribed(sctp.EventAssocChange) || m.two.many() != nil):
		return m.restart()
	}
	return nil
}

// peelOff makes a Conn of a one-to-many socket's association.
func (m *model) peelOff(s *side) error {
	many := s.many()
	if many == nil || len(s.in) > 1 && !s.subscribed(sctp.EventAssocChange) { // to a Conn a restart is the end
		return nil
	}
	m.did(s, "PeelOff")
	c, err := many.PeelOff(many.ID)
	if err != nil {
		return err
	}
	s.e = c
	return many.Close()
}

// subscribe adds an event, or removes one.
func (m *model) subscribe(s *side) error {
	ev := sctp.EventSenderDry
	if s.subscribed(ev) {
		m.did(s, "Unsubscribe")
		delete(s.types, ev)
		s.drying = false
		return s.e.Unsubscribe(ev)
	}
	m.did(s, "Subscribe")
	s.types[ev] = true
	s.dries++ // at once, if nothing is unacknowledged
	return s.e.Subscribe(ev)
}

// file goes on with a copy of a socket, and closes the first.
func (m *model) file(s *side) error {
	m.did(s, "File")
	f, err := s.e.File()
	if err != nil {
		return err
	}
	old := s.e
	if many := s.many(); many != nil {
		pc, err := sctp.FilePacketConn(f)
		if err != nil {
			return err
		}
		s.e = &sctptest.Member{MultiConn: pc.(*sctp.MultiConn), ID: many.ID, Peer: many.Peer}
	} else {
		c, err := sctp.FileConn(f)
		if err != nil {
			return err
		}
		s.e, s.up = c.(*sctp.Conn), false // its set-up is over
	}
	s.dries += 2 // for the copy, and for Subscribe
	return errors.Join(f.Close(), s.e.Subscribe(s.list()...), old.Close())
}

// syscallConn looks at the socket, and at what comes next, which a read then returns.
func (m *model) syscallConn(s *side) error {
	m.did(s, "SyscallConn")
	raw, err := s.e.SyscallConn()
	if err != nil {
		return err
	}
	if s.due() == 0 {
		var protocol int
		cerr := raw.Control(func(fd uintptr) {
			const soProtocol, sctpProtocol = 38, 132
			if protocol, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, soProtocol); protocol != sctpProtocol && err == nil {
				err = fmt.Errorf("protocol %d", protocol)
			}
		})
		return errors.Join(cerr, err)
	}
	s.e.SetReadDeadline(time.Now().Add(sctptest.Wait))
	peeked := make([]byte, modelSize)
	n, flags := 0, 0
	if rerr := raw.Read(func(fd uintptr) bool {
		n, _, flags, _, err = syscall.Recvmsg(int(fd), peeked, nil, syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err != syscall.EAGAIN
	}); rerr != nil || err != nil {
		return errors.Join(rerr, err)
	}
	const notification = 0x8000
	if flags&notification != 0 {
		return nil
	}
	msg, err := s.e.ReadMsg(make([]byte, modelSize))
	if err == nil && string(msg.Data) != string(peeked[:n]) {
		err = fmt.Errorf("%d bytes, which are not the %d that a look at the socket has seen", len(msg.Data), n)
	}
	return m.took(s, msg, err)
}

// expect returns an error unless err is want.
func expect(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%w, not %w", orNone(err), want)
	}
	return nil
}

var errNone = errors.New("no error")

func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}
