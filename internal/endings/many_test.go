package endings_test

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A manyEnds is an association of a one-to-many socket, and another one, which its peer
// has set up.
type manyEnds struct {
	*ends
	*sctptest.Member
	other   *sctp.Conn
	otherID sctp.AssocID
}

// startMany makes the association that the ending needs, and another one.
func (en *ending) startMany(t *testing.T) *manyEnds {
	t.Helper()
	e := en.start(t, sctptest.OneToMany)
	m := &manyEnds{ends: e, Member: e.self.(*sctptest.Member)}
	m.requireEvent(sctp.AssocCommUp, 0)
	dial := func() error {
		c, err := sctp.DialSCTP("sctp4", nil, m.LocalAddr().(*sctp.Addr))
		if err == nil {
			m.other = c
			t.Cleanup(func() { c.Abort() })
		}
		return err
	}
	if e.ns != nil {
		require.NoError(t, e.ns.Do(dial))
	} else {
		require.NoError(t, dial())
	}
	msg, err := m.ReadMsg(make([]byte, 1500))
	require.NoError(t, err)
	require.Equal(t, sctp.AssocCommUp, msg.Event.(*sctp.AssocChange).State)
	m.otherID = msg.Info.Assoc
	return m
}

// closed reports whether it is the socket that ends, and not the association only.
func (en *ending) closed() bool { return en.own && en.name == "OwnClose" }

// told returns what a one-to-many socket tells of the ending.
func (en *ending) told() sctp.AssocChangeState {
	if en.state == 0 {
		return sctp.AssocShutdownComp
	}
	return en.state
}

// writeError returns what a later write returns; nil after a restart, which is no end.
func (en *ending) writeError() error {
	switch {
	case en.closed():
		return net.ErrClosed
	case en.state == sctp.AssocRestart:
		return nil
	}
	return syscall.ENOTCONN
}

// requireEvent reads an AssocChange of the association. Its cause counts with AssocCommLost.
func (e *ends) requireEvent(state sctp.AssocChangeState, cause sctp.Cause) {
	e.t.Helper()
	require.NoError(e.t, e.self.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	msg, err := e.self.ReadMsg(make([]byte, 1500))
	require.NoError(e.t, err)
	e.checkEvent(msg, state, cause)
	require.NoError(e.t, e.self.SetReadDeadline(time.Time{}))
}

func (e *ends) checkEvent(msg sctp.Message, state sctp.AssocChangeState, cause sctp.Cause) {
	e.t.Helper()
	require.Empty(e.t, msg.Data)
	require.IsType(e.t, (*sctp.AssocChange)(nil), msg.Event)
	ev := msg.Event.(*sctp.AssocChange)
	require.Equal(e.t, state, ev.State)
	if state == sctp.AssocCommLost {
		require.Equal(e.t, cause, ev.Cause)
	}
	if m, ok := e.self.(*sctptest.Member); ok {
		require.Equal(e.t, m.ID, msg.Info.Assoc)
		require.Equal(e.t, m.Peer.AddrPort(), msg.Addr)
	}
}

// writeToEnd writes to the association until that fails.
func (m *manyEnds) writeToEnd() error {
	for {
		_, err := m.WriteMsg(make([]byte, 1000), nil)
		if err != nil && !errors.Is(err, syscall.EAGAIN) { // a StalledError
			return err
		}
	}
}

// checkWrite requires that the association takes no message any more, for ever, or goes
// on after a restart.
func (en *ending) checkWrite(m *manyEnds) {
	m.t.Helper()
	for range 2 {
		_, err := m.WriteMsg([]byte("later"), &sctp.SndInfo{PPID: 60})
		en.checkWriteError(m, err)
	}
}

func (en *ending) checkWriteError(m *manyEnds, err error) {
	m.t.Helper()
	want := en.writeError()
	require.ErrorIs(m.t, err, want)
	if want != nil {
		require.Equal(m.t, "write", sctptest.OpError(m.t, err).Op)
		require.NotErrorIs(m.t, err, syscall.EPIPE)
	}
}

// checkOther requires that the other association still exchanges messages, or, if the
// socket is closed, that all calls say so.
func (en *ending) checkOther(m *manyEnds) {
	m.t.Helper()
	if m.ns != nil {
		require.NoError(m.t, m.ns.Loopback(true))
	}
	if en.closed() {
		_, err := m.ReadMsg(make([]byte, 10))
		require.ErrorIs(m.t, err, net.ErrClosed)
		_, err = m.MultiConn.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: m.otherID})
		require.ErrorIs(m.t, err, net.ErrClosed)
		return
	}
	deadline := time.Now().Add(sctptest.Wait)
	require.NoError(m.t, m.SetDeadline(deadline))
	require.NoError(m.t, m.other.SetDeadline(deadline))
	_, err := m.other.Write([]byte("there"))
	require.NoError(m.t, err)
	b := make([]byte, 1500)
	msg, err := m.ReadMsg(b)
	require.NoError(m.t, err)
	require.Equal(m.t, "there", string(msg.Data))
	require.Equal(m.t, m.otherID, msg.Info.Assoc)
	_, err = m.MultiConn.WriteMsg([]byte("and back"), &sctp.SndInfo{Assoc: m.otherID})
	require.NoError(m.t, err)
	msg, err = m.other.ReadMsg(b)
	require.NoError(m.t, err)
	require.Equal(m.t, "and back", string(msg.Data))
}

