package sctp_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// The copy and the original are both usable, and neither ends with the other.
func TestFilePacketConn(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "127.0.0.1/127.0.0.2:0", "[127.0.0.1]/[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			check := sctptest.Leaks(t)
			m := sctptest.ListenMulti(t, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange}}, "sctp", address)
			f, err := m.File()
			require.NoError(t, err)
			pc, err := sctp.FilePacketConn(f)
			require.NoError(t, err)
			again := pc.(*sctp.MultiConn)
			require.NoError(t, f.Close())
			require.Equal(t, m.LocalAddr().String(), again.LocalAddr().String())
			c, err := sctp.Dial("sctp", m.LocalAddr().String())
			require.NoError(t, err)
			_, err = c.Write([]byte("hello"))
			require.NoError(t, err)
			n, addr, err := again.ReadFrom(make([]byte, 10))
			require.NoError(t, err)
			require.Equal(t, 5, n)
			require.NoError(t, m.Close())
			_, err = again.WriteTo([]byte("back"), addr)
			require.NoError(t, err)
			n, err = c.Read(make([]byte, 10))
			require.NoError(t, err)
			require.Equal(t, 4, n)
			// It sets up associations, and is interrupted as any other.
			ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
			defer cancel()
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			_, err = again.Connect(ctx, l.Addr().(*sctp.Addr))
			require.NoError(t, err)
			require.NoError(t, again.SetReadDeadline(time.Now()))
			_, err = again.ReadMsg(make([]byte, 10))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.NoError(t, again.Close())
			_, err = c.Read(make([]byte, 10))
			require.Equal(t, io.EOF, err)
			require.NoError(t, c.Close())
			require.NoError(t, l.Close())
			check()
		})
	}
}

// A socket that was peeled off is a Conn also as a file.
func TestFileOfAPeeledOffConn(t *testing.T) {
	client, server := peeledPair(t)
	f, err := client.File()
	require.NoError(t, err)
	defer f.Close()
	_, err = sctp.FilePacketConn(f)
	require.ErrorIs(t, err, syscall.EINVAL)
	_, err = sctp.FileListener(f)
	require.ErrorIs(t, err, syscall.EINVAL)
	nc, err := sctp.FileConn(f)
	require.NoError(t, err)
	again := nc.(*sctp.Conn)
	require.Equal(t, client.LocalAddr().String(), again.LocalAddr().String())
	require.Equal(t, client.RemoteAddr().String(), again.RemoteAddr().String())
	require.NoError(t, f.Close())
	require.NoError(t, client.Close())
	requireTalk(t, again, server)
	require.NoError(t, again.StartShutdown()) // as of one that was peeled off
	_, err = server.Read(make([]byte, 10))
	require.Equal(t, io.EOF, err)
	_, err = again.Read(make([]byte, 10))
	require.Equal(t, io.EOF, err)
	require.NoError(t, again.Close())
}

func TestFilePacketConnOfSomethingElse(t *testing.T) {
	client, _ := sctptest.Pair(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	conn, err := client.File()
	require.NoError(t, err)
	defer conn.Close()
	listener, err := l.File()
	require.NoError(t, err)
	defer listener.Close()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("text"), 0o600))
	regular, err := os.Open(name)
	require.NoError(t, err)
	defer regular.Close()
	const inet, dgram, udp = 2, 2, 17
	for _, tt := range []struct {
		f    *os.File
		want error
		text string
	}{
		{conn, syscall.EINVAL, "not a one-to-many socket"},
		{listener, syscall.EINVAL, "not a one-to-many socket"},
		{sctptest.RawSocket(t, inet, dgram, udp), syscall.EINVAL, "not an SCTP socket"},
		{regular, syscall.ENOTSOCK, "SO_PROTOCOL"},
	} {
		pc, err := sctp.FilePacketConn(tt.f)
		require.Equal(t, net.PacketConn(nil), pc, "the nil interface")
		requireOpError(t, err, "file", tt.want)
		require.ErrorContains(t, err, tt.text)
	}
}

// What a Conn can do, one that was peeled off can do.
func TestPeeledOffConnCloses(t *testing.T) {
	t.Run("CloseRead", func(t *testing.T) {
		client, server := peeledPair(t)
		_, err := server.Write([]byte("before"))
		require.NoError(t, err)
		b := make([]byte, 10)
		n, err := client.Read(b)
		require.NoError(t, err)
		require.Equal(t, "before", string(b[:n]))
		require.NoError(t, client.CloseRead())
		_, err = client.Read(b)
		require.Equal(t, io.EOF, err)
		_, err = server.Write([]byte("dropped"))
		require.NoError(t, err)
		_, err = client.Write([]byte("on"))
		require.NoError(t, err)
		n, err = server.Read(b)
		require.NoError(t, err)
		require.Equal(t, "on", string(b[:n]))
		_, err = client.Read(b)
		require.Equal(t, io.EOF, err)
	})
	t.Run("SetLingerZero", func(t *testing.T) {
		client, server := peeledPair(t)
		require.NoError(t, client.SetLinger(0))
		require.NoError(t, client.Close())
		_, err := server.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}

// A socket that others have made can be bound to several addresses before it is ours.
func TestOptionsBindAddOfAForeignSocket(t *testing.T) {
	sctptest.NeedKernel(t)
	f := sctptest.RawSocket(t, sys.AF_INET, sys.SOCK_SEQPACKET, sys.IPPROTO_SCTP)
	raw, err := f.SyscallConn()
	require.NoError(t, err)
	o := sctp.NewOptions(raw)
	ips := sctptest.IPs("127.0.0.2", "127.0.0.3", "127.0.0.4")
	require.ErrorIs(t, o.BindAdd(), syscall.EINVAL)
	require.NoError(t, o.BindAdd(ips...))
	require.ErrorIs(t, o.BindAdd(ips[0]), syscall.EINVAL)
	require.NoError(t, o.BindRemove(ips[2]))
	require.ErrorIs(t, o.BindRemove(ips[2]), syscall.EINVAL)
	pc, err := sctp.FilePacketConn(f)
	require.NoError(t, err)
	defer pc.Close()
	require.ElementsMatch(t, ips[:2], pc.LocalAddr().(*sctp.Addr).IPs)
	require.NotZero(t, pc.LocalAddr().(*sctp.Addr).Port)
	require.ErrorIs(t, sctp.Options{}.BindAdd(ips...), syscall.EINVAL)
}
