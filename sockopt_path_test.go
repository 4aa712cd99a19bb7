package sctp_test

import (
	"encoding/binary"
	"math"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var anyPath netip.AddrPort

// A pathOption sets an option of a path to each of its values, gets it back, and returns
// a function that gets it from other paths.
type pathOption struct {
	name    string
	unknown syscall.Errno // of a path that is none
	text    string
	set     func(t *testing.T, o sctp.Options, path netip.AddrPort)
	get     func(o sctp.Options, path netip.AddrPort) (any, error)
	setErr  func(o sctp.Options, path netip.AddrPort) error
}

func newPathOption[T any](name string, unknown syscall.Errno, text string, set func(sctp.Options, netip.AddrPort, T) error,
	get func(sctp.Options, netip.AddrPort) (T, error), values ...T) pathOption {
	return pathOption{
		name: name, unknown: unknown, text: text,
		set: func(t *testing.T, o sctp.Options, path netip.AddrPort) {
			for _, v := range values {
				require.NoError(t, set(o, path, v))
				got, err := get(o, path)
				require.NoError(t, err)
				require.Equal(t, v, got)
			}
		},
		get:    func(o sctp.Options, path netip.AddrPort) (any, error) { return get(o, path) },
		setErr: func(o sctp.Options, path netip.AddrPort) error { return set(o, path, values[0]) },
	}
}

// The last value of each is not the default.
var pathOptions = []pathOption{
	newPathOption("PeerAddrThlds", syscall.ENOENT, "SCTP_PEER_ADDR_THLDS_V2: no such file or directory (no such path or association)",
		sctp.Options.SetPeerAddrThlds, sctp.Options.PeerAddrThlds,
		sctp.PeerAddrThlds{PathMaxRxt: 4, PFThld: 0, PSThld: math.MaxUint16}, sctp.PeerAddrThlds{PathMaxRxt: 3, PFThld: 0, PSThld: 0},
		sctp.PeerAddrThlds{PathMaxRxt: 3, PFThld: 2, PSThld: 2}),
	newPathOption("RemoteUDPEncapsPort", syscall.EINVAL, "SCTP_REMOTE_UDP_ENCAPS_PORT: invalid argument (no such path or association)",
		sctp.Options.SetRemoteUDPEncapsPort, sctp.Options.RemoteUDPEncapsPort, 0x1234, 0, 9899),
	newPathOption("PLPMTUDProbeInterval", syscall.EINVAL, "SCTP_PLPMTUD_PROBE_INTERVAL: invalid argument (no such path or association)",
		sctp.Options.SetPLPMTUDProbeInterval, sctp.Options.PLPMTUDProbeInterval, 5*time.Second, 0, time.Hour),
	newPathOption("DSCP", syscall.EINVAL, "SCTP_PEER_ADDR_PARAMS: invalid argument (no such path or association",
		sctp.Options.SetDSCP, sctp.Options.DSCP, 63, 0, 46),
	newPathOption("PeerAddrParams", syscall.EINVAL, "SCTP_PEER_ADDR_PARAMS: invalid argument (no such path or association)",
		sctp.Options.SetPeerAddrParams, sctp.Options.PeerAddrParams,
		sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 10 * time.Second, PathMaxRxt: 7, PMTUD: sctp.ToggleDisable, PathMTU: 1300,
			DelayedSACK: sctp.ToggleEnable, SACKDelay: 300 * time.Millisecond}),
}

func TestOptionsOfLaterPaths(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, tt := range pathOptions {
			t.Run(tt.name, func(t *testing.T) {
				if !hasOption(t, tt.name, func() error { _, err := tt.get(o, anyPath); return err }) {
					return
				}
				tt.set(t, o, anyPath)
				none := netip.MustParseAddrPort("127.0.0.9:9")
				requireOptionError(t, tt.setErr(o, none), tt.unknown, "setsockopt "+tt.text)
				_, err := tt.get(o, none)
				requireOptionError(t, err, tt.unknown, "getsockopt "+tt.text)
			})
		}
	})
}

