package endings_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// An op is one of the four calls.
type op struct {
	name string
	call func(c *sctp.Conn) error
	want func(en *ending) error
}

func wantRead(en *ending) error  { return en.read }
func wantWrite(en *ending) error { return en.write }

var readOps = []op{
	{"Read", func(c *sctp.Conn) error { _, err := c.Read(make([]byte, 1500)); return err }, wantRead},
	{"ReadMsg", func(c *sctp.Conn) error { _, err := c.ReadMsg(make([]byte, 1500)); return err }, wantRead},
}

var writeOps = []op{
	{"Write", func(c *sctp.Conn) error { _, err := c.Write(make([]byte, 1000)); return err }, wantWrite},
	{"WriteMsg", func(c *sctp.Conn) error {
		_, err := c.WriteMsg(make([]byte, 1000), &sctp.SndInfo{PPID: 60})
		return err
	}, wantWrite},
}

// check requires that err is what o returns after the ending.
func (en *ending) check(t *testing.T, o op, err error) {
	t.Helper()
	want := o.want(en)
	if want == io.EOF {
		require.Equal(t, io.EOF, err, o.name)
		return
	}
	require.ErrorIs(t, err, want, o.name)
	oe := sctptest.OpError(t, err)
	require.NotNil(t, oe.Source, o.name)
	require.NotNil(t, oe.Addr, o.name)
	require.False(t, errors.Is(err, os.ErrDeadlineExceeded), o.name)
	require.Equal(t, want == syscall.ETIMEDOUT, oe.Timeout(), o.name)
	if en.lost {
		var ae *sctp.AssocError
		require.ErrorAs(t, err, &ae, o.name)
		require.Equal(t, en.state, ae.State, o.name)
	}
}

// checkForEver requires it of all calls, in an order that begins with a read, or with
// a write, and then again.
func (en *ending) checkForEver(e *ends, ops ...op) {
	e.t.Helper()
	for range 2 {
		for _, o := range ops {
			done := make(chan error, 1)
			go func() { done <- o.call(e.self) }()
			en.check(e.t, o, sctptest.Receive(e.t, done))
		}
	}
	if en.lost {
		var ae *sctp.AssocError
		err := writeOps[0].call(e.self)
		require.ErrorAs(e.t, err, &ae)
		require.Equal(e.t, en.cause, ae.Cause, "the cause, once a reader has passed it")
	}
}

func forEachEnding(t *testing.T, f func(t *testing.T, en *ending, role string)) {
	sctptest.NeedKernel(t)
	for i := range endings {
		en := &endings[i]
		for _, role := range roles {
			t.Run(en.name+"/"+role, func(t *testing.T) { f(t, en, role) })
		}
	}
}

func TestPromise1ParkedReadReturns(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, role string) {
		for _, o := range readOps {
			t.Run(o.name, func(t *testing.T) {
				e := en.start(t, role)
				done := make(chan error, 1)
				go func() { done <- o.call(e.self) }()
				sctptest.AwaitParked(t, 1)
				en.end(e)
				en.check(t, o, sctptest.Receive(t, done))
				en.checkForEver(e, append(readOps, writeOps...)...)
			})
		}
	})
}

func TestPromise1ParkedWriteReturns(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, role string) {
		if en.idle {
			return // it would be an ABORT: PeerCloseUnread, PeerKilledUnread
		}
		for _, o := range writeOps {
			t.Run(o.name, func(t *testing.T) {
				e := en.start(t, role)
				done := make(chan error, 1)
				go func() {
					for {
						if err := o.call(e.self); err != nil {
							done <- err
							return
						}
					}
				}()
				sctptest.AwaitParked(t, 1)
				if en.reader {
					go readOps[0].call(e.self)
					sctptest.AwaitParked(t, 2)
				}
				en.end(e)
				en.check(t, o, sctptest.Receive(t, done))
				en.checkForEver(e, append(readOps, writeOps...)...)
			})
		}
	})
}

