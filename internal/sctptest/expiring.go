package sctptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// WriteExpiring writes b, longer than the window of the other end, which reads nothing,
// with a lifetime of ttl. It reports whether all came to a standstill within that: the
// window is full, and the kernel tries in vain to send more. If not, the machine is too
// slow for ttl, and the message is not given up as it should be; see [sctp.PRInfo].
// The timers of c must be short.
func WriteExpiring(t testing.TB, c *sctp.Conn, b []byte, ttl time.Duration) (standstill bool) {
	t.Helper()
	require.Less(t, ttl, Wait, "a lifetime that is long enough for this machine")
	start := time.Now()
	_, err := c.WriteMsg(b, &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRTTL, TTL: ttl}})
	require.NoError(t, err)
	full, since := false, uint64(0)
	for time.Since(start) < ttl {
		st, err := c.Options().Status()
		require.NoError(t, err)
		stats, err := c.Options().AssocStats()
		require.NoError(t, err)
		if st.PeerRwnd > 0 {
			full = false
		} else if !full {
			full, since = true, stats.RtxChunks
		} else if stats.RtxChunks >= since+2 { // the first may be one that has arrived
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}
