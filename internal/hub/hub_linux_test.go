// Package hub_test puts a one-to-many socket under load: two thousand associations with
// traffic both ways, of which some are stalled, aborted, restarted or peeled off amid
// their messages. It is a package of its own because that takes long.
package hub_test

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// writers share the associations with nothing special.
const writers = 8

// spokes returns how many associations there are. The emulation of big-endian and ARM
// machines is several times slower: there they are fewer.
func spokes() int {
	switch runtime.GOARCH {
	case "amd64", "386":
		return 1000
	}
	return 400
}

// A hub is a one-to-many socket and the peers of its associations.
type hub struct {
	t      *testing.T
	m      *sctp.MultiConn
	spokes []*spoke
	byID   map[sctp.AssocID]*spoke
	shared bool // the associations share one send buffer: net.sctp.sndbuf_policy=0

	messages int // of each end of an association
	half     int
	many     int // where one end writes until the other does something

	tasks   chan result
	running map[string]int
	down    chan struct{}  // closed when the network is off
	resume  chan struct{}  // closed when the stalled peers read
	ready   sync.WaitGroup // the peers that are to begin anew
	longest atomic.Int64   // time that a write to an association that is not stalled took
	stalls  atomic.Int64   // StalledErrors of such writes
}

// newHub opens the hub with room for what the stalled associations leave, or with the
// system's buffers if each association has its own.
func newHub(t *testing.T, shared bool) *hub {
	h := &hub{
		t: t, byID: map[sctp.AssocID]*spoke{}, shared: shared, messages: 12,
		tasks: make(chan result), running: map[string]int{}, down: make(chan struct{}), resume: make(chan struct{}),
	}
	if shared {
		// Whenever it frees a chunk, the kernel looks for room at each association of the
		// socket (sctp_wake_up_waiters): a message costs as much as there are.
		h.messages = 6
	}
	h.half, h.many = h.messages/2, 5*h.messages
	// On a slow machine thousands of peers need more than the usual limit to take something.
	lc := sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange}, StallTimeout: 10 * time.Second}
	lc.Control = func(_, _ string, c syscall.RawConn) error {
		var err error
		cerr := c.Control(func(fd uintptr) {
			// Thousands of peers believe that they have the whole receive buffer.
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, 16<<20)
			if err == nil && shared {
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUFFORCE, 2<<20)
			}
		})
		return errors.Join(cerr, err)
	}
	h.m = sctptest.ListenMulti(t, lc, "sctp4", "127.0.0.1:0")
	for i := range spokes() {
		h.spokes = append(h.spokes, newSpoke(h, i))
	}
	return h
}

