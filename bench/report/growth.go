package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netsctp/sctp/bench/internal/result"
)

// flat is by how much the cost of an echo may grow with the number of associations.
const flat = 0.25

// growth says of each way to load a hub within what factor of C and of the bare prototype
// the MultiConn is, and whether its cost is flat.
func growth(runs []result.Run, _ string) string {
	hub := result.Rows(runs, "hub")
	var ways []string // a case without the number of associations
	for _, r := range hub {
		_, way, _ := strings.Cut(r.Case, " associations, ")
		if strings.HasSuffix(way, " at a time") && !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	var b strings.Builder
	for _, way := range ways {
		of := func(impl string) (rows []result.Row) {
			for _, r := range hub {
				if r.Impl == impl && strings.HasSuffix(r.Case, " associations, "+way) {
					rows = append(rows, r)
				}
			}
			return rows
		}
		multi, inC, bare := of(ours), of("C"), of("bare")
		if len(multi) < 2 || len(inC) != len(multi) || len(bare) != len(multi) {
			continue
		}
		fmt.Fprintf(&b, "- %s: the MultiConn takes %s times as long as C, and %s times as long as the bare hub. From %.0f to %.0f associations %s; C's %s.\n",
			way, factors(multi, inC), factors(multi, bare), multi[0].X, multi[len(multi)-1].X, grown("its cost", multi), grown("cost", inC))
	}
	return b.String()
}

// factors is how much more rows cost than base, which has the same cases.
func factors(rows, base []result.Row) string {
	low, high := extremes(len(rows), func(i int) float64 { return rows[i].Value / base[i].Value })
	return fmt.Sprintf("%.2f to %.2f", low, high)
}

// grown says how far apart the costs of rows are.
func grown(what string, rows []result.Row) string {
	low, high := extremes(len(rows), func(i int) float64 { return rows[i].Value })
	if high <= low*(1+flat) {
		return fmt.Sprintf("%s differs by %.0f %%: it is flat", what, (high/low-1)*100)
	}
	return fmt.Sprintf("%s grows to %.1f times", what, high/low)
}

func extremes(n int, value func(i int) float64) (low, high float64) {
	low, high = value(0), value(0)
	for i := range n {
		low, high = min(low, value(i)), max(high, value(i))
	}
	return low, high
}
