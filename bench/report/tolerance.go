package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/netsctp/sctp/bench/internal/result"
)

// usualTolerance is by how much the figures of the instruction-counting clock may be worse
// than those that are committed before report says so.
const usualTolerance = 0.01

// tolerances are those of the works that repeat less well.
var tolerances = []struct {
	work  string
	share float64
}{
	{"hub", 0.08},
	{"http", 0.05},
	{"idle", 0.1},
	{"failover", math.Inf(1)}, // it is the kernel's timers
	{"real", math.Inf(1)},
	{"profile", math.Inf(1)}, // it is what the others come from
}

func tolerance(work string) float64 {
	for _, t := range tolerances {
		if t.work == work {
			return t.share
		}
	}
	return usualTolerance
}

// toleranceText says in the document what is compared, and how.
func toleranceText([]result.Run, string) string {
	var more, never []string
	for _, t := range tolerances {
		if math.IsInf(t.share, 1) {
			never = append(never, t.work)
		} else {
			more = append(more, fmt.Sprintf("%.0f %% in %s", t.share*100, t.work))
		}
	}
	return fmt.Sprintf("It says what is worse than in the results that are committed, by more than %.0f %%; %s. It does not compare %s.",
		usualTolerance*100, strings.Join(more, ", "), strings.Join(never, ", "))
}
