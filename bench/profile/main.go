// Profile says where the instructions of a load of bench go: by layer, and by function. It has
// bench do the load at two scales in the emulator, whose plugin counts each instruction, and takes
// the difference, so that only the operations are left. With several implementations it compares
// the others with the first. The clock of bench counts instructions, too, so its figure must agree.
//
//	make profile WORK=hub CASE='100 associations, sndbuf_policy=1, 1 at' IMPL='C,ReadMsg/WriteMsg'
//
// With -rows it does the loads of the document, and prints lines of JSON as bench does.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/netsctp/sctp/bench/internal/result"
)

// documented are the loads of the document, by work and case, with the names that they have there.
var documented = []struct{ work, only, name string }{
	{"roundtrip", "=200 B, 100 associations", "a round trip of 200 B, 100 associations"},
	{"hub", "=100 associations, sndbuf_policy=1, 1 at a time", "an echo of a hub, 100 associations, sndbuf_policy=1"},
	{"stream", "=200 B", "a message of 200 B one way"},
}

// documentedImpls are the columns of the document: the names and what bench calls them.
var documentedImpls = []struct{ name, impl, env string }{
	{"C", "C", ""},
	{"C epoll", "C epoll", ""},
	{"bare", "bare", ""},
	{"ReadMsg/WriteMsg", "ReadMsg/WriteMsg", ""},
	{"ReadMsg/WriteMsg, sysmon awake", "ReadMsg/WriteMsg", sysmonAwake},
}

// sysmonAwake keeps the runtime's thread sysmon from waiting for the next system call when the
// program is idle. It asks for a trace each 24 days.
const sysmonAwake = "GODEBUG=schedtrace=2147483647"

// operations are so many that what differs from run to run in the set-up hardly counts.
const operations = 16000

// A place is where things are, and what the guest's functions are called.
type place struct {
	vm, bench, peer, plugin, tmp string
	env                          string // of the guest, if not empty

	symbols []symbol
	modules map[string]uint64 // where they were for the symbols
}

func main() {
	vm := flag.String("vm", "../.cache/kernel", "the program that boots a kernel, sctpvm")
	folder := flag.String("bench", "../.cache/bench", "the folder with bench, peer and plugin.so")
	work := flag.String("work", "roundtrip", "the work")
	only := flag.String("case", "200 B, 100 associations", "the case: what only its name contains, or behind =, all of it")
	impl := flag.String("impl", "C,ReadMsg/WriteMsg", "the implementations; the others are compared with the first")
	top := flag.Int("top", 40, "so many functions")
	rows := flag.Bool("rows", false, "the loads of the document, as lines of JSON")
	flag.Parse()
	if err := run(*vm, *folder, *work, *only, *impl, *top, *rows); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func run(vm, folder, work, only, impl string, top int, rows bool) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "profile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	at := &place{
		vm: vm, bench: filepath.Join(folder, "bench"), peer: filepath.Join(folder, "peer"),
		plugin: filepath.Join(folder, "plugin.so"), tmp: tmp,
	}
	if err := at.findSymbols(); err != nil {
		return err
	}
	if rows {
		return printRows(at)
	}
	var base *load
	for _, name := range strings.Split(impl, ",") {
		l, err := at.profile(work, only, name)
		if err != nil {
			return err
		}
		l.print(base, top)
		if base == nil {
			base = l
		}
	}
	return nil
}

// A load is one of bench's, and what an operation of it takes.
type load struct {
	header result.Header
	row    result.Row // of the larger scale
	profile
}

// nanoseconds is what an operation takes by the clock of bench.
func (l *load) nanoseconds() float64 {
	if l.row.Unit == result.Rate {
		return 1e9 / l.row.Value
	}
	return l.row.Value * 1e3
}

// print prints a profile, and if base is not nil, in comparison.
func (l *load) print(base *load, top int) {
	const nanosecondsEach = 2 // as sctpvm -icount has it
	var of profile
	title := fmt.Sprintf("%s, %s, %s", l.row.Work, l.row.Case, l.row.Impl)
	if base != nil {
		of = base.profile
		title += ", in brackets how much more than " + base.row.Impl
	}
	fmt.Printf("%s\n\n%8.0f instructions for each operation, which are %.1f µs; bench says %.1f µs\n\n", title, l.sum(""), l.sum("")*nanosecondsEach/1e3, l.nanoseconds()/1e3)
	line := func(n, before float64, name string) {
		fmt.Printf("%8.0f ", n)
		if base != nil {
			fmt.Printf("(%+.0f) ", n-before)
		}
		fmt.Println(name)
	}
	for _, layer := range layers {
		line(l.sum(layer), of.sum(layer), layer)
	}
	fmt.Println()
	for _, f := range functions(of, l.profile, top) {
		line(l.profile[f], of[f], fmt.Sprintf("%s (%s)", f, f.layer()))
	}
	fmt.Println()
}

