package soak_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// childRole names, in the environment of a process that a test has started, what it does.
const childRole = "SCTP_SOAK_CHILD"

// child is what such a process does: it listens, says where, and sends back what comes.
func child(role string) int {
	l, err := sctp.Listen("sctp4", "127.0.0.1:0")
	if err != nil || role != "echo" {
		fmt.Fprintln(os.Stderr, role, err)
		return 1
	}
	fmt.Println(l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			return 1
		}
		go func() {
			io.Copy(c, c)
			c.Close()
		}()
	}
}

// startPeer starts a process that echoes, and returns an association with it.
func startPeer(t *testing.T) (*exec.Cmd, *sctp.Conn) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childRole+"=echo")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	c, err := sctp.DialTimeout("sctp4", address[:len(address)-1], sctptest.Wait)
	require.NoError(t, err)
	t.Cleanup(func() { c.(*sctp.Conn).Abort() })
	return cmd, c.(*sctp.Conn)
}

// The peer's process is stopped until nothing can be written any more, goes on, and has
// lost nothing; then it is killed, and reads and writes end.
func TestPeerProcess(t *testing.T) {
	check := leaks(t)
	stops, kills, echoed := 0, 0, 0
	rounds(t, 2, func(seed uint64) {
		cmd, c := startPeer(t)
		require.NoError(t, cmd.Process.Signal(syscall.SIGSTOP))
		stops++
		f := newFlow(seed, 2000, 1000, 0)
		sent := make(chan error, 1)
		go func() { sent <- f.sendPlain(c) }()
		sctptest.AwaitParked(t, 1)
		require.NoError(t, cmd.Process.Signal(syscall.SIGCONT))
		require.NoError(t, c.SetDeadline(time.Now().Add(2*sctptest.Wait)))
		var total int
		for i := range f.n {
			_, size := f.info(i)
			total += size
		}
		var want []byte
		got := make([]byte, 0, total)
		b := make([]byte, 64<<10)
		for len(got) < total {
			n, err := c.Read(b)
			require.NoError(t, err)
			got = append(got, b[:n]...)
		}
		for i := range f.n {
			want, _ = f.message(i, want)
			require.True(t, string(want) == string(got[:len(want)]), "message %d", i)
			got = got[len(want):]
		}
		require.NoError(t, sctptest.Receive(t, sent))
		echoed += f.n

		read := make(chan error, 1)
		go func() {
			_, err := c.Read(make([]byte, 1))
			read <- err
		}()
		sctptest.AwaitParked(t, 1)
		require.NoError(t, cmd.Process.Kill())
		require.ErrorIs(t, sctptest.Receive(t, read), io.EOF) // the kernel shuts down for the dead
		_, err := c.Write([]byte("nobody"))
		require.ErrorIs(t, err, syscall.EPIPE)
		require.NoError(t, c.Close())
		cmd.Wait()
		kills++
	})
	check()
	report(t, "%d peers stopped and continued, %d messages echoed, %d killed", stops, echoed, kills)
}

// sendPlain writes all messages with Write, on one stream.
func (f *flow) sendPlain(c *sctp.Conn) error {
	var b []byte
	for i := range f.n {
		b, _ = f.message(i, b)
		if _, err := c.Write(b); err != nil {
			return fmt.Errorf("write %d: %w", i, err)
		}
	}
	return nil
}
