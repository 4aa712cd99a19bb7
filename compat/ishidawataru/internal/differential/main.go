//go:build linux

// Differential calls what the package exports and prints what every call returned, a line
// for each. Its test compares what it prints over this module with what it prints over the
// incumbent, which has the same import path.
//
//	differential           # the names of the scenarios
//	differential ends      # the lines of one
//
// What differs by chance, as ports and ids of associations, has names in the order in
// which it is first seen.
package main

import (
	"fmt"
	"os"
	"sort"
	"time"
)

// limit is how long a call may take before the line says that it still waits.
const limit = 5 * time.Second

// scenarios are what is called, by name. Each runs in a process of its own.
var scenarios = map[string]func(*run){}

func main() {
	if len(os.Args) < 2 {
		for _, name := range names() {
			fmt.Println(name)
		}
		return
	}
	scenario, ok := scenarios[os.Args[1]]
	if !ok {
		fmt.Fprintln(os.Stderr, "differential: there is no scenario", os.Args[1])
		os.Exit(2)
	}
	scenario(newRun(os.Stdout))
}

func names() []string {
	var all []string
	for name := range scenarios {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}
