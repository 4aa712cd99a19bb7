package sctp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// A peer can begin a message on each stream and then give all of them up. What that costs
// for each does not grow with their number.
func TestGivingUpManyCostsNoMoreForEach(t *testing.T) {
	const few, many, tries, noise = 500, 32000, 10, 16 // many/few, if all were searched for each
	costs := map[string]func(n int) time.Duration{
		"GiveUp": func(n int) time.Duration {
			as := sctp.NewUnfinished(nil)
			for i := range n {
				m := piece(uint16(i), 1, false)
				m.Info.Unordered = i%2 == 0
				_, err := as.Add(m, n)
				require.NoError(t, err)
			}
			start := time.Now()
			for i := range n {
				as.GiveUp(&sctp.PartialDelivery{Stream: uint16(i), Unordered: i%2 == 0})
			}
			took := time.Since(start)
			require.Zero(t, as.Kept())
			return took / time.Duration(n)
		},
		"PushAndPop": func(n int) time.Duration {
			start := time.Now()
			sctp.NewUnfinished(nil).PushAndPop(n)
			return time.Since(start) / time.Duration(n)
		},
	}
	for name, cost := range costs {
		t.Run(name, func(t *testing.T) {
			var one, other time.Duration
			for range tries { // a busy machine
				one, other = cost(few), cost(many)
				if other < noise*one {
					return
				}
			}
			t.Fatalf("%v for each of %d, and %v for each of %d", one, few, other, many)
		})
	}
}
