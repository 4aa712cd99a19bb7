package sctp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// peeledPair returns an association whose ends were peeled off.
func peeledPair(t *testing.T) (client, server *sctp.Conn) {
	t.Helper()
	mc, ms, id, peer := multiPair(t)
	client, err := mc.PeelOff(id)
	require.NoError(t, err)
	t.Cleanup(func() { client.Abort() })
	server, err = ms.PeelOff(peer)
	require.NoError(t, err)
	t.Cleanup(func() { server.Abort() })
	return client, server
}

func TestNettestPeeledOff(t *testing.T) {
	sctptest.NeedKernel(t)
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		client, server := peeledPair(t)
		return client, server, func() { client.Close(); server.Close() }, nil
	})
}

func TestMultiConnPeelOffKeepsWhatIsUnread(t *testing.T) {
	client, server, id, peer := multiPair(t)
	for _, s := range []string{"one", "two"} {
		_, err := client.WriteMsg([]byte(s), &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
	}
	b := make([]byte, 2)
	m, err := server.ReadMsg(b)
	require.NoError(t, err)
	require.False(t, m.EOR)
	_, err = server.PeelOff(peer)
	require.ErrorIs(t, err, syscall.EBUSY)
	m, err = server.ReadMsg(b)
	require.NoError(t, err)
	require.True(t, m.EOR)
	c, err := server.PeelOff(peer)
	require.NoError(t, err)
	defer c.Close()
	m, err = c.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "two", string(m.Data))
	ids, err := server.Assocs()
	require.NoError(t, err)
	require.Empty(t, ids)
	_, err = server.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: peer})
	require.ErrorIs(t, err, syscall.ENOTCONN)
	require.Equal(t, client.LocalAddr().String(), c.RemoteAddr().String())
	require.Equal(t, server.LocalAddr().String(), c.LocalAddr().String())
	// While a reader is parked on the MultiConn.
	go server.ReadMsg(make([]byte, 10))
	sctptest.AwaitParked(t, 1)
	id2, err := client.PeelOff(id)
	require.NoError(t, err)
	_, err = id2.Write([]byte("three"))
	require.NoError(t, err)
	m, err = c.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "three", string(m.Data))
}

func TestMultiConnPeeledOffEnds(t *testing.T) {
	t.Run("PeerClose", func(t *testing.T) {
		client, server := peeledPair(t)
		done := make(chan error, 1)
		go func() { _, err := client.Read(make([]byte, 10)); done <- err }()
		sctptest.AwaitParked(t, 1)
		require.NoError(t, server.Close())
		require.Equal(t, io.EOF, sctptest.Receive(t, done))
		_, err := client.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.EPIPE)
	})
	t.Run("StartShutdown", func(t *testing.T) {
		client, server := peeledPair(t)
		_, err := client.Write([]byte("last"))
		require.NoError(t, err)
		require.NoError(t, client.StartShutdown())
		got, err := io.ReadAll(server)
		require.NoError(t, err)
		require.Equal(t, "last", string(got))
		_, err = client.Read(make([]byte, 10))
		require.Equal(t, io.EOF, err)
	})
	t.Run("Shutdown", func(t *testing.T) {
		client, server := peeledPair(t)
		_, err := client.Write([]byte("last"))
		require.NoError(t, err)
		require.NoError(t, client.Shutdown(context.Background()))
		got, err := io.ReadAll(server)
		require.NoError(t, err)
		require.Equal(t, "last", string(got))
	})
	t.Run("Abort", func(t *testing.T) {
		client, server := peeledPair(t)
		require.NoError(t, client.Abort())
		_, err := server.Read(make([]byte, 10))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}

// The kernel peels off before it looks for a descriptor, and the association would be lost.
func TestMultiConnPeelOffWithoutDescriptors(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	client, server, id, peer := multiPair(t)
	release := sctptest.UseUpFiles(t)
	_, err := client.PeelOff(id)
	release()
	require.ErrorIs(t, err, syscall.EMFILE)
	var ae *sctp.AssocError
	require.False(t, errors.As(err, &ae), "it is not lost")
	_, err = client.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: id})
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, peer, m.Info.Assoc)
	require.Equal(t, "x", string(m.Data))
	c, err := client.PeelOff(id)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// What the race for the last descriptor leaves: the association is gone, and said to be.
func TestMultiConnPeelOffLosesTheDescriptor(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	client, server, id, _ := multiPair(t)
	require.NoError(t, client.Subscribe(sctp.EventAssocChange))
	nextAssocChange(t, client, sctp.AssocCommUp)
	release := sctptest.UseUpFiles(t)
	_, err := sctp.PeelOffUnreserved(client, id)
	release()
	require.ErrorIs(t, err, syscall.EMFILE)
	var ae *sctp.AssocError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, id, ae.Assoc)
	require.Equal(t, sctp.AssocCommLost, ae.State)
	told := anyAssocChange(t, client)
	require.Equal(t, sctp.AssocChange{Assoc: id, State: sctp.AssocCommLost}, *told)
	require.Contains(t, []sctp.AssocChangeState{sctp.AssocShutdownComp, sctp.AssocCommLost}, anyAssocChange(t, server).State)
	_, err = client.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: id})
	require.ErrorIs(t, err, syscall.ENOTCONN)
}

// anyAssocChange reads an AssocChange.
func anyAssocChange(t *testing.T, m *sctp.MultiConn) *sctp.AssocChange {
	t.Helper()
	msg, err := m.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	require.IsType(t, (*sctp.AssocChange)(nil), msg.Event)
	return msg.Event.(*sctp.AssocChange)
}

// Linux does not look at the path of a message on such a socket.
func TestConnPeeledOffRefusesAPath(t *testing.T) {
	client, server := peeledPair(t)
	_, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: server.LocalAddr().(*sctp.Addr).AddrPort()})
	require.ErrorIs(t, err, syscall.EINVAL)
	require.ErrorContains(t, err, "SetPrimaryAddr")
	_, err = client.WriteMsg([]byte("x"), &sctp.SndInfo{})
	require.NoError(t, err)
}
