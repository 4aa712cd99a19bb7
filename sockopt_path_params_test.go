package sctp_test

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestOptionsPeerAddrParamsKeepsZeroFields(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		want := sctp.PeerAddrParams{
			Heartbeat: sctp.ToggleEnable, HBInterval: 10 * time.Second, PathMaxRxt: 7, PMTUD: sctp.ToggleDisable, PathMTU: 1400,
			DelayedSACK: sctp.ToggleEnable, SACKDelay: 300 * time.Millisecond,
		}
		require.NoError(t, o.SetPeerAddrParams(anyPath, want))
		for _, tt := range []struct {
			set    sctp.PeerAddrParams
			change func()
		}{
			{sctp.PeerAddrParams{}, func() {}},
			{sctp.PeerAddrParams{PathMaxRxt: 9}, func() { want.PathMaxRxt = 9 }},
			{sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 8 * time.Second}, func() { want.HBInterval = 8 * time.Second }},
			{sctp.PeerAddrParams{Heartbeat: sctp.ToggleDisable}, func() { want.Heartbeat = sctp.ToggleDisable }},
			{sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable}, func() { want.Heartbeat = sctp.ToggleEnable }},
			{sctp.PeerAddrParams{PMTUD: sctp.ToggleDisable, PathMTU: 1300}, func() { want.PathMTU = 1300 }},
			{sctp.PeerAddrParams{PMTUD: sctp.ToggleDisable}, func() {}},
			{sctp.PeerAddrParams{DelayedSACK: sctp.ToggleEnable, SACKDelay: 200 * time.Millisecond}, func() { want.SACKDelay = 200 * time.Millisecond }},
			{sctp.PeerAddrParams{DelayedSACK: sctp.ToggleDisable}, func() { want.DelayedSACK = sctp.ToggleDisable }},
			{sctp.PeerAddrParams{DelayedSACK: sctp.ToggleEnable}, func() { want.DelayedSACK = sctp.ToggleEnable }},
		} {
			require.NoError(t, o.SetPeerAddrParams(anyPath, tt.set))
			tt.change()
			got, err := o.PeerAddrParams(anyPath)
			require.NoError(t, err)
			require.Equal(t, want, got, "after %+v", tt.set)
		}
		require.NoError(t, o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{PMTUD: sctp.ToggleEnable}))
		got, err := o.PeerAddrParams(anyPath)
		require.NoError(t, err)
		require.Equal(t, sctp.ToggleEnable, got.PMTUD)
	})
}

func TestOptionsRequestHeartbeat(t *testing.T) {
	tap := sctptest.NewTap(t)
	client, server := sctptest.Pair(t)
	for _, path := range []netip.AddrPort{anyPath, server.LocalAddr().(*sctp.Addr).AddrPort()} {
		require.NoError(t, client.Options().RequestHeartbeat(path))
		tap.Packet(port(server), sctpChunk(chunkHeartbeat))
		tap.Packet(port(server), sctpChunk(chunkHeartbeat)) // the same, as it leaves and as it comes
	}
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	requireOptionError(t, l.Options().RequestHeartbeat(anyPath), syscall.EINVAL, "SCTP_PEER_ADDR_PARAMS: invalid argument (no such path or association)")
	requireOptionError(t, client.Options().RequestHeartbeat(netip.MustParseAddrPort("127.0.0.9:9")), syscall.EINVAL, "no such path")
}

func TestOptionsPeerAddrParamsHeartbeats(t *testing.T) {
	tap := sctptest.NewTap(t)
	_, server := sctptest.PairOf(t, sctp.Dialer{Control: control(func(o sctp.Options) error {
		if err := o.SetRTOInfo(sctp.RTOInfo{Initial: 60 * time.Millisecond, Min: 40 * time.Millisecond, Max: 60 * time.Millisecond}); err != nil {
			return err
		}
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 20 * time.Millisecond})
	})}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	for range 4 { // the default would take 30 s
		tap.Packet(port(server), sctpChunk(chunkHeartbeat))
	}
}

func TestOptionsPeerAddrParamsPathMTU(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, client.Options().SetPeerAddrParams(server.LocalAddr().(*sctp.Addr).AddrPort(),
		sctp.PeerAddrParams{PMTUD: sctp.ToggleDisable, PathMTU: 1000}))
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, 1000, st.Primary.MTU)
	require.Equal(t, 1000-20-12-16, st.FragPoint) // IP, SCTP and DATA headers
}

// The DSCP and the flow label of a path are on the wire, and count for more than what the
// socket has.
func TestOptionsTrafficOfPaths(t *testing.T) {
	tap := sctptest.NewTap(t)
	client, server := sctptest.Pair(t)
	require.NoError(t, client.Options().SetTOS(0x20))
	for _, path := range []netip.AddrPort{anyPath, server.LocalAddr().(*sctp.Addr).AddrPort()} {
		for _, dscp := range []uint8{46, 0} {
			require.NoError(t, client.Options().SetDSCP(path, dscp))
			_, err := client.Write([]byte("m"))
			require.NoError(t, err)
			tap.Packet(port(server), func(ip, p []byte) bool { return p[12] == chunkData && ip[1]>>2 == dscp })
		}
	}
	requireOptionError(t, client.Options().SetFlowLabel(server.LocalAddr().(*sctp.Addr).AddrPort(), 1), syscall.EINVAL, "IPv4 has no flow label")

	client, server = sctptest.PairOf(t, sctp.Dialer{Control: control(func(o sctp.Options) error {
		return errors.Join(o.SetFlowLabel(anyPath, 0x12345), o.SetDSCP(anyPath, 10), o.SetTClass(0x20))
	})}, sctp.ListenConfig{}, "sctp6", "[::1]:0")
	label := func(ip []byte) uint32 { return binary.BigEndian.Uint32(ip) & (1<<20 - 1) }
	dscp := func(ip []byte) uint8 { return uint8(binary.BigEndian.Uint16(ip) >> 6 & 63) }
	ip, _ := tap.Packet(port(server), func(ip, p []byte) bool { return ip[0]>>4 == 6 })
	require.Equal(t, uint32(0x12345), label(ip), "of the INIT")
	require.Equal(t, uint8(10), dscp(ip), "of the INIT")
	for _, path := range []netip.AddrPort{anyPath, server.LocalAddr().(*sctp.Addr).AddrPort()} {
		got, err := client.Options().FlowLabel(path)
		require.NoError(t, err)
		require.Equal(t, uint32(0x12345), got)
		gotDSCP, err := client.Options().DSCP(path)
		require.NoError(t, err)
		require.Equal(t, uint8(10), gotDSCP)
		roundTrip(func(o sctp.Options, v uint32) error { return o.SetFlowLabel(path, v) },
			func(o sctp.Options) (uint32, error) { return o.FlowLabel(path) }, 1<<20-1, 0, 0x12345)(t, client.Options())
	}
	_, err := client.Options().FlowLabel(netip.MustParseAddrPort("[::9]:9"))
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_PEER_ADDR_PARAMS: invalid argument (no such path or association, or older than Linux 4.19)")
	requireOptionError(t, client.Options().SetFlowLabel(netip.MustParseAddrPort("127.0.0.1:9"), 1), syscall.EINVAL, "IPv4 has no flow label")
}
