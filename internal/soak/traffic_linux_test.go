package soak_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Traffic goes both ways between two ends until it is told to stop.
type traffic struct {
	ends [2]*endpoint
	stop chan struct{}
}

// An endpoint is one end of traffic: it writes a flow, and checks what it reads.
type endpoint struct {
	e       sctptest.End
	out, in *flow
	pr      sctp.PRInfo // of each message
	pace    time.Duration
	events  chan sctp.Event // all but SendFailed
	wrote   atomic.Int64    // messages
	written chan error
	read    chan error

	mu      sync.Mutex // protects what follows, and in
	failed  map[int]*sctp.SendFailed
	paths   map[sctp.PeerAddrChangeState]int // PeerAddrChange events
	last    time.Time                        // when a message came
	gap     time.Duration                    // the longest without one
	lenient bool                             // messages may be missing
}

// endless is more messages than an end sends while a fault lasts.
const endless = 1 << 18

// newTraffic returns traffic of messages of up to size bytes, a message from each end in
// each pace, or one after the other for 0. It begins with start.
func newTraffic(seed uint64, size int, pace time.Duration, one, two sctptest.End) *traffic {
	tr := &traffic{stop: make(chan struct{})}
	for i, e := range []sctptest.End{one, two} {
		tr.ends[i] = &endpoint{
			e: e, pace: pace, events: make(chan sctp.Event, 10000), failed: map[int]*sctp.SendFailed{},
			paths: map[sctp.PeerAddrChangeState]int{},
			out:   newFlow(2*seed+uint64(i), endless, size, 0), in: newFlow(2*seed+uint64(1-i), endless, size, 0),
			written: make(chan error, 1), read: make(chan error, 1),
		}
	}
	return tr
}

// start subscribes both ends to events, and lets the traffic go.
func (tr *traffic) start(t *testing.T) *traffic {
	t.Helper()
	for _, p := range tr.ends {
		require.NoError(t, p.e.Subscribe(sctp.EventAssocChange, sctp.EventPeerAddrChange, sctp.EventSendFailed))
	}
	for _, p := range tr.ends {
		go func() { p.written <- p.write(tr.stop) }()
		go func() { p.read <- p.receive() }()
	}
	return tr
}

// write writes messages until it is told to stop.
func (p *endpoint) write(stop <-chan struct{}) error {
	always := make(chan time.Time)
	close(always)
	var tick <-chan time.Time = always
	if p.pace > 0 {
		ticker := time.NewTicker(p.pace)
		defer ticker.Stop()
		tick = ticker.C
	}
	var b []byte
	for i := range p.out.n {
		select {
		case <-stop:
			return nil
		case <-tick:
		}
		var info sctp.SndInfo
		b, info = p.out.message(i, b)
		info.PR = p.pr
		if _, err := p.e.WriteMsg(b, &info); err != nil {
			return fmt.Errorf("write %d: %w", i, err)
		}
		p.wrote.Add(1)
	}
	return errors.New("endless is not enough")
}

// receive reads until the end.
func (p *endpoint) receive() error {
	var want []byte
	for m, err := range p.e.Messages(p.in.size) {
		if err != nil {
			return fmt.Errorf("read after %d messages: %w", p.in.got.Load(), err)
		}
		if want, err = p.arrived(m, want); err != nil {
			return err
		}
	}
	return errEnd
}

var errEnd = errors.New("the end")

// arrived notes a message or an event.
func (p *endpoint) arrived(m sctp.Message, want []byte) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := m.Event.(type) {
	case nil:
		now := time.Now()
		if !p.last.IsZero() {
			p.gap = max(p.gap, now.Sub(p.last))
		}
		p.last = now
		if p.lenient {
			p.in.skip(m)
		}
		return p.in.arrived(m, want)
	case *sctp.SendFailed:
		i := int(ev.Info.PPID - p.out.base)
		if i >= p.out.n || p.failed[i] != nil || ev.Truncated {
			return want, fmt.Errorf("nothing that was sent has failed, or twice: %+v, %d bytes", ev.Info, len(ev.Data))
		}
		var info sctp.SndInfo
		if want, info = p.out.message(i, want); !bytes.Equal(ev.Data, want) || ev.Info.Stream != info.Stream {
			return want, fmt.Errorf("message %d has failed as %+v with %d bytes", i, ev.Info, len(ev.Data))
		}
		p.failed[i] = &sctp.SendFailed{Sent: ev.Sent, Cause: ev.Cause}
	default:
		if change, ok := ev.(*sctp.PeerAddrChange); ok {
			p.paths[change.State]++
		}
		p.events <- ev
	}
	return want, nil
}

// skip lets a message be the next one of its stream, if it is a later one: those between were
// given up.
func (f *flow) skip(m sctp.Message) {
	if i := int(m.Info.PPID - f.base); i < f.n && int(m.Info.Stream) < streams && i > f.next[m.Info.Stream] {
		f.next[m.Info.Stream] = i
	}
}

