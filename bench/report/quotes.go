package main

import (
	"fmt"
	"strings"

	"github.com/netsctp/sctp/bench/internal/result"
)

// quotes are the figures that README has of the document, each with the command that
// measures it.
func quotes(runs []result.Run, _ string) string {
	var b strings.Builder
	quote := func(command, format string, figures ...any) {
		fmt.Fprintf(&b, "| "+format+" | `make bench WORK=%s` |\n", append(figures, command)...)
	}
	ofC := func(work, c string) (message, inC result.Row, ok bool) {
		message, ok1 := result.Find(runs, work, c, ours)
		inC, ok2 := result.Find(runs, work, c, "C")
		return message, inC, ok1 && ok2
	}
	b.WriteString("| | measured by |\n|---|---|\n")
	if r, inC, ok := ofC("roundtrip", "200 B"); ok {
		quote("roundtrip", "round trips of 200 bytes: %s, %.2f times as many as in C", result.Number(r), r.Better(inC))
	}
	if r, inC, ok := ofC("stream", "1200 B"); ok {
		quote("stream", "messages of 1200 bytes one way: %s, %.2f times as many as in C", result.Number(r), r.Better(inC))
	}
	threads, ok1 := result.Find(runs, "idle", "threads of the program", ours+", 10000")
	memory, ok2 := result.Find(runs, "idle", "memory of Go, for each end", ours+", 10000")
	if ok1 && ok2 {
		quote("idle", "10,000 idle associations: %s, and %s of Go's memory for each end", result.Number(threads), result.Number(memory))
	}
	return b.String()
}
