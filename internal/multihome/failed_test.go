package multihome_test

import (
	"context"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A message may be for a path that has potentially failed, though the kernel does not
// tell that it has.
func TestMultiConnWriteMsgToAPathThatHasPotentiallyFailed(t *testing.T) {
	one, two := linkedNetns(t, map[string]string{"v1": "10.9.1.0/24", "v2": "10.9.2.0/24"})
	hidden := func(network, address string, c syscall.RawConn) error {
		if err := fastPaths(network, address, c); err != nil {
			return err
		}
		o := sctp.NewOptions(c)
		thlds := sctp.PeerAddrThlds{PathMaxRxt: 1000, PFThld: 1, PSThld: 1000}
		if err := o.SetPeerAddrThlds(netip.AddrPort{}, thlds); err != nil {
			return err
		}
		return o.SetExposePotentiallyFailedState(sctp.PFExposeDisable)
	}
	m := sctptest.ListenMulti(t, sctp.ListenConfig{Netns: one.Path(), Control: hidden}, "sctp4", "10.9.1.1/10.9.2.1:0")
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path(), Control: fastPaths}, "sctp4", "10.9.1.2/10.9.2.2:0")
	id, err := m.Connect(context.Background(), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	server := sctptest.Accept(t, l)
	path := l.Addr().(*sctp.Addr).AddrPorts()[1]
	o := m.Options().Assoc(id)
	sctptest.Eventually(t, func() bool {
		info, err := o.PeerAddrInfo(path)
		require.NoError(t, err)
		return info.State == sctp.PathActive
	}, "the second path")
	require.NoError(t, one.SetLink("v2", false))
	sctptest.Eventually(t, func() bool {
		_, err := o.PeerAddrInfo(path)
		return err != nil
	}, "its failure")
	_, err = o.PeerAddrInfo(path)
	require.ErrorIs(t, err, syscall.EACCES)
	for _, info := range []sctp.SndInfo{{Assoc: id, Addr: path}, {Addr: path}} {
		_, err = m.WriteMsg([]byte("hello"), &info)
		require.NoError(t, err)
		msg, err := server.ReadMsg(make([]byte, 10))
		require.NoError(t, err)
		require.Equal(t, "hello", string(msg.Data))
	}
	_, err = m.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: id + 1000, Addr: path})
	require.ErrorIs(t, err, syscall.ENOTCONN)
}
