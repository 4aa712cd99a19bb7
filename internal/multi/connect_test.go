package multi_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Set-ups that are cancelled at any time, and that are refused, leave no descriptor, no
// goroutine and no association.
func TestConnectLeavesNothing(t *testing.T) {
	for _, reader := range []bool{false, true} {
		// While nobody reads, what the kernel has to tell fills the receive buffer:
		// then it drops packets, and a set-up takes seconds.
		name, n := "NobodyReads", 50
		if reader {
			name, n = "SomebodyReads", 1000
		}
		t.Run(name, func(t *testing.T) {
			check := sctptest.Leaks(t)
			server := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			nobody := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			require.NoError(t, nobody.SetListening(false))
			m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			port := m.LocalAddr().(*sctp.Addr).Port
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				for range server.Messages(1000) {
				}
			}()
			if reader {
				go func() {
					for _, err := range m.Messages(1000) {
						if err != nil {
							return
						}
					}
				}()
			}
			var up, cancelled int
			for i := range n {
				// From before the call to after its end, on any machine.
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%50)*20*time.Microsecond)
				id, err := m.Connect(ctx, server.LocalAddr().(*sctp.Addr))
				cancel()
				if err == nil {
					up++
					require.NoError(t, m.AbortAssoc(id, nil))
					continue
				}
				cancelled++
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
			t.Log(up, " came up, ", cancelled, " were cancelled")
			for range n {
				ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
				_, err := m.Connect(ctx, nobody.LocalAddr().(*sctp.Addr))
				cancel()
				require.ErrorIs(t, err, syscall.ECONNREFUSED)
			}
			ids, err := m.Assocs()
			require.NoError(t, err)
			require.Empty(t, ids)
			require.NoError(t, m.Close())
			sctptest.NoAssocs(t, port)
			require.NoError(t, server.Close())
			require.NoError(t, nobody.Close())
			sctptest.Receive(t, stopped)
			check()
		})
	}
}