func TestOptionsOfOnePath(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
	paths := server.LocalAddr().(*sctp.Addr).AddrPorts()
	require.Len(t, paths, 2)
	o := client.Options()
	for _, tt := range pathOptions {
		t.Run(tt.name, func(t *testing.T) {
			if !hasOption(t, tt.name, func() error { _, err := tt.get(o, anyPath); return err }) {
				return
			}
			before, err := tt.get(o, paths[0])
			require.NoError(t, err)
			tt.set(t, o, paths[1])
			after, err := tt.get(o, paths[0])
			require.NoError(t, err)
			require.Equal(t, before, after, "the other path")
			tt.set(t, o, anyPath) // the last value for all of them
			first, err := tt.get(o, paths[0])
			require.NoError(t, err)
			require.NotEqual(t, before, first)
		})
	}
}

// What the package refuses, wherever it is set.
var pathRefusals = []struct {
	name string
	call func(sctp.Options) error
	text string
}{
	{"PeerAddrThlds without PathMaxRxt", func(o sctp.Options) error {
		return o.SetPeerAddrThlds(anyPath, sctp.PeerAddrThlds{PSThld: math.MaxUint16})
	}, "PathMaxRxt is 0"},
	{"PeerAddrThlds with a small PSThld", func(o sctp.Options) error {
		return o.SetPeerAddrThlds(anyPath, sctp.PeerAddrThlds{PathMaxRxt: 5, PFThld: 2, PSThld: 1})
	}, "PFThld 2 is greater than PSThld 1"},
	{"PLPMTUDProbeInterval too short", func(o sctp.Options) error {
		return o.SetPLPMTUDProbeInterval(anyPath, 4999*time.Millisecond)
	}, "4.999s is less than 5s"},
	{"PLPMTUDProbeInterval negative", func(o sctp.Options) error { return o.SetPLPMTUDProbeInterval(anyPath, -1) }, "out of range"},
	{"DSCP of 7 bits", func(o sctp.Options) error { return o.SetDSCP(anyPath, 64) }, "DSCP 64 is greater than 63"},
	{"FlowLabel of 21 bits", func(o sctp.Options) error { return o.SetFlowLabel(anyPath, 1<<20) }, "flow label 0x100000 has more than 20 bits"},
	{"FlowLabel of an IPv4 socket", func(o sctp.Options) error { return o.SetFlowLabel(anyPath, 1) }, "IPv4 has no flow label"},
	{"HBInterval alone", func(o sctp.Options) error {
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{HBInterval: time.Second})
	}, "HBInterval needs Heartbeat: ToggleEnable"},
	{"HBInterval with Disable", func(o sctp.Options) error {
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{Heartbeat: sctp.ToggleDisable, HBInterval: time.Second})
	}, "HBInterval needs Heartbeat: ToggleEnable"},
	{"HBInterval negative", func(o sctp.Options) error {
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: -1})
	}, "out of range"},
	{"PathMTU with Enable", func(o sctp.Options) error {
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{PMTUD: sctp.ToggleEnable, PathMTU: 1400})
	}, "PathMTU needs PMTUD: ToggleDisable"},
	{"PathMTU too small", func(o sctp.Options) error {
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{PMTUD: sctp.ToggleDisable, PathMTU: 511})
	}, "PathMTU: 511 is not in the range from 512"},
	{"SACKDelay alone", func(o sctp.Options) error {
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{SACKDelay: time.Millisecond})
	}, "SACKDelay needs DelayedSACK: ToggleEnable"},
	{"SACKDelay too long", func(o sctp.Options) error {
		return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{DelayedSACK: sctp.ToggleEnable, SACKDelay: 501 * time.Millisecond})
	}, "more than 500ms"},
	{"unknown Toggle", func(o sctp.Options) error { return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{PMTUD: 3}) }, "unknown Toggle 3"},
	{"PrimaryAddr without an address", func(o sctp.Options) error { return o.SetPrimaryAddr(anyPath) }, "an address is missing"},
	{"PrimaryAddr unknown", func(o sctp.Options) error { return o.SetPrimaryAddr(netip.MustParseAddrPort("127.0.0.9:9")) },
		"setsockopt SCTP_PRIMARY_ADDR: invalid argument (no such path or association)"},
	{"SetPeerPrimaryAddr without an address", func(o sctp.Options) error { return o.SetPeerPrimaryAddr(anyPath) }, "an address is missing"},
}

func TestOptionsOfPathsRefuse(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, tt := range pathRefusals {
			t.Run(tt.name, func(t *testing.T) { requireOptionError(t, tt.call(o), syscall.EINVAL, tt.text) })
		}
	})
}

