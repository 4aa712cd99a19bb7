package main

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/netsctp/sctp/bench/internal/result"
)

// plots draws the throughput by the size of messages, the cost of a hub by the number of its
// associations, and the wait for answers during a failover.
func plots(runs []result.Run) error {
	if err := os.MkdirAll(plotFolder, 0o755); err != nil {
		return err
	}
	stream := lines(result.Rows(runs, "stream"), func(r result.Row) (string, float64) {
		return r.Impl, r.Value * r.X * 8 / 1e6
	})
	err := draw("stream.svg", "One way, one association", "bytes in a message", "Mbit/s", logScales, stream)
	if err != nil {
		return err
	}
	hub := slices.DeleteFunc(result.Rows(runs, "hub"), func(r result.Row) bool { return !strings.HasSuffix(r.Case, ", 1 at a time") })
	err = draw("hub.svg", "Echo of a hub, 1 at a time", "associations", "µs", logScales, lines(hub, func(r result.Row) (string, float64) {
		policy := strings.Split(r.Case, ", ")[1]
		return r.Impl + ", " + policy, r.Value
	}))
	if err != nil {
		return err
	}
	failover := slices.DeleteFunc(result.Rows(runs, "failover"), func(r result.Row) bool { return !r.IsOverTime() })
	return draw("failover.svg", "Slowest of ten answers; a path is cut from 5 s to 15 s", "seconds", "ms", overTime, lines(failover, func(r result.Row) (string, float64) {
		return r.Impl, r.Value
	}))
}

// A line is one implementation's.
type line struct {
	name   string
	points plotter.XYs
}

func lines(rows []result.Row, point func(result.Row) (name string, y float64)) (all []line) {
	for _, r := range rows {
		name, y := point(r)
		i := slices.IndexFunc(all, func(l line) bool { return l.name == name })
		if i < 0 {
			all = append(all, line{name: name})
			i = len(all) - 1
		}
		all[i].points = append(all[i].points, plotter.XY{X: r.X, Y: y})
	}
	for _, l := range all {
		slices.SortStableFunc(l.points, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
	}
	return all
}

// A style is how lines are drawn.
type style struct {
	logX   bool      // with ticks where the points are
	marks  bool      // of each point
	legend vg.Length // how far to the right it is
}

var (
	logScales = style{logX: true, marks: true}
	overTime  = style{legend: 2.3 * vg.Inch}
)

func draw(file, title, x, y string, how style, all []line) error {
	if len(all) == 0 {
		return nil
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	if how.logX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, ticksOf(all)
	} else {
		p.X.Tick.Marker = plot.TickerFunc(fives)
	}
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.TickerFunc(decades)
	p.Legend.Top, p.Legend.Left, p.Legend.XOffs = true, true, how.legend
	p.Legend.TextStyle.Font.Size = vg.Points(10)
	p.Add(plotter.NewGrid())
	var colors []string // a color for each implementation, dashes for each way to run it
	for i, l := range all {
		impl, _, _ := strings.Cut(l.name, ", sndbuf_policy")
		if !slices.Contains(colors, impl) {
			colors = append(colors, impl)
		}
		color := plotutil.Color(slices.Index(colors, impl))
		path, marks, err := plotter.NewLinePoints(l.points)
		if err != nil {
			return err
		}
		path.Color, marks.Color = color, color
		path.Dashes, marks.Shape = plotutil.Dashes(i/len(colors)), plotutil.Shape(i)
		p.Add(path)
		if how.marks {
			p.Add(marks)
			p.Legend.Add(l.name, path, marks)
		} else {
			p.Legend.Add(l.name, path)
		}
	}
	p.Y.Min, p.Y.Max = p.Y.Min*0.8, p.Y.Max*2 // room for the legend
	return p.Save(7*vg.Inch, 4.5*vg.Inch, filepath.Join(plotFolder, file))
}

// ticksOf marks where the points are.
func ticksOf(all []line) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for _, p := range all[0].points {
		ticks = append(ticks, plot.Tick{Value: p.X, Label: strconv.FormatFloat(p.X, 'f', -1, 64)})
	}
	return ticks
}

// decades marks 1, 2 and 5 of each power of ten.
func decades(low, high float64) (ticks []plot.Tick) {
	for v := math.Pow(10, math.Floor(math.Log10(low))); v <= high; v *= 10 {
		for _, f := range []float64{1, 2, 5} {
			if f*v >= low && f*v <= high {
				ticks = append(ticks, plot.Tick{Value: f * v, Label: strconv.FormatFloat(f*v, 'f', -1, 64)})
			}
		}
	}
	return ticks
}

// fives marks each fifth.
func fives(low, high float64) (ticks []plot.Tick) {
	for v := math.Ceil(low/5) * 5; v <= high; v += 5 {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return ticks
}
