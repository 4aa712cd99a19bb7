package main

import (
	"os"
	"strings"
	"testing"

	"github.com/netsctp/sctp/bench/internal/result"
)

// results are those of results.json.
func results(t *testing.T) []result.Run {
	t.Helper()
	b, err := os.ReadFile("../" + resultsFile)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := result.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// checkDocument requires the tables and figures of a document to be those of results.json:
// make bench writes both.
func checkDocument(t *testing.T, name string) (text string) {
	t.Helper()
	b, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	text = string(b)
	if rewrite(text, results(t)) != text {
		t.Errorf("%s is not of %s: run go run ./report in the folder bench", name, resultsFile)
	}
	return text
}

func TestDocumentHasTheResults(t *testing.T) {
	text := checkDocument(t, document)
	for _, w := range works {
		if w.name != "quotes" && !strings.Contains(text, "<!-- bench: "+w.name+" -->\n") {
			t.Errorf("%s has no table of %s", document, w.name)
		}
	}
	for _, name := range []string{"stream.svg", "hub.svg", "failover.svg"} {
		if !strings.Contains(text, "performance/"+name) {
			t.Errorf("%s does not show %s", document, name)
		}
	}
}

// README quotes three figures of the document, and says what prints each.
func TestReadmeHasTheResults(t *testing.T) {
	text := checkDocument(t, readme)
	_, quoted, ok := strings.Cut(text, "<!-- bench: quotes -->\n")
	quoted, _, _ = strings.Cut(quoted, "<!-- end -->")
	if n := strings.Count(quoted, "`make bench WORK="); !ok || n != 3 {
		t.Errorf("%s quotes %d figures, want 3:\n%s", readme, n, quoted)
	}
}
