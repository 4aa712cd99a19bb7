package soak_test

import (
	"errors"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A hole is a way in which packets between two ends come to nothing.
type hole struct {
	name       string
	open, shut func(t *testing.T, n *network)
	oneWay     bool // two's packets arrive
}

var (
	networkOne = netip.MustParsePrefix("10.9.0.0/24")
	hostOne    = netip.MustParsePrefix("10.9.0.1/32")
	hostTwo    = netip.MustParsePrefix("10.9.0.2/32")
)

var holes = []hole{
	{
		name: "a wire that loses all",
		open: func(_ *testing.T, n *network) { n.faults.Store(&faults{lose: 1000}) },
		shut: func(_ *testing.T, n *network) { n.faults.Store(&faults{}) },
	}, {
		name: "a blackhole in the routes of both",
		open: func(t *testing.T, n *network) {
			require.NoError(t, n.one.AddRoute(hostTwo, ""))
			require.NoError(t, n.two.AddRoute(hostOne, ""))
		},
		shut: func(t *testing.T, n *network) {
			require.NoError(t, n.one.RemoveRoute(hostTwo, ""))
			require.NoError(t, n.two.RemoveRoute(hostOne, ""))
		},
	}, {
		name: "no route at both",
		open: func(t *testing.T, n *network) {
			require.NoError(t, n.one.RemoveRoute(networkOne, n.links[0]))
			require.NoError(t, n.two.RemoveRoute(networkOne, n.links[1]))
		},
		shut: func(t *testing.T, n *network) {
			require.NoError(t, n.one.AddRoute(networkOne, n.links[0]))
			require.NoError(t, n.two.AddRoute(networkOne, n.links[1]))
		},
	}, {
		name:   "a blackhole in the routes of one",
		open:   func(t *testing.T, n *network) { require.NoError(t, n.one.AddRoute(hostTwo, "")) },
		shut:   func(t *testing.T, n *network) { require.NoError(t, n.one.RemoveRoute(hostTwo, "")) },
		oneWay: true,
	},
}

// kinds are those of associate.
var kinds = []string{"Dialled", "PeeledOff", sctptest.OneToMany}

// holeFor returns the way of a round for the i-th kind: each has met each after four rounds.
func holeFor(seed uint64, i int) hole { return holes[(seed+uint64(i))%uint64(len(holes))] }

// The way to the peer disappears amid traffic, and is back before the association has given
// up: every message arrives, once and in order.
func TestBlackholeInTime(t *testing.T) {
	check := leaks(t)
	messages, shut, again := 0, map[string]int{}, uint64(0)
	rounds(t, 4, func(seed uint64) {
		for i, kind := range kinds {
			h := holeFor(seed, i)
			n := newNetwork(t, seed)
			one, two := n.associate(t, kind)
			tr := newTraffic(seed, 1000, 0, one, two).start(t)
			for range 2 {
				tr.awaitMessages(t, 100)
				h.open(t, n)
				tr.awaitRetransmissions(t, 5)
				h.shut(t, n)
				shut[h.name]++
				again += 5
			}
			tr.awaitMessages(t, 100)
			sent, _ := tr.end(t)
			messages += sent
			noAssocs(t, n.one)
			noAssocs(t, n.two)
			n.close()
		}
	})
	check()
	report(t, "%d messages, each once, in spite of holes that were shut again after at least %d retransmissions: %v", messages, again, shut)
}

// The way does not come back. Both ends are told, reads and writes end, and what has
// not arrived comes back. When there is a way again, so is an association.
func TestBlackholeTooLate(t *testing.T) {
	check := leaks(t)
	messages, back, ends := 0, 0, map[string]int{}
	rounds(t, 6, func(seed uint64) {
		for i, kind := range kinds {
			h := holeFor(seed, i)
			n := newNetwork(t, seed)
			l := sctptest.Listen(t, sctp.ListenConfig{Netns: n.two.Path()}, "sctp4", "10.9.0.2:0")
			one, two := n.associate(t, kind)
			for _, e := range []sctptest.End{one, two} {
				require.NoError(t, e.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 6}))
			}
			tr := newTraffic(seed, 1000, 0, one, two).start(t)
			tr.awaitMessages(t, 100)
			h.open(t, n)
			for i, p := range tr.ends {
				ends[p.lost(t, h.oneWay && i == 0)]++
			}
			for i, p := range tr.ends {
				p.requireAccounted(t, tr.ends[1-i])
				messages, back = messages+int(p.wrote.Load()), back+len(p.failed)
			}
			for _, p := range tr.ends {
				if many, ok := p.e.(*sctptest.Member); ok {
					require.NoError(t, many.SetReadDeadline(time.Unix(1, 0)))
					require.ErrorIs(t, sctptest.Receive(t, p.read), os.ErrDeadlineExceeded)
				}
				require.NoError(t, p.e.Close())
			}
			h.shut(t, n)
			n.echo(t, l)
			require.NoError(t, l.Close())
			noAssocs(t, n.one)
			noAssocs(t, n.two)
			n.close()
		}
	})
	check()
	require.NotZero(t, back)
	report(t, "%d messages, of which %d came back and the others arrived, each once; the ends were told %v", messages, back, ends)
}

// lost requires that writes end, and on a Conn reads, because the peer does not answer, or
// where told is true, because it has said that it gets no answer. It returns how.
func (p *endpoint) lost(t *testing.T, told bool) string {
	t.Helper()
	if m, ok := p.e.(*sctptest.Member); ok {
		require.ErrorIs(t, sctptest.Receive(t, p.written), syscall.ENOTCONN)
		var change *sctp.AssocChange
		sctptest.Eventually(t, func() bool {
			select {
			case ev := <-p.events:
				change, ok = ev.(*sctp.AssocChange)
				return ok && change.State != sctp.AssocCommUp // which is older
			default:
				return false
			}
		}, "the loss as an event")
		require.Equal(t, m.ID, change.Assoc)
		require.Equal(t, sctp.AssocCommLost, change.State)
		if told && change.Cause != 0 {
			require.Equal(t, sctp.CauseProtocolViolation, change.Cause)
			return "AssocCommLost by the peer's ABORT"
		}
		require.Zero(t, change.Cause)
		return "AssocCommLost"
	}
	how := "ETIMEDOUT"
	for i, err := range []error{sctptest.Receive(t, p.read), sctptest.Receive(t, p.written)} {
		var ae *sctp.AssocError
		require.ErrorAs(t, err, &ae)
		require.Equal(t, sctp.AssocCommLost, ae.State)
		if told && errors.Is(err, syscall.ECONNRESET) {
			if i == 0 || ae.Cause != 0 { // a write knows it once a read has met the end
				require.Equal(t, sctp.CauseProtocolViolation, ae.Cause)
			}
			how = "ECONNRESET by the peer's ABORT"
			continue
		}
		require.ErrorIs(t, err, syscall.ETIMEDOUT)
		require.True(t, ae.Timeout())
	}
	return how
}
