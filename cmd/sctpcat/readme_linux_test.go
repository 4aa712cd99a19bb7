package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

var updateREADME = flag.Bool("update-readme", false, "write the sessions of README.md")

// The test's binary is sctpcat where that is its name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "sctpcat" {
		main()
		return
	}
	os.Exit(m.Run())
}

// sessionBlock is a command of README.md and what it prints.
var sessionBlock = regexp.MustCompile("(?m)^```\n\\$ (.*sctpcat.* .*[0-9].*)\n((?:.*\n)*?)```\n")

// What README.md shows is what its commands print, but for what differs each time. It is
// written with
//
//	go test -exec "$PWD/.cache/kernel" -run TestREADME ./cmd/sctpcat -update-readme
func TestREADMEShowsItsSessions(t *testing.T) {
	sctptest.NeedKernel(t)
	b, err := os.ReadFile("README.md")
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.Symlink(self, filepath.Join(bin, "sctpcat")))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))

	var sessions []*session
	readme := string(b)
	blocks := sessionBlock.FindAllStringSubmatch(readme, -1)
	require.NotEmpty(t, blocks)
	for i, block := range blocks {
		s := startSession(t, block[1])
		sessions = append(sessions, s)
		if s.listens() {
			s.await("listening on ")
			continue
		}
		s.wait()
		if i > 0 && sessions[i-1].listens() {
			sessions[i-1].finish()
		}
	}
	for i, block := range blocks {
		readme = strings.Replace(readme, block[0], "```\n$ "+block[1]+"\n"+sessions[i].String()+"```\n", 1)
	}
	if *updateREADME {
		require.NoError(t, os.WriteFile("README.md", []byte(readme), 0o644))
		return
	}
	require.Equal(t, normalised(string(b)), normalised(readme))
}

// normalised returns text without what differs each time.
func normalised(text string) string {
	for _, chance := range []struct{ re, text string }{
		{`127\.0\.0\.1:\d{5}\b`, "127.0.0.1:port"},
		{`Assoc:\d+`, "Assoc:id"},
		{`association \d+`, "association id"},
		{`\d+ chunks`, "n chunks"},
		{`window \d+ bytes`, "window n bytes"},
		{`RTO \S+,`, "RTO n,"},
		{`status [a-z ]+,`, "status state,"},
		{`(path \S+) (active|unconfirmed)`, "$1 state"}, // by its first heartbeat
	} {
		text = regexp.MustCompile(chance.re).ReplaceAllString(text, chance.text)
	}
	return text
}

// A session is a command that runs, and what it prints, as a terminal shows it.
type session struct {
	t       *testing.T
	command string
	cmd     *exec.Cmd
	ended   chan error

	mu  sync.Mutex
	out bytes.Buffer
}

func startSession(t *testing.T, command string) *session {
	t.Helper()
	s := &session{t: t, command: command, cmd: exec.Command("sh", "-c", command), ended: make(chan error, 1)}
	s.cmd.Stdout, s.cmd.Stderr = s, s
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, s.cmd.Start())
	t.Cleanup(s.kill)
	go func() { s.ended <- s.cmd.Wait() }()
	return s
}

func (s *session) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(b)
}

func (s *session) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

func (s *session) listens() bool { return strings.Contains(s.command, "sctpcat -l") }

// await waits until the session has printed text.
func (s *session) await(text string) {
	s.t.Helper()
	sctptest.Eventually(s.t, func() bool { return strings.Contains(s.String(), text) }, "%q from %s:\n%s", text, s.command, s)
}

// wait waits for the end of the session. README.md says what its exit status is.
func (s *session) wait() { s.t.Helper(); sctptest.Receive(s.t, s.ended) }

// finish waits for the last of what a listener prints, which by itself ends at its timeout
// only.
func (s *session) finish() {
	s.t.Helper()
	if strings.Contains(s.command, "-timeout") {
		s.wait()
		return
	}
	s.await("\npath ")
	s.kill()
	s.wait()
}

// kill ends the shell and what it has started.
func (s *session) kill() { syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) }
