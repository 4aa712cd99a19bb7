package interop_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// A program runs until the end of the test.
type program struct {
	cmd     *exec.Cmd
	printed *lines
	exited  chan error // what cmd.Wait has returned
}

// startProgram starts a program, whose output it keeps.
func startProgram(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{cmd: cmd, printed: newLines(), exited: make(chan error, 1)}
	cmd.Stdout, cmd.Stderr = p.printed, p.printed
	cmd.WaitDelay = time.Second // if it leaves processes behind
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		p.exited <- cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM) // those that have children end them
		kill := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		<-done
		kill.Stop()
		if t.Failed() {
			t.Logf("printed by %v:\n%s", cmd.Args, p.printed)
		}
	})
	return p
}

// wait waits until the program has ended, and returns its status.
func (p *program) wait(t *testing.T) error {
	t.Helper()
	return sctptest.Receive(t, p.exited)
}

// dialProgram dials a program that is about to listen, and does not say when it does.
func dialProgram(t *testing.T, d sctp.Dialer, addr *sctp.Addr) *sctp.Conn {
	t.Helper()
	var c *sctp.Conn
	var err error
	sctptest.Eventually(t, func() bool {
		c, err = d.DialSCTP(context.Background(), "sctp4", nil, addr)
		return !errors.Is(err, syscall.ECONNREFUSED)
	}, "somebody listens on %v", addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
	return c
}

// need skips the test where a program is missing. make test installs it, and without it the
// test fails in the test bed, which sees the programs of its host if that is of its
// architecture.
func need(t *testing.T, name, packages string) {
	t.Helper()
	sctptest.NeedKernel(t)
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	cure := fmt.Sprintf("there is no %s; install it: apt-get install --no-install-recommends %s", name, packages)
	if os.Getenv("SCTP_TESTBED") != "" && runtime.GOARCH == "amd64" {
		t.Fatal(cure)
	}
	t.Skip(cure + "; in the test bed of another architecture than the host's it cannot run")
}

// needLarge is need of a program that is large, or slow in the test bed: make interop has it,
// and make test does without.
func needLarge(t *testing.T, name, packages string) {
	t.Helper()
	sctptest.NeedKernel(t)
	if os.Getenv("SCTP_INTEROP") == "" {
		t.Skipf("make interop installs %s and runs this test; or set SCTP_INTEROP=1", packages)
	}
	need(t, name, packages)
}
