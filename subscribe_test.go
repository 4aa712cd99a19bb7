package sctp_test

import (
	"io"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// Connections that are accepted after a Subscribe have what it asked for, the CommUp of
// their own set-up included; those after an Unsubscribe have not.
func TestListenerSubscribe(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventSenderDry}}, "sctp4", "127.0.0.1:0")
	require.NoError(t, l.Subscribe(sctp.EventAssocChange, sctp.EventShutdown))
	require.NoError(t, l.Unsubscribe(sctp.EventSenderDry))
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	require.Equal(t, sctp.CommUp, nextEvent[*sctp.AssocChange](t, server).State)
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
func TestSubscribeAssoc(t *testing.T) {
	client, server := sctptest.Pair(t)
	st, err := server.Options().Status()
	require.NoError(t, err)
	require.NoError(t, sctp.SubscribeAssoc(server, st.Assoc, true, sctp.EventSenderDry, sctp.EventShutdown))
	require.Equal(t, st.Assoc, nextEvent[*sctp.SenderDry](t, server).Assoc)
	require.NoError(t, sctp.SubscribeAssoc(server, st.Assoc, false, sctp.EventSenderDry, sctp.EventAssocChange))
	_, err = server.Write([]byte("x"))
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, client.Close())
	nextEvent[*sctp.Shutdown](t, server)
	_, err = server.ReadMsg(make([]byte, 1))
	require.Equal(t, io.EOF, err)

	client, server = sctptest.Pair(t)
	st, err = server.Options().Status()
	require.NoError(t, err)
	require.NoError(t, sctp.SubscribeAssoc(server, st.Assoc, true, sctp.EventShutdown))
	require.NoError(t, server.Unsubscribe(sctp.EventSenderDry)) // the set of all
	require.NoError(t, client.Close())
	_, err = server.ReadMsg(make([]byte, 1))
	require.Equal(t, io.EOF, err)

	for _, id := range []sctp.AssocID{sctp.FutureAssoc, sctp.CurrentAssoc, sctp.AllAssoc, -1} {
		require.ErrorIs(t, sctp.SubscribeAssoc(server, id, true, sctp.EventShutdown), syscall.EINVAL)
	}
	require.ErrorIs(t, sctp.SubscribeAssoc(server, st.Assoc, true, 0x9000), syscall.EINVAL)
	_, server = sctptest.Pair(t)
	st, err = server.Options().Status()
	require.NoError(t, err)
	err = sctptest.WithoutOption(t, sys.SCTP_EVENT, func() error { return sctp.SubscribeAssoc(server, st.Assoc, true, sctp.EventSenderDry) })
	require.ErrorIs(t, err, syscall.ENOPROTOOPT)
	require.ErrorContains(t, err, "setsockopt SCTP_EVENT")
	require.ErrorContains(t, err, "needs Linux 5.0")
}