// connect sets all associations up, some at a time, and learns their ids.
func (h *hub) connect() {
	peers := make(chan *spoke, len(h.spokes))
	for _, s := range h.spokes {
		peers <- s
	}
	close(peers)
	for range 32 {
		h.start("dial", func() error {
			for s := range peers {
				if err := s.dial(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	ids := map[netip.AddrPort]sctp.AssocID{}
	h.start("ids", func() error {
		b := make([]byte, 1000)
		for len(ids) < len(h.spokes) {
			m, err := h.m.ReadMsg(b)
			if err != nil {
				return err
			}
			if ev, ok := m.Event.(*sctp.AssocChange); !ok || ev.State != sctp.AssocCommUp {
				return fmt.Errorf("%+v before the association is up", m)
			}
			ids[m.Addr] = m.Info.Assoc
		}
		return nil
	})
	h.wait()
	for _, s := range h.spokes {
		s.id = ids[s.addr.AddrPort()]
		require.NotZero(h.t, s.id, s.addr)
		h.byID[s.id] = s
	}
	require.Len(h.t, h.byID, len(h.spokes))
}

// A result is what a task has come to.
type result struct {
	task string
	err  error
}

// start starts a task, in the test's goroutine. The test waits for it with wait.
func (h *hub) start(task string, f func() error) {
	h.running[task]++
	go func() { h.tasks <- result{task, f()} }()
}

// wait waits until all tasks have ended.
func (h *hub) wait() {
	h.t.Helper()
	for len(h.running) > 0 {
		select {
		case r := <-h.tasks:
			require.NoError(h.t, r.err, r.task)
			if h.running[r.task]--; h.running[r.task] == 0 {
				delete(h.running, r.task)
			}
		case <-time.After(2 * sctptest.Wait):
			h.t.Fatalf("for %v, none of these has ended: %v", 2*sctptest.Wait, h.running)
		}
	}
}

// read reads all that comes to the hub, until it is closed.
func (h *hub) read() error {
	for m, err := range h.m.Messages(maxSize) {
		if err != nil {
			return err
		}
		s := h.byID[m.Info.Assoc]
		if s == nil {
			return fmt.Errorf("%+v of an association that was not set up", m.Info)
		}
		if m.Event != nil {
			err = s.changed(m.Event.(*sctp.AssocChange))
		} else {
			err = s.arrived(m, s.atHub[s.epoch])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write writes the next message to a spoke. A write that found no room is tried again.
func (h *hub) write(s *spoke, epoch uint16, b []byte) ([]byte, error) {
	l := s.sent[epoch].next(s.index, epoch)
	b = l.encode(b)
	for {
		start := time.Now()
		_, err := h.m.WriteMsg(b, &sctp.SndInfo{Assoc: s.id, Stream: l.stream})
		for took := int64(time.Since(start)); ; {
			old := h.longest.Load()
			if took <= old || h.longest.CompareAndSwap(old, took) {
				break
			}
		}
		var stalled *sctp.StalledError
		if errors.As(err, &stalled) {
			h.stalls.Add(1)
			if err = h.stalled(stalled); err == nil {
				continue
			}
		}
		if err == nil {
			s.sent[epoch].add(l)
		}
		return b, err
	}
}

// stalled returns an error if e does not name a stalled association, or if those must not
// concern others.
func (h *hub) stalled(e *sctp.StalledError) error {
	s := h.byID[e.Assoc]
	if !h.shared || s == nil || s.role != stalled {
		return fmt.Errorf("a write to an association that is not stalled: %w", e)
	}
	return nil
}

// writeAll writes to the spokes in turn.
func (h *hub) writeAll(spokes []*spoke) error {
	var b []byte
	var err error
	for range h.messages {
		for _, s := range spokes {
			if b, err = h.write(s, 0, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// traffic starts all that happens at the same time, and waits until every message was
// written.
func (h *hub) traffic() {
	var rest, slow []*spoke
	for _, s := range h.spokes {
		h.start(fmt.Sprint("speak as ", s.role), s.speak)
		switch s.role {
		case ordinary:
			rest = append(rest, s)
		case stalled:
			slow = append(slow, s)
		case restarted:
			h.ready.Add(1)
			h.start("write across restart", s.writeAcrossRestart)
		case abortedByHub:
			h.start("write and abort", s.writeAndAbort)
		case abortedByPeer:
			h.start("write until aborted", s.writeUntilAborted)
		case peeledOff:
			h.start("peel off", s.peelOff)
			h.start("write across peel off", s.writeAcrossPeelOff)
		}
		go s.listen(s.conn, s.atPeer[0])
	}
	for i := range writers {
		part := rest[i*len(rest)/writers : (i+1)*len(rest)/writers]
		h.start("write", func() error { return h.writeAll(part) })
	}
	if h.shared {
		h.start("fill", func() error { return h.fillShared(slow) })
	} else {
		for _, s := range slow {
			h.start("fill", s.fillOwn)
		}
	}
	h.restart()
	h.wait()
}

// fillShared writes to the stalled associations in turn until there is no more room, and
// cures that: the first that holds the room gets a socket of its own, the second is
// aborted.
func (h *hub) fillShared(slow []*spoke) error {
	var b []byte
	for i, cures := 0, 0; cures < 2; i++ {
		s := slow[i%len(slow)]
		if s.off || s.gone {
			continue
		}
		l := s.sent[0].next(s.index, 0)
		b = l.encodeSize(b, 1000)
		_, err := h.m.WriteMsg(b, &sctp.SndInfo{Assoc: s.id, Stream: l.stream})
		var e *sctp.StalledError
		switch {
		case err == nil:
			s.sent[0].add(l)
			continue
		case !errors.As(err, &e):
			return err
		}
		h.t.Log(e)
		if err := h.stalled(e); err != nil {
			return err
		}
		if s = h.byID[e.Assoc]; cures == 0 {
			s.off = true
			err = s.toConn()
		} else {
			s.gone = true
			err = h.m.AbortAssoc(s.id, []byte("stalled"))
		}
		if err != nil {
			return err
		}
		cures++
	}
	return nil
}

// finish lets the stalled peers read, shuts every association down that is left, in good
// order, and waits for its end.
func (h *hub) finish() {
	close(h.resume)
	for _, s := range h.spokes {
		switch {
		case s.off:
			require.NoError(h.t, s.own.StartShutdown())
		case !s.gone:
			require.NoError(h.t, h.m.StartShutdown(s.id))
		}
	}
	for _, s := range h.spokes {
		require.NoError(h.t, sctptest.Receive(h.t, s.ended), "spoke %d, role %d", s.index, s.role)
		if s.off {
			require.NoError(h.t, sctptest.Receive(h.t, s.ownEnded), "spoke %d, role %d", s.index, s.role)
		} else {
			require.Equal(h.t, s.gone, sctptest.Receive(h.t, s.lost), "spoke %d, role %d", s.index, s.role)
		}
	}
}

// check accounts for every message.
func (h *hub) check() {
	for _, s := range h.spokes {
		require.NoError(h.t, s.check())
	}
}
