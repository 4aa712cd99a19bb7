package soak_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A peer restarts again and again while nobody reads, and has the socket told of it each
// time. Go keeps nothing of it. Who has not asked for events reads the message behind them;
// who has gets one for each, and none stays.
func TestUnreadRestarts(t *testing.T) {
	const restarts, left = 1000, 64 << 10
	check := leaks(t)
	told, heapMost, slabMost := 0, 0, 0
	for _, asked := range []bool{false, true} {
		n := newNetwork(t, *seed)
		n.silent.Store(true)
		r := random(*seed, 70)
		lc := sctp.ListenConfig{Netns: n.two.Path()}
		if asked {
			lc.Events = []sctp.EventType{sctp.EventAssocChange}
		}
		nc, err := lc.ListenPacket(context.Background(), "sctp4", "10.9.0.2:0")
		require.NoError(t, err)
		m := nc.(*sctp.MultiConn)
		p := newRawPeer(t, n, m.LocalAddr().(*sctp.Addr).Port)
		h, err := p.associate(6000, r)
		require.NoError(t, err)
		heapBefore, slabBefore := memory(t)
		for range restarts {
			h, err = p.associate(6000, r)
			require.NoError(t, err)
		}
		heapUnread, slabUnread := memory(t)
		require.Less(t, heapUnread-heapBefore, left)
		require.NoError(t, m.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		events, done := 0, make(chan error, 1)
		go func() {
			for {
				msg, err := m.ReadMsg(make([]byte, 100))
				if ev, ok := msg.Event.(*sctp.AssocChange); !ok {
					done <- err
					return
				} else if ev.State == sctp.AssocRestart {
					events++
				}
			}
		}()
		require.NoError(t, sendUntil(p, done, 6000, h.tag, dataChunk(h.tsn, 0, 0, []byte("end"))...))
		if asked {
			require.Equal(t, restarts, events)
		} else {
			require.Zero(t, events)
		}
		require.Less(t, heap(t)-heapBefore, left)
		told += events
		heapMost, slabMost = max(heapMost, heapUnread-heapBefore), max(slabMost, (slabUnread-slabBefore)/restarts)
		require.NoError(t, errors.Join(p.conn.Close(), m.SetLinger(0), m.Close()))
		noAssocs(t, n.two)
		n.close()
	}
	check()
	report(t, "%d restarts that nobody read of, twice: %d told to who had asked, none to who had not; %d bytes of Go's heap for all, %d of the kernel's slabs for each", restarts, told, heapMost, slabMost)
}
