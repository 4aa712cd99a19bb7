//go:build linux

package main

import "strings"

// reals are some of the loads, each several times: for a machine whose clock is that of the
// wall, where figures differ from one time to the next.
func reals(scale int) (ms []measurement) {
	for _, work := range []struct {
		name         string
		measurements []measurement
	}{
		{"round trip of", roundTrips(scale)},
		{"stream of", streams(scale)},
	} {
		for _, m := range work.measurements {
			if !strings.HasPrefix(m.row.Case, "200 B") || strings.Contains(m.row.Case, "associations") {
				continue
			}
			m.row.Case, m.row.X, m.times = work.name+" "+m.row.Case, 0, 5
			ms = append(ms, m)
		}
	}
	return ms
}
