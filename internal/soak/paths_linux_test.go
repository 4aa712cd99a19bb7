package soak_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// pathAddrs are the addresses of each end on each of two networks.
var pathAddrs = [2][]netip.Addr{sctptest.IPs("10.9.0.1", "10.9.1.1"), sctptest.IPs("10.9.0.2", "10.9.1.2")}

// A multihomed is an association with a path on each of two networks, and its traffic.
type multihomed struct {
	*traffic
	paths [2]*network
}

// pathFaults are what becomes of the paths.
var pathFaults = []struct {
	name string
	do   func(m *multihomed, t *testing.T)
}{
	{"OneFails", (*multihomed).oneFails},
	{"LinkDown", (*multihomed).linkDown},
	{"BothFail", (*multihomed).bothFail},
	{"Flaps", (*multihomed).flaps},
}

// Of two paths one fails, then the other; both fail; one comes and goes. Each message
// arrives once, in order.
func TestPaths(t *testing.T) {
	for i, tt := range pathFaults {
		t.Run(tt.name, func(t *testing.T) {
			check := leaks(t)
			messages, assocs, longest := 0, 0, time.Duration(0)
			events := map[sctp.PeerAddrChangeState]int{}
			rounds(t, 3, func(seed uint64) {
				n := newNetwork(t, seed)
				n.sysctls(t, "path_max_retrans=2 pf_retrans=1 ps_retrans=2 hb_interval=100")
				m := &multihomed{paths: [2]*network{n, n.beside(t, seed+1)}}
				one, two := n.associateAt(t, kinds[(seed+uint64(i))%uint64(len(kinds))], "10.9.0.1/10.9.1.1:0", "10.9.0.2/10.9.1.2:0")
				m.traffic = newTraffic(seed, 1000, time.Millisecond, one, two)
				for i, e := range []sctptest.End{one, two} {
					m.awaitActive(t, e, pathAddrs[1-i])
				}
				m.start(t)
				m.awaitMessages(t, 50)
				tt.do(m, t)
				m.awaitMessages(t, 50)
				sent, gap := m.end(t)
				for _, p := range m.ends {
					for state, count := range p.paths {
						events[state] += count
					}
				}
				messages, assocs, longest = messages+sent, assocs+1, max(longest, gap)
				noAssocs(t, n.one)
				noAssocs(t, n.two)
				m.paths[1].unplug()
				n.close()
			})
			check()
			require.NotZero(t, messages)
			told := map[string]int{}
			for state, count := range events {
				told[state.String()] = count
			}
			report(t, "%d messages on %d associations, each once; paths were %v; the longest time without a message was %v",
				messages, assocs, told, longest.Round(time.Millisecond))
		})
	}
}

// awaitActive waits until all paths are in use.
func (m *multihomed) awaitActive(t *testing.T, e sctptest.End, peer []netip.Addr) {
	t.Helper()
	peers, err := e.Options().PeerAddrs()
	require.NoError(t, err)
	require.ElementsMatch(t, peer, peers.IPs)
	for _, path := range peers.AddrPorts() {
		sctptest.Eventually(t, func() bool {
			info, err := e.Options().PeerAddrInfo(path)
			require.NoError(t, err)
			return info.State == sctp.PathActive
		}, "path %v", path)
	}
}

// switched waits until both ends have been told that a path failed, or is back.
func (m *multihomed) switched(t *testing.T, path int, state sctp.PeerAddrChangeState) {
	t.Helper()
	for i, p := range m.ends {
		p.awaitPath(t, pathAddrs[1-i][path], state)
	}
}

func (m *multihomed) oneFails(t *testing.T) {
	for path, n := range m.paths {
		n.faults.Store(&faults{lose: 1000})
		m.switched(t, path, sctp.AddrUnreachable)
		m.awaitMessages(t, 50)
		n.faults.Store(&faults{})
		m.switched(t, path, sctp.AddrAvailable)
		m.awaitMessages(t, 50)
	}
}

func (m *multihomed) linkDown(t *testing.T) {
	for path, n := range m.paths {
		require.NoError(t, n.one.SetLink(n.links[0], false))
		m.switched(t, path, sctp.AddrUnreachable)
		m.awaitMessages(t, 50)
		require.NoError(t, n.one.Unbundle(n.links[0])) // which switches it on
		m.switched(t, path, sctp.AddrAvailable)
		m.awaitMessages(t, 50)
	}
}

func (m *multihomed) bothFail(t *testing.T) {
	for _, n := range m.paths {
		n.faults.Store(&faults{lose: 1000})
	}
	for _, p := range m.ends {
		p.eventually(t, func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.paths[sctp.AddrUnreachable] >= len(m.paths)
		}, "both paths unreachable")
	}
	for _, n := range m.paths {
		n.faults.Store(&faults{})
	}
}

// flaps has a path fail for a moment, and for as long as it takes until both ends know, in
// turn.
func (m *multihomed) flaps(t *testing.T) {
	n := m.paths[0]
	for i := range 6 {
		lost := n.lost.Load()
		n.faults.Store(&faults{lose: 1000})
		sctptest.Eventually(t, func() bool { return n.lost.Load() >= lost+10 }, "lost packets")
		if i%2 == 1 {
			m.switched(t, 0, sctp.AddrUnreachable)
		}
		passed := n.packets.Load()
		n.faults.Store(&faults{})
		sctptest.Eventually(t, func() bool { return n.packets.Load() >= passed+4 }, "packets that arrive")
		if i%2 == 1 {
			m.switched(t, 0, sctp.AddrAvailable)
		}
		m.awaitMessages(t, 10)
	}
}
