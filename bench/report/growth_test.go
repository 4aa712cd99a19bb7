package main

import (
	"fmt"
	"testing"

	"github.com/netsctp/sctp/bench/internal/result"
)

func TestGrowthSaysWhatIsFlat(t *testing.T) {
	hub := func(assocs, policy int, impl string, cost float64) result.Row {
		c := fmt.Sprintf("%d associations, sndbuf_policy=%d, 1 at a time", assocs, policy)
		return result.Row{Work: "hub", Case: c, Impl: impl, X: float64(assocs), Value: cost, Unit: result.Micros}
	}
	runs := []result.Run{{Rows: []result.Row{
		hub(10, 0, "C", 100), hub(10, 0, "bare", 150), hub(10, 0, ours, 150),
		hub(5000, 0, "C", 120), hub(5000, 0, "bare", 600), hub(5000, 0, ours, 660),
		hub(10, 1, "C", 100), hub(10, 1, "bare", 100), hub(10, 1, ours, 120), // alone, it says nothing
	}}}
	want := "- sndbuf_policy=0, 1 at a time: the MultiConn takes 1.50 to 5.50 times as long as C, and 1.00 to 1.10 times as long as the bare hub." +
		" From 10 to 5000 associations its cost grows to 4.4 times; C's cost differs by 20 %: it is flat.\n"
	if got := growth(runs, ""); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
