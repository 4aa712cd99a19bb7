package sctp_test

import (
	"context"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// Connections that are accepted after a Subscribe have what it asked for, the AssocCommUp of
// their own set-up included; those after an Unsubscribe have not.
func TestListenerSubscribe(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventSenderDry}}, "sctp4", "127.0.0.1:0")
	require.NoError(t, l.Subscribe(sctp.EventAssocChange, sctp.EventShutdown))
	require.NoError(t, l.Unsubscribe(sctp.EventSenderDry))
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	require.Equal(t, sctp.AssocCommUp, nextEvent[*sctp.AssocChange](t, server).State)
	_, err := server.Write([]byte("x"))
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, client.Close())
	nextEvent[*sctp.Shutdown](t, server)

	require.NoError(t, l.Unsubscribe(sctp.EventAssocChange, sctp.EventShutdown))
	client, server = sctptest.Connect(t, sctp.Dialer{}, l)
	require.NoError(t, client.Close())
	_, err = server.ReadMsg(make([]byte, 1))
	require.Equal(t, io.EOF, err)

	require.ErrorIs(t, l.Subscribe(0x8003), syscall.EINVAL)
	require.NoError(t, l.Close())
	require.Error(t, l.Subscribe(sctp.EventShutdown))
}

// An association that waits to be accepted has what its listener subscribes to.
func TestListenerSubscribeBeforeAccept(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	client, err := sctp.Dial("sctp4", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	require.NoError(t, l.Subscribe(sctp.EventSenderDry))
	server, err := l.AcceptSCTP()
	require.NoError(t, err)
	t.Cleanup(func() { server.Abort() })
	_, err = server.Write([]byte("x"))
	require.NoError(t, err)
	nextEvent[*sctp.SenderDry](t, server)
}

// What a listener subscribes to is not what its earlier connections have.
func TestListenerSubscribeLeavesAcceptedConnections(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	require.NoError(t, l.Subscribe(sctp.EventShutdown))
	require.NoError(t, client.Close())
	_, err := server.ReadMsg(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

// A kernel that does not know a type of event answers EINVAL; the text says which Linux
// does, and what was subscribed to before stays.
func TestConnSubscribeOnAnOlderKernel(t *testing.T) {
	client, _ := sctptest.Pair(t)
	for typ, version := range map[sctp.EventType]string{
		sctp.EventStreamReset: "4.11", sctp.EventAssocReset: "4.12", sctp.EventStreamChange: "4.12", sctp.EventSendFailed: "5.5",
	} {
		err := sctptest.WithoutOption(t, sys.SCTP_EVENTS, func() error { return client.Subscribe(sctp.EventShutdown, typ) })
		requireOptionError(t, err, syscall.ENOPROTOOPT, "setsockopt SCTP_EVENTS")
		err = sctptest.OptionFails(t, sys.SCTP_EVENTS, syscall.EINVAL, func() error { return client.Subscribe(sctp.EventShutdown, typ) })
		requireOptionError(t, err, syscall.EINVAL, typ.String()+" needs Linux "+version)
	}
	err := sctptest.OptionFails(t, sys.SCTP_EVENTS, syscall.EINVAL, func() error { return client.Subscribe(sctp.EventShutdown) })
	requireOptionError(t, err, syscall.EINVAL, "setsockopt SCTP_EVENTS")
	require.NotContains(t, err.Error(), "needs Linux")
	require.NoError(t, client.Subscribe(sctp.EventSenderDry))
	nextEvent[*sctp.SenderDry](t, client)
}

// One association's events are its own; those that the package needs stay on in the
// kernel, and Subscribe begins anew.
func TestMultiConnSubscribeAssoc(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	var ids []sctp.AssocID
	var peers []*sctp.Conn
	for range 2 {
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		id, err := m.Connect(context.Background(), l.Addr().(*sctp.Addr))
		require.NoError(t, err)
		ids, peers = append(ids, id), append(peers, sctptest.Accept(t, l))
	}
	// Of the first association only.
	require.NoError(t, m.SubscribeAssoc(ids[0], sctp.EventSenderDry, sctp.EventShutdown))
	require.Equal(t, ids[0], nextMultiEvent[*sctp.SenderDry](t, m).Assoc)
	require.NoError(t, m.UnsubscribeAssoc(ids[0], sctp.EventSenderDry, sctp.EventAssocChange))
	for i, id := range ids {
		_, err := m.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
		_, err = peers[i].Read(make([]byte, 1))
		require.NoError(t, err)
	}
	require.NoError(t, peers[1].Shutdown(context.Background()))
	require.NoError(t, peers[0].Shutdown(context.Background()))
	require.Equal(t, ids[0], nextMultiEvent[*sctp.Shutdown](t, m).Assoc)
	require.NoError(t, m.SetReadDeadline(time.Now()))
	_, err := m.ReadMsg(make([]byte, 100))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestMultiConnSubscribeToAllBeginsAnew(t *testing.T) {
	client, server, id, peer := multiPair(t)
	require.NoError(t, client.SubscribeAssoc(id, sctp.EventShutdown))
	require.NoError(t, client.Unsubscribe(sctp.EventSenderDry)) // the set of all
	require.NoError(t, server.StartShutdown(peer))
	nextAssocChange(t, server, sctp.AssocShutdownComp)
	require.NoError(t, client.SetReadDeadline(time.Now()))
	_, err := client.ReadMsg(make([]byte, 100))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

// What was subscribed to of an association goes with it.
func TestMultiConnSubscribeAssocGoesWithPeelOff(t *testing.T) {
	m, server, id, peer := multiPair(t)
	require.NoError(t, m.Subscribe(sctp.EventShutdown))
	require.NoError(t, m.SubscribeAssoc(id, sctp.EventAssocChange))
	require.NoError(t, m.UnsubscribeAssoc(id, sctp.EventShutdown))
	require.Equal(t, 1, sctp.Subscriptions(m))
	c, err := m.PeelOff(id)
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	require.Zero(t, sctp.Subscriptions(m))
	require.NoError(t, server.StartShutdown(peer))
	for _, state := range []sctp.AssocChangeState{sctp.AssocCommUp, sctp.AssocShutdownComp} {
		msg, err := c.ReadMsg(make([]byte, 4096))
		require.NoError(t, err)
		ev, ok := msg.Event.(*sctp.AssocChange)
		require.True(t, ok, "%+v", msg)
		require.Equal(t, state, ev.State)
	}
}

func TestMultiConnSubscribeAssocRefuses(t *testing.T) {
	m, _, id, _ := multiPair(t)
	for _, other := range []sctp.AssocID{sctp.FutureAssoc, sctp.CurrentAssoc, sctp.AllAssoc, -1, 1 << 30} {
		err := m.SubscribeAssoc(other, sctp.EventSenderDry)
		require.ErrorIs(t, err, syscall.EINVAL, other)
		sctptest.OpError(t, err)
	}
	require.ErrorIs(t, m.SubscribeAssoc(id, 0x9000), syscall.EINVAL)
	require.ErrorIs(t, m.SubscribeAssoc(id+1000, sctp.EventAssocChange), syscall.EINVAL)
	require.Zero(t, sctp.Subscriptions(m))
	err := sctptest.WithoutOption(t, sys.SCTP_EVENT, func() error { return m.SubscribeAssoc(id, sctp.EventSenderDry) })
	require.ErrorIs(t, err, syscall.ENOPROTOOPT)
	require.ErrorContains(t, err, "setsockopt SCTP_EVENT")
	require.ErrorContains(t, err, "needs Linux 5.0")
}

// nextMultiEvent returns the next event that m reads, and fails at data or an error.
func nextMultiEvent[E sctp.Event](t *testing.T, m *sctp.MultiConn) E {
	t.Helper()
	msg, err := m.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	ev, ok := msg.Event.(E)
	require.True(t, ok, "%+v", msg)
	return ev
}

// The set of events is read and replaced as a whole.
func TestConnSetEvents(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventShutdown}}, "sctp4", "127.0.0.1:0")
	require.Equal(t, []sctp.EventType{sctp.EventShutdown}, l.Events())
	require.NoError(t, l.SetEvents(sctp.EventSenderDry, sctp.EventAssocChange))
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	require.Empty(t, client.Events())
	require.Equal(t, []sctp.EventType{sctp.EventAssocChange, sctp.EventSenderDry}, server.Events())
	require.Equal(t, sctp.AssocCommUp, nextEvent[*sctp.AssocChange](t, server).State)

	require.NoError(t, server.SetEvents(sctp.AllEvents()...))
	require.Equal(t, sctp.AllEvents(), server.Events())
	require.ErrorIs(t, server.SetEvents(0x8003), syscall.EINVAL)
	require.Equal(t, sctp.AllEvents(), server.Events(), "an error changes nothing")
	require.NoError(t, server.SetEvents())
	require.Empty(t, server.Events())
	require.NoError(t, client.Close())
	for m, err := range server.Messages(1) {
		require.NoError(t, err)
		require.Equal(t, sctp.EventSenderDry, m.Event.Type(), "only this was queued before")
	}
}