// Whoever asks first takes the kernel's error: a reader, a writer, or the program
// itself with SO_ERROR.
func TestPromise1LaterCallsReturn(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, role string) {
		reads, writes := append(readOps, writeOps...), append(writeOps, readOps...)
		if en.reader {
			writes = reads
		}
		for _, tt := range []struct {
			name  string
			order []op
			take  bool
		}{
			{"ReaderFirst", reads, false},
			{"WriterFirst", writes, false},
			{"SOErrorFirstThenReader", reads, true},
			{"SOErrorFirstThenWriter", writes, true},
		} {
			if tt.take && en.own {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				e := en.start(t, role)
				en.end(e)
				en.awaitEnd(e)
				if tt.take {
					raw, err := e.self.SyscallConn()
					require.NoError(t, err)
					errno, err := systest.TakeError(raw)
					require.NoError(t, err)
					t.Log("SO_ERROR: ", errno)
				}
				guess := syscall.ECONNRESET
				if role == "PeeledOff" {
					guess = syscall.EPIPE
				}
				if tt.take && en.lost && tt.order[0].name == "Write" && en.write != guess {
					// Nobody can tell a writer what the program itself has taken: it
					// guesses until a reader has passed the kernel's event.
					_, err := e.self.Write([]byte("x"))
					require.ErrorIs(t, err, guess)
					en.check(t, readOps[0], readOps[0].call(e.self))
				}
				en.checkForEver(e, tt.order...)
			})
		}
	})
}

// What had arrived before the end is read first.
func TestPromise2DataBeforeTheEnd(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, role string) {
		if en.own || en.process || en.state == sctp.Restart {
			return // nothing can be read any more, or the peer sends nothing
		}
		e := en.start(t, role)
		for _, s := range []string{"one", "two", "three"} {
			_, err := e.peer.Write([]byte(s))
			require.NoError(t, err)
		}
		sctptest.Eventually(t, func() bool {
			st, err := e.peer.Options().Status()
			return err == nil && st.UnackedData == 0
		}, "acknowledgement of the data")
		en.end(e)
		en.awaitEnd(e)
		b := make([]byte, 100)
		for _, s := range []string{"one", "two", "three"} {
			m, err := e.self.ReadMsg(b)
			require.NoError(t, err)
			require.Equal(t, s, string(m.Data))
		}
		en.checkForEver(e, append(readOps, writeOps...)...)
	})
}

// A restart is no end for those who asked to be told.
func TestPromise2RestartShownToReadMsg(t *testing.T) {
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			en := &ending{netns: true, state: sctp.Restart}
			e := en.start(t, role)
			require.NoError(t, e.self.Subscribe(sctp.EventAssocChange))
			e.restartPeer()
			m, err := e.self.ReadMsg(make([]byte, 100))
			require.NoError(t, err)
			require.Equal(t, sctp.Restart, m.Event.(*sctp.AssocChange).State)
			_, err = e.self.Write([]byte("on it goes"))
			require.NoError(t, err)
		})
	}
}

// A deadline ends a call, and not the association.
func TestPromise6DeadlineInterruptsParkedCalls(t *testing.T) {
	for _, role := range roles {
		for _, o := range append(readOps, writeOps...) {
			t.Run(role+"/"+o.name, func(t *testing.T) {
				e := new(ending).start(t, role)
				done := make(chan error, 1)
				call := func() {
					for {
						if err := o.call(e.self); err != nil {
							done <- err
							return
						}
					}
				}
				go call()
				sctptest.AwaitParked(t, 1)
				require.NoError(t, e.self.SetDeadline(time.Now()))
				err := sctptest.Receive(t, done)
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.True(t, sctptest.OpError(t, err).Timeout())
				require.NoError(t, e.self.SetDeadline(time.Time{}))
				go call()
				sctptest.AwaitParked(t, 1) // as if nothing had been
				require.NoError(t, e.self.Close())
				require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
			})
		}
	}
}
