package interop_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// serveManual has the manual's server serve, and returns its session and port.
func serveManual(t *testing.T) (*session, uint16) {
	t.Helper()
	e := newSession(t)
	port := freePort(t)
	e.start(`Run("testdata/sctp_server.erl", server, [{127,0,0,1}, %d])`, port)
	e.printed.await(t, `Listening on \{127,0,0,1\}`)
	return e, port
}

// freePort returns a port that is free.
func freePort(t *testing.T) uint16 {
	t.Helper()
	l, err := sctp.Listen("sctp4", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().(*sctp.Addr).Port
}

// startExample starts an example. Tests run where there is no compiler, so it must have
// been built.
func startExample(t *testing.T, name string, args ...string) *program {
	t.Helper()
	needErlang(t)
	path, err := filepath.Abs(filepath.Join("..", "..", ".cache", "examples", runtime.GOARCH, name))
	require.NoError(t, err)
	source, err := os.Stat(filepath.Join("..", "..", "examples", name, "main.go"))
	require.NoError(t, err)
	built, err := os.Stat(path)
	if err != nil || built.ModTime().Before(source.ModTime()) {
		cure := "the example is not built, or older than its source: GOARCH=" + runtime.GOARCH +
			" CGO_ENABLED=0 go build -o .cache/examples/" + runtime.GOARCH + "/ ./examples/..."
		if os.Getenv("SCTP_TESTBED") != "" {
			t.Fatal(cure)
		}
		t.Skip(cure)
	}
	return startProgram(t, exec.Command(path, args...))
}

// serveExample starts multi-server, and returns it and its port.
func serveExample(t *testing.T) (*program, uint16) {
	t.Helper()
	p := startExample(t, "multi-server", "-listen", "127.0.0.1:0")
	port, err := strconv.ParseUint(p.printed.await(t, `listening on 127\.0\.0\.1:(\d+)\n`)[1], 10, 16)
	require.NoError(t, err)
	return p, uint16(port)
}

func address(port uint16) string { return "127.0.0.1:" + strconv.Itoa(int(port)) }

func TestMultiClientWithManualsServer(t *testing.T) {
	t.Parallel()
	e, port := serveManual(t)
	p := startExample(t, "multi-client", "-peer", address(port), "-timeout", sctptest.Wait.String(), "-pause", "100ms")
	p.printed.await(t, `streams in 10, out 5\)\nstream 0: sent "Test 0"\nstream 5: .*stream 5 of an association with 5.*\naborted\n$`)
	require.NoError(t, p.wait(t))
	e.printed.await(t, `(?s)\{sctp_assoc_change,comm_up,0,10,5,.*"Test 0".*\{sctp_assoc_change,comm_lost,3072,`)
	require.NotContains(t, e.printed.String(), "Test 5")
}

func TestMultiServerWithManualsClient(t *testing.T) {
	t.Parallel()
	p, port := serveExample(t)
	e := newSession(t)
	e.start(`Run("testdata/sctp_client.erl", client, [{127,0,0,1}, %d])`, port) // it pauses, for 21 seconds
	p.printed.await(t, `(?s)communication up \(streams in 5, out 10.*stream 0, PPID 0: "Test 0"\n.*communication lost .*user`)
	require.NotContains(t, p.printed.String(), "Test 5")
	require.Equal(t, "ok", e.result())
	e.printed.await(t, `(?s)Connection Successful.*\nok\n\{error,.*\}\nok\n$`)
}

func TestMultiPeersWithManualsServers(t *testing.T) {
	t.Parallel()
	e1, port1 := serveManual(t)
	e2, port2 := serveManual(t)
	p := startExample(t, "multi-peers", "-wait", "10s", address(port1), address(port2))
	for _, port := range []uint16{port1, port2} {
		p.printed.await(t, address(port)+`: communication up \(streams in 10, out 5\)\n`)
	}
	require.NoError(t, p.wait(t))
	for _, e := range []*session{e1, e2} {
		e.printed.await(t, `(?s)\{sctp_assoc_change,comm_up,0,10,5,.*\{sctp_shutdown_event,.*\{sctp_assoc_change,shutdown_comp,`)
	}
}

func TestMultiServersWithManualsConnectInit(t *testing.T) {
	t.Parallel()
	p1, port1 := serveExample(t)
	p2, port2 := serveExample(t)
	e := newSession(t)
	e.start(`Run("testdata/ex3.erl", client, [{127,0,0,1}, %d, {127,0,0,1}, %d])`, port1, port2)
	for _, p := range []*program{p1, p2} {
		p.printed.await(t, `communication up \(streams in 5, out 10`)
	}
	e.printed.await(t, `Association 1 connect result: comm_up`)
	e.printed.await(t, `Association 2 connect result: comm_up`)
	require.Equal(t, "ok", e.result())
}
