package sctp_test

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// While the system has no memory for SCTP the kernel refuses data, and does not tell
// when that changes. A write waits all the same, and goes on.
func TestPromise1WriteWaitsForTheSystemsMemory(t *testing.T) {
	sctptest.NeedKernel(t)
	if os.Getenv("SCTP_TESTBED") == "" {
		t.Skip("takes SCTP's memory from the whole system; run the test in the test bed: make test")
	}
	// The kernel counts by the megabyte: others must hold some first.
	for i := range 16 {
		other, _ := sctptest.Pair(t)
		go func() {
			for {
				if _, err := other.Write(make([]byte, 1400)); err != nil {
					return
				}
			}
		}()
		sctptest.AwaitParked(t, i+1)
	}
	const sysctl = "/proc/sys/net/sctp/sctp_mem"
	old, err := os.ReadFile(sysctl)
	require.NoError(t, err)
	restore := func() { require.NoError(t, os.WriteFile(sysctl, old, 0)) }
	for _, how := range []string{"Goes on", "Deadline", "Close"} {
		t.Run(how, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			require.NoError(t, os.WriteFile(sysctl, []byte("0 0 0"), 0))
			defer restore()
			done := make(chan error, 1)
			go func() {
				// The socket may have some memory left. A long message the kernel
				// would take regardless.
				for range 100 {
					if _, err := client.Write(make([]byte, 100)); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
			sctptest.AwaitSleeping(t, 1)
			switch how {
			case "Goes on":
				restore()
				require.NoError(t, sctptest.Receive(t, done))
				_, err := io.ReadFull(server, make([]byte, 100*100))
				require.NoError(t, err)
			case "Deadline":
				require.NoError(t, client.SetWriteDeadline(time.Now()))
				require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
				require.NoError(t, client.SetWriteDeadline(time.Time{}))
			case "Close":
				require.NoError(t, client.Close())
				require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
			}
		})
	}
}
