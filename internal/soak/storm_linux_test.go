package soak_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Peers dial and abort, at once or amid traffic. Each of their associations ends at the
// other end with the error of an ABORT, and the listener goes on. Each dial has a port of its
// own: what has died before it was accepted would keep another from its port out.
func TestAbortStorm(t *testing.T) {
	const dialers, each, firstPort = 8, 25, 10000
	check := leaks(t)
	aborts, accepted, wrote := 0, 0, 0
	rounds(t, 5, func(seed uint64) {
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		ended, done := make(chan error, dialers*each), make(chan error, dialers+1)
		go func() {
			for {
				c, err := l.AcceptSCTP()
				if err != nil {
					done <- err
					return
				}
				go func() {
					_, err := io.Copy(c, c)
					c.Close()
					ended <- err
				}()
			}
		}()
		var mu sync.Mutex
		for d := range dialers {
			r := random(seed, uint64(100+d))
			go func() {
				done <- func() error {
					b := make([]byte, 1000)
					for i := range each {
						port := uint16(firstPort + d*each + i)
						c, err := (&sctp.Dialer{Timeout: sctptest.Wait}).DialSCTP(context.Background(), "sctp4",
							sctp.AddrFrom(port, netip.MustParseAddr("127.0.0.1")), l.Addr().(*sctp.Addr))
						if err != nil {
							return err
						}
						n := r.IntN(4)
						for range n {
							if _, err := c.Write(b[:1+r.IntN(len(b))]); err != nil {
								return fmt.Errorf("write: %w", err)
							}
						}
						if n > 0 && r.IntN(2) == 0 {
							c.SetReadDeadline(time.Now().Add(sctptest.Wait))
							if _, err := c.Read(b); err != nil {
								return fmt.Errorf("read: %w", err)
							}
						}
						if err := c.Abort(); err != nil {
							return err
						}
						mu.Lock()
						aborts, wrote = aborts+1, wrote+n
						mu.Unlock()
					}
					return nil
				}()
			}()
		}
		for range dialers {
			require.NoError(t, sctptest.Receive(t, done))
		}
		for range dialers * each {
			err := sctptest.Receive(t, ended)
			if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) { // EPIPE: before it was accepted
				require.NoError(t, err)
				t.Error("an aborted association has ended in good order")
			}
			accepted++
		}
		require.NoError(t, l.Close())
		require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
		sctptest.NoAssocs(t, l.Addr().(*sctp.Addr).Port)
	})
	check()
	require.Equal(t, aborts, accepted)
	report(t, "%d associations aborted amid %d messages, each accepted and ended with an error", aborts, wrote)
}
