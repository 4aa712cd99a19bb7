package endings_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// An op is one of the calls that read or write.
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
	{"ReadBatch", func(c *sctp.Conn) error {
		_, err := c.ReadBatch([][]byte{make([]byte, 1500), make([]byte, 1500)}, make([]sctp.Message, 2))
		return err
	}, wantRead},
}

var writeOps = []op{
	{"Write", func(c *sctp.Conn) error { _, err := c.Write(make([]byte, 1000)); return err }, wantWrite},
	{"WriteMsg", func(c *sctp.Conn) error {
		_, err := c.WriteMsg(make([]byte, 1000), &sctp.SndInfo{PPID: 60})
		return err
	}, wantWrite},
	{"WriteBatch", func(c *sctp.Conn) error {
		b := make([]byte, 300)
		_, err := c.WriteBatch([][]byte{b, b, b}, nil)
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
			go func() { done <- o.call(e.conn()) }()
			en.check(e.t, o, sctptest.Receive(e.t, done))
		}
	}
	if en.lost {
		var ae *sctp.AssocError
		err := writeOps[0].call(e.conn())
		require.ErrorAs(e.t, err, &ae)
		require.Equal(e.t, en.cause, ae.Cause, "the cause, once a reader has passed it")
	}
	en.checkRaw(e)
}

// checkRaw requires that the raw calls of SyscallConn are not affected: no deadline was set.
func (en *ending) checkRaw(e *ends) {
	e.t.Helper()
	raw, err := e.self.SyscallConn()
	if en.own {
		require.ErrorIs(e.t, err, net.ErrClosed)
		return
	}
	require.NoError(e.t, err)
	require.NoError(e.t, raw.Write(func(uintptr) bool { return true }))
	require.NoError(e.t, raw.Read(func(uintptr) bool { return true }))
}

// forEachEnding runs conn for each ending of a Conn of any kind, and many for each of an
// association of a one-to-many socket.
func forEachEnding(t *testing.T, conn func(t *testing.T, en *ending, kind string), many func(t *testing.T, en *ending)) {
	sctptest.NeedKernel(t)
	for i := range endings {
		en := &endings[i]
		for _, kind := range sctptest.Kinds {
			switch {
			case kind != sctptest.OneToMany:
				t.Run(en.name+"/"+kind, func(t *testing.T) { conn(t, en, kind) })
			case !en.conn:
				t.Run(en.name+"/"+kind, func(t *testing.T) { many(t, en) })
			}
		}
	}
}

func TestPromise1ParkedReadReturns(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, kind string) {
		for _, o := range readOps {
			t.Run(o.name, func(t *testing.T) {
				e := en.start(t, kind)
				done := make(chan error, 1)
				go func() { done <- o.call(e.conn()) }()
				sctptest.AwaitParked(t, 1)
				en.end(e)
				en.check(t, o, sctptest.Receive(t, done))
				en.checkForEver(e, append(readOps, writeOps...)...)
			})
		}
	}, manyParkedRead)
}

func TestPromise1ParkedWriteReturns(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, kind string) {
		if en.idle {
			return // it would be an ABORT: PeerCloseUnread, PeerKilledUnread
		}
		for _, o := range writeOps {
			t.Run(o.name, func(t *testing.T) {
				e := en.start(t, kind)
				done := make(chan error, 1)
				go func() {
					for {
						if err := o.call(e.conn()); err != nil {
							done <- err
							return
						}
					}
				}()
				sctptest.AwaitParked(t, 1)
				if en.reader {
					go readOps[0].call(e.conn())
					sctptest.AwaitParked(t, 2)
				}
				en.end(e)
				en.check(t, o, sctptest.Receive(t, done))
				en.checkForEver(e, append(readOps, writeOps...)...)
			})
		}
	}, manyParkedWrite)
}

// Whoever asks first takes the kernel's error: a reader, a writer, or the program
// itself with SO_ERROR.
func TestPromise1LaterCallsReturn(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, kind string) {
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
				e := en.start(t, kind)
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
				if kind == "PeeledOff" {
					guess = syscall.EPIPE
				}
				if tt.take && en.lost && tt.order[0].name == "Write" && en.write != guess {
					// Nobody can tell a writer what the program itself has taken: it
					// guesses until a reader has passed the kernel's event.
					_, err := e.conn().Write([]byte("x"))
					require.ErrorIs(t, err, guess)
					en.check(t, readOps[0], readOps[0].call(e.conn()))
				}
				en.checkForEver(e, tt.order...)
			})
		}
	}, manyLaterCalls)
}

// What had arrived before the end is read first.
func TestPromise2DataBeforeTheEnd(t *testing.T) {
	forEachEnding(t, func(t *testing.T, en *ending, kind string) {
		if en.own || en.process || en.state == sctp.AssocRestart {
			return // nothing can be read any more, or the peer sends nothing
		}
		e := en.start(t, kind)
		e.sendFromPeer()
		en.end(e)
		en.awaitEnd(e)
		e.requireData()
		en.checkForEver(e, append(readOps, writeOps...)...)
	}, manyDataBeforeTheEnd)
}

// sendFromPeer sends self what requireData reads.
func (e *ends) sendFromPeer() {
	e.t.Helper()
	for _, s := range []string{"one", "two", "three"} {
		_, err := e.peer.Write([]byte(s))
		require.NoError(e.t, err)
	}
	sctptest.Eventually(e.t, func() bool {
		st, err := e.peer.Options().Status()
		return err == nil && st.UnackedData == 0
	}, "acknowledgement of the data")
}

func (e *ends) requireData() {
	e.t.Helper()
	b := make([]byte, 100)
	for _, s := range []string{"one", "two", "three"} {
		m, err := e.self.ReadMsg(b)
		require.NoError(e.t, err)
		require.Equal(e.t, s, string(m.Data))
	}
}

// A restart is no end for those who asked to be told.
func TestPromise2RestartShownToReadMsg(t *testing.T) {
	for _, kind := range sctptest.Kinds {
		t.Run(kind, func(t *testing.T) {
			en := &ending{netns: true, state: sctp.AssocRestart}
			e := en.start(t, kind)
			if kind == sctptest.OneToMany {
				e.requireEvent(sctp.AssocCommUp, 0) // subscribed from the beginning
			} else {
				require.NoError(t, e.self.Subscribe(sctp.EventAssocChange))
			}
			e.restartPeer()
			e.requireEvent(sctp.AssocRestart, 0)
			_, err := e.self.WriteMsg([]byte("on it goes"), nil)
			require.NoError(t, err)
		})
	}
}
