package main

import (
	"bufio"
	"bytes"
	"cmp"
	"debug/elf"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A symbol is where a function begins.
type symbol struct {
	address uint64
	function
}

// A function is one of the kernel's or of a program's.
type function struct {
	program program
	name    string
	module  string // of the kernel
}

func (f function) layer() string { return layerOf(f.program, f.name, f.module) }

func (f function) String() string {
	if f.module != "" {
		return f.name + " [" + f.module + "]"
	}
	return f.name
}

// The addresses of the machine: programs that are linked to a place of their own are below
// libraries, which are below the kernel.
const (
	firstLibrary = 1 << 32
	firstKernel  = 1 << 63
)

// kernelSymbols reads /proc/kallsyms.
func kernelSymbols(kallsyms []byte) (symbols []symbol, err error) {
	for line := range bytes.Lines(kallsyms) {
		fields := strings.Fields(string(line))
		if len(fields) < 3 || !strings.Contains("tTwW", fields[1]) {
			continue
		}
		address, err := strconv.ParseUint(fields[0], 16, 64)
		if err != nil {
			continue // a line of something else
		}
		s := symbol{address, function{program: kernel, name: fields[2]}}
		if len(fields) > 3 {
			s.module = strings.Trim(fields[3], "[]")
		}
		if address >= firstKernel {
			symbols = append(symbols, s)
		}
	}
	if len(symbols) == 0 {
		return nil, fmt.Errorf("kallsyms has no functions")
	}
	return symbols, nil
}

// moduleAddresses reads where /proc/modules has them.
func moduleAddresses(out []byte) map[string]uint64 {
	modules := map[string]uint64{}
	for line := range bytes.Lines(out) {
		if f := strings.Fields(string(line)); len(f) > 5 && f[4] == "Live" {
			if address, err := strconv.ParseUint(f[5], 0, 64); err == nil {
				modules[f[0]] = address
			}
		}
	}
	return modules
}

// moved returns symbols in the order of their addresses, of modules that are not where they were:
// that depends on which is loaded first.
func moved(symbols []symbol, from, to map[string]uint64) ([]symbol, error) {
	symbols = slices.Clone(symbols)
	for i := range symbols {
		s := &symbols[i]
		old, ok := from[s.module]
		if !ok { // the kernel itself
			continue
		}
		now, ok := to[s.module]
		if !ok {
			return nil, fmt.Errorf("the module %s is not loaded", s.module)
		}
		s.address += now - old
	}
	slices.SortStableFunc(symbols, func(a, b symbol) int { return cmp.Compare(a.address, b.address) })
	return symbols, nil
}

// programSymbols reads those of a program's file.
func programSymbols(file string, p program) (symbols []symbol, err error) {
	f, err := elf.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := f.Symbols()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, s := range all {
		if t := elf.ST_TYPE(s.Info); (t == elf.STT_FUNC || t == elf.STT_GNU_IFUNC) && s.Value > 0 {
			symbols = append(symbols, symbol{s.Value, function{program: p, name: s.Name}})
		}
	}
	return symbols, nil
}

// apart requires two programs not to share addresses: blocks are counted by those.
func apart(a, b []symbol) error {
	byAddress := func(a, b symbol) int { return cmp.Compare(a.address, b.address) }
	if slices.MaxFunc(a, byAddress).address >= slices.MinFunc(b, byAddress).address {
		return fmt.Errorf("%s and %s may be at the same address: make bench links them apart", a[0].name, b[0].name)
	}
	return nil
}

// A profile has the instructions of each function.
type profile map[function]float64

// count adds up the lines of the plugin by function. Symbols are in the order of their
// addresses.
func count(lines io.Reader, symbols []symbol) (profile, error) {
	p := profile{}
	for s := bufio.NewScanner(lines); s.Scan(); {
		var address, instructions, entered uint64
		if _, err := fmt.Sscanf(s.Text(), "%x %d %d", &address, &instructions, &entered); err != nil {
			return nil, fmt.Errorf("%q: %w", s.Text(), err)
		}
		p[at(symbols, address)] += float64(instructions) * float64(entered)
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("the plugin has counted nothing")
	}
	return p, nil
}

// at returns the function that has an address.
func at(symbols []symbol, address uint64) function {
	if address >= firstLibrary && address < firstKernel {
		return function{program: others, name: "the vdso, and other programs"}
	}
	i, found := slices.BinarySearchFunc(symbols, address, func(s symbol, a uint64) int { return cmp.Compare(s.address, a) })
	if !found {
		i--
	}
	if i < 0 {
		return function{program: others, name: "the vdso, and other programs"}
	}
	return symbols[i].function
}

// perOperation is what each operation took of which large has done so many more than small. What
// both had to do once, as to boot, cancels out.
func perOperation(small, large profile, operations int) profile {
	p := profile{}
	for f, n := range large {
		p[f] = (n - small[f]) / float64(operations)
	}
	for f, n := range small {
		if _, ok := large[f]; !ok {
			p[f] = -n / float64(operations)
		}
	}
	return p
}

// sum adds up those of a layer, or all.
func (p profile) sum(layer string) (sum float64) {
	for f, n := range p {
		if layer == "" || f.layer() == layer {
			sum += n
		}
	}
	return sum
}

// functions returns those of both, where they differ most first; without a base, the
// largest first.
func functions(base, p profile, number int) []function {
	var all []function
	for f := range p {
		all = append(all, f)
	}
	for f := range base {
		if _, ok := p[f]; !ok {
			all = append(all, f)
		}
	}
	weight := func(f function) float64 { return max(p[f]-base[f], base[f]-p[f]) }
	slices.SortFunc(all, func(a, b function) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(a.name, b.name), cmp.Compare(a.module, b.module))
	})
	return all[:min(number, len(all))]
}
