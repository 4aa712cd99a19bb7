package metrics_test

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
	"github.com/netsctp/sctp/metrics"
)

// fastPaths is a Control function for associations that soon notice when a path fails.
func fastPaths(_, _ string, c syscall.RawConn) error {
	o, all := sctp.NewOptions(c), netip.AddrPort{}
	return errors.Join(
		o.SetRTOInfo(sctp.RTOInfo{Initial: 100 * time.Millisecond, Min: 50 * time.Millisecond, Max: 200 * time.Millisecond}),
		o.SetPeerAddrParams(all, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 100 * time.Millisecond}),
		o.SetPeerAddrThlds(all, sctp.PeerAddrThlds{PathMaxRxt: 2, PFThld: 1, PSThld: 2}),
	)
}

// linked returns two network namespaces with two links, v1 and v2, between them.
func linked(t *testing.T) (one, two *systest.Netns) {
	t.Helper()
	sctptest.NeedKernel(t)
	var namespaces [2]*systest.Netns
	for i := range namespaces {
		n, err := systest.NewNetns()
		require.NoError(t, err)
		t.Cleanup(n.Close)
		namespaces[i] = n
	}
	one, two = namespaces[0], namespaces[1]
	require.NoError(t, one.AddVeth(two, "v1", netip.MustParsePrefix("10.9.1.1/24"), netip.MustParsePrefix("10.9.1.2/24")))
	require.NoError(t, one.AddVeth(two, "v2", netip.MustParsePrefix("10.9.2.1/24"), netip.MustParsePrefix("10.9.2.2/24")))
	return one, two
}

// A path fails, and comes back.
func TestCollectorPathFails(t *testing.T) {
	one, two := linked(t)
	c := &metrics.Collector{}
	url := serve(t, c)
	_, server := sctptest.PairOf(t,
		sctp.Dialer{Netns: one.Path(), LocalAddr: sctp.AddrFrom(0, sctptest.IPs("10.9.1.1", "10.9.2.1")...), Control: fastPaths},
		sctp.ListenConfig{Netns: two.Path(), Control: fastPaths}, "sctp4", "10.9.1.2/10.9.2.2:0")
	c.Add(server)
	paths := func(path, state string) float64 {
		return scrape(t, url)[key("sctp_paths", "local", server.LocalAddr().String(), "path", path, "peer", "10.9.1.1/10.9.2.1", "state", state)]
	}
	sctptest.Eventually(t, func() bool { return paths("10.9.1.1", "active")+paths("10.9.2.1", "active") == 2 }, "two paths")
	require.NoError(t, one.SetLink("v1", false))
	sctptest.Eventually(t, func() bool { return paths("10.9.1.1", "inactive") == 1 }, "failure of a path")
	require.Equal(t, 0.0, paths("10.9.1.1", "active"))
	require.Equal(t, 1.0, paths("10.9.2.1", "active"))
	require.NoError(t, one.SetLink("v1", true))
	sctptest.Eventually(t, func() bool { return paths("10.9.1.1", "active") == 1 }, "the path again")
}
