package sctp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// An end point that offers I-DATA: the kernel would wait in sendmsg until a new
// association is up.
func TestMultiConnWriteToHoldsNoThread(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	m := sctptest.ListenMulti(t, sctp.ListenConfig{Control: fragmentInterleave2}, "sctp4", "192.0.2.1:0")
	on, err := m.Options().InterleavingSupported()
	require.NoError(t, err)
	require.True(t, on)
	peer := &sctp.Addr{IPs: sctptest.IPs("192.0.2.2", "192.0.2.3"), Port: 9}
	done := make(chan error, 1)
	go func() {
		_, err := m.WriteTo([]byte("x"), peer)
		if err == nil {
			_, err = m.WriteMsg([]byte("y"), &sctp.SndInfo{Addr: peer.AddrPort()})
		}
		done <- err
	}()
	require.NoError(t, sctptest.Receive(t, done))
	id := onlyAssoc(t, m)
	st, err := m.Options().Assoc(id).Status()
	require.NoError(t, err)
	require.Equal(t, sctp.StateCookieWait, st.State)
	// What is sent meanwhile goes out when the association is up.
	server := sctptest.ListenMulti(t, sctp.ListenConfig{Control: fragmentInterleave2}, "sctp4", "192.0.2.1:0")
	for _, s := range []string{"one", "two"} {
		_, err := m.WriteTo([]byte(s), server.LocalAddr())
		require.NoError(t, err)
	}
	for _, s := range []string{"one", "two"} {
		msg, err := server.ReadMsg(make([]byte, 10))
		require.NoError(t, err)
		require.Equal(t, s, string(msg.Data))
	}
}

// fragmentInterleave2 is the Control function of a socket that offers I-DATA.
func fragmentInterleave2(_, _ string, c syscall.RawConn) error {
	return errors.Join(
		sctp.NewOptions(c).SetFragmentInterleave(true),
		sctp.NewOptions(c).SetInterleavingSupported(true),
	)
}

// sackAtOnce is the Control function of a socket that acknowledges every packet.
func sackAtOnce(_, _ string, c syscall.RawConn) error {
	return sctp.NewOptions(c).SetDelayedSACK(sctp.SACKInfo{Freq: 1})
}

// With both an association and an address, the address must be a path of the
// association: the kernel would send to whoever has it.
func TestMultiConnWriteMsgToAPathOfAnAssociation(t *testing.T) {
	client, server, id, _ := multiPair(t)
	other := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	otherAddr, peerAddr := other.LocalAddr().(*sctp.Addr).AddrPort(), server.LocalAddr().(*sctp.Addr).AddrPort()
	otherID, err := client.Connect(context.Background(), other.LocalAddr().(*sctp.Addr))
	require.NoError(t, err)
	_, err = client.WriteMsg([]byte("right"), &sctp.SndInfo{Assoc: id, Addr: peerAddr})
	require.NoError(t, err)
	msg, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "right", string(msg.Data))
	_, err = client.WriteMsg([]byte("wrong"), &sctp.SndInfo{Assoc: id, Addr: otherAddr})
	require.ErrorIs(t, err, syscall.EINVAL)
	require.ErrorContains(t, err, "no path of association")
	require.NoError(t, client.Abort(otherID, nil))
	_, err = client.WriteMsg([]byte("wrong"), &sctp.SndInfo{Assoc: id, Addr: otherAddr})
	require.ErrorIs(t, err, syscall.EINVAL)
	_, err = client.WriteMsg([]byte("wrong"), &sctp.SndInfo{Assoc: otherID, Addr: otherAddr})
	require.ErrorIs(t, err, syscall.ENOTCONN)
	_, err = client.WriteMsg([]byte("wrong"), &sctp.SndInfo{Assoc: otherID, Addr: peerAddr})
	require.ErrorIs(t, err, syscall.ENOTCONN)
	ids, err := client.Assocs()
	require.NoError(t, err)
	require.Equal(t, []sctp.AssocID{id}, ids)
}

// A peer on this host refuses before the message is on its way: that is told once, and
// nothing else is begun.
func TestMultiConnWriteToIsRefusedOnce(t *testing.T) {
	sctptest.NeedKernel(t)
	raddr := sctptest.FreeAddr(t, "sctp4", "127.0.0.1:0")
	for name, write := range map[string]func(m *sctp.MultiConn) (int, error){
		"WriteTo": func(m *sctp.MultiConn) (int, error) { return m.WriteTo([]byte("x"), raddr) },
		"WriteMsg": func(m *sctp.MultiConn) (int, error) {
			return m.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: raddr.AddrPort()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			n, err := write(m)
			require.NoError(t, err)
			require.Equal(t, 1, n)
			_, _, err = m.ReadFrom(make([]byte, 10))
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
			requireSilence(t, m)
			require.Zero(t, sctp.SetUps(m))
			ids, err := m.Assocs()
			require.NoError(t, err)
			require.Empty(t, ids)
		})
	}
}

// A message to all reaches each association once, and those that fail are named.
func TestMultiConnWriteMsgToAll(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	n, err := m.WriteMsg([]byte("nobody"), &sctp.SndInfo{Assoc: sctp.AllAssoc})
	require.NoError(t, err)
	require.Equal(t, 6, n)
	var peers []*sctp.MultiConn
	for range 80 { // more than one list of ids holds
		peer := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		_, err := m.Connect(context.Background(), peer.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		peers = append(peers, peer)
	}
	for _, s := range []string{"first", "last"} {
		_, err = m.WriteMsg([]byte(s), &sctp.SndInfo{Assoc: sctp.AllAssoc, Stream: 3, PPID: 60})
		require.NoError(t, err)
	}
	for _, peer := range peers {
		for _, s := range []string{"first", "last"} {
			msg, err := peer.ReadMsg(make([]byte, 10))
			require.NoError(t, err)
			require.Equal(t, s, string(msg.Data))
			require.Equal(t, uint16(3), msg.Info.Stream)
			require.Equal(t, uint32(60), msg.Info.PPID)
		}
	}
	_, err = m.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: sctp.AllAssoc, Stream: 10})
	require.ErrorIs(t, err, syscall.EINVAL)
	ids, err2 := m.Assocs()
	require.NoError(t, err2)
	require.Len(t, ids, len(peers))
	for _, id := range []sctp.AssocID{ids[0], ids[len(ids)-1]} {
		require.ErrorContains(t, err, fmt.Sprintf("association %d: ", id))
	}
	require.NoError(t, m.Close())
	_, err = m.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: sctp.AllAssoc})
	require.ErrorIs(t, err, net.ErrClosed)
}
