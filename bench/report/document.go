package main

import (
	"regexp"
	"strings"

	"github.com/netsctp/sctp/bench/internal/result"
)

// works are those that the document has a table of.
var works = []struct {
	name  string
	table func(runs []result.Run, work string) string
}{
	{"roundtrip", result.Table},
	{"stream", result.Table},
	{"batch", result.Table},
	{"hub", result.Table},
	{"setup", result.Table},
	{"idle", result.Table},
	{"tls", result.Table},
	{"http", result.Table},
	{"tuning", result.Settings},
	{"advice", advice},
	{"real", result.Table},
}

// block is what the document has between two marks.
var block = regexp.MustCompile(`(?s)(<!-- bench: (\w+) -->\n).*?(<!-- end -->)`)

// rewrite puts the tables of runs between their marks.
func rewrite(text string, runs []result.Run) string {
	return block.ReplaceAllStringFunc(text, func(old string) string {
		m := block.FindStringSubmatch(old)
		for _, w := range works {
			if w.name == m[2] {
				return m[1] + "\n" + strings.TrimSpace(w.table(runs, w.name)) + "\n\n" + m[3]
			}
		}
		return old
	})
}
