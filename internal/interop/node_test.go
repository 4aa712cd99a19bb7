package interop_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// A node is a process that evaluates Erlang: testdata/node.escript. All tests share one,
// since it takes its time to start.
type node struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan struct{} // closed when the process has no more to say

	mu       sync.Mutex
	sessions map[string]*session
}

var theNode struct {
	sync.Mutex
	*node
}

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "20") // most of the time they wait for the node, or for a clock
	code := m.Run()
	if n := theNode.node; n != nil {
		if err := n.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func needErlang(t *testing.T) {
	t.Helper()
	need(t, "escript", "erlang-base libsctp1")
}

func startNode() (*node, error) {
	n := &node{cmd: exec.Command("escript", "testdata/node.escript"), sessions: make(map[string]*session)}
	n.done = make(chan struct{})
	n.cmd.Stderr = os.Stderr
	in, err := n.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	n.in = in
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	go n.read(out, ready)
	select {
	case <-ready:
		return n, nil
	case <-n.done:
		err = errors.New("the Erlang node has ended")
	case <-time.After(5 * sctptest.Wait):
		err = errors.New("the Erlang node does not start")
	}
	return nil, errors.Join(err, n.stop())
}

// read hands the lines of the node to its sessions.
func (n *node) read(out io.Reader, ready chan struct{}) {
	defer close(n.done)
	for s := bufio.NewScanner(out); s.Scan(); {
		f := strings.SplitN(s.Text(), " ", 3)
		if len(f) < 3 {
			if f[0] == "ready" {
				close(ready)
			}
			continue
		}
		n.mu.Lock()
		e := n.sessions[f[0]]
		n.mu.Unlock()
		switch {
		case e == nil: // its test is over
		case f[1] == ">":
			text, err := strconv.Unquote(f[2]) // of ASCII without control characters but \n
			if err != nil {
				text = f[2]
			}
			e.printed.add(text)
		default:
			e.results <- f[1] + " " + f[2]
		}
	}
}

// stop ends the process.
func (n *node) stop() error {
	n.in.Close()
	kill := time.AfterFunc(sctptest.Wait, func() { n.cmd.Process.Kill() })
	defer kill.Stop()
	<-n.done
	return n.cmd.Wait()
}

// A session evaluates one expression after the other in an Erlang process of its own,
// which the end of the test ends.
type session struct {
	t       *testing.T
	n       *node
	name    string
	results chan string
	printed *lines
}

// newSession returns a session in which Recv(Socket) is gen_sctp:recv, reduced to
// {AncData, Data} or an error.
func newSession(t *testing.T) *session {
	t.Helper()
	needErlang(t)
	theNode.Lock()
	defer theNode.Unlock()
	if theNode.node == nil {
		var err error
		theNode.node, err = startNode()
		require.NoError(t, err)
	}
	n := theNode.node
	e := &session{t: t, n: n, results: make(chan string, 100), printed: newLines()}
	n.mu.Lock()
	e.name = "s" + strconv.Itoa(len(n.sessions))
	n.sessions[e.name] = e
	n.mu.Unlock()
	t.Cleanup(func() {
		n.mu.Lock()
		n.sessions[e.name] = nil
		n.mu.Unlock()
		fmt.Fprintln(n.in, e.name)
		if t.Failed() {
			t.Logf("printed by Erlang:\n%s", e.printed)
		}
	})
	e.eval(`Recv = fun(S) -> case gen_sctp:recv(S, 60000) of {ok, {_, _, Anc, Data}} -> {Anc, Data}; Error -> Error end end, ok`)
	return e
}

// open makes the variable S a socket that listens, and returns its port. With gen_sctp's
// own receive buffer, of 1024 bytes, a long message takes seconds.
func (e *session) open(options string) uint16 {
	e.t.Helper()
	return e.port(`{ok, S} = gen_sctp:open([{recbuf, 65536}, %s]), ok = gen_sctp:listen(S, true), {ok, Port} = inet:port(S), Port`, options)
}

// port evaluates expressions whose value is a port.
func (e *session) port(format string, args ...any) uint16 {
	e.t.Helper()
	text := e.eval(format, args...)
	port, err := strconv.ParseUint(text, 10, 16)
	require.NoError(e.t, err)
	return uint16(port)
}

// eval returns the value of expressions.
func (e *session) eval(format string, args ...any) string {
	e.t.Helper()
	e.start(format, args...)
	return e.result()
}

// start has expressions evaluated, whose value result returns.
func (e *session) start(format string, args ...any) {
	e.t.Helper()
	_, err := fmt.Fprintf(e.n.in, "%s %s.\n", e.name, fmt.Sprintf(format, args...))
	require.NoError(e.t, err)
}

func (e *session) result() string {
	e.t.Helper()
	text := sctptest.Receive(e.t, e.results)
	value, ok := strings.CutPrefix(text, "= ")
	require.True(e.t, ok, text)
	return value
}

// recv receives from S, and requires of what comes that it contains all of parts.
func (e *session) recv(parts ...string) {
	e.t.Helper()
	got := e.eval(`Recv(S)`)
	for _, part := range parts {
		require.Contains(e.t, got, part)
	}
}
