package interop_test

import (
	"context"
	"io"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// dialledByErlang returns an association that a stream socket, S, of the session has set
// up. gen_sctp cannot accept one on a stream socket.
func dialledByErlang(t *testing.T) (*session, *sctp.Conn) {
	t.Helper()
	e := newSession(t)
	l := sctptest.Listen(t, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange}, InitMsg: sctp.InitMsg{OutStreams: 5, MaxInStreams: 7}}, "sctp4", "127.0.0.1:0")
	e.start(`{ok, S} = gen_sctp:open([{type, stream}, {ip, {127,0,0,1}}]), {ok, C} = gen_sctp:connect(S, {127,0,0,1}, %d, []), A = element(6, C), C`, l.Addr().(*sctp.Addr).Port)
	c, err := l.AcceptSCTP()
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	require.Contains(t, e.result(), "outbound_streams = 7,inbound_streams = 5")
	readAssocChange(t, c, sctp.AssocCommUp)
	return e, c
}

// dialledByGo returns an association that was dialled to a one-to-many socket of the
// session, which has given it a socket of its own, S.
func dialledByGo(t *testing.T) (*session, *sctp.Conn) {
	t.Helper()
	e := newSession(t)
	port := e.port(`{ok, L} = gen_sctp:open([{ip, {127,0,0,1}}]), ok = gen_sctp:listen(L, true), {ok, Port} = inet:port(L), Port`)
	d := sctp.Dialer{Events: []sctp.EventType{sctp.EventAssocChange}, InitMsg: sctp.InitMsg{OutStreams: 5, MaxInStreams: 7}}
	c, err := d.DialSCTP(context.Background(), "sctp4", nil, sctp.AddrFrom(port, sctptest.IPs("127.0.0.1")...))
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	got := e.eval(`{_, C} = Recv(L), A = element(6, C), {ok, S} = gen_sctp:peeloff(L, A), C`)
	require.Contains(t, got, "outbound_streams = 7,inbound_streams = 5")
	readAssocChange(t, c, sctp.AssocCommUp)
	return e, c
}

// streams runs a test with an association between a Conn and a stream socket of gen_sctp.
func streams(t *testing.T, test func(t *testing.T, e *session, c *sctp.Conn)) {
	t.Run("Accepted", func(t *testing.T) {
		e, c := dialledByErlang(t)
		test(t, e, c)
	})
	t.Run("Dialled", func(t *testing.T) {
		e, c := dialledByGo(t)
		test(t, e, c)
	})
}

func TestConnMessagesWithGenSCTP(t *testing.T) {
	t.Parallel()
	streams(t, func(t *testing.T, e *session, c *sctp.Conn) {
		_, err := c.WriteMsg([]byte("hello"), &sctp.SndInfo{Stream: 3, PPID: 60, Unordered: true})
		require.NoError(t, err)
		e.recv(`stream = 3`, `flags = [unordered]`, `ppid = 60,`, `<<"hello">>`)
		e.eval(`ok = gen_sctp:send(S, #sctp_sndrcvinfo{assoc_id=A, stream=6, ppid=60, flags=[unordered]}, <<"back">>)`)
		m := read(t, c)
		require.Equal(t, "back", string(m.Data))
		require.Equal(t, uint16(6), m.Info.Stream)
		require.Equal(t, uint32(60), m.Info.PPID)
		require.True(t, m.Info.Unordered)
	})
}

// On a one-to-one socket that was not peeled off Linux refuses what eof and abort send.
func TestConnEndsWithGenSCTP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(t *testing.T, e *session, c *sctp.Conn)
	}{
		{"GenSCTPEOF", func(t *testing.T, e *session, c *sctp.Conn) {
			e.eval(`ok = gen_sctp:send(S, A, 0, <<"last words">>), case gen_sctp:eof(S, C) of {error, einval} -> gen_sctp:close(S); ok -> ok end`)
			require.Equal(t, "last words", string(read(t, c).Data))
			awaitEOF(t, c)
		}},
		{"GenSCTPClose", func(t *testing.T, e *session, c *sctp.Conn) {
			e.eval(`ok = gen_sctp:close(S)`)
			awaitEOF(t, c)
		}},
		{"GenSCTPAbort", func(t *testing.T, e *session, c *sctp.Conn) {
			e.eval(`case gen_sctp:abort(S, C) of {error, einval} -> inet:setopts(S, [{linger, {true, 0}}]), gen_sctp:close(S); ok -> ok end`)
			require.Equal(t, sctp.CauseUserAbort, readAssocChange(t, c, sctp.AssocCommLost).Cause)
			_, err := c.ReadMsg(make([]byte, 1))
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}},
		{"ConnShutdown", func(t *testing.T, e *session, c *sctp.Conn) {
			_, err := c.Write([]byte("last words"))
			require.NoError(t, err)
			require.NoError(t, c.Shutdown(context.Background()))
			e.recv(`<<"last words">>`)
			e.recv(`#sctp_shutdown_event{`)
		}},
		{"ConnAbort", func(t *testing.T, e *session, c *sctp.Conn) {
			require.NoError(t, c.Abort())
			e.recv(`#sctp_assoc_change{state = comm_lost,` + userAbort)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { streams(t, tt.end) })
	}
}

// awaitEOF reads the events of an end in good order.
func awaitEOF(t *testing.T, c *sctp.Conn) {
	t.Helper()
	m, err := c.ReadMsg(make([]byte, 100))
	if err == nil { // maybe before the peer's SHUTDOWN has closed the reading side
		require.IsType(t, &sctp.AssocChange{}, m.Event)
		require.Equal(t, sctp.AssocShutdownComp, m.Event.(*sctp.AssocChange).State)
		_, err = c.ReadMsg(make([]byte, 100))
	}
	require.Equal(t, io.EOF, err)
}

// A one-to-one socket of either and a one-to-many socket of the other.
func TestConnWithOneToManyOfGenSCTP(t *testing.T) {
	t.Parallel()
	e := newSession(t)
	port := e.open(`{ip, {127,0,0,1}}`)
	c, err := sctp.DialSCTP("sctp4", nil, sctp.AddrFrom(port, sctptest.IPs("127.0.0.1")...))
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	_, err = c.Write([]byte("hello"))
	require.NoError(t, err)
	e.eval(`{_, #sctp_assoc_change{state=comm_up, assoc_id=A}} = Recv(S)`)
	e.recv(`<<"hello">>`)
	e.eval(`ok = gen_sctp:send(S, A, 0, <<"back">>)`)
	require.Equal(t, "back", string(read(t, c).Data))
}

func TestMultiConnWithStreamSocketOfGenSCTP(t *testing.T) {
	t.Parallel()
	e := newSession(t)
	c := multi(t, "sctp4", "127.0.0.1:0")
	e.eval(`{ok, S} = gen_sctp:open([{type, stream}]), {ok, C} = gen_sctp:connect(S, {127,0,0,1}, %d, []), ok`, c.LocalAddr().(*sctp.Addr).Port)
	up := readAssocChange(t, c, sctp.AssocCommUp)
	_, err := c.WriteMsg([]byte("hello"), &sctp.SndInfo{Assoc: up.Assoc})
	require.NoError(t, err)
	e.recv(`<<"hello">>`)
	e.eval(`ok = gen_sctp:send(S, element(6, C), 0, <<"back">>)`)
	require.Equal(t, "back", string(read(t, c).Data))
}
