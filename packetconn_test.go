package sctp_test

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// multiPair returns two one-to-many sockets with an association between them, and its
// ids at each end.
func multiPair(t *testing.T) (client, server *sctp.MultiConn, id, peer sctp.AssocID) {
	t.Helper()
	client = sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	server = sctptest.ListenMulti(t, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange}}, "sctp4", "127.0.0.1:0")
	id, err := client.Connect(context.Background(), server.LocalAddr().(*sctp.Addr))
	require.NoError(t, err)
	return client, server, id, nextAssocChange(t, server, sctp.AssocCommUp).Assoc
}

// nextAssocChange reads an AssocChange with the state.
func nextAssocChange(t *testing.T, m *sctp.MultiConn, state sctp.AssocChangeState) *sctp.AssocChange {
	t.Helper()
	msg, err := m.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	ev, ok := msg.Event.(*sctp.AssocChange)
	require.True(t, ok, "%+v", msg)
	require.Equal(t, state, ev.State)
	require.Equal(t, ev.Assoc, msg.Info.Assoc)
	require.True(t, msg.Addr.IsValid() && msg.Addr.Port() > 0, "%v, the peer's primary address", msg.Addr)
	return ev
}

// Code for net.PacketConn works as it is.
func TestMultiConnIsAPacketConn(t *testing.T) {
	for _, tt := range []struct{ network, address string }{
		{"sctp4", "127.0.0.1:0"}, {"sctp6", "[::1]:0"}, {"sctp", "127.0.0.1/127.0.0.2:0"}, {"sctp", "[127.0.0.1]/[::1]:0"},
	} {
		t.Run(tt.address, func(t *testing.T) {
			sctptest.NeedKernel(t)
			var client, server net.PacketConn
			server, err := sctp.ListenPacket(tt.network, tt.address)
			require.NoError(t, err)
			defer server.Close()
			client, err = sctp.ListenPacket(tt.network, tt.address)
			require.NoError(t, err)
			defer client.Close()
			go func() {
				b := make([]byte, 100)
				for {
					n, addr, err := server.ReadFrom(b)
					if err != nil {
						return
					}
					server.WriteTo(b[:n], addr)
				}
			}()
			for _, s := range []string{"one", "two", "three"} {
				n, err := client.WriteTo([]byte(s), server.LocalAddr())
				require.NoError(t, err)
				require.Equal(t, len(s), n)
				b := make([]byte, 100)
				require.NoError(t, client.SetReadDeadline(time.Now().Add(sctptest.Wait)))
				n, addr, err := client.ReadFrom(b)
				require.NoError(t, err)
				require.Equal(t, s, string(b[:n]))
				require.Contains(t, server.LocalAddr().(*sctp.Addr).IPs, addr.(*sctp.Addr).IPs[0])
				require.Equal(t, server.LocalAddr().(*sctp.Addr).Port, addr.(*sctp.Addr).Port)
			}
			ids, err := client.(*sctp.MultiConn).Assocs()
			require.NoError(t, err)
			require.Len(t, ids, 1)
			peer, err := client.(*sctp.MultiConn).Options().Assoc(ids[0]).PeerAddrs()
			require.NoError(t, err)
			require.ElementsMatch(t, server.LocalAddr().(*sctp.Addr).IPs, peer.IPs)
		})
	}
}