// awaitMessages waits until more messages have come to both ends.
func (tr *traffic) awaitMessages(t *testing.T, more int64) {
	t.Helper()
	var want [2]int64
	for i, p := range tr.ends {
		want[i] = p.in.got.Load() + more
	}
	for i, p := range tr.ends {
		p.eventually(t, func() bool { return p.in.got.Load() >= want[i] }, "%d more messages at end %d", more, i)
	}
}

// eventually waits until cond holds, or an end has failed.
func (p *endpoint) eventually(t *testing.T, cond func() bool, format string, args ...any) {
	t.Helper()
	sctptest.Eventually(t, func() bool {
		select {
		case err := <-p.written:
			require.NoError(t, err, "an end amid traffic")
		case err := <-p.read:
			require.NoError(t, err, "an end amid traffic")
		default:
		}
		return cond()
	}, format, args...)
}

// awaitPath waits until an end is told that a path has changed so. It drops the events
// before.
func (p *endpoint) awaitPath(t *testing.T, path netip.Addr, state sctp.PeerAddrChangeState) {
	t.Helper()
	p.eventually(t, func() bool {
		for {
			select {
			case ev := <-p.events:
				if change, ok := ev.(*sctp.PeerAddrChange); ok && change.Addr.Addr() == path && change.State == state {
					return true
				}
			default:
				return false
			}
		}
	}, "path %v %v", path, state)
}

// state says what the kernel knows of an end.
func (p *endpoint) state() string {
	o := p.e.Options()
	st, err := o.Status()
	stats, serr := o.AssocStats()
	own, oerr := o.LocalAddrs()
	text := fmt.Sprintf("%+v %v\n%+v %v\n%v %v\n", st, err, stats, serr, own, oerr)
	peers, err := o.PeerAddrs()
	if err != nil {
		return text + err.Error() + "\n"
	}
	for _, ip := range peers.IPs {
		path, err := o.PeerAddrInfo(netip.AddrPortFrom(ip, peers.Port))
		text += fmt.Sprintf("%+v %v\n", path, err)
	}
	return text
}

// awaitRetransmissions waits until both ends have sent more chunks again.
func (tr *traffic) awaitRetransmissions(t *testing.T, more uint64) {
	t.Helper()
	for _, p := range tr.ends {
		count := func() uint64 {
			st, err := p.e.Options().AssocStats()
			require.NoError(t, err)
			return st.RtxChunks
		}
		want := count() + more
		p.eventually(t, func() bool { return count() >= want }, "%d retransmissions", more)
	}
}

// end stops the traffic, waits until all has come, and closes both ends. It returns how
// many messages that were, and the longest time for which an end got none.
func (tr *traffic) end(t *testing.T) (messages int, gap time.Duration) {
	t.Helper()
	close(tr.stop)
	for _, p := range tr.ends {
		require.NoError(t, sctptest.Receive(t, p.written))
	}
	for i, p := range tr.ends {
		want := tr.ends[1-i].wrote.Load()
		last, end := int64(-1), time.Time{}
		for {
			got := p.in.got.Load()
			if got >= want {
				break
			}
			if got != last {
				last, end = got, time.Now().Add(sctptest.Wait)
			}
			select {
			case err := <-p.read:
				require.NoError(t, err)
			case <-time.After(time.Millisecond):
			}
			if !time.Now().Before(end) {
				t.Fatalf("for %v no message has come; %d of %d have\n%s%s", sctptest.Wait, got, want, tr.ends[0].state(), tr.ends[1].state())
			}
		}
		messages += int(want)
	}
	for _, p := range tr.ends {
		require.NoError(t, p.e.SetReadDeadline(time.Unix(1, 0)))
		require.ErrorIs(t, sctptest.Receive(t, p.read), os.ErrDeadlineExceeded)
		assert.Empty(t, p.failed, "messages that have come, and failed")
		gap = max(gap, p.gap)
	}
	for i, p := range tr.ends {
		require.Equal(t, tr.ends[1-i].wrote.Load(), p.in.got.Load())
		require.NoError(t, p.e.Close())
	}
	return messages, gap
}

// requireAccounted waits until each message that was written has come to the peer, or has
// come back.
func (p *endpoint) requireAccounted(t *testing.T, peer *endpoint) {
	t.Helper()
	var missing []int
	sctptest.Eventually(t, func() bool {
		missing = p.missing(peer)
		return len(missing) == 0
	}, "%d messages without those that are missing: %v", p.wrote.Load(), missing)
}

// missing returns the messages that neither have come to the peer nor have come back.
func (p *endpoint) missing(peer *endpoint) (missing []int) {
	arrived := make([]bool, p.wrote.Load())
	peer.mu.Lock()
	copy(arrived, peer.in.seen)
	peer.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, ok := range arrived {
		if !ok && p.failed[i] == nil {
			missing = append(missing, i)
		}
	}
	return missing
}
