package grpctest_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// fastPaths is a Control function for associations that soon notice when a path fails,
// and give up when all have.
func fastPaths(_, _ string, c syscall.RawConn) error {
	o, all := sctp.NewOptions(c), netip.AddrPort{}
	return errors.Join(
		o.SetRTOInfo(sctp.RTOInfo{Initial: 100 * time.Millisecond, Min: 50 * time.Millisecond, Max: 200 * time.Millisecond}),
		o.SetPeerAddrParams(all, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 100 * time.Millisecond}),
		o.SetPeerAddrThlds(all, sctp.PeerAddrThlds{PathMaxRxt: 2, PFThld: 1, PSThld: 2}),
	)
}

// twoPaths returns two network namespaces with the links v1 and v2 between them, and a
// listener in one and a Dialer in the other that use both.
func twoPaths(t *testing.T) (ns *systest.Netns, l *sctp.Listener, d sctp.Dialer) {
	t.Helper()
	sctptest.NeedKernel(t)
	var namespaces [2]*systest.Netns
	for i := range namespaces {
		n, err := systest.NewNetns()
		require.NoError(t, err)
		t.Cleanup(n.Close)
		namespaces[i] = n
	}
	one, two := namespaces[0], namespaces[1]
	require.NoError(t, one.AddVeth(two, "v1", netip.MustParsePrefix("10.9.1.1/24"), netip.MustParsePrefix("10.9.1.2/24")))
	require.NoError(t, one.AddVeth(two, "v2", netip.MustParsePrefix("10.9.2.1/24"), netip.MustParsePrefix("10.9.2.2/24")))
	l = sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path(), Control: fastPaths}, "sctp4", "10.9.1.2/10.9.2.2:0")
	d = sctp.Dialer{Netns: one.Path(), LocalAddr: sctp.AddrFrom(0, sctptest.IPs("10.9.1.1", "10.9.2.1")...), Control: fastPaths}
	return one, l, d
}

// Each path fails and comes back, one after the other: no stream and no call notices.
func TestGRPCPathFails(t *testing.T) {
	ns, l, d := twoPaths(t)
	serve(t, l, &echo{})
	dialled := make(chan *sctp.Conn, 100)
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		nc, err := d.DialContext(ctx, "sctp", address)
		if err == nil {
			dialled <- nc.(*sctp.Conn)
		}
		return nc, err
	}
	tc := testpb.NewTestServiceClient(client(t, dial, l.Addr().String(), insecure.NewCredentials()))
	ctx := limited(t)
	s, err := tc.FullDuplexCall(ctx)
	require.NoError(t, err)
	require.NoError(t, pingPong(s, "before", 3))
	association := sctptest.Receive(t, dialled)
	var rounds atomic.Int64
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := pingPong(s, "round", 1); err != nil {
				done <- err
				return
			}
			rounds.Add(1)
		}
	}()
	more := func(what string) {
		t.Helper()
		want := rounds.Load() + 20
		sctptest.Eventually(t, func() bool { return rounds.Load() >= want || len(done) > 0 }, "twenty rounds %s", what)
	}
	for i, link := range []string{"v1", "v2"} {
		path := l.Addr().(*sctp.Addr).AddrPorts()[i]
		require.NoError(t, ns.SetLink(link, false))
		more("without " + link)
		payload := random(100_000)
		r, err := tc.UnaryCall(ctx, &testpb.SimpleRequest{Payload: payload})
		require.NoError(t, err)
		require.Equal(t, payload.Body, r.Payload.Body)
		require.NoError(t, ns.SetLink(link, true))
		// The other may fail only when this one is known to work again.
		sctptest.Eventually(t, func() bool {
			info, err := association.Options().PeerAddrInfo(path)
			return err == nil && info.State == sctp.PathActive
		}, "%s again", link)
		more("with both")
	}
	close(stop)
	require.NoError(t, sctptest.Receive(t, done))
	require.Empty(t, dialled, "another association")
}

// All paths fail: the association is lost, and calls with it. When they are back, gRPC sets
// up another one.
func TestGRPCAllPathsFail(t *testing.T) {
	ns, l, d := twoPaths(t)
	serve(t, l, &echo{})
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		return d.DialContext(ctx, "sctp", address)
	}
	tc := testpb.NewTestServiceClient(client(t, dial, l.Addr().String(), insecure.NewCredentials()))
	ctx := limited(t)
	s, err := tc.FullDuplexCall(ctx)
	require.NoError(t, err)
	require.NoError(t, pingPong(s, "before", 3))
	for _, link := range []string{"v1", "v2"} {
		require.NoError(t, ns.SetLink(link, false))
	}
	err = pingPong(s, "lost", 1)
	require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
	for _, link := range []string{"v1", "v2"} {
		require.NoError(t, ns.SetLink(link, true))
	}
	payload := random(100)
	r, err := tc.UnaryCall(ctx, &testpb.SimpleRequest{Payload: payload}, grpc.WaitForReady(true))
	require.NoError(t, err)
	require.Equal(t, payload.Body, r.Payload.Body)
}