func TestMultiConnReadFromDropsWhatDoesNotFit(t *testing.T) {
	client, server, id, _ := multiPair(t)
	sizes := []int{100, 150000, 3, 1}
	done := make(chan error, 1)
	go func() {
		for _, size := range sizes {
			b := pattern(max(size, 3), 1)
			copy(b, "one")
			if _, err := client.WriteMsg(b[:size], &sctp.SndInfo{Assoc: id}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	b := make([]byte, 3)
	for range len(sizes) - 1 {
		n, _, err := server.ReadFrom(b)
		require.NoError(t, err)
		require.Equal(t, "one", string(b[:n]))
	}
	n, addr, err := server.ReadFrom(nil)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, client.LocalAddr().String(), addr.String())
	require.NoError(t, sctptest.Receive(t, done))
}

func TestMultiConnKeepsWhatBelongsToAMessage(t *testing.T) {
	client, server, id, peer := multiPair(t)
	n, err := client.WriteMsg([]byte("hello"), &sctp.SndInfo{Assoc: id, Stream: 3, PPID: 60, Unordered: true})
	require.NoError(t, err)
	require.Equal(t, 5, n)
	m, err := server.ReadMsg(make([]byte, 100))
	require.NoError(t, err)
	require.Equal(t, "hello", string(m.Data))
	require.True(t, m.EOR)
	require.Equal(t, peer, m.Info.Assoc)
	require.Equal(t, uint16(3), m.Info.Stream)
	require.Equal(t, uint32(60), m.Info.PPID)
	require.True(t, m.Info.Unordered)
	require.Equal(t, client.LocalAddr().(*sctp.Addr).AddrPort(), m.Addr)
	// And back, by association and by address.
	for _, info := range []sctp.SndInfo{{Assoc: peer, PPID: 1}, {Addr: m.Addr, PPID: 2}} {
		_, err = server.WriteMsg([]byte("back"), &info)
		require.NoError(t, err)
		m, err := client.ReadMsg(make([]byte, 100))
		require.NoError(t, err)
		require.Equal(t, "back", string(m.Data))
		require.Equal(t, info.PPID, m.Info.PPID)
		require.Equal(t, id, m.Info.Assoc)
	}
}

func TestMultiConnConnectRefused(t *testing.T) {
	client := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	peer := sctptest.FreeAddr(t, "sctp4", "127.0.0.1:0")
	for _, reader := range []bool{false, true} {
		if reader {
			go client.ReadMsg(make([]byte, 10))
			sctptest.AwaitParked(t, 1)
		}
		_, err := client.Connect(context.Background(), peer)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		oe := sctptest.OpError(t, err)
		require.Equal(t, "dial", oe.Op)
		require.Equal(t, peer, oe.Addr)
		var ae *sctp.AssocError
		require.ErrorAs(t, err, &ae)
		require.Equal(t, sctp.AssocCantStart, ae.State)
	}
	// Neither is reported twice.
	require.NoError(t, client.Close())
}

func TestMultiConnConnectInVain(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	control := func(_, _ string, c syscall.RawConn) error {
		return sctp.NewOptions(c).SetRTOInfo(sctp.RTOInfo{Initial: 50 * time.Millisecond, Min: 50 * time.Millisecond, Max: 50 * time.Millisecond})
	}
	lc := sctp.ListenConfig{Control: control, InitMsg: sctp.InitMsg{MaxAttempts: 2}}
	client := sctptest.ListenMulti(t, lc, "sctp4", "192.0.2.1:0")
	peer := &sctp.Addr{IPs: sctptest.IPs("192.0.2.2"), Port: 9}
	_, err := client.Connect(context.Background(), peer)
	require.ErrorIs(t, err, syscall.ETIMEDOUT)
	require.True(t, sctptest.OpError(t, err).Timeout())
	// One that was not waited for is an error of a later read.
	id, err := client.StartConnect(peer)
	require.NoError(t, err)
	_, err = client.ReadMsg(make([]byte, 10))
	require.ErrorIs(t, err, syscall.ETIMEDOUT)
	require.Equal(t, peer, sctptest.OpError(t, err).Addr)
	var ae *sctp.AssocError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, id, ae.Assoc)
	// So is one that a message asked for.
	_, err = client.WriteTo([]byte("x"), peer)
	require.NoError(t, err)
	_, _, err = client.ReadFrom(make([]byte, 10))
	require.ErrorAs(t, err, &ae)
	require.Equal(t, peer.String(), sctptest.OpError(t, err).Addr.String())
	// A context ends it, and leaves nothing.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = client.Connect(ctx, peer)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	got, err := client.Assocs()
	require.NoError(t, err)
	require.Empty(t, got)
	require.NoError(t, client.SetReadDeadline(time.Now()))
	_, err = client.ReadMsg(make([]byte, 10))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "what Connect has reported")
}

// Data and events of others lie unread in front of the outcome.
func TestMultiConnConnectWhileNobodyReads(t *testing.T) {
	client, server, id, peer := multiPair(t)
	_, err := server.WriteMsg([]byte("unread"), &sctp.SndInfo{Assoc: peer})
	require.NoError(t, err)
	const n = 10
	done := make(chan error, n)
	for range n {
		other := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		go func() {
			_, err := client.Connect(context.Background(), other.LocalAddr().(*sctp.Addr))
			done <- err
		}()
	}
	for range n {
		require.NoError(t, sctptest.Receive(t, done))
	}
	m, err := client.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "unread", string(m.Data))
	require.Equal(t, id, m.Info.Assoc)
	ids, err := client.Assocs()
	require.NoError(t, err)
	require.Len(t, ids, n+1)
	_, err = client.Connect(context.Background(), server.LocalAddr().(*sctp.Addr))
	require.ErrorIs(t, err, syscall.EISCONN)
}

