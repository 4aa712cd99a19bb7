package soak_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// badNetworks are what a network does, and how many messages each end sends meanwhile.
var badNetworks = []struct {
	name           string
	faults         faults
	messages, size int
	share          int // of the time
}{
	{"Loss1", faults{lose: 10, double: 10, delay: 50}, 1500, 200, 12},
	{"Loss10", faults{lose: 100, double: 20, delay: 50}, 1000, 200, 6},
	{"Loss30", faults{lose: 300, double: 20, delay: 50}, 150, 200, 6},
	{"Corrupt5", faults{corrupt: 50}, 500, 200, 4},
	{"Long", faults{lose: 10, double: 10, delay: 50, corrupt: 10}, 4, 256 << 10, 8},
}

// Packets are lost, doubled, overtake each other and are damaged. Each message arrives
// once, whole and in the order of its stream.
func TestBadNetwork(t *testing.T) {
	for _, tt := range badNetworks {
		t.Run(tt.name, func(t *testing.T) {
			check := leaks(t)
			messages, assocs := 0, 0
			var did counts
			rounds(t, tt.share, func(seed uint64) {
				for _, kind := range []string{"Dialled", "PeeledOff", sctptest.OneToMany} {
					n := newNetwork(t, seed)
					n.faults.Store(&tt.faults)
					one, two := n.associate(t, kind)
					// Half of the messages are unordered where the end is peeled off.
					unordered := map[string]int{"Dialled": 10, "PeeledOff": 50}[kind]
					exchange(t, one, two, newFlow(2*seed, tt.messages, tt.size, unordered), newFlow(2*seed+1, tt.messages, tt.size, unordered))
					n.faults.Store(&faults{})
					require.NoError(t, one.Close())
					require.NoError(t, two.Close())
					noAssocs(t, n.one)
					noAssocs(t, n.two)
					n.close()
					c := n.counts()
					did = counts{did.packets + c.packets, did.lost + c.lost, did.doubled + c.doubled, did.delayed + c.delayed, did.corrupted + c.corrupted}
					messages, assocs = messages+2*tt.messages, assocs+1
				}
			})
			check()
			if tt.faults.lose > 0 {
				require.NotZero(t, did.lost)
			}
			if tt.faults.corrupt > 0 {
				require.NotZero(t, did.corrupted)
			}
			report(t, "%d messages of up to %d bytes on %d associations, each once; of %d packets %d lost, %d doubled, %d delayed, %d damaged",
				messages, tt.size, assocs, did.packets, did.lost, did.doubled, did.delayed, did.corrupted)
		})
	}
}

// associate returns the ends of an association over the network: one is of the kind, and two
// was accepted, or is of a one-to-many socket where one is peeled off.
func (n *network) associate(t *testing.T, kind string) (one, two sctptest.End) {
	t.Helper()
	return n.associateAt(t, kind, "10.9.0.1:0", "10.9.0.2:0")
}

// associateAt is associate for ends with the addresses.
func (n *network) associateAt(t *testing.T, kind, own, others string) (one, two sctptest.End) {
	t.Helper()
	lc := sctp.ListenConfig{WriteBuffer: 300 << 10, StallTimeout: -1}
	lc.Netns = n.two.Path()
	ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
	defer cancel()
	var l *sctp.Listener
	var lm *sctp.MultiConn
	var addr *sctp.Addr
	if kind == "PeeledOff" {
		lc.Events = []sctp.EventType{sctp.EventAssocChange}
		lm = sctptest.ListenMulti(t, lc, "sctp4", others)
		lc.Events = nil
		addr = lm.LocalAddr().(*sctp.Addr)
	} else {
		l = sctptest.Listen(t, lc, "sctp4", others)
		addr = l.Addr().(*sctp.Addr)
	}
	lc.Netns = n.one.Path()
	if kind == "Dialled" {
		laddr, err := sctp.ParseAddr(own)
		require.NoError(t, err)
		d := sctp.Dialer{Netns: lc.Netns, WriteBuffer: lc.WriteBuffer, LocalAddr: laddr}
		c, err := d.DialContext(ctx, "sctp4", addr.String())
		require.NoError(t, err)
		t.Cleanup(func() { c.(*sctp.Conn).Abort() })
		one = c.(*sctp.Conn)
	} else {
		m := sctptest.ListenMulti(t, lc, "sctp4", own)
		id, err := m.Connect(ctx, addr)
		require.NoError(t, err)
		one = &sctptest.Member{MultiConn: m, ID: id, Peer: addr}
		if kind == "PeeledOff" {
			c, err := m.PeelOff(id)
			require.NoError(t, err)
			require.NoError(t, m.Close())
			t.Cleanup(func() { c.Abort() })
			one = c
		}
	}
	if lm == nil {
		two = sctptest.Accept(t, l)
		require.NoError(t, l.Close())
		return one, two
	}
	require.NoError(t, lm.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	m, err := lm.ReadMsg(make([]byte, 1000))
	require.NoError(t, err)
	require.NoError(t, lm.SetReadDeadline(time.Time{}))
	require.NoError(t, lm.SetEvents())
	return one, &sctptest.Member{MultiConn: lm, ID: m.Info.Assoc}
}

// exchange sends what flows has both ways at the same time, and closes both ends.
func exchange(t *testing.T, one, two sctptest.End, there, back *flow) {
	t.Helper()
	results := make(chan error, 4)
	for _, e := range []sctptest.End{one, two} {
		require.NoError(t, e.SetDeadline(time.Now().Add(10*sctptest.Wait)))
	}
	go func() { results <- there.send(one) }()
	go func() { results <- there.receive(two) }()
	go func() { results <- back.send(two) }()
	go func() { results <- back.receive(one) }()
	var last int64
	for left, end := 4, time.Now().Add(sctptest.Wait); left > 0; {
		select {
		case err := <-results:
			if !assert.NoError(t, err) {
				// The others wait for what does not come.
				one.Abort()
				two.Abort()
				t.FailNow()
			}
			left--
		case <-time.After(time.Second):
			if now := there.got.Load() + back.got.Load(); now != last {
				last, end = now, time.Now().Add(sctptest.Wait)
			}
			require.True(t, time.Now().Before(end), "for %v no message has come; %d and %d have", sctptest.Wait, there.got.Load(), back.got.Load())
		}
	}
}