// A parked ReadMsg and Messages are told, a parked ReadFrom waits for data.
func manyParkedRead(t *testing.T, en *ending) {
	type result struct {
		msg sctp.Message
		err error
	}
	for _, tt := range []struct {
		name string
		read func(m *manyEnds) (sctp.Message, error)
	}{
		{"ReadMsg", func(m *manyEnds) (sctp.Message, error) { return m.ReadMsg(make([]byte, 1500)) }},
		{"Messages", func(m *manyEnds) (msg sctp.Message, err error) {
			for msg, err = range m.Messages(1500) {
				break
			}
			return msg, err
		}},
		{"ReadFrom", func(m *manyEnds) (sctp.Message, error) {
			b := make([]byte, 1500)
			n, _, err := m.ReadFrom(b)
			return sctp.Message{Data: b[:n]}, err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := en.startMany(t)
			done := make(chan result, 1)
			go func() {
				msg, err := tt.read(m)
				done <- result{msg, err}
			}()
			sctptest.AwaitParked(t, 1)
			en.end(m.ends)
			if tt.name == "ReadFrom" && !en.closed() {
				en.awaitEnd(m.ends)
				if m.ns != nil {
					require.NoError(t, m.ns.Loopback(true))
				}
				_, err := m.other.Write([]byte("data"))
				require.NoError(t, err)
			}
			r := sctptest.Receive(t, done)
			switch {
			case en.closed() && tt.name == "Messages":
				require.Equal(t, result{}, r, "one's own Close ends the iteration")
			case en.closed():
				require.ErrorIs(t, r.err, net.ErrClosed)
			case tt.name == "ReadFrom":
				require.NoError(t, r.err)
				require.Equal(t, "data", string(r.msg.Data))
			default:
				require.NoError(t, r.err)
				m.checkEvent(r.msg, en.told(), en.cause)
			}
			en.checkWrite(m)
			en.checkOther(m)
		})
	}
}

func manyParkedWrite(t *testing.T, en *ending) {
	if en.idle {
		return // it would be an ABORT: PeerCloseUnread, PeerKilledUnread
	}
	m := en.startMany(t)
	done := make(chan error, 1)
	go func() { done <- m.writeToEnd() }()
	sctptest.AwaitNoRoom(t, 1)
	en.end(m.ends)
	if en.state == sctp.AssocRestart {
		// The messages that held the room are gone with the old association: the writes
		// go on, until the new peer's window is full.
		m.requireEvent(sctp.AssocRestart, 0)
		require.NoError(t, m.MultiConn.AbortAssoc(m.ID, nil))
		require.ErrorIs(t, sctptest.Receive(t, done), syscall.ENOTCONN)
		m.requireEvent(sctp.AssocCommLost, sctp.CauseUserAbort)
		en.checkOther(m)
		return
	}
	en.checkWriteError(m, sctptest.Receive(t, done))
	en.checkWrite(m)
	if !en.closed() {
		m.requireEvent(en.told(), en.cause)
	}
	en.checkWrite(m)
	en.checkOther(m)
}

func manyLaterCalls(t *testing.T, en *ending) {
	for _, order := range []string{"ReaderFirst", "WriterFirst"} {
		t.Run(order, func(t *testing.T) {
			m := en.startMany(t)
			en.end(m.ends)
			en.awaitEnd(m.ends)
			if order == "WriterFirst" {
				en.checkWrite(m)
			}
			if !en.closed() {
				m.requireEvent(en.told(), en.cause)
			}
			en.checkWrite(m)
			en.checkOther(m)
		})
	}
}

func manyDataBeforeTheEnd(t *testing.T, en *ending) {
	if en.closed() || en.process || en.state == sctp.AssocRestart {
		return // nothing can be read any more, or the peer sends nothing
	}
	m := en.startMany(t)
	m.sendFromPeer()
	en.end(m.ends)
	m.requireData()
	m.requireEvent(en.told(), en.cause)
	en.checkWrite(m)
	en.checkOther(m)
}