func TestMultiConnShutdownAndAbort(t *testing.T) {
	client, server, id, _ := multiPair(t)
	require.NoError(t, client.Subscribe(sctp.EventAssocChange))
	_, err := client.WriteMsg([]byte("last words"), &sctp.SndInfo{Assoc: id})
	require.NoError(t, err)
	require.NoError(t, client.StartShutdown(id))
	m, err := server.ReadMsg(make([]byte, 100))
	require.NoError(t, err)
	require.Equal(t, "last words", string(m.Data))
	nextAssocChange(t, server, sctp.AssocShutdownComp)
	require.Equal(t, sctp.AssocCommUp, mustEvent(t, client).State)
	require.Equal(t, sctp.AssocShutdownComp, mustEvent(t, client).State)
	require.ErrorIs(t, client.StartShutdown(id), syscall.ENOTCONN)
	_, err = client.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: id})
	require.ErrorIs(t, err, syscall.ENOTCONN)

	id, err = client.Connect(context.Background(), server.LocalAddr().(*sctp.Addr))
	require.NoError(t, err)
	nextAssocChange(t, server, sctp.AssocCommUp)
	require.NoError(t, client.AbortAssoc(id, []byte("go away")))
	ev := nextAssocChange(t, server, sctp.AssocCommLost)
	require.Equal(t, sctp.CauseUserAbort, ev.Cause)
	require.Equal(t, "go away", string(sctp.AbortReason(ev.Info)))
	require.ErrorIs(t, client.AbortAssoc(id, nil), syscall.ENOTCONN)
	require.ErrorIs(t, client.AbortAssoc(0, nil), syscall.ENOTCONN)
}

func mustEvent(t *testing.T, m *sctp.MultiConn) *sctp.AssocChange {
	t.Helper()
	msg, err := m.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	return msg.Event.(*sctp.AssocChange)
}

func TestMultiConnSetListening(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	c, err := sctp.Dial("sctp4", m.LocalAddr().String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, m.SetListening(false))
	_, err = sctp.Dial("sctp4", m.LocalAddr().String())
	sctptest.RequireRefused(t, err)
	require.NoError(t, m.SetListening(true))
	c2, err := sctp.Dial("sctp4", m.LocalAddr().String())
	require.NoError(t, err)
	defer c2.Close()
}

func TestMultiConnRefuses(t *testing.T) {
	client, _, id, _ := multiPair(t)
	for _, tt := range []struct {
		name string
		call func() error
		want error
		text string
	}{
		{"NoDestination", func() error { _, err := client.WriteMsg([]byte("x"), nil); return err }, syscall.EDESTADDRREQ, "no association and no address"},
		{"UnknownAssoc", func() error { _, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: 99999}); return err }, syscall.ENOTCONN, "no association 99999"},
		{"CurrentAssoc", func() error {
			_, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: sctp.CurrentAssoc})
			return err
		}, syscall.ENOTCONN, "no association 1"},
		{"AllAssoc", func() error {
			_, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: sctp.AllAssoc})
			return err
		}, syscall.ENOTCONN, "no association 2"},
		{"WriteAllToOne", func() error { return client.WriteAll([]byte("x"), &sctp.SndInfo{Assoc: id}) }, syscall.EINVAL, "WriteMsg"},
		{"UDPAddr", func() error { _, err := client.WriteTo([]byte("x"), &net.UDPAddr{}); return err }, syscall.EINVAL, "*net.UDPAddr"},
		{"NilAddr", func() error { _, err := client.WriteTo([]byte("x"), nil); return err }, syscall.EINVAL, "needs"},
		{"PeelOff", func() error { _, err := client.PeelOff(99999); return err }, syscall.ENOTCONN, "no association 99999"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call()
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, tt.text)
			sctptest.OpError(t, err)
		})
	}
	var ae *net.AddrError
	_, err := client.WriteTo([]byte("x"), &sctp.Addr{IPs: sctptest.IPs("::1"), Port: 1})
	require.ErrorAs(t, err, &ae)
	_, err = client.Connect(context.Background(), &sctp.Addr{IPs: sctptest.IPs("::1"), Port: 1})
	require.ErrorAs(t, err, &ae)
}