// printRows prints the profiles of the document.
func printRows(at *place) error {
	out := json.NewEncoder(os.Stdout)
	headed := false
	for _, d := range documented {
		for _, of := range documentedImpls {
			at.env = of.env
			l, err := at.profile(d.work, d.only, of.impl)
			if err != nil {
				return err
			}
			if !headed {
				out.Encode(l.header)
				headed = true
			}
			for _, layer := range layers {
				out.Encode(result.Row{Work: "profile", Case: d.name + "; " + layer, Impl: of.name, Value: math.Round(l.sum(layer)), Unit: result.Instructions})
			}
			out.Encode(result.Row{Work: "profile", Case: d.name + "; all", Impl: of.name, Value: math.Round(l.sum("")), Unit: result.Instructions})
		}
	}
	return nil
}

// profile has bench do a load at two scales.
func (at *place) profile(work, only, impl string) (*load, error) {
	take := func(scale int) (*load, error) {
		l, err := at.take(work, only, impl, scale)
		if err != nil {
			return nil, fmt.Errorf("%s, %s, %s: %w", work, only, impl, err)
		}
		return l, nil
	}
	small, err := take(1)
	if err != nil {
		return nil, err
	}
	if small.row.Ops == 0 {
		return nil, fmt.Errorf("bench does not say how many operations %s are", work)
	}
	large, err := take(2 + operations/small.row.Ops)
	if err != nil {
		return nil, err
	}
	large.profile = perOperation(small.profile, large.profile, large.row.Ops-small.row.Ops)
	return large, nil
}

// take has bench do a load at a scale, and counts all instructions from the boot on.
func (at *place) take(work, only, impl string, scale int) (*load, error) {
	counts := filepath.Join(at.tmp, "counts")
	out, err := at.guest("-plugin file="+at.plugin+",out="+counts, `cat /proc/modules; exec "$@"`, "sh",
		at.bench, "-work", work, "-case", only, "-impl", impl, "-scale", strconv.Itoa(scale), "-once")
	if err != nil {
		return nil, err
	}
	l, err := parse(out)
	if err != nil {
		return nil, err
	}
	symbols, err := moved(at.symbols, at.modules, moduleAddresses(out))
	if err != nil {
		return nil, err
	}
	f, err := os.Open(counts)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l.profile, err = count(f, symbols)
	return l, err
}

// parse reads what bench printed between other lines: a header, and the row of a case.
func parse(out []byte) (*load, error) {
	var l load
	var rows []result.Row
	for line := range bytes.Lines(out) {
		var row result.Row
		if line[0] != '{' {
			continue
		}
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, err
		}
		if row.Work != "" {
			rows = append(rows, row)
		} else if err := json.Unmarshal(line, &l.header); err != nil {
			return nil, err
		}
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("it selects %d loads, and not one", len(rows))
	}
	l.row = rows[0]
	return &l, nil
}

// guest runs a script in the emulator, and returns its output.
func (at *place) guest(qemu, script string, args ...string) ([]byte, error) {
	cmd := exec.Command(at.vm, append([]string{"-timeout", "1h", "-icount", "-qemu", qemu, "sh", "-c", script}, args...)...)
	cmd.Stderr = os.Stderr
	if at.env != "" {
		cmd.Env = append(os.Environ(), at.env)
	}
	return cmd.Output()
}

// findSymbols finds those of the kernel and of both programs. Kallsyms is long, and to print it
// takes differently many instructions each time: so it is no part of the profiles.
func (at *place) findSymbols() error {
	out, err := at.guest("", "cat /proc/modules /proc/kallsyms")
	if err != nil {
		return err
	}
	at.modules = moduleAddresses(out)
	if at.symbols, err = kernelSymbols(out); err != nil {
		return err
	}
	bench, err := programSymbols(at.bench, inGo)
	if err != nil {
		return err
	}
	peer, err := programSymbols(at.peer, inC)
	if err != nil {
		return err
	}
	at.symbols = append(append(at.symbols, bench...), peer...)
	return apart(bench, peer)
}
