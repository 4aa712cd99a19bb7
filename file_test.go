package sctp_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// requireTalk checks that bytes go both ways between a and b.
func requireTalk(t *testing.T, a, b net.Conn) {
	t.Helper()
	buf := make([]byte, 16)
	for _, c := range [][2]net.Conn{{a, b}, {b, a}} {
		_, err := c[0].Write([]byte("hello"))
		require.NoError(t, err)
		n, err := c[1].Read(buf)
		require.NoError(t, err)
		require.Equal(t, "hello", string(buf[:n]))
	}
}

// The copy and the original are both usable, and neither ends with the other.
func TestFileConn(t *testing.T) {
	for _, first := range []string{"file", "original", "copy"} {
		t.Run("close the "+first, func(t *testing.T) {
			check := sctptest.Leaks(t)
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
			client, server := sctptest.Connect(t, sctp.Dialer{}, l)
			require.NoError(t, l.Close())
			f, err := client.File()
			require.NoError(t, err)
			nc, err := sctp.FileConn(f)
			require.NoError(t, err)
			again := nc.(*sctp.Conn)
			require.Equal(t, client.LocalAddr().String(), again.LocalAddr().String())
			require.Equal(t, client.RemoteAddr().String(), again.RemoteAddr().String())
			requireTalk(t, client, server)
			requireTalk(t, again, server)
			switch first {
			case "file":
				require.NoError(t, f.Close())
				requireTalk(t, client, server)
				requireTalk(t, again, server)
			case "original":
				require.NoError(t, client.Close())
				requireTalk(t, again, server)
				_, err = client.Write([]byte("x"))
				require.ErrorIs(t, err, net.ErrClosed)
			case "copy":
				require.NoError(t, again.Close())
				requireTalk(t, client, server)
				_, err = again.Write([]byte("x"))
				require.ErrorIs(t, err, net.ErrClosed)
			}
			// The last one out ends the association.
			f.Close()
			client.Close()
			again.Close()
			_, err = server.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
			require.NoError(t, server.Close())
			check()
		})
	}
}

// A Conn of a file reads messages as any other, waits without holding a thread, and
// learns how the association ends.
func TestFileConnIsComplete(t *testing.T) {
	client, server := sctptest.Pair(t)
	f, err := server.File()
	require.NoError(t, err)
	defer f.Close()
	nc, err := sctp.FileConn(f)
	require.NoError(t, err)
	c := nc.(*sctp.Conn)
	defer c.Close()
	_, err = client.WriteMsg([]byte("hello"), &sctp.SndInfo{Stream: 3, PPID: 60})
	require.NoError(t, err)
	m, err := c.ReadMsg(make([]byte, 64))
	require.NoError(t, err)
	require.Equal(t, uint16(3), m.Info.Stream)
	require.Equal(t, uint32(60), m.Info.PPID)
	require.Equal(t, client.LocalAddr().(*sctp.Addr).Port, m.Addr.Port())

	result := make(chan error, 1)
	go func() {
		_, err := c.Read(make([]byte, 8))
		result <- err
	}()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, client.Abort())
	require.ErrorIs(t, sctptest.Receive(t, result), syscall.ECONNRESET)
}

func TestFileListener(t *testing.T) {
	for _, first := range []string{"file", "original", "copy"} {
		t.Run("close the "+first, func(t *testing.T) {
			check := sctptest.Leaks(t)
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
			f, err := l.File()
			require.NoError(t, err)
			nl, err := sctp.FileListener(f)
			require.NoError(t, err)
			again := nl.(*sctp.Listener)
			require.Equal(t, l.Addr().String(), again.Addr().String())
			open := []*sctp.Listener{l, again}
			switch first {
			case "file":
				require.NoError(t, f.Close())
			case "original":
				require.NoError(t, l.Close())
				open = open[1:]
			case "copy":
				require.NoError(t, again.Close())
				open = open[:1]
			}
			for _, l := range open {
				client, server := sctptest.Connect(t, sctp.Dialer{}, l)
				requireTalk(t, client, server)
				require.NoError(t, client.Close())
				require.NoError(t, server.Close())
			}
			// It listens until the last is closed.
			f.Close()
			l.Close()
			again.Close()
			_, err = sctp.Dial("sctp4", l.Addr().String())
			sctptest.RequireRefused(t, err)
			check()
		})
	}
}

// What is no such socket is refused, and stays as it was.
func TestFileOfSomethingElse(t *testing.T) {
	sctptest.NeedKernel(t)
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("text"), 0o600))
	regular, err := os.Open(name)
	require.NoError(t, err)
	defer regular.Close()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	const inet, stream, dgram, seqpacket, tcp, udp, sctpProto = 2, 1, 2, 5, 6, 17, 132
	client, _ := sctptest.Pair(t)
	connected, err := client.File()
	require.NoError(t, err)
	defer connected.Close()
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	listener, err := l.File()
	require.NoError(t, err)
	defer listener.Close()

	files := map[string]struct {
		f              *os.File
		conn, listener error
		text           string
	}{
		"regular file": {regular, syscall.ENOTSOCK, syscall.ENOTSOCK, "getsockopt SO_PROTOCOL: socket operation on non-socket"},
		"pipe":         {r, syscall.ENOTSOCK, syscall.ENOTSOCK, "non-socket"},
		"TCP":          {sctptest.RawSocket(t, inet, stream, tcp), syscall.EINVAL, syscall.EINVAL, "not an SCTP socket"},
		"UDP":          {sctptest.RawSocket(t, inet, dgram, udp), syscall.EINVAL, syscall.EINVAL, "not an SCTP socket"},
		"one-to-many":  {sctptest.RawSocket(t, inet, seqpacket, sctpProto), syscall.EINVAL, syscall.EINVAL, "not a one-to-one socket"},
		"unconnected":  {sctptest.RawSocket(t, inet, stream, sctpProto), syscall.EINVAL, syscall.EINVAL, ""},
		"Conn":         {connected, nil, syscall.EINVAL, "the socket does not listen"},
		"Listener":     {listener, syscall.EINVAL, nil, "the socket listens"},
	}
	for name, tt := range files {
		t.Run(name, func(t *testing.T) {
			check := sctptest.Leaks(t)
			for op, call := range map[string]func() (any, error){
				"FileConn":     func() (any, error) { return sctp.FileConn(tt.f) },
				"FileListener": func() (any, error) { return sctp.FileListener(tt.f) },
			} {
				want := tt.conn
				if op == "FileListener" {
					want = tt.listener
				}
				got, err := call()
				if want == nil {
					require.NoError(t, err)
					require.NoError(t, got.(io.Closer).Close())
					continue
				}
				require.Equal(t, nil, got, "the nil interface")
				requireOpError(t, err, "file", want)
				var oe *net.OpError
				require.ErrorAs(t, err, &oe)
				require.Equal(t, "file+net", oe.Net)
				require.Equal(t, tt.f.Name(), oe.Addr.String())
				require.ErrorContains(t, err, tt.text)
			}
			check()
		})
	}
	require.NoError(t, regular.Close())
	_, err = sctp.FileConn(regular)
	require.ErrorContains(t, err, "use of closed file")

	// The listener still listens.
	dialTo(t, l)
	sctptest.Accept(t, l)
}
