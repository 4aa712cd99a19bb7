//go:build linux

// Bench puts the same loads over this package, a bare prototype on Go's poller, C, Go's TCP
// and github.com/ishidawataru/sctp, and prints what each takes as lines of JSON. It is
// meant for the emulated kernel, whose clock counts instructions, so that figures repeat:
//
//	make bench
//	.cache/kernel -icount -- .cache/bench/bench -work roundtrip
//
// The command report makes tables and plots of the lines.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// A measurement is one row that is to come: the load of a case on one implementation.
type measurement struct {
	row   result.Row // without its value
	run   func() (float64, error)
	times int // if more than 1, the row has the median of so many, and the extremes
	ops   int // operations of a run, with those before the clock starts; 0 is unknown

	// If not nil, more returns what run has measured besides.
	more func() []result.Row
}

// works are the families of loads, one file each.
var works = []struct {
	name         string
	measurements func(scale int) []measurement
}{
	{"roundtrip", roundTrips},
	{"stream", streams},
	{"batch", batches},
	{"hub", hubs},
	{"setup", setups},
	{"idle", idles},
	{"tls", tlsEchoes},
	{"http", httpRequests},
	{"tuning", tunings},
	{"failover", failovers},
	{"real", reals},
}

// patience is what a measurement may take by the guest's clock. That jumps while nothing
// runs, so what hangs is over at once.
const patience = 10 * time.Minute

// This program, and the C program beside it.
var benchProgram, peerProgram string

func main() {
	var names []string
	for _, w := range works {
		names = append(names, w.name)
	}
	work := flag.String("work", names[0], "the loads, of "+strings.Join(names, ","))
	impl := flag.String("impl", "", "only these implementations, as C,bare (default all)")
	only := flag.String("case", "", "only cases that contain this, or with = before it, that are this")
	scale := flag.Int("scale", 1, "so many times the usual number of operations")
	once := flag.Bool("once", false, "each load once, and say how many operations that were: for a profile")
	serve := flag.String("serve", "", "only echo, with this implementation: what the program starts itself with")
	size := flag.Int("size", 200, "with -serve, bytes in a message")
	flag.Parse()
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}) // what needs more than there may be says so
	if *serve != "" {
		if err := serveEcho(*serve, *size); err != nil {
			fail(err)
		}
		return
	}
	var err error
	if benchProgram, err = os.Executable(); err != nil {
		fail(err)
	}
	peerProgram = filepath.Join(filepath.Dir(benchProgram), "peer")
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		fail(err)
	}
	out := json.NewEncoder(os.Stdout)
	out.Encode(result.Header{Kernel: strings.TrimSpace(string(kernel)), Go: runtime.Version(), CPUs: runtime.NumCPU()})
	failed := false
	for _, name := range strings.Split(*work, ",") {
		i := slices.Index(names, name)
		if i < 0 {
			fail(fmt.Errorf("there is no load %q, but %s", name, strings.Join(names, ", ")))
		}
		for _, m := range works[i].measurements(*scale) {
			m.row.Work = name
			of, _, _ := strings.Cut(m.row.Impl, ", ")
			if *impl != "" && !slices.Contains(strings.Split(*impl, ","), of) || !selects(*only, m.row.Case) {
				continue
			}
			if *once {
				m.times, m.row.Ops = 1, m.ops
			}
			if err := m.take(); err != nil {
				fmt.Fprintf(os.Stderr, "bench: %s, %s, %s: %v\n", name, m.row.Case, m.row.Impl, err)
				failed = true
				continue
			}
			out.Encode(m.row)
			if m.more == nil {
				continue
			}
			for _, row := range m.more() {
				row.Work = name
				out.Encode(row)
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}

// selects reports whether a case is one of those to measure.
func selects(only, name string) bool {
	if exact, ok := strings.CutPrefix(only, "="); ok {
		return name == exact
	}
	return strings.Contains(name, only)
}

// take runs the measurement, and fills its row.
func (m *measurement) take() error {
	done := make(chan error, 1)
	var values []float64
	go func() {
		for range max(1, m.times) {
			runtime.GC() // not what the measurement before has left
			v, err := m.run()
			if err != nil {
				done <- err
				return
			}
			values = append(values, v)
		}
		done <- nil
	}()
	select {
	case err := <-done:
		if err != nil {
			return err
		}
	case <-time.After(patience):
		return errors.New("it hangs")
	}
	slices.Sort(values)
	m.row.Value = values[len(values)/2]
	if m.times > 1 {
		m.row.Low, m.row.High = values[0], values[len(values)-1]
	}
	return nil
}

// A loadInC is a load in the C program.
type loadInC struct {
	name string
	run  func() (time.Duration, error)
}

// blockingAndEpoll are both ways in which the C program can wait: how comes before a load.
func blockingAndEpoll(run func(how string) (time.Duration, error)) []loadInC {
	return []loadInC{
		{inC, func() (time.Duration, error) { return run("") }},
		{inCEpoll, func() (time.Duration, error) { return run("epoll ") }},
	}
}

// compare has C and each implementation in Go do n operations, behind a tenth of them to warm
// up, and takes their rate.
func compare(row result.Row, n int, c []loadInC, f func(im namedImpl) (time.Duration, error)) (ms []measurement) {
	add := func(impl string, f func() (time.Duration, error)) {
		row.Impl, row.Unit = impl, result.Rate
		ms = append(ms, measurement{row: row, ops: n + n/10, run: func() (float64, error) {
			d, err := f()
			return rate(n, d), err
		}})
	}
	for _, l := range c {
		add(l.name, l.run)
	}
	for _, im := range implementations {
		add(im.name, func() (time.Duration, error) { return f(im) })
	}
	return ms
}

// rate is how many a second n in d are.
func rate(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

// micros is how many microseconds each of n in d takes.
func micros(n int, d time.Duration) float64 { return d.Seconds() * 1e6 / float64(n) }

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}
