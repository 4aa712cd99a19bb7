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
	require.NoError(t, client.AbortAssoc(otherID, nil))
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

// A peer on this host mostly refuses before the message is on its way: the write fails, no
// reader is told again, and nothing else is begun. If the refusal comes later, a read has it.
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
			_, err := write(m)
			if err == nil {
				_, err = m.ReadMsg(make([]byte, 100))
			}
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
			var ae *sctp.AssocError
			require.ErrorAs(t, err, &ae)
			require.Equal(t, sctp.AssocCantStart, ae.State)
			requireSilence(t, m)
			require.Zero(t, sctp.SetUps(m))
			ids, err := m.Assocs()
			require.NoError(t, err)
			require.Empty(t, ids)
		})
	}
}

// A message to all reaches each association once, and those that fail are named.
func TestMultiConnWriteAll(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	require.NoError(t, m.WriteAll([]byte("nobody"), &sctp.SndInfo{}))
	var peers []*sctp.MultiConn
	for range 80 { // more than one list of ids holds
		peer := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		_, err := m.Connect(context.Background(), peer.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		peers = append(peers, peer)
	}
	for _, s := range []string{"first", "last"} {
		require.NoError(t, m.WriteAll([]byte(s), &sctp.SndInfo{Stream: 3, PPID: 60}))
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
	err := m.WriteAll([]byte("x"), &sctp.SndInfo{Stream: 10})
	require.ErrorIs(t, err, syscall.EINVAL)
	ids, err2 := m.Assocs()
	require.NoError(t, err2)
	require.Len(t, ids, len(peers))
	for _, id := range []sctp.AssocID{ids[0], ids[len(ids)-1]} {
		require.ErrorContains(t, err, fmt.Sprintf("association %d: ", id))
	}
	require.NoError(t, m.Close())
	require.ErrorIs(t, m.WriteAll([]byte("x"), nil), net.ErrClosed)
}

// The association may end between the look for it and the message: with the address the
// kernel would set up another one, without an id, and with I-DATA hold the thread.
func TestMultiConnMessageSetsNothingUp(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	for _, idata := range []string{"0", "1"} {
		for _, network := range []string{"sctp4", "sctp"} {
			t.Run(network+" intl_enable="+idata, func(t *testing.T) {
				sctptest.Sysctl(t, "net/sctp/intl_enable", idata)
				lc := sctp.ListenConfig{}
				if idata == "1" {
					lc.Control = fragmentInterleave2
				}
				m := sctptest.ListenMulti(t, lc, network, ":0")
				require.NoError(t, m.Subscribe(sctp.EventAssocChange))
				peer := &sctp.Addr{IPs: sctptest.IPs("192.0.2.2"), Port: 9}
				done := make(chan error, 1)
				go func() { done <- sctp.SendByName(m, []byte("x"), peer.AddrPort()) }()
				require.ErrorIs(t, sctptest.Receive(t, done), syscall.EINVAL)
				requireSilence(t, m)
				_, err := m.StartConnect(peer) // EALREADY if there was one
				require.NoError(t, err)
				require.NoError(t, sctp.SendByName(m, []byte("x"), peer.AddrPort()))
			})
		}
	}
}

// An association dies again and again under those who write to its address: each message
// goes to an association that has an id, and no thread is held.
func TestMultiConnWriteToWhileAssociationsEnd(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	server := sctptest.ListenMulti(t, sctp.ListenConfig{Control: fragmentInterleave2}, "sctp4", "192.0.2.1:0")
	client := sctptest.ListenMulti(t, sctp.ListenConfig{Control: fragmentInterleave2}, "sctp4", "192.0.2.1:0")
	peer := server.LocalAddr().(*sctp.Addr)
	for _, m := range []*sctp.MultiConn{server, client} {
		go func() {
			for b := make([]byte, 100); ; {
				if _, err := m.ReadMsg(b); errors.Is(err, net.ErrClosed) {
					return
				}
			}
		}()
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
			}
			ids, _ := client.Assocs()
			for _, id := range ids {
				client.AbortAssoc(id, nil)
			}
		}
	}()
	for range 500 {
		_, err := client.WriteTo([]byte("x"), peer)
		if err == nil {
			_, err = client.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: peer.AddrPort()})
		}
		if err != nil && !errors.Is(err, syscall.ENOTCONN) && !errors.Is(err, syscall.ECONNREFUSED) {
			require.NoError(t, err)
		}
	}
	close(stop)
	sctptest.Receive(t, ended)
	ids, err := client.Assocs()
	require.NoError(t, err)
	for _, id := range ids {
		client.AbortAssoc(id, nil)
	}
	// One without an id would be in the way.
	_, err = client.Connect(context.Background(), peer)
	require.NoError(t, err)
}

// Without a SndInfo each association's own defaults apply.
func TestMultiConnWriteAllHasDefaults(t *testing.T) {
	client, server, id, _ := multiPair(t)
	require.NoError(t, client.Options().Assoc(id).SetDefaultSndInfo(sctp.DefaultSndInfo{Stream: 3, PPID: 60}))
	require.NoError(t, client.WriteAll([]byte("x"), nil))
	msg, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, uint16(3), msg.Info.Stream)
	require.Equal(t, uint32(60), msg.Info.PPID)
}
