// Package soak_test does to associations what networks, peers and full machines do. Each
// test is a fault. Without flags it is done once, at a fixed size; with -soak.time it is
// done again and again, with other seeds. docs/reliability.md has the table.
package soak_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/netsctp/sctp/internal/sctptest"
)

var (
	// The processes that sctptest.Netns starts get the environment and no flags.
	soakTime = flag.Duration("soak.time", envDuration("SCTP_SOAK_TIME"), "time for all faults together; 0 does each once")
	seed     = flag.Uint64("seed", envUint("SCTP_SOAK_SEED"), "the first seed; 0 means the fixed one, or with -soak.time a random one")
)

func envDuration(name string) time.Duration {
	d, _ := time.ParseDuration(os.Getenv(name))
	return d
}

func envUint(name string) uint64 {
	n, _ := strconv.ParseUint(os.Getenv(name), 10, 64)
	return n
}

func TestMain(m *testing.M) {
	flag.Parse()
	if *seed == 0 && *soakTime != 0 {
		*seed = uint64(rand.Uint32()) + 1
	}
	*seed = max(*seed, 1)
	os.Setenv("SCTP_SOAK_TIME", soakTime.String())
	os.Setenv("SCTP_SOAK_SEED", strconv.FormatUint(*seed, 10))
	if *soakTime != 0 {
		flag.Set("test.timeout", "0") // make soak limits the time
	}
	if role := os.Getenv(childRole); role != "" {
		os.Exit(child(role))
	}
	os.Exit(sctptest.Run(m))
}

// all is the sum of the shares that rounds is called with.
const all = 143

// rounds calls round once, or until its share of -soak.time is over, each time with the
// next seed. A seed that fails is named, for -run and -seed.
func rounds(t *testing.T, share int, round func(seed uint64)) {
	t.Helper()
	end := time.Now().Add(*soakTime * time.Duration(share) / all)
	for s := *seed; ; s++ {
		func() {
			done := false
			defer func() {
				if !done || t.Failed() {
					t.Errorf("again: -run '^%s$' -seed %d", t.Name(), s)
				}
			}()
			round(s)
			done = true
		}()
		if t.Failed() || !time.Now().Before(end) {
			return
		}
	}
}

// random returns the random numbers of a seed, for one of its uses.
func random(seed, use uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, use)) }

// report prints the line of a fault.
func report(t *testing.T, format string, args ...any) {
	t.Helper()
	fmt.Printf("soak: %s: %s\n", t.Name(), fmt.Sprintf(format, args...))
}
