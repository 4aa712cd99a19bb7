package soak_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A race is what racing calls work on.
type race struct {
	ctx    context.Context
	cancel context.CancelFunc
	l      *sctp.Listener
	m      *sctp.MultiConn
	id     sctp.AssocID // of m
	e      sctptest.End // the association's end
	peer   *sctp.Conn   // the other
}

// A racer is a call, and the errors that it may end with besides none. net.ErrClosed may
// come from each.
type racer struct {
	name string
	call func(x *race) error
	may  []error
}

// lost are the errors of an association that another has ended.
var lost = []error{io.EOF, syscall.ECONNRESET, syscall.EPIPE}

// noMember are the errors of a one-to-many socket about an association that it has no more,
// or that a Connect waits for.
var noMember = []error{syscall.ENOTCONN, syscall.EBUSY}

// Racers of several lists, and those that end what would wait.
var (
	closes         = racer{"Close", func(x *race) error { return x.e.Close() }, nil}
	peerAborts     = racer{"peer.Abort", func(x *race) error { return x.peer.Abort() }, nil}
	closesListener = racer{"Listener.Close", func(x *race) error { return x.l.Close() }, nil}
	shutsAllDown   = racer{"MultiConn.Shutdown", func(x *race) error { return x.m.Shutdown(x.ctx) }, append([]error{context.Canceled, syscall.ECONNREFUSED}, lost...)}
	connects       = racer{"Connect", func(x *race) error {
		_, err := x.m.Connect(x.ctx, x.l.Addr().(*sctp.Addr))
		return err
	}, []error{context.Canceled, syscall.EISCONN, syscall.EALREADY, syscall.EADDRNOTAVAIL, syscall.ECONNREFUSED, syscall.ECONNABORTED}}
)

// both are racers for every end.
var both = []racer{
	{"ReadBatch", func(x *race) error {
		b := x.e.(interface {
			ReadBatch([][]byte, []sctp.Message) (int, error)
		})
		_, err := b.ReadBatch([][]byte{make([]byte, 10), make([]byte, 10)}, make([]sctp.Message, 2))
		return err
	}, append([]error{os.ErrDeadlineExceeded}, lost...)},
	{"WriteBatch", func(x *race) error {
		bufs, infos := make([][]byte, 20), make([]sctp.SndInfo, 20)
		for i := range bufs {
			bufs[i], infos[i].Assoc = make([]byte, 1000), x.id
		}
		b := x.e.(interface {
			WriteBatch([][]byte, []sctp.SndInfo) (int, error)
		})
		for {
			if _, err := b.WriteBatch(bufs, infos); err != nil {
				return err
			}
		}
	}, append([]error{os.ErrDeadlineExceeded, syscall.ENOTCONN}, lost...)},
	{"SetDeadline", func(x *race) error { return x.e.SetDeadline(time.Now()) }, nil},
	closes, peerAborts,
	{"peer.Close", func(x *race) error { return x.peer.Close() }, nil},
	{"peer.Shutdown", func(x *race) error { return x.peer.Shutdown(x.ctx) }, append([]error{context.Canceled}, lost...)},
}

// conns are racers for a Conn.
var conns = []racer{
	{"Shutdown", func(x *race) error { return x.e.Shutdown(x.ctx) }, append([]error{context.Canceled}, lost...)},
	{"StartShutdown", func(x *race) error { return x.e.(*sctp.Conn).StartShutdown() }, nil},
	{"Abort", func(x *race) error { return x.e.Abort() }, nil},
	{"Detach", func(x *race) error {
		f, err := x.e.(*sctp.Conn).Detach()
		if err == nil {
			err = f.Close()
		}
		return err
	}, []error{syscall.EBUSY}},
}

// members are racers for an association of a one-to-many socket.
var members = []racer{
	{"PeelOff", func(x *race) error {
		c, err := x.m.PeelOff(x.id)
		if err == nil {
			err = c.Abort()
		}
		return err
	}, noMember},
	{"ShutdownAssoc", func(x *race) error { return x.m.ShutdownAssoc(x.ctx, x.id) }, append(append([]error{context.Canceled}, noMember...), lost...)},
	{"StartShutdown", func(x *race) error { return x.m.StartShutdown(x.id) }, noMember},
	{"AbortAssoc", func(x *race) error { return x.m.AbortAssoc(x.id, []byte("race")) }, noMember},
	shutsAllDown, connects,
}

