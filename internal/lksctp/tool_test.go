// Package lksctp_test lets the package talk to lksctp-tools' sctp_darn and sctp_test: C
// programs with sockets of both styles, as second peers of a Conn and of a MultiConn.
package lksctp_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A tool is one of the programs, while it runs.
type tool struct {
	t    *testing.T
	cmd  *exec.Cmd
	mu   sync.Mutex
	out  bytes.Buffer
	news chan struct{} // there is more in out
	done chan error
}

// start starts a program of lksctp-tools, whose standard input is in.
func start(t *testing.T, in string, args ...string) *tool {
	t.Helper()
	need(t, args[0])
	// Into a pipe, C programs would write blocks and not lines.
	p := &tool{t: t, cmd: exec.Command("stdbuf", append([]string{"-oL"}, args...)...), news: make(chan struct{}, 1), done: make(chan error, 1)}
	p.cmd.Stdin = strings.NewReader(in)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	require.NoError(t, p.cmd.Start())
	exited := make(chan struct{})
	go func() {
		p.done <- p.cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-exited
	})
	return p
}

// need skips the test where the program is missing. The machines of the test bed that see
// the host's programs must have it.
func need(t *testing.T, program string) {
	t.Helper()
	sctptest.NeedKernel(t)
	for _, name := range []string{program, "stdbuf"} {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		const cure = "no %s here: apt-get install -y lksctp-tools coreutils, and run the test again"
		if os.Getenv("SCTP_TESTBED") != "" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "386") {
			t.Fatalf(cure, name)
		}
		t.Skipf(cure, name)
	}
}

// Write takes what the program prints.
func (p *tool) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.news <- struct{}{}:
	default: // nobody has looked since
	}
	return p.out.Write(b)
}

// printed returns the submatches of what was printed so far.
func (p *tool) printed(re *regexp.Regexp) [][]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return re.FindAllStringSubmatch(p.out.String(), -1)
}

// await waits until n matches were printed, and returns them.
func (p *tool) await(n int, re *regexp.Regexp) (found [][]string) {
	p.t.Helper()
	limit := time.After(sctptest.Wait)
	for {
		if found = p.printed(re); len(found) >= n {
			return found
		}
		select {
		case <-p.news:
		case <-limit:
			p.t.Fatalf("not for %v: %d times %q from %v", sctptest.Wait, n, re, p.cmd.Args)
		}
	}
}

// wait waits for the end of the program. Its exit status says nothing: sctp_darn's is the
// length of its last message.
func (p *tool) wait() {
	p.t.Helper()
	sctptest.Receive(p.t, p.done)
	require.True(p.t, p.cmd.ProcessState.Exited(), "%v: %v", p.cmd.Args, p.cmd.ProcessState)
}

// freePort returns the number of a port that is free at 127.0.0.1.
func freePort(t *testing.T) string {
	t.Helper()
	sctptest.NeedKernel(t)
	m, err := sctp.ListenMulti("sctp4", sctp.AddrFrom(0, loopback))
	require.NoError(t, err)
	defer m.Close()
	return strconv.Itoa(int(m.LocalAddr().(*sctp.Addr).Port))
}
