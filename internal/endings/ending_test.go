package endings_test

import (
	"context"
	"io"
	"net"
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
	t       *testing.T
	self    sctptest.End
	peer    *sctp.Conn
	l       *sctp.Listener
	ns      *systest.Netns
	wire    *sctptest.Wire
	process *peerProcess
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
	conn        bool // only a Conn has it
	end         func(e *ends)
}

var endings = []ending{
	{name: "PeerClose", read: io.EOF, write: syscall.EPIPE, idle: true,
		end: func(e *ends) { require.NoError(e.t, e.peer.Close()) }},
	{name: "PeerStartShutdown", read: io.EOF, write: syscall.EPIPE,
		end: func(e *ends) { require.NoError(e.t, e.peer.StartShutdown()); e.drainPeer() }},
	{name: "PeerShutdown", read: io.EOF, write: syscall.EPIPE,
		end: func(e *ends) { require.NoError(e.t, e.peer.Shutdown(context.Background())) }},
	{name: "PeerAbort", read: syscall.ECONNRESET, write: syscall.ECONNRESET,
		lost: true, state: sctp.AssocCommLost, cause: sctp.CauseUserAbort,
		end: func(e *ends) { require.NoError(e.t, e.peer.Abort()) }},
	{name: "PeerCloseUnread", read: syscall.ECONNRESET, write: syscall.ECONNRESET, unread: true,
		lost: true, state: sctp.AssocCommLost, cause: sctp.CauseUserAbort,
		end: func(e *ends) { require.NoError(e.t, e.peer.Close()) }},
	{name: "PeerKilled", read: io.EOF, write: syscall.EPIPE, process: true, idle: true,
		end: func(e *ends) { require.NoError(e.t, e.process.cmd.Process.Kill()) }},
	{name: "PeerKilledUnread", read: syscall.ECONNRESET, write: syscall.ECONNRESET, process: true, unread: true,
		lost: true, state: sctp.AssocCommLost, cause: sctp.CauseUserAbort,
		end: func(e *ends) { require.NoError(e.t, e.process.cmd.Process.Kill()) }},
	{name: "OwnStartShutdown", read: io.EOF, write: syscall.EPIPE, conn: true,
		end: func(e *ends) { require.NoError(e.t, e.conn().StartShutdown()); e.drainPeer() }},
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
		state: sctp.AssocCommLost, cause: sctp.CauseUserAbort, // as a one-to-many socket tells it
		end: func(e *ends) { require.NoError(e.t, e.self.Abort()) }},
	{name: "RetransmissionLimit", read: syscall.ETIMEDOUT, write: syscall.ETIMEDOUT,
		lost: true, state: sctp.AssocCommLost, netns: true,
		end: func(e *ends) {
			require.NoError(e.t, e.ns.Loopback(false))
			e.self.SetWriteDeadline(time.Time{})
			go e.self.WriteMsg([]byte("into the void"), nil)
		}},
	{name: "ProtocolViolation", read: syscall.ECONNABORTED, write: syscall.ECONNABORTED,
		lost: true, state: sctp.AssocCommLost, cause: sctp.CauseProtocolViolation, wire: true,
		end: func(e *ends) { e.wire.Violate(e.self, e.peer) }},
	{name: "PeerRestart", read: syscall.ECONNRESET, write: syscall.ECONNRESET,
		lost: true, state: sctp.AssocRestart, netns: true, reader: true,
		end: func(e *ends) { e.restartPeer() }},
}

// start makes the association that the ending needs.
func (en *ending) start(t *testing.T, kind string) *ends {
	t.Helper()
	sctptest.NeedKernel(t)
	e := &ends{t: t}
	switch {
	case en.wire:
		e.wire = sctptest.NewWire(t)
	case en.process:
		en.startProcess(e, kind)
		en.leaveUnread(e)
		return e
	case en.netns:
		var err error
		e.ns, err = systest.NewNetns()
		require.NoError(t, err)
		t.Cleanup(e.ns.Close)
		control := sctptest.ShortTimers
		if en.state == sctp.AssocRestart {
			control = nil // the association must survive while the network is off
		}
		require.NoError(t, e.ns.Do(func() error { e.connect(kind, control); return nil }))
		return e
	}
	e.connect(kind, nil)
	en.leaveUnread(e)
	return e
}

// leaveUnread has the peer leave a message unread, if the ending wants that: the kernel of
// the peer has it, and has said so, before the end begins.
func (en *ending) leaveUnread(e *ends) {
	e.t.Helper()
	if !en.unread {
		return
	}
	_, err := e.self.WriteMsg([]byte("unread"), nil)
	require.NoError(e.t, err)
	sctptest.Eventually(e.t, func() bool {
		st, err := e.self.Options().Status()
		return err == nil && st.UnackedData == 0
	}, "the message was received")
}

// connect makes both ends in this process.
func (e *ends) connect(kind string, control func(network, address string, c syscall.RawConn) error) {
	e.t.Helper()
	cfg := endConfig(kind)
	cfg.Own.Control, cfg.Peer.Control = control, control
	e.self, e.peer, e.l = sctptest.NewEnd(e.t, kind, cfg)
}

// endConfig returns what self is to be: that a one-to-many socket has associations, and
// has them no more, only events tell.
func endConfig(kind string) (cfg sctptest.EndConfig) {
	if kind == sctptest.OneToMany {
		cfg.Own.Events = []sctp.EventType{sctp.EventAssocChange}
	}
	return cfg
}

// conn returns self where that is a Conn.
func (e *ends) conn() *sctp.Conn { return e.self.(*sctp.Conn) }

func (en *ending) startProcess(e *ends, kind string) {
	e.t.Helper()
	if kind == "Accepted" {
		l := sctptest.Listen(e.t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		e.process = startPeer(e.t, "dial "+l.Addr().String())
		e.self = sctptest.Accept(e.t, l)
		return
	}
	e.process = startPeer(e.t, "listen 127.0.0.1:0")
	peer, err := sctp.ParseAddr(e.process.addr)
	require.NoError(e.t, err)
	e.self = sctptest.DialEnd(e.t, kind, endConfig(kind), peer)
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
	if en.own || en.state == sctp.AssocRestart {
		return
	}
	sctptest.AwaitEnd(e.t, e.self)
}
