package main

import (
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

// plots draws the throughput by the size of messages, and the cost of a hub by the number
// of its associations.
func plots(runs []result.Run) error {
	if err := os.MkdirAll(plotFolder, 0o755); err != nil {
		return err
	}
	stream := lines(result.Rows(runs, "stream"), func(r result.Row) (string, float64) {
		return r.Impl, r.Value * r.X * 8 / 1e6
	})
	err := draw("stream.svg", "One way, one association", "bytes in a message", "Mbit/s", true, stream)
	if err != nil {
		return err
	}
	hub := slices.DeleteFunc(result.Rows(runs, "hub"), func(r result.Row) bool { return !strings.HasSuffix(r.Case, ", 1 at a time") })
	return draw("hub.svg", "Echo of a hub, 1 at a time", "associations", "µs", false, lines(hub, func(r result.Row) (string, float64) {
		policy := strings.Split(r.Case, ", ")[1]
		return r.Impl + ", " + policy, r.Value
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
	return all
}

func draw(file, title, x, y string, logY bool, all []line) error {
	if len(all) == 0 {
		return nil
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, ticksOf(all)
	if logY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	} else {
		p.Y.Min = 0
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	var colors []string // a color for each implementation, dashes for each way to run it
	for i, l := range all {
		impl, _, _ := strings.Cut(l.name, ", ")
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
		p.Add(path, marks)
		p.Legend.Add(l.name, path, marks)
	}
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
