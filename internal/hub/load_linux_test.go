package hub_test

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// Of two thousand associations some are stalled, aborted, restarted and peeled off amid
// their messages. All messages are accounted for, and nothing grows that should not.
func TestMultiConnHub(t *testing.T) {
	if sctptest.Netns(t) {
		run(t, true)
	}
}

// With net.sctp.sndbuf_policy=1 an association that is stalled concerns nobody else.
func TestMultiConnHubWithSndbufPolicy1(t *testing.T) {
	if sctptest.Netns(t) {
		sctptest.Sysctl(t, "net/sctp/sndbuf_policy", "1")
		run(t, false)
	}
}

func run(t *testing.T, shared bool) {
	leaks := sctptest.Leaks(t)
	start := time.Now()
	before := measure(t)
	h := newHub(t, shared)
	h.connect()
	n := len(h.spokes)
	up := measure(t)
	t.Logf("%d associations in %v; of each, both ends counted: %d bytes of Go heap, %d of the kernel's slabs",
		n, time.Since(start), (up.heap-before.heap)/n, (up.slab-before.slab)/n)
	require.LessOrEqual(t, up.goroutines, before.goroutines, "goroutines while nothing happens")
	require.LessOrEqual(t, up.files, before.files+n+3, "the hub, a Conn for each peer, and the poller's")

	start = time.Now()
	reader := make(chan error, 1)
	go func() { reader <- h.read() }()
	h.traffic()
	took := time.Since(start)
	after := measure(t)
	h.finish()
	h.check()
	ids, err := h.m.Assocs()
	require.NoError(t, err)
	require.Empty(t, ids)
	require.NoError(t, h.m.Close())
	require.NoError(t, sctptest.Receive(t, reader))
	leaks()

	// A goroutine that reads for each peer and each socket of its own, and the hub's.
	require.LessOrEqual(t, after.goroutines, before.goroutines+n+n/40+3)
	total := 0
	for _, s := range h.spokes {
		for e := range s.sent {
			total += s.sent[e].total() + s.said[e].total()
		}
	}
	longest := time.Duration(h.longest.Load())
	t.Logf("%d messages in %v; %d goroutines, %d descriptors; kernel's slabs %d KiB, SCTP's share of memory %s pages",
		total, took, after.goroutines, after.files, after.slab>>10, after.sctp)
	t.Logf("the longest write to an association that is not stalled took %v; %d found no room", longest, h.stalls.Load())
	require.Less(t, longest, 30*time.Second)
	if !shared {
		require.Zero(t, h.stalls.Load())
	}
}

// A load is what the process and the kernel hold.
type load struct {
	heap, slab        int // bytes
	goroutines, files int
	sctp              string
}

func measure(t *testing.T) load {
	t.Helper()
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	l := load{heap: int(ms.HeapAlloc), goroutines: runtime.NumGoroutine(), files: len(sctptest.Files(t))}
	b, err := os.ReadFile("/proc/meminfo")
	require.NoError(t, err)
	for _, line := range strings.Split(string(b), "\n") {
		if s, ok := strings.CutPrefix(line, "Slab:"); ok {
			kib, err := strconv.Atoi(strings.Fields(s)[0])
			require.NoError(t, err)
			l.slab = kib << 10
		}
	}
	b, err = os.ReadFile("/proc/self/net/protocols") // protocol, size, sockets, memory
	require.NoError(t, err)
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Fields(line); len(f) > 3 && f[0] == "SCTP" {
			l.sctp = f[3]
		}
	}
	return l
}
