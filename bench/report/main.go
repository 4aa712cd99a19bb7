// Report adds the output of bench to results.json, and writes the tables and plots of
// docs/performance.md anew, and the figures that README.md quotes. It prints the tables of
// what came in, and what is worse than in the results that are committed. Without files it
// only writes the documents. It runs in the folder bench:
//
//	go run ./report -command 'make bench' ../.cache/bench/stream.out
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

const (
	resultsFile = "results.json"
	document    = "../docs/performance.md"
	readme      = "../README.md"
	plotFolder  = "../docs/performance"
)

func main() {
	command := flag.String("command", "", "the command that has measured")
	flag.Parse()
	if err := report(*command, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func report(command string, files []string) error {
	runs, err := load()
	if err != nil {
		return err
	}
	committed := committedRuns()
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		run, err := parse(b)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(run.Rows) == 0 {
			continue
		}
		run.Command, run.Commit, run.Date = command, commit(), time.Now().UTC().Format(time.DateOnly)
		for _, work := range works {
			if len(result.Rows([]result.Run{run}, work.name)) > 0 {
				fmt.Printf("%s\n\n%s\n", work.name, work.table([]result.Run{run}, work.name))
			}
		}
		for _, p := range result.Worse(committed, run, tolerance) {
			fmt.Printf("worse: %s, %s, %s: %.4g %s, was %.4g\n", p[1].Work, p[1].Case, p[1].Impl, p[1].Value, p[1].Unit, p[0].Value)
		}
		runs = result.Merge(runs, run)
	}
	if err := result.Save(resultsFile, runs); err != nil {
		return err
	}
	if err := plots(runs); err != nil {
		return err
	}
	return errors.Join(rewriteFile(document, runs), rewriteFile(readme, runs))
}

func load() ([]result.Run, error) {
	b, err := os.ReadFile(resultsFile)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return result.Decode(b)
}

// parse reads the output of bench: a header for each start, and rows.
func parse(b []byte) (run result.Run, err error) {
	for line := range bytes.Lines(b) {
		var row result.Row
		if err := json.Unmarshal(line, &row); err != nil {
			return run, err
		}
		if row.Work != "" {
			run.Rows = append(run.Rows, row)
		} else if err := json.Unmarshal(line, &run.Header); err != nil {
			return run, err
		}
	}
	return run, nil
}

// commit names what was measured, as far as git knows. What report writes does not count.
func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short=10", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(out))
	if exec.Command("git", "diff", "--quiet", "HEAD", "--", ":/", ":(top,exclude)docs", ":(top,exclude)README.md", ":(top,exclude)bench/"+resultsFile).Run() != nil {
		name += " with changes"
	}
	return name
}

// committedRuns returns the results of the last commit, if there are any.
func committedRuns() []result.Run {
	out, err := exec.Command("git", "show", "HEAD:./"+resultsFile).Output()
	if err != nil {
		return nil
	}
	runs, err := result.Decode(out)
	if err != nil {
		return nil
	}
	return runs
}
