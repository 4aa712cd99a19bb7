package sctp_test

import (
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// setOption sets an option of c that has the value v in the kernel's struct.
func setOption(t *testing.T, c *sctp.Conn, num int, v []byte) {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, systest.SetOption(raw, num, v))
}

// A kernelOption is an option with a value of the kernel's struct.
type kernelOption struct {
	num int
	v   []byte
}

// controlOptions returns a Control function that sets options in their order.
func controlOptions(options ...kernelOption) func(_, _ string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		for _, o := range options {
			if err := systest.SetOption(c, o.num, o.v); err != nil {
				return err
			}
		}
		return nil
	}
}

// confirmed returns what an accepted connection tells of the second path to a peer at
// local.
func confirmed(t *testing.T, network, local, address string) (server *sctp.Conn, ev *sctp.PeerAddrChange) {
	t.Helper()
	laddr, err := sctp.ParseAddr(local)
	require.NoError(t, err)
	_, server = sctptest.PairOf(t, sctp.Dialer{LocalAddr: laddr}, sctp.ListenConfig{
		Events: []sctp.EventType{sctp.EventPeerAddrChange}, Control: sctptest.ShortTimers,
	}, network, address)
	return server, nextEvent[*sctp.PeerAddrChange](t, server)
}

// A path that neither the set-up used nor the dialler named is confirmed by a heartbeat.
func TestConnPeerAddrChangeConfirmed(t *testing.T) {
	server, ev := confirmed(t, "sctp4", "127.0.0.1/127.0.0.2:0", "127.0.0.1:0")
	require.Equal(t, sctp.AddrConfirmed, ev.State)
	require.Contains(t, server.RemoteAddr().(*sctp.Addr).AddrPorts(), ev.Addr)
	st, err := server.Options().Status()
	require.NoError(t, err)
	require.Equal(t, st.Assoc, ev.Assoc)
}

// The address of an IPv4 path of an IPv6 socket is shown as what it is.
func TestConnPeerAddrChangeConfirmedOfBothFamilies(t *testing.T) {
	_, ev := confirmed(t, "sctp", "[::1/127.0.0.1]:0", "[::1/127.0.0.1]:0")
	require.Equal(t, sctp.AddrConfirmed, ev.State)
	require.Equal(t, netip.MustParseAddr("127.0.0.1"), ev.Addr.Addr())
}

func TestConnPeerAddrChangeUnreachableAndAvailable(t *testing.T) {
	client, server := stalledPair(t)
	require.NoError(t, client.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	require.NoError(t, client.Subscribe(sctp.EventPeerAddrChange))
	require.NoError(t, client.ns.Loopback(false))
	_, err := client.WriteMsg([]byte("hello"), nil)
	require.NoError(t, err)
	peer := server.LocalAddr().(*sctp.Addr).AddrPort()
	ev := nextEvent[*sctp.PeerAddrChange](t, client.Conn)
	require.Equal(t, sctp.AddrUnreachable, ev.State)
	require.Equal(t, peer, ev.Addr)
	client.resume(t)
	ev = nextEvent[*sctp.PeerAddrChange](t, client.Conn)
	require.Equal(t, sctp.AddrAvailable, ev.State)
	require.Equal(t, peer, ev.Addr)
}

// The value of a cause comes without its header, with its padding.
func TestConnRemoteError(t *testing.T) {
	wire := sctptest.NewWire(t)
	client, server := sctptest.PairOf(t, sctp.Dialer{Events: []sctp.EventType{sctp.EventRemoteError}}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	wire.Forge(client, server,
		9, 0, 0, 20, // an ERROR chunk and its length
		0, 1, 0, 8, 0, 7, 0, 0, // invalid stream 7
		0, 13, 0, 7, 'b', 'a', 'd', 0)
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, &sctp.RemoteError{Assoc: st.Assoc, Cause: sctp.CauseInvalidStream, Data: []byte{0, 7, 0, 0}},
		nextEvent[*sctp.RemoteError](t, client))
	require.Equal(t, &sctp.RemoteError{Assoc: st.Assoc, Cause: sctp.CauseProtocolViolation, Data: []byte("bad\x00")},
		nextEvent[*sctp.RemoteError](t, client))
	_, err = server.Write([]byte("on")) // the association goes on
	require.NoError(t, err)
	m, err := client.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "on", string(m.Data))
}

// A chunk that the kernel does not know, and that asks to be reported, makes the other
// end answer with an error.
func TestConnRemoteErrorOfTheKernel(t *testing.T) {
	wire := sctptest.NewWire(t)
	client, server := sctptest.PairOf(t, sctp.Dialer{Events: []sctp.EventType{sctp.EventRemoteError}}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	wire.Forge(server, client, 0xfe, 0, 0, 4)
	ev := nextEvent[*sctp.RemoteError](t, client)
	require.Equal(t, sctp.CauseUnknownChunk, ev.Cause)
	require.Equal(t, []byte{0xfe, 0, 0, 4}, ev.Data)
}

// The indication of the peer comes behind the AssocCommUp; the peer has none to report.
func TestConnAdaptationIndication(t *testing.T) {
	events := []sctp.EventType{sctp.EventAssocChange, sctp.EventAdaptationIndication, sctp.EventSenderDry}
	client, server := sctptest.PairOf(t, sctp.Dialer{
		Events: events, Control: controlOptions(kernelOption{sys.SCTP_ADAPTATION_LAYER, native32(0x01020304)}),
	}, sctp.ListenConfig{Events: events}, "sctp4", "127.0.0.1:0")
	up := nextEvent[*sctp.AssocChange](t, server)
	require.Equal(t, &sctp.AdaptationIndication{Assoc: up.Assoc, Indication: 0x01020304}, nextEvent[*sctp.AdaptationIndication](t, server))
	nextEvent[*sctp.AssocChange](t, client)
	_, err := client.Write([]byte("x"))
	require.NoError(t, err)
	nextEvent[*sctp.SenderDry](t, client)
}

// An association whose peer does not authenticate says so.
func TestConnAuthenticationNoAuth(t *testing.T) {
	events := []sctp.EventType{sctp.EventAuthentication}
	client, server := sctptest.PairOf(t, sctp.Dialer{Events: events}, sctp.ListenConfig{Events: events}, "sctp4", "127.0.0.1:0")
	for _, c := range []*sctp.Conn{client, server} {
		st, err := c.Options().Status()
		require.NoError(t, err)
		require.Equal(t, &sctp.Authentication{Assoc: st.Assoc, Indication: sctp.AuthNoAuth}, nextEvent[*sctp.Authentication](t, c))
	}
}

// SenderDry comes when the last message was acknowledged, and at once with each
// Subscribe, whatever for, that finds nothing on its way.
func TestConnSenderDry(t *testing.T) {
	client, _ := sctptest.Pair(t)
	require.NoError(t, client.Subscribe(sctp.EventSenderDry))
	st, err := client.Options().Status()
	require.NoError(t, err)
	dry := &sctp.SenderDry{Assoc: st.Assoc}
	require.Equal(t, dry, nextEvent[*sctp.SenderDry](t, client))
	_, err = client.Write([]byte("x"))
	require.NoError(t, err)
	require.Equal(t, dry, nextEvent[*sctp.SenderDry](t, client))
	require.NoError(t, client.Subscribe(sctp.EventShutdown))
	require.Equal(t, dry, nextEvent[*sctp.SenderDry](t, client))
}
