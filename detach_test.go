package sctp_test

import (
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Another program reads what was sent, and nothing else, from a socket that was given away,
// though the Conn was subscribed to events.
func TestConnDetachForAnotherProgram(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{Events: sctp.AllEvents()}, "sctp4", "127.0.0.1:0")
	_, err := client.Write([]byte("first "))
	require.NoError(t, err)
	for m, err := range server.Messages(100) { // the events of the set-up, and a message
		require.NoError(t, err)
		if m.Event == nil {
			require.Equal(t, "first ", string(m.Data))
			break
		}
	}
	_, err = client.Write([]byte("unread "))
	require.NoError(t, err)
	f, err := server.Detach()
	require.NoError(t, err)
	defer f.Close()
	_, err = server.Write([]byte("x"))
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = server.Detach()
	require.ErrorIs(t, err, net.ErrClosed)

	path, err := exec.LookPath("cat")
	if err != nil {
		require.NotEqual(t, "amd64", runtime.GOARCH, "the host's programs are there")
		requireRead(t, f, "unread ") // in this process
		_, err = client.Write([]byte("last"))
		require.NoError(t, err)
		requireRead(t, f, "last")
		return
	}
	_, err = client.Write([]byte("last"))
	require.NoError(t, err)
	require.NoError(t, client.Close())
	cat := exec.Command(path)
	cat.Stdin = f
	out, err := cat.Output()
	require.NoError(t, err)
	require.Equal(t, "unread last", string(out))
}

// requireRead requires that f, which is blocking, returns text.
func requireRead(t *testing.T, f *os.File, text string) {
	t.Helper()
	b := make([]byte, 100)
	n, err := f.Read(b)
	require.NoError(t, err)
	require.Equal(t, text, string(b[:n]))
}

// While a call is under way, or amid a message, the socket is not given away, and the Conn
// goes on.
func TestConnDetachRefuses(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.Write([]byte("message"))
	require.NoError(t, err)
	_, err = server.ReadMsg(make([]byte, 3))
	require.NoError(t, err)
	_, err = server.Detach()
	require.ErrorIs(t, err, syscall.EBUSY)
	_, err = server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)

	done := make(chan error, 1)
	go func() {
		_, err := server.Read(make([]byte, 1))
		done <- err
	}()
	sctptest.AwaitParked(t, 1)
	_, err = server.Detach()
	require.ErrorIs(t, err, syscall.EBUSY)
	_, err = client.Write([]byte("x"))
	require.NoError(t, err)
	require.NoError(t, sctptest.Receive(t, done))
	f, err := server.Detach()
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// What another program accepts from a listener that was given away has no events.
func TestListenerDetach(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{Events: sctp.AllEvents()}, "sctp4", "127.0.0.1:0")
	client, err := sctp.DialSCTP("sctp4", nil, l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	defer client.Close()
	waiting := l.Addr()
	f, err := l.Detach()
	require.NoError(t, err)
	defer f.Close()
	_, err = l.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	later, err := sctp.DialSCTP("sctp4", nil, waiting.(*sctp.Addr))
	require.NoError(t, err)
	defer later.Close()
	sctptest.AcceptFile(t, f) // has waited: its set-up may be in its queue
	accepted := sctptest.AcceptFile(t, f)
	_, err = later.Write([]byte("hello"))
	require.NoError(t, err)
	requireRead(t, accepted, "hello")
}
