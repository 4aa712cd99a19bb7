package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// patience limits the wait for a line of a process. An emulated machine is slow.
const patience = 60 * time.Second

// A process runs in the background on a host. It keeps the lines that it printed.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan error

	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed when there are more lines, or the process has ended
	ended bool
}

// start starts a program on the host. Lines that match shown are printed.
func (h *host) start(shown *regexp.Regexp, args ...string) (*process, error) {
	name := filepath.Base(args[0])
	// Into a pipe, C programs would write blocks and not lines.
	cmd := h.command(append([]string{"stdbuf", "-oL"}, args...)...)
	p := &process{name: name, cmd: cmd, done: make(chan error, 1), more: make(chan struct{})}
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		for s := bufio.NewScanner(r); s.Scan(); {
			if shown != nil && shown.MatchString(s.Text()) {
				note("%s: %s", name, s.Text())
			}
			p.add(s.Text())
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ended = true
		close(p.more)
	}()
	go func() {
		err := p.cmd.Wait()
		w.Close()
		p.done <- err
	}()
	return p, nil
}

func (p *process) add(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line)
	close(p.more)
	p.more = make(chan struct{})
}

// printed returns the submatches of all lines so far that match.
func (p *process) printed(re *regexp.Regexp) (matches [][]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.lines {
		if m := re.FindStringSubmatch(line); m != nil {
			matches = append(matches, m)
		}
	}
	return matches
}

// await waits until n lines match, and returns their submatches.
func (p *process) await(n int, re *regexp.Regexp) ([][]string, error) {
	limit := time.After(patience)
	for {
		p.mu.Lock()
		more, ended := p.more, p.ended
		p.mu.Unlock()
		matches := p.printed(re)
		if len(matches) >= n {
			return matches, nil
		}
		if ended {
			return nil, fmt.Errorf("%s ended before it printed %d lines like %q:\n%s", p.name, n, re, p.text())
		}
		select {
		case <-more:
		case <-limit:
			return nil, fmt.Errorf("%s did not print %d lines like %q in %v:\n%s", p.name, n, re, patience, p.text())
		}
	}
}

// text returns all that was printed.
func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// wait waits for the end of the process and returns an error if it failed.
func (p *process) wait() error {
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", p.name, err, p.text())
		}
		return nil
	case <-time.After(5 * patience):
		p.cmd.Process.Kill()
		return fmt.Errorf("%s has not ended after %v:\n%s", p.name, 5*patience, p.text())
	}
}

// interrupt ends the process as Ctrl-C does.
func (p *process) interrupt() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return p.wait()
}

// kill ends the process if it still runs.
func (p *process) kill() { p.cmd.Process.Kill() }
