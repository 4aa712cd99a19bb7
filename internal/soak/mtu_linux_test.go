package soak_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sys/systest"
)

// setMTU sets the MTU of the way. The middle always has the larger one, so that the wire
// loses no packet that an end may send.
func (n *network) setMTU(t *testing.T, bytes uint32) {
	t.Helper()
	set := func(middle bool, size uint32) {
		for i, end := range []*systest.Netns{n.one, n.two} {
			if middle {
				end = n.middle
			}
			require.NoError(t, end.SetPacketSize(n.links[i], size))
		}
	}
	set(true, 9000)
	set(false, bytes)
}

// The MTU of the links changes amid traffic of messages that are longer and shorter. Each
// arrives once, whole, and the ends follow the MTU.
func TestMTUFlaps(t *testing.T) {
	sizes := []uint32{1280, 576, 9000, 1500}
	const longest = 12000
	check := leaks(t)
	messages, changes := 0, 0
	var did counts
	rounds(t, 4, func(seed uint64) {
		for i, kind := range kinds {
			n := newNetwork(t, seed)
			n.faults.Store(&faults{lose: 10})
			one, two := n.associate(t, kind)
			tr := newTraffic(seed, longest, time.Millisecond, one, two).start(t)
			tr.awaitMessages(t, 10)
			r := random(seed, uint64(40+i))
			for range 2 {
				for _, size := range r.Perm(len(sizes)) {
					mtu := sizes[size]
					n.setMTU(t, mtu)
					changes++
					tr.awaitMessages(t, 10)
					const headers = 20 + 12 + 16 // of IP, SCTP and the chunk
					for _, p := range tr.ends {
						p.eventually(t, func() bool {
							st, err := p.e.Options().Status()
							require.NoError(t, err)
							return st.FragPoint == int(mtu)-headers
						}, "messages in pieces for an MTU of %d", mtu)
					}
				}
			}
			n.faults.Store(&faults{})
			sent, _ := tr.end(t)
			messages += sent
			noAssocs(t, n.one)
			noAssocs(t, n.two)
			n.close()
			c := n.counts()
			did.packets, did.lost = did.packets+c.packets, did.lost+c.lost
		}
	})
	check()
	require.NotZero(t, did.lost)
	report(t, "%d messages of up to %d bytes, each once and whole, in spite of %d changes of the MTU among %v; of %d packets %d lost",
		messages, longest, changes, sizes, did.packets, did.lost)
}
