package sctp_test

import (
	"context"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// everyMultiCall is what must fail with net.ErrClosed once a MultiConn is closed.
var everyMultiCall = []struct {
	name string
	call func(m *sctp.MultiConn) error
}{
	{"ReadFrom", func(m *sctp.MultiConn) error { _, _, err := m.ReadFrom(make([]byte, 1)); return err }},
	{"ReadFromNothing", func(m *sctp.MultiConn) error { _, _, err := m.ReadFrom(nil); return err }},
	{"ReadMsg", func(m *sctp.MultiConn) error { _, err := m.ReadMsg(make([]byte, 1)); return err }},
	{"Messages", func(m *sctp.MultiConn) (err error) {
		for _, err = range m.Messages(10) {
		}
		return err
	}},
	{"WriteTo", func(m *sctp.MultiConn) error { _, err := m.WriteTo([]byte("x"), m.LocalAddr()); return err }},
	{"WriteMsg", func(m *sctp.MultiConn) error {
		_, err := m.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: 9})
		return err
	}},
	{"WriteMsgToAll", func(m *sctp.MultiConn) error {
		_, err := m.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: sctp.AllAssoc})
		return err
	}},
	{"Connect", func(m *sctp.MultiConn) error {
		_, err := m.Connect(context.Background(), m.LocalAddr().(*sctp.Addr))
		return err
	}},
	{"StartConnect", func(m *sctp.MultiConn) error { _, err := m.StartConnect(m.LocalAddr().(*sctp.Addr)); return err }},
	{"Shutdown", func(m *sctp.MultiConn) error { return m.Shutdown(9) }},
	{"Abort", func(m *sctp.MultiConn) error { return m.Abort(9, nil) }},
	{"PeelOff", func(m *sctp.MultiConn) error { _, err := m.PeelOff(9); return err }},
	{"Assocs", func(m *sctp.MultiConn) error { _, err := m.Assocs(); return err }},
	{"SetListening", func(m *sctp.MultiConn) error { return m.SetListening(true) }},
	{"SetDeadline", func(m *sctp.MultiConn) error { return m.SetDeadline(time.Time{}) }},
	{"SetReadDeadline", func(m *sctp.MultiConn) error { return m.SetReadDeadline(time.Time{}) }},
	{"SetWriteDeadline", func(m *sctp.MultiConn) error { return m.SetWriteDeadline(time.Time{}) }},
	{"SetNoDelay", func(m *sctp.MultiConn) error { return m.SetNoDelay(true) }},
	{"SetReadBuffer", func(m *sctp.MultiConn) error { return m.SetReadBuffer(1 << 16) }},
	{"SetWriteBuffer", func(m *sctp.MultiConn) error { return m.SetWriteBuffer(1 << 16) }},
	{"Subscribe", func(m *sctp.MultiConn) error { return m.Subscribe(sctp.EventShutdown) }},
	{"Unsubscribe", func(m *sctp.MultiConn) error { return m.Unsubscribe(sctp.EventShutdown) }},
	{"File", func(m *sctp.MultiConn) error { _, err := m.File(); return err }},
	{"SyscallConn", func(m *sctp.MultiConn) error { _, err := m.SyscallConn(); return err }},
	{"Options", func(m *sctp.MultiConn) error { _, err := m.Options().RTOInfo(); return err }},
	{"Close", func(m *sctp.MultiConn) error { return m.Close() }},
}

// Promises 5 and 7.
func TestPromise5ClosedMultiConn(t *testing.T) {
	for _, used := range []bool{false, true} {
		check := sctptest.Leaks(t)
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		local := m.LocalAddr().String()
		parked := 0
		done := make(chan error, 8)
		if used {
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			_, err := m.Connect(t.Context(), l.Addr().(*sctp.Addr))
			require.NoError(t, err)
			require.NoError(t, l.Close())
			for _, i := range []int{0, 2, 3} { // those that wait
				parked++
				go func() { done <- everyMultiCall[i].call(m) }()
			}
			sctptest.AwaitParked(t, 1) // one reads, the others wait for it
		}
		require.NoError(t, m.Close())
		for range parked {
			require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
		}
		for range 2 {
			for _, tt := range everyMultiCall {
				err := tt.call(m)
				require.ErrorIs(t, err, net.ErrClosed, tt.name)
				sctptest.OpError(t, err)
			}
		}
		require.Equal(t, local, m.LocalAddr().String())
		check()
	}
}

// Input that any association has left unread turns the end of all into an ABORT.
func TestMultiConnCloseWithUnreadInput(t *testing.T) {
	for _, unread := range []bool{false, true} {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		var conns []*sctp.Conn
		for range 2 {
			c, err := sctp.Dial("sctp4", m.LocalAddr().String())
			require.NoError(t, err)
			defer c.Close()
			conns = append(conns, c.(*sctp.Conn))
		}
		if unread {
			_, err := conns[0].Write([]byte("unread"))
			require.NoError(t, err)
			sctptest.Eventually(t, func() bool {
				st, err := conns[0].Options().Status()
				return err == nil && st.UnackedData == 0
			}, "acknowledgement")
		}
		require.NoError(t, m.Close())
		for _, c := range conns {
			_, err := c.Read(make([]byte, 1))
			if unread {
				require.ErrorIs(t, err, syscall.ECONNRESET)
			} else {
				require.ErrorContains(t, err, "EOF")
			}
		}
	}
}

// Subscribe and Unsubscribe concern the associations that are there and those that come.
func TestMultiConnSubscribe(t *testing.T) {
	client, server, id, _ := multiPair(t)
	require.NoError(t, server.Unsubscribe(sctp.EventAssocChange))
	second, err := client.Connect(t.Context(), sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0").LocalAddr().(*sctp.Addr))
	require.NoError(t, err)
	for _, on := range []bool{true, false} {
		change := server.Unsubscribe
		if on {
			change = server.Subscribe
		}
		require.NoError(t, change(sctp.EventAssocChange, sctp.EventShutdown))
		require.NoError(t, client.Shutdown(id))
		if on {
			msg, err := server.ReadMsg(make([]byte, 100))
			require.NoError(t, err)
			require.IsType(t, (*sctp.Shutdown)(nil), msg.Event)
			nextAssocChange(t, server, sctp.ShutdownComp)
		}
		id, err = client.Connect(t.Context(), server.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		if on {
			nextAssocChange(t, server, sctp.CommUp)
		} else {
			requireSilence(t, server)
		}
	}
	require.NotEqual(t, id, second)
	require.ErrorIs(t, server.Subscribe(sctp.EventType(1)), syscall.EINVAL)
}
