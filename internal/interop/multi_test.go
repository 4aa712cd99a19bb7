package interop_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A reader is a Conn or a MultiConn.
type reader interface {
	ReadMsg(b []byte) (sctp.Message, error)
}

func read(t *testing.T, r reader) sctp.Message {
	t.Helper()
	m, err := r.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	return m
}

func readAssocChange(t *testing.T, r reader, state sctp.AssocChangeState) *sctp.AssocChange {
	t.Helper()
	m := read(t, r)
	ev, ok := m.Event.(*sctp.AssocChange)
	require.True(t, ok, "%+v", m)
	require.Equal(t, state, ev.State)
	return ev
}

// multi returns a one-to-many socket that reports what happens to its associations.
func multi(t *testing.T, network, address string) *sctp.MultiConn {
	t.Helper()
	lc := sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown}, InitMsg: sctp.InitMsg{OutStreams: 5, MaxInStreams: 7}}
	return sctptest.ListenMulti(t, lc, network, address)
}

// connected returns a socket with an association with the session's S, both ids, and the
// session's as the variable A. The session has set it up if byErlang.
func connected(t *testing.T, byErlang bool) (e *session, c *sctp.MultiConn, id sctp.AssocID) {
	t.Helper()
	e = newSession(t)
	port := e.open(`{ip, {127,0,0,1}}`)
	c = multi(t, "sctp4", "127.0.0.1:0")
	if byErlang {
		e.eval(`{ok, C} = gen_sctp:connect(S, {127,0,0,1}, %d, []), A = element(6, C)`, c.LocalAddr().(*sctp.Addr).Port)
	} else {
		_, err := c.Connect(context.Background(), sctp.AddrFrom(port, sctptest.IPs("127.0.0.1")...))
		require.NoError(t, err)
		e.eval(`{_, C} = Recv(S), comm_up = element(2, C), A = element(6, C)`)
	}
	up := readAssocChange(t, c, sctp.AssocCommUp)
	require.Equal(t, uint16(5), up.OutStreams)
	require.Equal(t, uint16(7), up.InStreams, "of the ten that Erlang offers")
	require.Contains(t, e.eval(`C`), "outbound_streams = 7,inbound_streams = 5")
	return e, c, up.Assoc
}

// sides runs a test with associations that either side has set up.
func sides(t *testing.T, test func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID)) {
	for _, by := range []string{"Go", "Erlang"} {
		t.Run("SetUpBy"+by, func(t *testing.T) {
			e, c, id := connected(t, by == "Erlang")
			test(t, e, c, id)
		})
	}
}

// The PPID is in network order on the wire, and the same number at both ends: gen_sctp
// swaps it, too.
func TestMultiConnMessagesWithGenSCTP(t *testing.T) {
	t.Parallel()
	sides(t, func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		port, peer := c.LocalAddr().(*sctp.Addr).Port, e.port(`{ok, P} = inet:port(S), P`)
		w := sctptest.NewWire(t)
		_, err := c.WriteMsg([]byte("hello"), &sctp.SndInfo{Assoc: id, Stream: 3, PPID: 60, Unordered: true})
		require.NoError(t, err)
		stream, ppid := onWire(w, port, peer, "hello")
		require.Equal(t, uint16(3), stream)
		require.Equal(t, uint32(60), ppid)
		e.recv(`stream = 3`, `flags = [unordered]`, `ppid = 60,`, `<<"hello">>`)

		e.eval(`ok = gen_sctp:send(S, #sctp_sndrcvinfo{assoc_id=A, stream=6, ppid=16#01020304, flags=[]}, <<"back">>)`)
		stream, ppid = onWire(w, peer, port, "back")
		require.Equal(t, uint16(6), stream)
		require.Equal(t, uint32(0x01020304), ppid)
		m := read(t, c)
		require.Equal(t, "back", string(m.Data))
		require.Equal(t, sctp.RcvInfo{Stream: 6, PPID: 0x01020304, TSN: m.Info.TSN, Assoc: id}, m.Info)
		require.Equal(t, netip.AddrPortFrom(sctptest.IPs("127.0.0.1")[0], peer), m.Addr)

		e.eval(`ok = gen_sctp:send(S, #sctp_sndrcvinfo{assoc_id=A, stream=1, flags=[unordered]}, <<"unordered">>)`)
		m = read(t, c)
		require.Equal(t, "unordered", string(m.Data))
		require.True(t, m.Info.Unordered)

		// In many packets, both ways.
		long := bytes.Repeat([]byte("0123456789"), 5000)
		_, err = c.WriteMsg(long, &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
		e.eval(`{_, Long} = Recv(S), 50000 = byte_size(Long), ok = gen_sctp:send(S, A, 0, Long)`)
		m, err = c.ReadMsg(make([]byte, len(long)))
		require.NoError(t, err)
		require.True(t, m.EOR)
		require.Equal(t, long, m.Data)
	})
}

