package interop_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Socat and ncat read and write bytes, as over TCP: so does a Conn.
func TestSocat(t *testing.T) {
	t.Parallel()
	need(t, "socat", "socat")
	t.Run("SCTP-CONNECT, a line each way, it ends", func(t *testing.T) {
		w := sctptest.NewWire(t)
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		port := l.Addr().(*sctp.Addr).Port
		talkAndEnd(t, l, exec.Command("socat", "-", "SCTP-CONNECT:"+address(port)))
		requireShutdown(t, w, port)
	})
	t.Run("SCTP-LISTEN, 300000 bytes echoed, we end", func(t *testing.T) {
		w := sctptest.NewWire(t)
		port := freePort(t)
		p := startProgram(t, exec.Command("socat", "-d", "-d", "SCTP-LISTEN:"+strconv.Itoa(int(port))+",bind=127.0.0.1", "EXEC:cat"))
		p.printed.await(t, `listening on`)
		echo(t, port, 300000)
		require.NoError(t, p.wait(t))
		requireShutdown(t, w, port)
	})
}

// talkAndEnd accepts an association from a program, which sends its standard input and
// prints what it gets, and has it end.
func talkAndEnd(t *testing.T, l net.Listener, cmd *exec.Cmd) {
	t.Helper()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	p := startProgram(t, cmd)
	c, err := l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
	_, err = io.WriteString(in, "hello\n")
	require.NoError(t, err)
	b := make([]byte, 100)
	n, err := io.ReadAtLeast(c, b, 6)
	require.NoError(t, err)
	require.Equal(t, "hello\n", string(b[:n]))
	_, err = io.WriteString(c, "back\n")
	require.NoError(t, err)
	p.printed.await(t, `back\n`)
	require.NoError(t, in.Close())
	rest, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Empty(t, rest)
	if err := c.Close(); err != nil {
		require.IsType(t, &tls.Conn{}, c)
		require.ErrorIs(t, err, syscall.EPIPE) // of its alert
	}
	require.NoError(t, p.wait(t))
}

// echo dials a program that echoes, and has so many bytes echoed.
// It ends the association, without loss.
func echo(t *testing.T, port uint16, size int) {
	t.Helper()
	c, err := sctp.DialSCTP("sctp4", nil, sctp.AddrFrom(port, loopback))
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
	sent := make([]byte, size)
	for i := range sent {
		sent[i] = byte(i % 251)
	}
	written := make(chan error, 1)
	go func() {
		_, err := c.Write(sent)
		written <- err
	}()
	got := make([]byte, size)
	_, err = io.ReadFull(c, got)
	require.NoError(t, err)
	require.NoError(t, sctptest.Receive(t, written))
	require.Equal(t, sent, got)
	require.NoError(t, c.Shutdown(context.Background()))
}
