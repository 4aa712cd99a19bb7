package result

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestMergeReplacesWhatWasMeasuredAnew(t *testing.T) {
	runs := []Run{
		{Date: "1", Rows: []Row{{Work: "stream", Case: "64 B", Impl: "C", Value: 1}, {Work: "stream", Case: "200 B", Impl: "C", Value: 2}}},
		{Date: "2", Rows: []Row{{Work: "tls", Case: "echo", Impl: "TCP", Value: 3}}},
	}
	runs = Merge(runs, Run{Date: "3", Rows: []Row{
		{Work: "stream", Case: "200 B", Impl: "C", Value: 4},
		{Work: "tls", Case: "echo", Impl: "TCP", Value: 5},
	}})
	var got []string
	for _, run := range runs {
		got = append(got, run.Date)
	}
	if !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("runs %v", got)
	}
	if rows := Rows(runs, "stream"); len(rows) != 2 || rows[0].Value != 1 || rows[1].Value != 4 {
		t.Errorf("rows %v", rows)
	}
}

func TestWorseGoesByTheUnit(t *testing.T) {
	old := []Run{{Rows: []Row{
		{Work: "stream", Case: "64 B", Impl: "C", Value: 1000, Unit: Rate},
		{Work: "hub", Case: "10", Impl: "C", Value: 100, Unit: Micros},
	}}}
	worse := func(rate, cost float64) (works []string) {
		run := Run{Rows: []Row{
			{Work: "stream", Case: "64 B", Impl: "C", Value: rate, Unit: Rate},
			{Work: "hub", Case: "10", Impl: "C", Value: cost, Unit: Micros},
			{Work: "hub", Case: "20", Impl: "C", Value: cost, Unit: Micros},
		}}
		for _, p := range Worse(old, run, func(string) float64 { return 0.01 }) {
			works = append(works, p[1].Work)
		}
		return works
	}
	for _, c := range []struct {
		rate, cost float64
		want       string
	}{
		{1000, 100, ""}, {991, 100.9, ""}, {2000, 50, ""}, {989, 100, "stream"}, {1000, 102, "hub"}, {500, 200, "stream hub"},
	} {
		if got := strings.Join(worse(c.rate, c.cost), " "); got != c.want {
			t.Errorf("%v/s and %v µs: worse is %q, not %q", c.rate, c.cost, got, c.want)
		}
	}
}

func TestTableHasTheRatios(t *testing.T) {
	runs := []Run{{Header: Header{Kernel: "6.1", Go: "go1.26"}, Commit: "abc", Command: "make bench", Date: "2026-11-27", Rows: []Row{
		{Work: "roundtrip", Case: "200 B", Impl: "ReadMsg/WriteMsg", Value: 750, Unit: Rate},
		{Work: "roundtrip", Case: "200 B", Impl: "bare", Value: 800, Unit: Rate},
		{Work: "roundtrip", Case: "200 B", Impl: "C", Value: 1000, Unit: Rate},
	}}}
	want := `| | C | bare | ReadMsg/WriteMsg |
|---|---|---|---|
| 200 B, 1/s | 1000 | 800 (0.800) | 750 (0.750, 0.938) |

` + "`make bench`, at commit abc, Linux 6.1, go1.26, on 2026-11-27\n"
	if got := Table(runs, "roundtrip"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestGroupsAreTables(t *testing.T) {
	row := func(c, impl string, v float64) Row {
		return Row{Work: "profile", Case: c, Impl: impl, Value: v, Unit: Instructions}
	}
	runs := []Run{{Commit: "abc", Command: "make bench", Rows: []Row{
		row("echo; kernel", "bare", 150), row("echo; all", "bare", 170), row("echo; kernel", "C", 100), row("echo; all", "C", 100), row("stream; all", "C", 5),
	}}}
	want := `
| echo | C | bare |
|---|---|---|
| kernel | 100 | 150 (+50) |
| all | 100 | 170 (+70) |

| stream | C | bare |
|---|---|---|
| all | 5 | – |

` + "`make bench`, at commit abc, Linux , , on \n"
	if got := Groups(runs, "profile"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSaveIsDecoded(t *testing.T) {
	want := []Run{
		{Header: Header{Kernel: "6.1", CPUs: 1}, Commit: "abc", Rows: []Row{
			{Work: "stream", Case: "64 B", Impl: "C", Value: 1.5, Unit: Rate},
			{Work: "stream", Case: "200 B", Impl: "C", X: 200, Value: 2, Low: 1, High: 3, Unit: Micros},
		}},
		{Date: "2026-11-27", Rows: []Row{{Work: "tls", Case: "echo", Impl: "TCP", Value: 3, Unit: Rate}}},
	}
	name := filepath.Join(t.TempDir(), "results.json")
	if err := Save(name, want); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v, of\n%s", got, err, want, b)
	}
	if lines := strings.Count(string(b), "\n"); lines != 9 {
		t.Errorf("%d lines in\n%s", lines, b)
	}
}

func TestMergeJoinsRunsOfTheSameCommand(t *testing.T) {
	run := func(impl string) Run {
		return Run{Commit: "abc", Command: "make bench", Rows: []Row{{Work: "tls", Case: "echo", Impl: impl}}}
	}
	runs := Merge(Merge([]Run{run("C")}, run("TCP")), run("TCP"))
	if len(runs) != 1 || len(runs[0].Rows) != 2 {
		t.Errorf("runs %v", runs)
	}
	if runs = Merge(runs, Run{Commit: "def", Command: "make bench", Rows: []Row{{Work: "tls", Case: "echo", Impl: "bare"}}}); len(runs) != 2 {
		t.Errorf("runs %v", runs)
	}
}

func TestTablesOfSpreadsAndSettings(t *testing.T) {
	runs := []Run{{Commit: "abc", Command: "make bench", Rows: []Row{
		{Work: "real", Case: "200 B", Impl: "C", Value: 1000, Low: 900, High: 1200, Unit: Rate},
		{Work: "failover", Case: "wait", Impl: "the defaults", Value: 1033, Unit: Millis},
		{Work: "failover", Case: OverTime + "0.1 s", Impl: "the defaults", X: 0.1, Value: 1, Unit: Millis},
		{Work: "failover", Case: "wait", Impl: "others", Value: 1.234, Unit: Millis},
	}}}
	const source = "\n`make bench`, at commit abc, Linux , , on \n"
	if got, want := Spreads(runs, "real"), "| | C |\n|---|---|\n| 200 B, 1/s | 1000 (900 to 1200) |\n"+source; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want := "| | wait, ms |\n|---|---|\n| the defaults | 1033 |\n| others | 1.23 |\n" + source
	if got := Lines(runs, "failover"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
