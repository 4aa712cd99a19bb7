// Package endings_test keeps the promises 1 and 2: however an association ends, every
// call returns, parked or later, and returns what the table in the documentation of
// Conn says. It is a package of its own because that takes long.
package endings_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// peerEnv makes the test binary a peer process, that a test can kill, instead of
// running tests: "dial address" or "listen address".
const peerEnv = "SCTP_TEST_PEER"

func TestMain(m *testing.M) {
	if role := os.Getenv(peerEnv); role != "" {
		if err := runPeer(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(sctptest.Run(m))
}

// runPeer makes one association, which it does not read, and waits until it is
// killed or its standard input ends; then it exits without closing anything.
func runPeer(role string) error {
	what, address, _ := strings.Cut(role, " ")
	if what == "dial" {
		c, err := sctp.Dial("sctp4", address)
		if err != nil {
			return err
		}
		fmt.Println(c.LocalAddr())
	} else {
		l, err := sctp.Listen("sctp4", address)
		if err != nil {
			return err
		}
		fmt.Println(l.Addr())
		if _, err := l.Accept(); err != nil {
			return err
		}
	}
	io.Copy(io.Discard, os.Stdin)
	return nil
}

// A peerProcess is a peer in a process of its own.
type peerProcess struct {
	cmd  *exec.Cmd
	addr string // its association's, or its listener's
}

func startPeer(t *testing.T, role string) *peerProcess {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	p := &peerProcess{cmd: exec.Command(exe)}
	p.cmd.Env = append(os.Environ(), peerEnv+"="+role)
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { in.Close(); p.cmd.Process.Kill(); p.cmd.Wait() })
	p.addr, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	p.addr = strings.TrimSpace(p.addr)
	return p
}
