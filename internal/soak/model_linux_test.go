package soak_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A side is one end of the model's association, and what may be observed there.
type side struct {
	e      sctptest.End
	out    *flow // what it writes
	in     *flow // what it reads
	wrote  int   // messages of out
	member bool  // of a one-to-many socket
}

// outstanding returns how many messages wait to be read.
func (s *side) outstanding(peer *side) int { return peer.wrote - int(s.in.got.Load()) }

// A model makes random calls on both ends of an association. Between calls nothing is under
// way, so that it knows what each must return.
type model struct {
	r     *rand.Rand
	one   *side
	two   *side
	calls map[string]int
	log   []string
	want  []byte
}

const (
	modelMessages = 400
	modelSize     = 1200
	modelQueue    = 12 // messages at most that wait: they fit into every buffer
)

// Random calls, of all kinds of ends, with I-DATA and without, return what a simple model
// says. The seed repeats them.
func TestModel(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	check := leaks(t)
	calls, assocs, idata := map[string]int{}, 0, 0
	rounds(t, 15, func(first uint64) {
		n := uint64(12)
		if *soakTime != 0 {
			n = 1 // the next round has the next seed
		}
		for seed := first; seed < first+n; seed++ {
			for i, kind := range sctptest.Kinds {
				idata += runModel(t, seed, kind, random(seed, 30+uint64(i)), calls)
				assocs++
			}
		}
	})
	check()
	total := 0
	for _, n := range calls {
		total += n
	}
	report(t, "%d calls on %d associations, %d of them with I-DATA, as the model says: %v", total, assocs, idata, calls)
}

// runModel runs one association of a kind.
func runModel(t *testing.T, seed uint64, kind string, r *rand.Rand, calls map[string]int) (idata int) {
	t.Helper()
	cfg := sctptest.EndConfig{}
	if r.IntN(2) == 0 {
		iData := func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			return errors.Join(o.SetFragmentInterleave(true), o.SetInterleavingSupported(true))
		}
		cfg.Own.Control, cfg.Peer.Control = iData, iData
		idata++
	}
	e, peer, l := sctptest.NewEnd(t, kind, cfg)
	there, back := newFlow(2*seed, modelMessages, modelSize, 20), newFlow(2*seed+1, modelMessages, modelSize, 20)
	m := &model{
		r: r, calls: calls,
		one: &side{e: e, out: there, in: back, member: kind == sctptest.OneToMany},
		two: &side{e: peer, out: back, in: newFlow(2*seed, modelMessages, modelSize, 20)},
	}
	m.one.in = newFlow(2*seed+1, modelMessages, modelSize, 20)
	for range 60 + r.IntN(60) {
		if err := m.step(); err != nil {
			m.fail(t, seed, kind, err)
		}
	}
	if err := m.end(); err != nil {
		m.fail(t, seed, kind, err)
	}
	m.one.e.Close()
	m.two.e.Close()
	if l != nil {
		require.NoError(t, l.Close())
	}
	return idata
}

// fail ends the test with what repeats it.
func (m *model) fail(t *testing.T, seed uint64, kind string, err error) {
	t.Helper()
	t.Fatalf("%s: %v\nafter %q\nagain: -run '^TestModel$' -seed %d", kind, err, m.log, seed)
}

// did notes a call.
func (m *model) did(s *side, call string) {
	name := "one."
	if s == m.two {
		name = "two."
	}
	m.log = append(m.log, name+call)
	m.calls[call]++
}

// step makes one call at one end.
func (m *model) step() error {
	s, peer := m.one, m.two
	if m.r.IntN(2) == 0 {
		s, peer = peer, s
	}
	room := min(modelQueue-peer.outstanding(s), modelMessages-s.wrote)
	switch op := m.r.IntN(10); {
	case op < 3 && room > 0:
		return m.write(s)
	case op < 4 && room > 0:
		return m.writeBatch(s, 1+m.r.IntN(room))
	case op < 5:
		m.did(s, "write after the deadline")
		s.e.SetWriteDeadline(time.Unix(1, 0))
		_, err := s.e.WriteMsg([]byte("late"), nil)
		s.e.SetWriteDeadline(time.Time{})
		return expect(err, os.ErrDeadlineExceeded)
	case op < 8 && s.outstanding(peer) > 0:
		return m.read(s, peer)
	case op < 9 && s.outstanding(peer) == 0:
		m.did(s, "read of nothing")
		s.e.SetReadDeadline(time.Now().Add(time.Duration(m.r.IntN(1000)) * time.Microsecond))
		_, err := s.e.ReadMsg(make([]byte, 100))
		return expect(err, os.ErrDeadlineExceeded)
	case op == 9 && s == m.one && m.one.member && m.r.IntN(4) == 0:
		m.did(s, "PeelOff")
		many := s.e.(*sctptest.Member)
		c, err := many.PeelOff(many.ID)
		if err != nil {
			return err
		}
		s.e, s.member = c, false
		return many.Close()
	case op == 9:
		m.did(s, "Status")
		st, err := s.e.Options().Status()
		if err == nil && st.State != sctp.StateEstablished {
			err = fmt.Errorf("state %v", st.State)
		}
		return err
	}
	return nil
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

// end ends the association at one end, and checks what the other gets.
func (m *model) end() error {
	s, peer := m.one, m.two
	if m.r.IntN(2) == 0 && !m.one.member {
		s, peer = peer, s
	}
	// Unread input makes an ABORT of a Close: the model must know that it has arrived.
	for s.outstanding(peer) > 0 && m.r.IntN(2) == 0 || s.outstanding(peer) > 0 && s.member {
		if err := m.read(s, peer); err != nil {
			return err
		}
	}
	unread, lossy := s.outstanding(peer) > 0, false
	peer.e.SetReadDeadline(time.Now().Add(sctptest.Wait))
	var want error = io.EOF
	switch op := m.r.IntN(4); {
	case op == 0:
		m.did(s, "Abort")
		if err := s.e.Abort(); err != nil {
			return err
		}
		want, lossy = syscall.ECONNRESET, true
	case op == 1 && !unread:
		m.did(s, "Close")
		if err := s.e.Close(); err != nil {
			return err
		}
	case op == 2 && !s.member:
		m.did(s, "Shutdown")
		ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
		defer cancel()
		if err := s.e.Shutdown(ctx); err != nil {
			return err
		}
	default:
		m.did(s, "StartShutdown")
		var err error
		if many, ok := s.e.(*sctptest.Member); ok {
			err = many.MultiConn.StartShutdown(many.ID)
		} else {
			err = s.e.(*sctp.Conn).StartShutdown()
		}
		if err != nil {
			return err
		}
	}
	for {
		msg, err := peer.e.ReadMsg(make([]byte, modelSize))
		if err == nil {
			err = m.arrived(peer, msg)
			if err == nil {
				continue
			}
		}
		if left := peer.outstanding(s); errors.Is(err, want) && left > 0 && !lossy {
			return fmt.Errorf("%w, and %d messages are missing", err, left)
		}
		if err := expect(err, want); err != nil {
			return err
		}
		break
	}
	_, err := peer.e.WriteMsg([]byte("late"), nil)
	if lossy {
		return expect(err, syscall.ECONNRESET)
	}
	return expect(err, syscall.EPIPE)
}
