//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The lines of the program over this module are those over the incumbent, but for the
// differences, each of which there is. SCTP_DIFFERENTIAL names the folder with the programs
// was and is, and was-386 and is-386, which .ci/realworld.sh builds.
func TestDifferences(t *testing.T) {
	dir := os.Getenv("SCTP_DIFFERENTIAL")
	if dir == "" {
		t.Skip("no SCTP_DIFFERENTIAL: run make realworld")
	}
	meant := map[[2]string]shown{}
	for _, d := range differences {
		for _, s := range d.shown {
			key := [2]string{s.scenario, s.step}
			if _, ok := meant[key]; ok {
				t.Errorf("two differences are shown by %q", key)
			}
			meant[key] = s
		}
	}
	lines := 0
	for _, scenario := range append(names(), "386") {
		suffix := ""
		if scenario == "386" {
			suffix = "-386" // a program of its own
		}
		was := output(t, filepath.Join(dir, "was"+suffix), scenario)
		is := output(t, filepath.Join(dir, "is"+suffix), scenario)
		if len(was) != len(is) {
			t.Errorf("%s: %d lines, now %d:\n%s", scenario, len(was), len(is), strings.Join(is, "\n"))
			continue
		}
		for i := range was {
			lines++
			step, wasResult, _ := strings.Cut(was[i], "\t")
			isStep, isResult, _ := strings.Cut(is[i], "\t")
			key := [2]string{scenario, step}
			want, differs := meant[key]
			delete(meant, key)
			have := shown{scenario, step, wasResult, isResult}
			if alsoWas[key] == wasResult {
				have.was = want.was
			}
			switch {
			case isStep != step:
				t.Fatalf("%s: line %d is %q, now %q", scenario, i, was[i], is[i])
			case differs && have != want:
				t.Errorf("the list of differences has\n%#v\nand there is\n%#v", want, have)
			case !differs && wasResult != isResult:
				t.Errorf("this difference is not on the list:\n%#v", have)
			}
		}
	}
	for key := range meant {
		t.Errorf("there is no line %q", key)
	}
	t.Logf("%d lines of %d scenarios; %d differences", lines, len(names())+1, len(differences))
}

// output returns what a program prints of a scenario.
func output(t *testing.T, program, scenario string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, scenario).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatalf("%s %s: %v, after\n%s", program, scenario, err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// README.md has the same list.
func TestREADMEListsTheDifferences(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(b), "| was | is | what to do |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var want []string
	for _, d := range differences {
		want = append(want, "| "+d.was+" | "+d.is+" | "+d.do+" |")
		if len(d.shown) == 0 || d.why == "" {
			t.Errorf("nothing shows %q, or nothing says why", d.was)
		}
	}
	if have := strings.TrimSpace(table); have != strings.Join(want, "\n") {
		t.Errorf("README.md has the table\n%s\nand the list is\n%s", have, strings.Join(want, "\n"))
	}
}