// setUps are racers that make associations.
var setUps = []racer{
	{"Dial", func(x *race) error {
		c, err := (&sctp.Dialer{}).DialSCTP(x.ctx, "sctp4", nil, x.l.Addr().(*sctp.Addr))
		if err == nil {
			err = c.Abort()
		}
		return err
	}, []error{context.Canceled, syscall.ECONNREFUSED}},
	{"Accept", func(x *race) error {
		c, err := x.l.Accept()
		if err == nil {
			err = c.(*sctp.Conn).Abort()
		}
		return err
	}, []error{os.ErrDeadlineExceeded}},
	connects, closesListener,
	{"Listener.SetDeadline", func(x *race) error { return x.l.SetDeadline(time.Now()) }, nil},
	{"MultiConn.Close", func(x *race) error { return x.m.Close() }, nil},
	shutsAllDown,
	{"cancel", func(x *race) error { x.cancel(); return nil }, nil},
}

// allowed returns the outcome that err is.
func (rc racer) allowed(err error) (string, error) {
	if err == nil {
		return "none", nil
	}
	for _, may := range append([]error{net.ErrClosed}, rc.may...) {
		if errors.Is(err, may) {
			return strings.ReplaceAll(may.Error(), " ", "_"), nil
		}
	}
	return "", fmt.Errorf("%s: %w", rc.name, err)
}

// run lets calls race, each after a random wait, and returns when all have ended.
func (x *race) run(t *testing.T, seed uint64, calls []racer, outcomes map[string]int) {
	t.Helper()
	r := random(seed, 21)
	results := make(chan error, len(calls))
	var mu sync.Mutex
	for _, rc := range calls {
		wait := r.IntN(1500)
		go func() {
			for range wait { // no event tells when the others wait: some shall come before, some after
				_ = x.l.Addr()
			}
			outcome, err := rc.allowed(rc.call(x))
			mu.Lock()
			outcomes[outcome]++
			mu.Unlock()
			results <- err
		}()
	}
	var names []string
	for _, rc := range calls {
		names = append(names, rc.name)
	}
	for range calls {
		require.NoError(t, sctptest.Receive(t, results), "among %v", names)
	}
}

// pick returns n of the racers, and the last ones.
func pick(seed uint64, from []racer, n int, last ...racer) (calls []racer) {
	r := random(seed, 22)
	for range n {
		calls = append(calls, from[r.IntN(len(from))])
	}
	return append(calls, last...)
}

func sum(outcomes map[string]int) (n int) {
	for _, c := range outcomes {
		n += c
	}
	return n
}

// Dial, Accept and Connect race the end of their context, of the listener and of the
// socket. Each ends, as its documentation says, and nothing is left.
func TestRacingSetUps(t *testing.T) {
	const times, calls = 60, 8
	check := leaks(t)
	outcomes := map[string]int{}
	rounds(t, 3, func(first uint64) {
		for seed := first << 16; seed < first<<16+times; seed++ {
			x := &race{l: sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0"), m: sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")}
			x.ctx, x.cancel = context.WithTimeout(context.Background(), 2*sctptest.Wait)
			// An Accept that nobody dials for waits for the listener's end.
			x.run(t, seed, pick(seed, setUps, calls, closesListener), outcomes)
			x.cancel()
			if err := x.m.Close(); !errors.Is(err, net.ErrClosed) {
				require.NoError(t, err)
			}
		}
	})
	check()
	report(t, "%d calls ended: %v", sum(outcomes), sorted(outcomes))
}

// The calls that end an association, or move it, race each other and those that wait, at
// all kinds of ends.
func TestRacingEnds(t *testing.T) {
	const times, calls = 25, 7
	check := leaks(t)
	outcomes := map[string]int{}
	rounds(t, 3, func(first uint64) {
		for i, kind := range sctptest.Kinds {
			for seed := (first*4 + uint64(i)) << 16; seed&0xffff < times; seed++ {
				cfg := sctptest.EndConfig{Own: sctp.ListenConfig{WriteBuffer: 8 << 10}, Peer: sctp.ListenConfig{ReadBuffer: 8 << 10}}
				e, peer, l := sctptest.NewEnd(t, kind, cfg)
				x := &race{l: l, e: e, peer: peer}
				x.ctx, x.cancel = context.WithTimeout(context.Background(), 2*sctptest.Wait)
				from := slices.Concat(both, conns)
				if many, ok := e.(*sctptest.Member); ok {
					x.m, x.id = many.MultiConn, many.ID
					from = slices.Concat(both, members)
				}
				// What waits for the peer waits for its end.
				x.run(t, seed, pick(seed, from, calls, closes, peerAborts), outcomes)
				x.cancel()
				if l != nil {
					require.NoError(t, l.Close())
				}
			}
		}
	})
	check()
	report(t, "%d calls ended: %v", sum(outcomes), sorted(outcomes))
}

// sorted returns the outcomes, the most frequent first.
func sorted(outcomes map[string]int) (lines []string) {
	names := slices.SortedFunc(maps.Keys(outcomes), func(a, b string) int { return outcomes[b] - outcomes[a] })
	for _, name := range names {
		lines = append(lines, fmt.Sprintf("%d %s", outcomes[name], name))
	}
	return lines
}
