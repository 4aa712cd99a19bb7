package sctp_test

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A stalledMulti is a one-to-many socket with two associations: the peer of one reads,
// that of the other takes nothing any more.
type stalledMulti struct {
	*sctp.MultiConn
	stalled, live         sctp.AssocID
	stalledPeer, livePeer *sctp.Conn
}

// stallMulti fills the send buffer with what is meant for one association.
func stallMulti(t *testing.T) *stalledMulti {
	t.Helper()
	l := sctptest.Listen(t, sctp.ListenConfig{ReadBuffer: 16 << 10, Control: sackAtOnce}, "sctp4", "127.0.0.1:0")
	s := &stalledMulti{MultiConn: sctptest.ListenMulti(t, sctp.ListenConfig{WriteBuffer: 32 << 10}, "sctp4", "127.0.0.1:0")}
	connect := func() (sctp.AssocID, *sctp.Conn) {
		l := l
		if s.stalledPeer != nil {
			l = sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		}
		id, err := s.Connect(context.Background(), l.Addr().(*sctp.Addr))
		require.NoError(t, err)
		c, err := l.AcceptSCTP()
		require.NoError(t, err)
		t.Cleanup(func() { c.Abort() })
		return id, c
	}
	s.stalled, s.stalledPeer = connect()
	s.live, s.livePeer = connect()
	s.fill(t, s.stalled)
	return s
}

// fill writes to an association until that is stalled, and stays so.
func (s *stalledMulti) fill(t *testing.T, id sctp.AssocID) {
	t.Helper()
	sctp.SetStallLimit(s.MultiConn, 50*time.Millisecond)
	for idle := 0; idle < 3; idle++ {
		for err := error(nil); err == nil; {
			if err = s.write(id); err == nil {
				idle = 0
			} else {
				requireStalled(t, err, id)
			}
		}
	}
	sctp.SetStallLimit(s.MultiConn, time.Hour)
}

func (s *stalledMulti) write(id sctp.AssocID) error {
	_, err := s.WriteMsg(make([]byte, 1000), &sctp.SndInfo{Assoc: id})
	return err
}

// writers begins n writes to an association, and returns when they wait.
func (s *stalledMulti) writers(t *testing.T, n int, id sctp.AssocID) <-chan error {
	t.Helper()
	before, _ := sctp.Writers(s.MultiConn)
	done := make(chan error, n)
	for range n {
		go func() { done <- s.write(id) }()
	}
	awaitWriters(t, s.MultiConn, before+n)
	return done
}

// awaitWriters waits until n writes of m wait.
func awaitWriters(t *testing.T, m *sctp.MultiConn, n int) {
	t.Helper()
	sctptest.Eventually(t, func() bool {
		waiting, watched := sctp.Writers(m)
		return waiting == n && watched
	}, "%d writes that wait", n)
}

func (s *stalledMulti) requireUnwatched(t *testing.T) {
	t.Helper()
	sctptest.Eventually(t, func() bool {
		waiting, watched := sctp.Writers(s.MultiConn)
		return waiting == 0 && !watched
	}, "end of the watch")
}

func requireStalled(t *testing.T, err error, id sctp.AssocID) {
	t.Helper()
	var se *sctp.StalledError
	require.ErrorAs(t, err, &se)
	require.Equal(t, id, se.Assoc)
	require.Positive(t, se.Waited)
	require.ErrorIs(t, err, syscall.EAGAIN)
	require.True(t, sctptest.OpError(t, err).Timeout())
	require.False(t, errors.Is(err, os.ErrDeadlineExceeded))
}

// One association that takes nothing leaves no room for the others: those who write to
// them are told which, and go on as soon as it is gone.
func TestMultiConnStalled(t *testing.T) {
	const n = 20
	for _, tt := range []struct {
		name string
		end  func(s *stalledMulti) error
		want error
	}{
		{"Abort", func(s *stalledMulti) error { return s.AbortAssoc(s.stalled, nil) }, nil},
		{"PeelOff", func(s *stalledMulti) error {
			c, err := s.PeelOff(s.stalled)
			if err == nil {
				t.Cleanup(func() { c.Abort() })
			}
			return err
		}, nil},
		{"PeerReads", func(s *stalledMulti) error {
			go func() {
				for b := make([]byte, 1<<16); ; {
					if _, err := s.stalledPeer.Read(b); err != nil {
						return
					}
				}
			}()
			return nil
		}, nil},
		{"PeerAborts", func(s *stalledMulti) error { return s.stalledPeer.Abort() }, nil},
		{"Deadline", func(s *stalledMulti) error { return s.SetWriteDeadline(time.Now()) }, os.ErrDeadlineExceeded},
		{"Close", func(s *stalledMulti) error { return s.Close() }, net.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := stallMulti(t)
			sctp.SetStallLimit(s.MultiConn, time.Millisecond)
			requireStalled(t, s.write(s.live), s.stalled)
			sctp.SetStallLimit(s.MultiConn, time.Hour)
			s.requireUnwatched(t)
			goroutines := runtime.NumGoroutine()
			done := s.writers(t, n, s.live)
			require.LessOrEqual(t, runtime.NumGoroutine(), goroutines+n+1, "one goroutine watches for all")
			require.NoError(t, tt.end(s))
			for range n {
				require.ErrorIs(t, sctptest.Receive(t, done), tt.want)
			}
			if tt.want != net.ErrClosed {
				s.requireUnwatched(t)
				// Nothing of the watch is left to those who use the socket themselves.
				raw, err := s.SyscallConn()
				require.NoError(t, err)
				require.NoError(t, s.SetWriteDeadline(time.Time{})) // which is theirs, too
				require.NoError(t, raw.Write(func(uintptr) bool { return true }))
			}
		})
	}
}

