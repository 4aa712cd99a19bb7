//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// idles hold many associations of which nothing comes; a goroutine waits at one end of each,
// and at a MultiConn one for all. In the end each has carried a message there and back.
func idles(scale int) (ms []measurement) {
	add := func(name string, n int, idle func(n int) (idleCost, error)) {
		hold := sync.OnceValues(func() (idleCost, error) { return idle(n) })
		for _, cost := range []struct {
			name, unit string
			of         func(idleCost) int
		}{
			{"threads of the program", result.Threads, func(c idleCost) int { return c.threads }},
			{"memory of Go, for each end", result.Bytes, func(c idleCost) int { return c.goMemory }},
			{"memory of the kernel, for each association", result.Bytes, func(c idleCost) int { return c.kernelMemory }},
		} {
			row := result.Row{Case: cost.name, Impl: fmt.Sprintf("%s, %d", name, n), Unit: cost.unit}
			ms = append(ms, measurement{row: row, run: func() (float64, error) {
				c, err := hold()
				return float64(cost.of(c)), err
			}})
		}
	}
	n := 10000 * scale
	for _, im := range implementations {
		switch im.name {
		case oursBytes: // the same as with messages; but one socket for all is not
			add("MultiConn", n, idleMulti)
		case ishidawataru: // each waits with a thread, of which Go allows 10,000
			add(im.name, n/10, func(n int) (idleCost, error) { return idle(im, n) })
		default:
			add(im.name, n, func(n int) (idleCost, error) { return idle(im, n) })
		}
	}
	return ms
}

// An idleCost is what associations hold while nothing happens.
type idleCost struct{ threads, goMemory, kernelMemory int }

// idle has both ends in this program.
func idle(im implementation, n int) (idleCost, error) {
	settle()
	before, err := holding()
	if err != nil {
		return idleCost{}, err
	}
	clients, servers, err := pairs(im, n)
	if err != nil {
		return idleCost{}, err
	}
	echoed := make(chan error)
	for _, s := range servers {
		go func() { echoed <- echo(s, 16) }()
	}
	b := make([]byte, 16)
	for _, c := range clients {
		if err := ask(c, b, 1); err != nil {
			return idleCost{}, err
		}
	}
	during, err := holding()
	if err != nil {
		return idleCost{}, err
	}
	for _, c := range clients {
		c.close()
		<-echoed
	}
	return during.since(before, 2*n, n), nil
}

// idleMulti has a MultiConn, and its peers in the C program. With sndbuf_policy=0 the
// message on each association would take minutes.
func idleMulti(n int) (idleCost, error) {
	if err := sysctl("net/sctp/sndbuf_policy", 1); err != nil {
		return idleCost{}, err
	}
	settle()
	before, err := holding()
	if err != nil {
		return idleCost{}, err
	}
	h, err := multiHub()
	if err != nil {
		return idleCost{}, err
	}
	peers, err := startServer(peerProgram, "hold", strconv.Itoa(h.port), strconv.Itoa(hubSize), strconv.Itoa(n))
	if err != nil {
		return idleCost{}, errors.Join(err, h.stop())
	}
	during, err := holding()
	return during.since(before, n, n), errors.Join(err, peers.stop(), h.stop())
}

// since returns what so many ends and associations hold that there were not before.
func (c idleCost) since(before idleCost, ends, assocs int) idleCost {
	return idleCost{
		threads:      c.threads,
		goMemory:     (c.goMemory - before.goMemory) / ends,
		kernelMemory: (c.kernelMemory - before.kernelMemory) / assocs,
	}
}

// settle waits until what the measurement before has closed is gone, and has the kernel give
// back the memory of it.
func settle() {
	time.Sleep(10 * time.Second)
	caches, _ := filepath.Glob("/sys/kernel/slab/*/shrink") // not with all kernels
	for _, file := range caches {
		os.WriteFile(file, []byte("1"), 0)
	}
}

// holding returns what the program and the kernel hold now.
func holding() (c idleCost, err error) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.goMemory = int(m.HeapAlloc + m.StackInuse)
	if c.threads, err = sumOf("/proc/self/status", "Threads:"); err != nil {
		return c, err
	}
	// What is in use, but not by programs or for files: streams are in no slab.
	total, err := sumOf("/proc/meminfo", "MemTotal:")
	if err != nil {
		return c, err
	}
	others, err := sumOf("/proc/meminfo", "MemFree:", "Buffers:", "Cached:", "AnonPages:")
	c.kernelMemory = (total - others) << 10
	return c, err
}

// sumOf adds up the numbers of a file's lines that begin with a name.
func sumOf(file string, names ...string) (sum int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		for _, name := range names {
			if text, ok := strings.CutPrefix(s.Text(), name); ok {
				var v int
				if _, err := fmt.Sscan(text, &v); err != nil {
					return 0, err
				}
				sum += v
			}
		}
	}
	return sum, nil
}
