// Package result holds what bench has measured, and makes its tables.
package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
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
	Ops   int     `json:"ops,omitempty"` // operations that were done for it, where a profile asks
}

// The units. Of a rate more is better, of the others less.
const (
	Rate         = "1/s"
	Micros       = "µs"
	Millis       = "ms"
	Bytes        = "B"
	Threads      = "threads"
	Instructions = "instructions"
)

// Better is how many times r is as good as base: of rates their quotient, of costs its
// reciprocal.
func (r Row) Better(base Row) float64 {
	if r.Unit == Rate {
		return r.Value / base.Value
	}
	return base.Value / r.Value
}

// OverTime begins the name of a case that is the point of a plot at a time.
const OverTime = "at "

// IsOverTime reports whether r is for a plot, and not for a table.
func (r Row) IsOverTime() bool { return strings.HasPrefix(r.Case, OverTime) }

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

// Merge adds a run to those that there are. What it has measured anew is dropped there. Of
// the same command at the same commit it becomes a part.
func Merge(runs []Run, run Run) []Run {
	for i := range runs {
		runs[i].Rows = slices.DeleteFunc(runs[i].Rows, func(old Row) bool { return slices.ContainsFunc(run.Rows, old.same) })
	}
	runs = slices.DeleteFunc(runs, func(r Run) bool { return len(r.Rows) == 0 })
	for i, r := range runs {
		if r.Header == run.Header && r.Commit == run.Commit && r.Command == run.Command && r.Date == run.Date {
			runs[i].Rows = append(r.Rows, run.Rows...)
			return runs
		}
	}
	return append(runs, run)
}

// Worse returns the rows of run that are worse than those of runs by more than the
// tolerance of their work, each behind the one that it is compared with.
func Worse(runs []Run, run Run, tolerance func(work string) float64) (pairs [][2]Row) {
	for _, old := range runs {
		for _, o := range old.Rows {
			for _, r := range run.Rows {
				if r.same(o) && r.Better(o) < 1-tolerance(r.Work) {
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

// Save writes runs to a file, each row on a line of its own.
func Save(name string, runs []Run) error {
	b, err := encode(runs)
	if err != nil {
		return err
	}
	return os.WriteFile(name, b, 0o644)
}

func encode(runs []Run) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, run := range runs {
		rows := run.Rows
		run.Rows = nil
		head, err := json.Marshal(run)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s[\n", bytes.TrimSuffix(head, []byte("null}")))
		for k, r := range rows {
			row, err := json.Marshal(r)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, "\t%s%s\n", row, comma(k, len(rows)))
		}
		fmt.Fprintf(&b, "]}%s\n", comma(i, len(runs)))
	}
	b.WriteString("]\n")
	return b.Bytes(), nil
}

// comma is what comes behind element i of n.
func comma(i, n int) string {
	if i == n-1 {
		return ""
	}
	return ","
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