// A message to all waits no longer than one to somebody, however many have no room.
func TestMultiConnStalledWriteToAll(t *testing.T) {
	s := stallMulti(t)
	const more = 40
	for range more {
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		_, err := s.Connect(context.Background(), l.Addr().(*sctp.Addr))
		require.NoError(t, err)
	}
	limit := 100 * time.Millisecond
	sctp.SetStallLimit(s.MultiConn, limit)
	start := time.Now()
	err := s.WriteAll([]byte("to all"), &sctp.SndInfo{})
	took := time.Since(start)
	requireStalled(t, err, s.stalled)
	require.Equal(t, 2+more, strings.Count(err.Error(), "no room to send"))
	require.GreaterOrEqual(t, took, limit)
	require.Less(t, took, more/2*limit)
	s.requireUnwatched(t)
	require.NoError(t, s.AbortAssoc(s.stalled, nil))
	sctp.SetStallLimit(s.MultiConn, time.Hour)
	require.NoError(t, s.write(s.live))
}

// With a send buffer for each association only those who write to the stalled one wait;
// the kernel does not wake the others.
func TestMultiConnStalledWithItsOwnBuffer(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/sndbuf_policy", "1")
	s := stallMulti(t)
	sctp.SetStallLimit(s.MultiConn, time.Millisecond)
	_, err := s.WriteTo(make([]byte, 1000), s.stalledPeer.LocalAddr())
	requireStalled(t, err, s.stalled)
	sctp.SetStallLimit(s.MultiConn, time.Hour)
	s.requireUnwatched(t)
	waits := s.writers(t, 1, s.stalled)
	go func() {
		for b := make([]byte, 1<<16); ; {
			if _, err := s.livePeer.Read(b); err != nil {
				return
			}
		}
	}()
	for range 500 { // several times what its buffer holds
		require.NoError(t, s.write(s.live))
	}
	require.Empty(t, waits)
	require.NoError(t, s.AbortAssoc(s.stalled, nil))
	require.ErrorIs(t, sctptest.Receive(t, waits), syscall.ENOTCONN)
	s.requireUnwatched(t)
}

// The association ends to which a write waits: nobody reads, and the kernel tells
// nobody else.
func TestMultiConnStalledAssociationEnds(t *testing.T) {
	for name, end := range map[string]func(s *stalledMulti) error{
		"PeerAborts": func(s *stalledMulti) error { return s.stalledPeer.Abort() },
		"Abort":      func(s *stalledMulti) error { return s.AbortAssoc(s.stalled, nil) },
		"PeelOff": func(s *stalledMulti) error {
			c, err := s.PeelOff(s.stalled)
			if err == nil {
				t.Cleanup(func() { c.Abort() })
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := stallMulti(t)
			require.NoError(t, s.AbortAssoc(s.live, nil))
			s.fill(t, s.stalled)
			done := s.writers(t, 2, s.stalled)
			require.NoError(t, end(s))
			for range 2 {
				require.ErrorIs(t, sctptest.Receive(t, done), syscall.ENOTCONN)
			}
		})
	}
}

// A write deadline in the future, moved, and taken back while a write waits.
func TestMultiConnWriteDeadlineWhileItWaits(t *testing.T) {
	s := stallMulti(t)
	done := s.writers(t, 1, s.live)
	require.NoError(t, s.SetWriteDeadline(time.Now().Add(time.Hour)))
	require.NoError(t, s.SetWriteDeadline(time.Time{}))
	require.NoError(t, s.SetWriteDeadline(time.Now().Add(30*time.Millisecond)))
	require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
	require.ErrorIs(t, s.write(s.live), os.ErrDeadlineExceeded)
	require.NoError(t, s.SetWriteDeadline(time.Time{}))
	done = s.writers(t, 1, s.live)
	require.NoError(t, s.AbortAssoc(s.stalled, nil))
	require.NoError(t, sctptest.Receive(t, done))
}

// A write deadline takes the place of the limit, whichever ends first.
func TestMultiConnWriteDeadlineBeyondTheLimit(t *testing.T) {
	s := stallMulti(t)
	limit := 5 * time.Millisecond
	sctp.SetStallLimit(s.MultiConn, limit)
	deadline := time.Now().Add(20 * limit)
	require.NoError(t, s.SetWriteDeadline(deadline))
	require.ErrorIs(t, s.write(s.live), os.ErrDeadlineExceeded)
	require.False(t, time.Now().Before(deadline))
	require.NoError(t, s.SetWriteDeadline(time.Time{}))
	requireStalled(t, s.write(s.live), s.stalled)
	done := make(chan error, 1)
	require.NoError(t, s.SetWriteDeadline(time.Now().Add(time.Hour)))
	go func() { done <- s.write(s.live) }()
	sctptest.AwaitNoRoom(t, 1)
	require.NoError(t, s.SetWriteDeadline(time.Time{})) // while it waits: the limit applies again
	requireStalled(t, sctptest.Receive(t, done), s.stalled)
}

// StallTimeout sets the limit, and takes it away.
func TestListenConfigStallTimeout(t *testing.T) {
	for _, tt := range []struct{ set, want time.Duration }{{0, 5 * time.Second}, {time.Minute, time.Minute}, {-1, -1}} {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{StallTimeout: tt.set}, "sctp4", "127.0.0.1:0")
		require.Equal(t, tt.want, sctp.StallLimit(m))
	}
	s := stallMulti(t)
	sctp.SetStallLimit(s.MultiConn, -1)
	done := s.writers(t, 1, s.live)
	require.NoError(t, s.AbortAssoc(s.stalled, nil))
	require.NoError(t, sctptest.Receive(t, done))
}
