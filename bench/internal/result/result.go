// Package result holds what bench has measured, and makes its tables.
package result

import (
	"encoding/json"
	"os"
	"slices"
)

// A Row is one measurement.
type Row struct {
	Work  string  `json:"work"`
	Case  string  `json:"case"`
	Impl  string  `json:"impl"`
	X     float64 `json:"x,omitempty"` // where a plot has it: bytes, or associations
	Value float64 `json:"value"`
	Low   float64 `json:"low,omitempty"` // of several times, of which Value is the median
	High  float64 `json:"high,omitempty"`
	Unit  string  `json:"unit"`
}

// The units. Of a rate more is better, of the others less.
const (
	Rate    = "1/s"
	Micros  = "µs"
	Bytes   = "B"
	Threads = "threads"
)

// Better is how many times r is as good as base: of rates their quotient, of costs its
// reciprocal.
func (r Row) Better(base Row) float64 {
	if r.Unit == Rate {
		return r.Value / base.Value
	}
	return base.Value / r.Value
}

// same reports whether r and o measure the same.
func (r Row) same(o Row) bool { return r.Work == o.Work && r.Case == o.Case && r.Impl == o.Impl }

// A Run is what one start of the program has measured.
type Run struct {
	Header
	Commit  string `json:"commit"`
	Command string `json:"command"`
	Date    string `json:"date"`
	Rows    []Row  `json:"rows"`
}

// A Header is the first line of the program's output.
type Header struct {
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	CPUs   int    `json:"cpus"`
}

// Merge adds a run to those that there are. What it has measured anew is dropped there.
func Merge(runs []Run, run Run) []Run {
	for i := range runs {
		runs[i].Rows = slices.DeleteFunc(runs[i].Rows, func(old Row) bool { return slices.ContainsFunc(run.Rows, old.same) })
	}
	runs = slices.DeleteFunc(runs, func(r Run) bool { return len(r.Rows) == 0 })
	return append(runs, run)
}

// Worse returns the rows of run that are worse than those of runs by more than a share,
// each behind the one that it is compared with.
func Worse(runs []Run, run Run, share float64) (pairs [][2]Row) {
	for _, old := range runs {
		for _, o := range old.Rows {
			for _, r := range run.Rows {
				if r.same(o) && r.Better(o) < 1-share {
					pairs = append(pairs, [2]Row{o, r})
				}
			}
		}
	}
	return pairs
}

// Decode reads what Save has written.
func Decode(b []byte) (runs []Run, err error) {
	return runs, json.Unmarshal(b, &runs)
}

// Save writes runs to a file.
func Save(name string, runs []Run) error {
	b, err := json.MarshalIndent(runs, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(b, '\n'), 0o644)
}

// Rows returns the rows of one work, in the order of the program's output.
func Rows(runs []Run, work string) (rows []Row) {
	for _, run := range runs {
		for _, r := range run.Rows {
			if r.Work == work {
				rows = append(rows, r)
			}
		}
	}
	return rows
}
