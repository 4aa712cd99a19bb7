package main

import (
	"os"
	"regexp"
	"strings"

	"github.com/netsctp/sctp/bench/internal/result"
)

// works are those that the documents have a table of, and what is said of them.
var works = []struct {
	name  string
	table func(runs []result.Run, work string) string
}{
	{"roundtrip", result.Table},
	{"stream", result.Table},
	{"batch", result.Table},
	{"hub", result.Table},
	{"growth", growth},
	{"profile", result.Groups},
	{"setup", result.Table},
	{"idle", result.Table},
	{"tls", result.Table},
	{"http", result.Table},
	{"tuning", result.Settings},
	{"advice", advice},
	{"failover", result.Lines},
	{"real", result.Spreads},
	{"tolerance", toleranceText},
	{"quotes", quotes},
}

// block is what the document has between two marks.
var block = regexp.MustCompile(`(?s)(<!-- bench: (\w+) -->\n).*?(<!-- end -->)`)

// rewriteFile puts the tables of runs into a document.
func rewriteFile(name string, runs []result.Run) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(rewrite(string(text), runs)), 0o644)
}

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
