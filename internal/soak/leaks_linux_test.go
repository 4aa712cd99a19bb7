package soak_test

import (
	"context"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// memory returns the bytes of Go's heap and of the kernel's slabs that cannot be reclaimed.
func memory(t *testing.T) (heap, slab int) {
	t.Helper()
	runtime.GC()
	runtime.GC() // what the first has finalised
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	b, err := os.ReadFile("/proc/meminfo")
	require.NoError(t, err)
	for _, line := range strings.Split(string(b), "\n") {
		if s, ok := strings.CutPrefix(line, "SUnreclaim:"); ok {
			kib, err := strconv.Atoi(strings.Fields(s)[0])
			require.NoError(t, err)
			return int(ms.HeapAlloc), kib << 10
		}
	}
	t.Fatal("no SUnreclaim in /proc/meminfo")
	return 0, 0
}

// heap returns the bytes of Go's heap.
func heap(t *testing.T) int {
	t.Helper()
	h, _ := memory(t)
	return h
}

// Associations of all kinds are set up and torn down, in every way, again and again. After
// a warm-up neither Go's memory nor the kernel's grows by more than a bound for each.
func TestSetUpAndTearDown(t *testing.T) {
	const (
		warmUp, measured = 60, 240 // times all kinds
		heapBound        = 256     // bytes for each association
		slabBound        = 1024    // the kernel frees some only after a grace period
	)
	check := leaks(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	addr := l.Addr().(*sctp.Addr)
	read := make(chan error, 1)
	go func() { // else events fill the buffer
		for {
			if _, err := m.ReadMsg(make([]byte, 1)); err != nil {
				read <- err
				return
			}
		}
	}()
	turn := func(i int) {
		for kind := range 3 {
			var c *sctp.Conn
			var id sctp.AssocID
			var err error
			if kind == 0 {
				c, err = sctp.DialSCTP("sctp4", nil, addr)
			} else {
				id, err = m.Connect(context.Background(), addr)
			}
			require.NoError(t, err)
			if kind == 1 {
				c, err = m.PeelOff(id)
				require.NoError(t, err)
			}
			s, err := l.AcceptSCTP()
			require.NoError(t, err)
			switch {
			case c == nil && i%2 == 0:
				require.NoError(t, m.AbortAssoc(id, nil))
			case c == nil:
				require.NoError(t, m.StartShutdown(id))
			case i%3 == 0:
				require.NoError(t, c.Abort())
			case i%3 == 1:
				require.NoError(t, c.Close())
			default:
				require.NoError(t, c.Shutdown(context.Background()))
			}
			_, err = s.Read(make([]byte, 1)) // io.EOF, or the ABORT
			require.Error(t, err)
			require.NoError(t, s.Close())
			if kind > 0 { // the next has the same ports
				sctptest.NoAssocs(t, m.LocalAddr().(*sctp.Addr).Port)
			}
		}
	}
	require.NoError(t, l.SetDeadline(time.Now().Add(*soakTime+10*sctptest.Wait)))
	n, heap, slab := 0, 0, 0
	rounds(t, 8, func(uint64) {
		for i := range warmUp {
			turn(i)
		}
		heap1, slab1 := memory(t)
		for i := range measured {
			turn(i)
		}
		n += 3 * measured
		var h, k int
		sctptest.Eventually(t, func() bool {
			heap2, slab2 := memory(t)
			h, k = (heap2-heap1)/(3*measured), (slab2-slab1)/(3*measured)
			return h < heapBound && k < slabBound
		}, "at most %d bytes of Go's heap and %d of the kernel's slabs left for each association", heapBound, slabBound)
		heap, slab = max(heap, h), max(slab, k)
	})
	require.NoError(t, m.Close())
	require.ErrorIs(t, sctptest.Receive(t, read), net.ErrClosed)
	require.NoError(t, l.Close())
	sctptest.NoAssocs(t, addr.Port)
	check()
	report(t, "%d set up and torn down after a warm-up; for each at most %d bytes of Go's heap and %d of the kernel's slabs are left", n, heap, slab)
}