func TestMultiConnPeeledOffWithGenSCTP(t *testing.T) {
	t.Parallel()
	sides(t, func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		e.eval(`ok = gen_sctp:send(S, A, 0, <<"before">>)`)
		_, err := c.WriteMsg([]byte("before"), &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
		conn, err := c.PeelOff(id)
		require.NoError(t, err)
		t.Cleanup(func() { conn.Abort() })
		e.recv(`<<"before">>`)
		e.eval(`{ok, P} = gen_sctp:peeloff(S, A), ok`)
		require.Equal(t, "before", string(read(t, conn).Data))

		_, err = conn.WriteMsg([]byte("to a peeled off one"), &sctp.SndInfo{Stream: 4, PPID: 60})
		require.NoError(t, err)
		got := e.eval(`Recv(P)`)
		require.Contains(t, got, `stream = 4`)
		require.Contains(t, got, `<<"to a peeled off one">>`)
		e.eval(`ok = gen_sctp:send(P, A, 2, <<"from a peeled off one">>)`)
		m := read(t, conn)
		require.Equal(t, "from a peeled off one", string(m.Data))
		require.Equal(t, uint16(2), m.Info.Stream)

		// The socket is still there for others.
		other := multi(t, "sctp4", "127.0.0.1:0")
		e.eval(`{ok, _} = gen_sctp:connect(S, {127,0,0,1}, %d, [])`, other.LocalAddr().(*sctp.Addr).Port)
		e.eval(`ok = gen_sctp:close(P)`)
		_, err = io.ReadAll(conn)
		require.NoError(t, err)
	})
}

func TestMultiConnStartConnectToGenSCTP(t *testing.T) {
	t.Parallel()
	c := multi(t, "sctp4", "127.0.0.1:0")
	peers := map[sctp.AssocID]*session{}
	for range 2 {
		e := newSession(t)
		port := e.open(`{ip, {127,0,0,1}}`)
		id, err := c.StartConnect(sctp.AddrFrom(port, sctptest.IPs("127.0.0.1")...))
		require.NoError(t, err)
		peers[id] = e
	}
	for range 2 {
		up := readAssocChange(t, c, sctp.AssocCommUp)
		e := peers[up.Assoc]
		require.NotNil(t, e)
		e.recv(`#sctp_assoc_change{state = comm_up`)
		_, err := c.WriteMsg([]byte(e.name), &sctp.SndInfo{Assoc: up.Assoc})
		require.NoError(t, err)
		e.recv(`<<"` + e.name + `">>`)
	}
}

func TestMultiConnTakesConnectInit(t *testing.T) {
	t.Parallel()
	e := newSession(t)
	e.open(`{ip, {127,0,0,1}}`)
	c, c2 := multi(t, "sctp4", "127.0.0.1:0"), multi(t, "sctp4", "127.0.0.1:0")
	for _, c := range []*sctp.MultiConn{c, c2} {
		e.eval(`ok = gen_sctp:connect_init(S, {127,0,0,1}, %d, [{sctp_initmsg, #sctp_initmsg{num_ostreams=5}}])`, c.LocalAddr().(*sctp.Addr).Port)
		require.Equal(t, uint16(5), readAssocChange(t, c, sctp.AssocCommUp).InStreams)
		e.recv(`#sctp_assoc_change{state = comm_up`, `outbound_streams = 5,inbound_streams = 5`)
	}
	require.NoError(t, c.Close())
	e.recv(`#sctp_shutdown_event{`)
	e.recv(`#sctp_assoc_change{state = shutdown_comp`)
}

func TestMultiConnRefusesGenSCTP(t *testing.T) {
	t.Parallel()
	e := newSession(t)
	e.open(`{ip, {127,0,0,1}}`)
	c := multi(t, "sctp4", "127.0.0.1:0")
	require.NoError(t, c.SetListening(false))
	connect := fmt.Sprintf(`gen_sctp:connect(S, {127,0,0,1}, %d, [])`, c.LocalAddr().(*sctp.Addr).Port)
	require.Contains(t, e.eval("%s", connect), `{error,#sctp_assoc_change{state = cant_assoc`)
	require.NoError(t, c.SetListening(true))
	require.Contains(t, e.eval("%s", connect), `{ok,#sctp_assoc_change{state = comm_up`)
}

func TestMultiConnIPv6WithGenSCTP(t *testing.T) {
	t.Parallel()
	e := newSession(t)
	port := e.open(`inet6, {ip, {0,0,0,0,0,0,0,1}}`)
	c := multi(t, "sctp6", "[::1]:0")
	_, err := c.WriteTo([]byte("hello"), sctp.AddrFrom(port, sctptest.IPs("::1")...))
	require.NoError(t, err)
	e.eval(`{_, #sctp_assoc_change{state=comm_up, assoc_id=A}} = Recv(S)`)
	e.recv(`<<"hello">>`)
	e.eval(`ok = gen_sctp:send(S, A, 0, <<"back">>)`)
	readAssocChange(t, c, sctp.AssocCommUp)
	m := read(t, c)
	require.Equal(t, "back", string(m.Data))
	require.Equal(t, netip.AddrPortFrom(sctptest.IPs("::1")[0], port), m.Addr)
}

func TestMultiConnSeesAdaptationOfGenSCTP(t *testing.T) {
	t.Parallel()
	e := newSession(t)
	port := e.open(`{ip, {127,0,0,1}}, {sctp_adaptation_layer, #sctp_setadaptation{adaptation_ind=7}}`)
	lc := sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAdaptationIndication}}
	c := sctptest.ListenMulti(t, lc, "sctp4", "127.0.0.1:0")
	_, err := c.Connect(context.Background(), sctp.AddrFrom(port, sctptest.IPs("127.0.0.1")...))
	require.NoError(t, err)
	m := read(t, c)
	require.NotNil(t, m.Event)
	require.Equal(t, sctp.EventAdaptationIndication, m.Event.Type())
}
