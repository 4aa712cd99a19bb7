package result

import (
	"fmt"
	"slices"
	"strings"
)

// The columns that the others are compared with, in brackets: C and the bare prototype,
// and where there is neither, TCP.
var bases = []string{"C", "bare"}

const otherBase = "TCP"

// columns is the order of the implementations in the tables; others come last.
var columns = []string{"C", "C epoll", "bare", "ReadMsg/WriteMsg", "MultiConn", "Read/Write", "ReadBatch/WriteBatch", "TCP", "ishidawataru"}

// Table returns the rows of a work as a table in Markdown, a case in each line.
func Table(runs []Run, work string) string { return table(runs, work, compared) }

func table(runs []Run, work string, compared func(rows []Row, r Row) string) string {
	rows := Rows(runs, work)
	cases := names(rows, func(r Row) string { return r.Case })
	impls := names(rows, func(r Row) string { return r.Impl })
	slices.SortStableFunc(impls, func(a, b string) int { return column(a) - column(b) })
	var b strings.Builder
	fmt.Fprintf(&b, "| | %s |\n|---|%s\n", strings.Join(impls, " | "), strings.Repeat("---|", len(impls)))
	for _, c := range cases {
		fmt.Fprintf(&b, "| %s", caseName(rows, c))
		for _, impl := range impls {
			cell := "–"
			if r, ok := find(rows, c, impl); ok {
				cell = number(r) + compared(rows, r)
			}
			fmt.Fprintf(&b, " | %s", cell)
		}
		b.WriteString(" |\n")
	}
	return b.String() + source(runs, work)
}

// Spreads returns the rows of a work as Table does, in place of the ratios with the
// extremes of what each figure is the median of.
func Spreads(runs []Run, work string) string {
	return table(runs, work, func(_ []Row, r Row) string {
		return fmt.Sprintf(" (%.*f to %.*f)", digits(r), r.Low, digits(r), r.High)
	})
}

// Lines returns the rows of a work as a table of settings in place of implementations, a
// setting in each line. What is over time is for a plot.
func Lines(runs []Run, work string) string {
	rows := slices.DeleteFunc(Rows(runs, work), Row.IsOverTime)
	cases := names(rows, func(r Row) string { return r.Case })
	var b strings.Builder
	b.WriteString("| ")
	for _, c := range cases {
		fmt.Fprintf(&b, "| %s ", caseName(rows, c))
	}
	fmt.Fprintf(&b, "|\n|---|%s\n", strings.Repeat("---|", len(cases)))
	for _, setting := range names(rows, func(r Row) string { return r.Impl }) {
		fmt.Fprintf(&b, "| %s ", setting)
		for _, c := range cases {
			r, _ := find(rows, c, setting)
			fmt.Fprintf(&b, "| %s ", number(r))
		}
		b.WriteString("|\n")
	}
	return b.String() + source(runs, work)
}

// Groups returns the rows of a work as tables, one for all cases of the form "group; line". The
// others of a group are compared with the first implementation by what they have more.
func Groups(runs []Run, work string) string {
	rows := Rows(runs, work)
	impls := names(rows, func(r Row) string { return r.Impl })
	slices.SortStableFunc(impls, func(a, b string) int { return column(a) - column(b) })
	var b strings.Builder
	last := ""
	for _, c := range names(rows, func(r Row) string { return r.Case }) {
		group, line, _ := strings.Cut(c, "; ")
		if group != last {
			fmt.Fprintf(&b, "\n| %s | %s |\n|---|%s\n", group, strings.Join(impls, " | "), strings.Repeat("---|", len(impls)))
			last = group
		}
		fmt.Fprintf(&b, "| %s", line)
		for i, impl := range impls {
			r, ok := find(rows, c, impl)
			first, compared := find(rows, c, impls[0])
			r.Value += 0 // no -0
			switch {
			case !ok:
				b.WriteString(" | –")
			case i > 0 && compared:
				fmt.Fprintf(&b, " | %s (%+.0f)", number(r), r.Value-first.Value+0)
			default:
				fmt.Fprintf(&b, " | %s", number(r))
			}
		}
		b.WriteString(" |\n")
	}
	return b.String() + source(runs, work)
}

// Settings returns the rows of a work as a table of loads under settings, in place of
// implementations. The others are compared with the first, the default.
func Settings(runs []Run, work string) string {
	rows := Rows(runs, work)
	var b strings.Builder
	b.WriteString("| load | with | | times as good |\n|---|---|---|---|\n")
	for _, c := range names(rows, func(r Row) string { return r.Case }) {
		var first *Row
		for _, r := range rows {
			if r.Case != c {
				continue
			}
			if first == nil {
				first = &r
				fmt.Fprintf(&b, "| %s | %s | %s | |\n", c, r.Impl, Number(r))
				continue
			}
			fmt.Fprintf(&b, "| | %s | %s | %s |\n", r.Impl, Number(r), ratio(r.Better(*first)))
		}
	}
	return b.String() + source(runs, work)
}

// caseName is the name of a case, with the unit of its figures.
func caseName(rows []Row, c string) string {
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Case == c })
	return fmt.Sprintf("%s, %s", c, rows[i].Unit)
}

// compared puts the ratios of a row to C and to the bare prototype in brackets.
func compared(rows []Row, r Row) string {
	if r.Unit != Rate && r.Unit != Micros {
		return ""
	}
	if r.Impl == bases[0] {
		return ""
	}
	var ratios []string
	for _, base := range bases {
		if b, ok := find(rows, r.Case, base); ok && base != r.Impl && column(base) <= column(r.Impl) {
			ratios = append(ratios, ratio(r.Better(b)))
		}
	}
	if b, ok := find(rows, r.Case, otherBase); ok && len(ratios) == 0 && r.Impl != otherBase {
		ratios = append(ratios, ratio(r.Better(b)))
	}
	if ratios == nil {
		return ""
	}
	return " (" + strings.Join(ratios, ", ") + ")"
}

func ratio(v float64) string {
	if v >= 9.995 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// Number is the figure of a row with its unit.
func Number(r Row) string {
	if r.Unit == Rate {
		return number(r) + " a second"
	}
	return number(r) + " " + r.Unit
}

// Find returns a row, if it was measured.
func Find(runs []Run, work, c, impl string) (Row, bool) { return find(Rows(runs, work), c, impl) }

func number(r Row) string {
	return fmt.Sprintf("%.*f", digits(r), r.Value)
}

// digits is how many a figure has behind the point.
func digits(r Row) int {
	switch {
	case r.Unit == Micros && r.Value < 1000:
		return 1
	case r.Unit == Millis && r.Value < 10:
		return 2
	}
	return 0
}

// source says where the figures of a work come from.
func source(runs []Run, work string) string {
	var b strings.Builder
	for _, run := range runs {
		if slices.ContainsFunc(run.Rows, func(r Row) bool { return r.Work == work }) {
			fmt.Fprintf(&b, "\n`%s`, at commit %s, Linux %s, %s, on %s\n", run.Command, run.Commit, run.Kernel, run.Go, run.Date)
		}
	}
	return b.String()
}

func find(rows []Row, c, impl string) (Row, bool) {
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Case == c && r.Impl == impl })
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}

// names returns the different names that the rows have, in order.
func names(rows []Row, name func(Row) string) (all []string) {
	for _, r := range rows {
		if n := name(r); !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// column says where the column of an implementation is; behind a comma it has more to its
// name.
func column(impl string) int {
	impl, _, _ = strings.Cut(impl, ",")
	if i := slices.Index(columns, impl); i >= 0 {
		return i
	}
	return len(columns)
}
