package sctp_test

import (
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// nextEvent returns the next event that c reads, and fails at data or an error.
func nextEvent[E sctp.Event](t *testing.T, c *sctp.Conn) E {
	t.Helper()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	m, err := c.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Time{}))
	require.IsType(t, *new(E), m.Event)
	require.True(t, m.EOR)
	require.Empty(t, m.Data)
	return m.Event.(E)
}

func TestConnEventsFromTheStart(t *testing.T) {
	events := []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown}
	client, server := sctptest.PairOf(t, sctp.Dialer{Events: events, InitMsg: sctp.InitMsg{OutStreams: 5}},
		sctp.ListenConfig{Events: events, InitMsg: sctp.InitMsg{OutStreams: 7, MaxInStreams: 3}}, "sctp4", "127.0.0.1:0")
	up := nextEvent[*sctp.AssocChange](t, client)
	require.Equal(t, sctp.AssocCommUp, up.State)
	require.Equal(t, uint16(3), up.OutStreams)
	require.Equal(t, uint16(7), up.InStreams)
	up = nextEvent[*sctp.AssocChange](t, server)
	require.Equal(t, sctp.AssocCommUp, up.State)
	require.Equal(t, uint16(7), up.OutStreams)
	require.Equal(t, uint16(3), up.InStreams)
	st, err := server.Options().Status()
	require.NoError(t, err)
	require.Equal(t, up.Assoc, st.Assoc)
	require.Equal(t, sctp.StateEstablished, st.State)
	require.Equal(t, uint16(7), st.OutStreams)
	require.Equal(t, server.RemoteAddr().(*sctp.Addr).AddrPort(), st.Primary.Addr)

	_, err = client.Write([]byte("last"))
	require.NoError(t, err)
	require.NoError(t, client.StartShutdown())
	sctptest.AwaitEnd(t, server) // what came after io.EOF would not be shown
	sctptest.AwaitEnd(t, client)
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "last", string(m.Data))
	require.Equal(t, up.Assoc, nextEvent[*sctp.Shutdown](t, server).Assoc)
	require.Equal(t, sctp.AssocShutdownComp, nextEvent[*sctp.AssocChange](t, server).State)
	_, err = server.ReadMsg(make([]byte, 10))
	require.Equal(t, io.EOF, err)
	require.Equal(t, sctp.AssocShutdownComp, nextEvent[*sctp.AssocChange](t, client).State)
	_, err = client.ReadMsg(make([]byte, 10))
	require.Equal(t, io.EOF, err)
}

// Nobody who did not ask sees an event, and Subscribe is for what comes after it.
func TestConnSubscribeAndUnsubscribe(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, server.Subscribe(sctp.EventAssocChange, sctp.EventShutdown, sctp.EventSenderDry))
	require.NoError(t, server.Unsubscribe(sctp.EventShutdown, sctp.EventSenderDry))
	nextEvent[*sctp.SenderDry](t, server) // the kernel says so at once
	require.NoError(t, client.Abort())
	lost := nextEvent[*sctp.AssocChange](t, server)
	require.Equal(t, sctp.AssocCommLost, lost.State)
	require.Equal(t, sctp.CauseUserAbort, lost.Cause)
	require.NotEmpty(t, lost.Info)
	_, err := server.ReadMsg(make([]byte, 100))
	require.ErrorIs(t, err, syscall.ECONNRESET)

	require.ErrorIs(t, server.Subscribe(0), syscall.EINVAL)
	require.ErrorIs(t, server.Subscribe(0x8003), syscall.EINVAL)
	require.ErrorContains(t, server.Unsubscribe(0x9000), "unknown event type EventType(0x9000)")
}

func TestListenerEventsAreInherited(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventShutdown}}, "sctp4", "127.0.0.1:0")
	require.NoError(t, client.Close())
	nextEvent[*sctp.Shutdown](t, server)
	_, err := server.ReadMsg(make([]byte, 100))
	require.Equal(t, io.EOF, err)
}

// A message that could not be delivered comes back.
func TestConnSendFailed(t *testing.T) {
	client, server := stalledPair(t)
	require.NoError(t, client.Subscribe(sctp.EventSendFailed))
	require.NoError(t, client.ns.Loopback(false))
	_, err := client.WriteMsg([]byte("lost"), &sctp.SndInfo{Stream: 3, PPID: 60, Context: 7, Unordered: true})
	require.NoError(t, err)
	ev := nextEvent[*sctp.SendFailed](t, client.Conn)
	require.Equal(t, "lost", string(ev.Data))
	require.Equal(t, sctp.SndInfo{Stream: 3, PPID: 60, Context: 7, Unordered: true}, ev.Info)
	require.True(t, ev.Sent)
	_, err = client.Read(make([]byte, 100))
	require.ErrorIs(t, err, syscall.ETIMEDOUT)
	_ = server
}

// partiallyDelivered returns an association whose client has sent a message that it
// will give up after ttl, and whose server has read the first byte of it and leaves no
// window for the rest. On a machine that is too slow for ttl it takes a longer one.
func partiallyDelivered(t *testing.T, ttl time.Duration) (client stalledConn, server *sctp.Conn) {
	t.Helper()
	client, server = stalledPair(t)
	require.NoError(t, client.Subscribe(sctp.EventSendFailed))
	require.NoError(t, client.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	if !sctptest.WriteExpiring(t, client.Conn, pattern(100000, 3), ttl) {
		return partiallyDelivered(t, 2*ttl)
	}
	_, err := server.Read(make([]byte, 1))
	require.NoError(t, err)
	return client, server
}

// The kernel's own bytes come with an event, whole, however short the buffer is.
func TestConnNotificationIsTheKernels(t *testing.T) {
	client, _ := sctptest.Pair(t)
	require.NoError(t, client.Subscribe(sctp.EventSenderDry))
	m, err := client.ReadMsg(make([]byte, 1))
	require.NoError(t, err)
	require.IsType(t, (*sctp.SenderDry)(nil), m.Event)
	require.Empty(t, m.Data)
	require.Equal(t, notification(0x8009, 0, native32(uint32(m.Info.Assoc))...), m.Notification)
}