// sctpChunk returns what reports whether a packet begins with a chunk of some type.
func sctpChunk(typ byte) func(ip, p []byte) bool {
	return func(_, p []byte) bool { return p[12] == typ }
}

const chunkData, chunkHeartbeat = 0, 4

func TestOptionsPrimaryAddr(t *testing.T) {
	tap := sctptest.NewTap(t)
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
	for _, path := range server.LocalAddr().(*sctp.Addr).AddrPorts() {
		sctptest.Eventually(t, func() bool {
			info, err := client.Options().PeerAddrInfo(path)
			return err == nil && info.State == sctp.PathActive
		}, "a path that is confirmed")
		require.NoError(t, client.Options().SetPrimaryAddr(path))
		got, err := client.Options().PrimaryAddr()
		require.NoError(t, err)
		require.Equal(t, path, got)
		st, err := client.Options().Status()
		require.NoError(t, err)
		require.Equal(t, path, st.Primary.Addr)
		_, err = client.Write([]byte("m"))
		require.NoError(t, err)
		dst := path.Addr().As4()
		tap.Packet(path.Port(), func(ip, p []byte) bool {
			return p[12] == chunkData && [4]byte(ip[16:]) == dst
		})
	}
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	_, err := l.Options().PrimaryAddr()
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_PRIMARY_ADDR: invalid argument (no such path or association)")
}

func TestOptionsSetPeerPrimaryAddr(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	const needs = "setsockopt SCTP_SET_PEER_PRIMARY_ADDR: operation not permitted (needs ASCONF at both ends"
	d := sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs("127.0.0.1", "127.0.0.2")...)}
	client, _ := sctptest.PairOf(t, d, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	requireOptionError(t, client.Options().SetPeerPrimaryAddr(client.LocalAddr().(*sctp.Addr).AddrPort()), syscall.EPERM, needs)

	sctptest.Sysctl(t, "net/sctp/addip_noauth_enable", "1")
	d.Control = control(func(o sctp.Options) error { return o.SetASCONFSupported(true) })
	client, server := sctptest.PairOf(t, d, sctp.ListenConfig{Control: d.Control}, "sctp4", "127.0.0.1/127.0.0.2:0")
	for _, path := range []int{1, 0} {
		local := client.LocalAddr().(*sctp.Addr).AddrPorts()[path]
		require.NoError(t, client.Options().SetPeerPrimaryAddr(local))
		sctptest.Eventually(t, func() bool {
			got, err := server.Options().PrimaryAddr()
			return err == nil && got == local
		}, "the primary path that the peer asked for")
	}
	requireOptionError(t, client.Options().SetPeerPrimaryAddr(netip.MustParseAddrPort("127.0.0.9:9")), syscall.EADDRNOTAVAIL,
		"(not an address of this end of the association)")
	local := server.LocalAddr().(*sctp.Addr).AddrPorts()[1]
	require.NoError(t, server.Options().SetPeerPrimaryAddr(local))
	sctptest.Eventually(t, func() bool {
		got, err := client.Options().PrimaryAddr()
		return err == nil && got == local
	}, "the primary path that the accepted end asked for")
	requireOptionError(t, sctptest.Listen(t, sctp.ListenConfig{Control: d.Control}, "sctp4", "127.0.0.1:0").Options().SetPeerPrimaryAddr(local),
		syscall.EINVAL, "(no association)")
}

func TestOptionsRemoteUDPEncapsPort(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	if !hasOption(t, "RemoteUDPEncapsPort", func() error {
		_, err := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0").Options().RemoteUDPEncapsPort(anyPath)
		return err
	}) {
		return
	}
	tap := sctptest.NewTap(t)
	sctptest.Sysctl(t, "net/sctp/udp_port", "9899")
	sctptest.PairOf(t, sctp.Dialer{Control: control(func(o sctp.Options) error {
		return o.SetRemoteUDPEncapsPort(anyPath, 9899)
	})}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	const udp, header = 17, 8
	ip, p := tap.Packet(9899, func(ip, p []byte) bool { return ip[9] == udp })
	require.Equal(t, byte(4), ip[0]>>4)
	require.Equal(t, uint16(9899), binary.BigEndian.Uint16(p))
	require.Equal(t, byte(1), p[header+12], "an INIT")
}
