package endings_test

import (
	"context"
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

// An ends is an association of which self is looked at.
type ends struct {
	t          *testing.T
	self, peer *sctp.Conn
	l          *sctp.Listener
	ns         *systest.Netns
	wire       *sctptest.Wire
	process    *peerProcess
}

// An ending is a row of the table.
type ending struct {
	name        string
	read, write error // errors.Is
	state       sctp.AssocChangeState
	cause       sctp.Cause
	lost        bool // an AssocError with state and cause, and an error that the kernel reports once
	own         bool // self has closed: there is nothing to consume
	netns       bool // needs a loopback interface to switch off
	wire        bool // needs a raw socket
	process     bool // the peer is a process of its own
	unread      bool // self writes something that the peer does not read
	reader      bool // a parked write learns of it through a reader only
	idle        bool // needs a peer with nothing unread: not amid a write that waits
	end         func(e *ends)
}

var endings = []ending{
	{name: "PeerClose", read: io.EOF, write: syscall.EPIPE, idle: true,
		end: func(e *ends) { require.NoError(e.t, e.peer.Close()) }},
	{name: "PeerCloseWrite", read: io.EOF, write: syscall.EPIPE,
		end: func(e *ends) { require.NoError(e.t, e.peer.CloseWrite()); e.drainPeer() }},
	{name: "PeerShutdown", read: io.EOF, write: syscall.EPIPE,
		end: func(e *ends) { require.NoError(e.t, e.peer.Shutdown(e.t.Context())) }},
	{name: "PeerAbort", read: syscall.ECONNRESET, write: syscall.ECONNRESET,
		lost: true, state: sctp.CommLost, cause: sctp.CauseUserAbort,
		end: func(e *ends) { require.NoError(e.t, e.peer.Abort()) }},
	{name: "PeerCloseUnread", read: syscall.ECONNRESET, write: syscall.ECONNRESET, unread: true,
		lost: true, state: sctp.CommLost, cause: sctp.CauseUserAbort,
		end: func(e *ends) { require.NoError(e.t, e.peer.Close()) }},
	{name: "PeerKilled", read: io.EOF, write: syscall.EPIPE, process: true, idle: true,
		end: func(e *ends) { require.NoError(e.t, e.process.cmd.Process.Kill()) }},
	{name: "PeerKilledUnread", read: syscall.ECONNRESET, write: syscall.ECONNRESET, process: true, unread: true,
		lost: true, state: sctp.CommLost, cause: sctp.CauseUserAbort,
		end: func(e *ends) { require.NoError(e.t, e.process.cmd.Process.Kill()) }},
	{name: "OwnCloseWrite", read: io.EOF, write: syscall.EPIPE,
		end: func(e *ends) { require.NoError(e.t, e.self.CloseWrite()); e.drainPeer() }},
	{name: "OwnClose", read: net.ErrClosed, write: net.ErrClosed, own: true,
		end: func(e *ends) { require.NoError(e.t, e.self.Close()) }},
	{name: "OwnShutdown", read: net.ErrClosed, write: net.ErrClosed, own: true,
		end: func(e *ends) {
			done := make(chan error, 1)
			go func() { done <- e.self.Shutdown(context.Background()) }()
			e.drainPeer()
			require.NoError(e.t, sctptest.Receive(e.t, done))
		}},
	{name: "OwnAbort", read: net.ErrClosed, write: net.ErrClosed, own: true,
		end: func(e *ends) { require.NoError(e.t, e.self.Abort()) }},
	{name: "RetransmissionLimit", read: syscall.ETIMEDOUT, write: syscall.ETIMEDOUT,
		lost: true, state: sctp.CommLost, netns: true,
		end: func(e *ends) {
			require.NoError(e.t, e.ns.Loopback(false))
			e.self.SetWriteDeadline(time.Time{})
			go e.self.Write([]byte("into the void"))
		}},
	{name: "ProtocolViolation", read: syscall.ECONNABORTED, write: syscall.ECONNABORTED,
		lost: true, state: sctp.CommLost, cause: sctp.CauseProtocolViolation, wire: true,
		end: func(e *ends) { e.wire.Violate(e.self, e.peer) }},
	{name: "PeerRestart", read: syscall.ECONNRESET, write: syscall.ECONNRESET,
		lost: true, state: sctp.Restart, netns: true, reader: true,
		end: func(e *ends) { e.restartPeer() }},
}

// roles are the ways in which self came to be.
var roles = []string{"Dialled", "Accepted", "PeeledOff"}

// start makes the association that the ending needs.
func (en *ending) start(t *testing.T, role string) *ends {
	t.Helper()
	sctptest.NeedKernel(t)
	e := &ends{t: t}
	switch {
	case en.wire:
		e.wire = sctptest.NewWire(t)
	case en.process:
		en.startProcess(e, role)
		if en.unread {
			_, err := e.self.Write([]byte("unread"))
			require.NoError(t, err)
		}
		return e
	case en.netns:
		var err error
		e.ns, err = systest.NewNetns()
		require.NoError(t, err)
		t.Cleanup(e.ns.Close)
		control := sctptest.ShortTimers
		if en.state == sctp.Restart {
			control = nil // the association must survive while the network is off
		}
		require.NoError(t, e.ns.Do(func() error { e.connect(role, control); return nil }))
		return e
	}
	e.connect(role, nil)
	if en.unread {
		_, err := e.self.Write([]byte("unread"))
		require.NoError(t, err)
	}
	return e
}

// connect makes both ends in this process.
func (e *ends) connect(role string, control func(network, address string, c syscall.RawConn) error) {
	e.t.Helper()
	e.l = sctptest.Listen(e.t, sctp.ListenConfig{Control: control}, "sctp4", "127.0.0.1:0")
	if role == "PeeledOff" {
		lc := sctp.ListenConfig{Control: control}
		e.self = peelOff(e.t, lc, e.l.Addr().(*sctp.Addr))
		var err error
		e.peer, err = e.l.AcceptSCTP()
		require.NoError(e.t, err)
		e.t.Cleanup(func() { e.peer.Abort() })
		return
	}
	client, server := sctptest.Connect(e.t, sctp.Dialer{Control: control}, e.l)
	if e.self, e.peer = client, server; role == "Accepted" {
		e.self, e.peer = server, client
	}
}

// peelOff returns an association with the peer that a one-to-many socket had.
func peelOff(t *testing.T, lc sctp.ListenConfig, peer *sctp.Addr) *sctp.Conn {
	t.Helper()
	m := sctptest.ListenMulti(t, lc, "sctp4", "127.0.0.1:0")
	id, err := m.Connect(t.Context(), peer)
	require.NoError(t, err)
	c, err := m.PeelOff(id)
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	return c
}

func (en *ending) startProcess(e *ends, role string) {
	e.t.Helper()
	if role == "PeeledOff" {
		e.process = startPeer(e.t, "listen 127.0.0.1:0")
		peer, err := sctp.ParseAddr(e.process.addr)
		require.NoError(e.t, err)
		e.self = peelOff(e.t, sctp.ListenConfig{}, peer)
	} else if role == "Dialled" {
		e.process = startPeer(e.t, "listen 127.0.0.1:0")
		c, err := sctp.Dial("sctp4", e.process.addr)
		require.NoError(e.t, err)
		e.self = c.(*sctp.Conn)
	} else {
		l := sctptest.Listen(e.t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		e.process = startPeer(e.t, "dial "+l.Addr().String())
		var err error
		e.self, err = l.AcceptSCTP()
		require.NoError(e.t, err)
	}
	e.t.Cleanup(func() { e.self.Abort() })
}

// drainPeer reads what self has sent, up to the end, so that the peer's kernel can
// finish.
func (e *ends) drainPeer() {
	if e.peer != nil {
		go io.Copy(io.Discard, e.peer)
	}
}

// restartPeer makes the peer forget the association without a word, and begin anew
// from the same port.
func (e *ends) restartPeer() {
	self, peer := e.self.LocalAddr().(*sctp.Addr), e.peer.LocalAddr().(*sctp.Addr)
	require.NoError(e.t, e.ns.Loopback(false))
	require.NoError(e.t, e.peer.Abort())
	if self.Port != e.l.Addr().(*sctp.Addr).Port {
		require.NoError(e.t, e.l.Close()) // self has dialled to it: its port is the peer's
	}
	require.NoError(e.t, e.ns.Loopback(true))
	require.NoError(e.t, e.ns.Do(func() error {
		c, err := sctp.DialSCTP("sctp4", peer, self)
		if err == nil {
			e.t.Cleanup(func() { c.Abort() })
			go io.Copy(io.Discard, c)
		}
		return err
	}))
}

// awaitEnd waits until the association of self is no more, or has restarted, without
// a call that would consume the news.
func (en *ending) awaitEnd(e *ends) {
	e.t.Helper()
	if en.own || en.state == sctp.Restart {
		return
	}
	sctptest.AwaitEnd(e.t, e.self)
}

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

// The association may have ended before anybody accepts it.
func TestPromise1PeerGoneBeforeAccept(t *testing.T) {
	for _, tt := range []struct {
		name  string
		leave func(c *sctp.Conn) error
		read  error
	}{
		{"Close", (*sctp.Conn).Close, io.EOF},
		{"Abort", (*sctp.Conn).Abort, syscall.ECONNRESET},
	} {
		for _, o := range append(readOps, writeOps...) {
			t.Run(tt.name+"/"+o.name, func(t *testing.T) {
				l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
				nc, err := sctp.Dial("sctp4", l.Addr().String())
				require.NoError(t, err)
				client := nc.(*sctp.Conn)
				laddr := client.LocalAddr().(*sctp.Addr)
				require.NoError(t, tt.leave(client))
				sctptest.NoLiveAssocs(t, laddr.Port)
				c, err := l.AcceptSCTP()
				require.NoError(t, err)
				defer c.Close()
				require.Equal(t, laddr.String(), c.RemoteAddr().String())
				require.Equal(t, l.Addr().String(), c.LocalAddr().String())
				sctptest.AwaitEnd(t, c) // /proc may have missed one: its walk does while tables grow
				err = o.call(c)
				if o.want(&ending{write: net.ErrClosed}) != nil {
					// The kernel gave the reset to the listener: a writer cannot know
					// before a reader has passed the event.
					require.ErrorIs(t, err, syscall.EPIPE)
				}
				err = readOps[0].call(c)
				require.ErrorIs(t, err, tt.read)
				err = writeOps[0].call(c)
				if tt.read == io.EOF {
					require.ErrorIs(t, err, syscall.EPIPE)
				} else {
					require.ErrorIs(t, err, syscall.ECONNRESET)
				}
			})
		}
	}
}

// A listener that closes ends what was not accepted: in good order, or with an ABORT
// if data came in.
func TestPromise1ListenerClosedBeforeAccept(t *testing.T) {
	for _, tt := range []struct {
		name string
		data string
		read error
	}{
		{"Idle", "", io.EOF},
		{"WithData", "unread", syscall.ECONNRESET},
	} {
		for _, o := range readOps {
			t.Run(tt.name+"/"+o.name, func(t *testing.T) {
				l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
				nc, err := sctp.Dial("sctp4", l.Addr().String())
				require.NoError(t, err)
				c := nc.(*sctp.Conn)
				defer c.Close()
				if tt.data != "" {
					_, err := c.Write([]byte(tt.data))
					require.NoError(t, err)
				}
				done := make(chan error, 1)
				go func() { done <- o.call(c) }()
				sctptest.AwaitParked(t, 1)
				require.NoError(t, l.Close())
				require.ErrorIs(t, sctptest.Receive(t, done), tt.read)
			})
		}
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
