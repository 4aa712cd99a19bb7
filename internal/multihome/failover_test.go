package multihome_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// fastPaths is a Control function for associations that soon notice when a path fails,
// and when it is back.
func fastPaths(_, _ string, c syscall.RawConn) error {
	o := sctp.NewOptions(c)
	all := netip.AddrPort{}
	return errors.Join(
		o.SetRTOInfo(sctp.RTOInfo{Initial: 100 * time.Millisecond, Min: 50 * time.Millisecond, Max: 200 * time.Millisecond}),
		o.SetPeerAddrParams(all, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 100 * time.Millisecond}),
		// A slow machine may not answer in time, but the association goes on.
		o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}),
		// After two errors in a row another path becomes the primary one.
		o.SetPeerAddrThlds(all, sctp.PeerAddrThlds{PathMaxRxt: 2, PFThld: 1, PSThld: 2}),
	)
}

// A failoverEnd sends numbered messages, and checks those that it receives.
type failoverEnd struct {
	c       *sctp.Conn
	events  chan sctp.Event
	got     atomic.Uint64 // messages received
	sent    chan uint64   // how many there were, in the end
	results chan error
}

func startFailoverEnd(t *testing.T, c *sctp.Conn, stop <-chan struct{}) *failoverEnd {
	e := &failoverEnd{c: c, events: make(chan sctp.Event, 1000), sent: make(chan uint64, 1), results: make(chan error, 2)}
	require.NoError(t, c.SetDeadline(time.Now().Add(2*sctptest.Wait)))
	go func() { e.results <- e.send(stop) }()
	go func() { e.results <- e.receive() }()
	return e
}

// send sends one message after the other until stop, and then shuts down.
func (e *failoverEnd) send(stop <-chan struct{}) error {
	for n := uint64(0); ; n++ {
		select {
		case <-stop:
			e.sent <- n
			return nil
		case <-time.After(time.Millisecond): // leaves something of the machine to others
		}
		if _, err := e.c.WriteMsg(binary.BigEndian.AppendUint64(nil, n), nil); err != nil {
			return err
		}
	}
}

// receive requires every message once, in order, until its read deadline is in the
// past.
func (e *failoverEnd) receive() error {
	b := make([]byte, 4096)
	for {
		m, err := e.c.ReadMsg(b)
		if err != nil {
			return err
		}
		if m.Event != nil {
			e.events <- m.Event
			continue
		}
		if n := binary.BigEndian.Uint64(m.Data); len(m.Data) != 8 || n != e.got.Load() {
			return fmt.Errorf("message %d in place of %d", n, e.got.Load())
		}
		e.got.Add(1)
	}
}

// await waits until the path to ip has changed to state.
func (e *failoverEnd) await(t *testing.T, ip netip.Addr, state sctp.PeerAddrChangeState) {
	t.Helper()
	for pathChangeOf(t, sctptest.Receive(t, e.events)) != (pathChange{ip, state}) {
	}
}

// awaitMessages waits until n more messages have come.
func (e *failoverEnd) awaitMessages(t *testing.T, n uint64) {
	t.Helper()
	want := e.got.Load() + n
	sctptest.Eventually(t, func() bool { return e.got.Load() >= want }, "%d more messages", n)
}

// An association with two paths survives the loss of each, one after the other, under
// traffic both ways: no message is lost, or comes twice.
func TestConnFailover(t *testing.T) {
	one, two := linkedNetns(t, map[string]string{"v1": "10.9.1.0/24", "v2": "10.9.2.0/24"})
	events := []sctp.EventType{sctp.EventPeerAddrChange}
	client, server := sctptest.PairOf(t,
		sctp.Dialer{Netns: one.Path(), LocalAddr: sctp.AddrFrom(0, sctptest.IPs("10.9.1.1", "10.9.2.1")...), Control: fastPaths, Events: events},
		sctp.ListenConfig{Netns: two.Path(), Control: fastPaths, Events: events}, "sctp4", "10.9.1.2/10.9.2.2:0")
	stop := make(chan struct{})
	ends := []*failoverEnd{startFailoverEnd(t, client, stop), startFailoverEnd(t, server, stop)}
	peers := [][]netip.Addr{sctptest.IPs("10.9.1.2", "10.9.2.2"), sctptest.IPs("10.9.1.1", "10.9.2.1")}
	ends[1].await(t, peers[1][1], sctp.AddrConfirmed) // the client has dialled to its paths
	for i, e := range ends {
		e.awaitMessages(t, 10)
		require.Equal(t, peers[i][0], primaryOf(t, e.c).Addr())
	}
	for _, path := range []struct {
		link        string
		down, other int
	}{{"v1", 0, 1}, {"v2", 1, 0}} {
		require.NoError(t, one.SetLink(path.link, false))
		for i, e := range ends {
			e.await(t, peers[i][path.down], sctp.AddrUnreachable)
		}
		for i, e := range ends {
			e.awaitMessages(t, 50)
			sctptest.Eventually(t, func() bool { return primaryOf(t, e.c).Addr() == peers[i][path.other] }, "the other path as the primary one")
		}
		require.NoError(t, one.SetLink(path.link, true))
		for i, e := range ends {
			e.await(t, peers[i][path.down], sctp.AddrAvailable)
		}
		for _, e := range ends {
			e.awaitMessages(t, 50)
		}
	}
	close(stop)
	for i, e := range ends {
		require.NoError(t, sctptest.Receive(t, e.results), "sending")
		want := sctptest.Receive(t, e.sent)
		other := ends[1-i]
		sctptest.Eventually(t, func() bool { return other.got.Load() == want }, "all messages")
	}
	for _, e := range ends {
		require.NoError(t, e.c.SetReadDeadline(time.Unix(1, 0)))
		require.ErrorIs(t, sctptest.Receive(t, e.results), os.ErrDeadlineExceeded, "receiving")
	}
}
