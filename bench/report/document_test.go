package main

import (
	"os"
	"strings"
	"testing"
)

// The document has the tables of results.json: make bench writes both.
func TestDocumentHasTheResults(t *testing.T) {
	b, err := os.ReadFile("../" + document)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("..")
	runs, err := load()
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if rewrite(text, runs) != text {
		t.Errorf("%s is not of %s: run go run ./report in the folder bench", document, resultsFile)
	}
	for _, w := range works {
		if !strings.Contains(text, "<!-- bench: "+w.name+" -->\n") {
			t.Errorf("%s has no table of %s", document, w.name)
		}
	}
	for _, name := range []string{"stream.svg", "hub.svg"} {
		if !strings.Contains(text, "performance/"+name) {
			t.Errorf("%s does not show %s", document, name)
		}
	}
}
