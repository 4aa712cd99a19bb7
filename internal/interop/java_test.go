package interop_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestJava(t *testing.T) {
	t.Parallel()
	needLarge(t, "javac", "default-jdk-headless")
	j := startJava(t)
	t.Run("SctpServerChannel, echo, we end", func(t *testing.T) {
		c := j.dial(t, "server")
		j.echoes(t, c, "server")
		require.NoError(t, c.Shutdown(context.Background()))
		j.printed.await(t, `(?m)^server: end$`)
	})
	t.Run("SctpMultiChannel, branch, we end", func(t *testing.T) {
		c, other := j.dial(t, "multi"), j.dial(t, "multi")
		j.echoes(t, c, "multi")
		_, err := c.WriteMsg([]byte("branch"), &sctp.SndInfo{Stream: 2})
		require.NoError(t, err)
		m := read(t, c)
		require.Equal(t, "branched", string(m.Data))
		require.Equal(t, uint16(2), m.Info.Stream)
		j.echoes(t, c, "branch")
		j.echoes(t, other, "multi")
		require.NoError(t, c.Shutdown(context.Background()))
		j.printed.await(t, `(?m)^branch: end$`)
		require.NoError(t, other.Shutdown(context.Background()))
		j.printed.await(t, `(?m)^multi: SHUTDOWN$`)
	})
	for _, tt := range []struct {
		name, how string
		end       error
	}{
		{"SctpChannel, it dials and shuts down", "shutdown", io.EOF},
		{"SctpChannel, it dials and aborts", "abort", syscall.ECONNRESET},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := sctptest.Listen(t, sctp.ListenConfig{InitMsg: sctp.InitMsg{OutStreams: 10, MaxInStreams: 10}}, "sctp4", "127.0.0.1:0")
			_, err := fmt.Fprintln(j.in, tt.how, l.Addr().(*sctp.Addr).Port)
			require.NoError(t, err)
			c := sctptest.Accept(t, l)
			require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
			m := read(t, c)
			require.Equal(t, "hello", string(m.Data))
			requireInfo(t, m, 3, 60, true)
			j.printed.await(t, tt.how+`: streams out 5, in 7\n`)
			_, err = c.WriteMsg([]byte("back"), &sctp.SndInfo{Stream: 6, PPID: 0x01020304})
			require.NoError(t, err)
			j.printed.await(t, tt.how+`: stream 6, PPID 16909060, 4 bytes: back\n`)
			_, err = c.ReadMsg(make([]byte, 1))
			require.ErrorIs(t, err, tt.end)
		})
	}
}

// java is a running Peer.java.
type java struct {
	*program
	in io.Writer
}

func startJava(t *testing.T) *java {
	t.Helper()
	// Without these a machine that is emulated takes twice the time.
	cmd := exec.Command("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "testdata/Peer.java")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	j := &java{startProgram(t, cmd), in}
	j.printed.awaitFor(t, 5*sctptest.Wait, `multi: port `) // it compiles first
	return j
}

// dial sets an association up with one of its channels.
func (j *java) dial(t *testing.T, channel string) *sctp.Conn {
	t.Helper()
	port, err := strconv.ParseUint(j.printed.await(t, channel+`: port (\d+)\n`)[1], 10, 16)
	require.NoError(t, err)
	return dialProgram(t, sctp.Dialer{}, sctp.AddrFrom(uint16(port), loopback))
}

// echoes has messages echoed, one of them in many packets.
func (j *java) echoes(t *testing.T, c *sctp.Conn, channel string) {
	t.Helper()
	for i, size := range []int{5, 60000} {
		sent := bytes.Repeat([]byte{'a' + byte(i)}, size)
		_, err := c.WriteMsg(sent, &sctp.SndInfo{Stream: 4, PPID: 60, Unordered: i == 0})
		require.NoError(t, err)
		m, err := c.ReadWhole(nil, size)
		require.NoError(t, err)
		require.Equal(t, sent, m.Data)
		requireInfo(t, m, 4, 60, i == 0)
		j.printed.await(t, channel+`: stream 4, PPID 60(, unordered)?, `+strconv.Itoa(size)+` bytes: `+string(sent[:5]))
	}
}

func requireInfo(t *testing.T, m sctp.Message, stream uint16, ppid uint32, unordered bool) {
	t.Helper()
	require.True(t, m.EOR)
	require.Equal(t, stream, m.Info.Stream)
	require.Equal(t, ppid, m.Info.PPID)
	require.Equal(t, unordered, m.Info.Unordered)
}
