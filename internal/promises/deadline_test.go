package promises_test

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func requirePassed(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.True(t, sctptest.OpError(t, err).Timeout())
}

// A deadline ends a call that waits, and not the association. So does Close, for good.
func TestPromise6DeadlineInterruptsWhatWaits(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		for _, tt := range []struct {
			calls []call
			await func()
			set   func(e sctptest.End, at time.Time) error
		}{
			{reads(kind), func() { sctptest.AwaitParked(t, 1) }, sctptest.End.SetReadDeadline},
			{writes(kind), func() { awaitWriters(t, kind, 1) }, sctptest.End.SetWriteDeadline},
		} {
			for _, c := range tt.calls {
				t.Run(c.name, func(t *testing.T) {
					self, _ := pair(t, kind)
					for _, set := range []func(e sctptest.End, at time.Time) error{sctptest.End.SetDeadline, tt.set} {
						done := c.run(self)
						tt.await()
						require.NoError(t, set(self, time.Now()))
						requirePassed(t, sctptest.Receive(t, done))
						requirePassed(t, c.do(self))
						require.NoError(t, set(self, time.Time{}))
					}
					require.NoError(t, self.SetDeadline(time.Now().Add(50*time.Millisecond)))
					requirePassed(t, sctptest.Receive(t, c.run(self)))
					require.NoError(t, self.SetDeadline(time.Time{}))
					done := c.run(self)
					tt.await() // as if nothing had been
					require.NoError(t, self.Close())
					require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
				})
			}
		}
	})
}

// A deadline that has passed fails a write for which there is room, and one that is to
// come does not.
func TestPromise6PassedDeadline(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		self, peer := pair(t, kind)
		b := make([]byte, 1500)
		for _, c := range writes(kind) {
			t.Run(c.name, func(t *testing.T) {
				for _, past := range []time.Time{time.Now(), time.Unix(1, 0)} {
					require.NoError(t, self.SetDeadline(past))
					requirePassed(t, c.do(self))
				}
				for _, future := range []time.Time{time.Now().Add(time.Hour), {}} {
					require.NoError(t, self.SetWriteDeadline(future))
					require.NoError(t, c.do(self))
					m, err := peer.ReadMsg(b) // one message, and none of those that failed
					require.NoError(t, err)
					require.Len(t, m.Data, 1000)
					require.True(t, m.EOR)
				}
			})
		}
	})
}

// Calls that wait, readers and writers, hold no thread.
func TestPromise6WaitingHoldsNoThread(t *testing.T) {
	const n = 50
	forEachKind(t, func(t *testing.T, kind string) {
		var ends []sctptest.End
		for range n {
			self, _, _ := sctptest.NewEnd(t, kind, sctptest.EndConfig{
				Own:  sctp.ListenConfig{WriteBuffer: 4 << 10},
				Peer: sctp.ListenConfig{ReadBuffer: 16 << 10},
			})
			ends = append(ends, self)
		}
		before := sctptest.Threads(t)
		var done []<-chan error
		for _, e := range ends {
			done = append(done, reads(kind)[0].run(e))
		}
		sctptest.AwaitParked(t, n)
		for _, e := range ends {
			done = append(done, writes(kind)[0].run(e))
		}
		if kind == sctptest.OneToMany {
			sctptest.AwaitNoRoom(t, n)
		} else {
			sctptest.AwaitParked(t, 2*n)
		}
		require.Less(t, sctptest.Threads(t), before+n/4, "%d calls wait", 2*n)
		for _, e := range ends {
			require.NoError(t, e.Close())
		}
		for _, ch := range done {
			require.ErrorIs(t, sctptest.Receive(t, ch), net.ErrClosed)
		}
	})
}
