package sctp_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// everyCall is what must fail with net.ErrClosed once a Conn is closed.
var everyCall = []struct {
	name string
	call func(c *sctp.Conn) error
}{
	{"Read", func(c *sctp.Conn) error { _, err := c.Read(make([]byte, 1)); return err }},
	{"ReadNothing", func(c *sctp.Conn) error { _, err := c.Read(nil); return err }},
	{"ReadMsg", func(c *sctp.Conn) error { _, err := c.ReadMsg(make([]byte, 1)); return err }},
	{"Messages", func(c *sctp.Conn) (err error) {
		for _, err = range c.Messages(10) {
		}
		return err
	}},
	{"Write", func(c *sctp.Conn) error { _, err := c.Write(make([]byte, 1)); return err }},
	{"WriteNothing", func(c *sctp.Conn) error { _, err := c.Write(nil); return err }},
	{"WriteMsg", func(c *sctp.Conn) error { _, err := c.WriteMsg(make([]byte, 1), nil); return err }},
	{"SetDeadline", func(c *sctp.Conn) error { return c.SetDeadline(time.Time{}) }},
	{"SetReadDeadline", func(c *sctp.Conn) error { return c.SetReadDeadline(time.Time{}) }},
	{"SetWriteDeadline", func(c *sctp.Conn) error { return c.SetWriteDeadline(time.Time{}) }},
	{"SetNoDelay", func(c *sctp.Conn) error { return c.SetNoDelay(true) }},
	{"SetLinger", func(c *sctp.Conn) error { return c.SetLinger(0) }},
	{"SetReadBuffer", func(c *sctp.Conn) error { return c.SetReadBuffer(1 << 16) }},
	{"SetWriteBuffer", func(c *sctp.Conn) error { return c.SetWriteBuffer(1 << 16) }},
	{"Subscribe", func(c *sctp.Conn) error { return c.Subscribe(sctp.EventShutdown) }},
	{"Unsubscribe", func(c *sctp.Conn) error { return c.Unsubscribe(sctp.EventShutdown) }},
	{"CloseRead", func(c *sctp.Conn) error { return c.CloseRead() }},
	{"CloseWrite", func(c *sctp.Conn) error { return c.CloseWrite() }},
	{"Close", func(c *sctp.Conn) error { return c.Close() }},
	{"Abort", func(c *sctp.Conn) error { return c.Abort() }},
	{"Shutdown", func(c *sctp.Conn) error { return c.Shutdown(context.Background()) }},
	{"File", func(c *sctp.Conn) error { _, err := c.File(); return err }},
	{"SyscallConn", func(c *sctp.Conn) error { _, err := c.SyscallConn(); return err }},
	{"Options", func(c *sctp.Conn) error { _, err := c.Options().Status(); return err }},
	{"SetOptions", func(c *sctp.Conn) error { return c.Options().SetNoDelay(true) }},
	{"PeerAddrs", func(c *sctp.Conn) error { _, err := c.Options().PeerAddrs(); return err }},
}

// Promises 5 and 7.
func TestPromise5ClosedConn(t *testing.T) {
	for _, how := range []struct {
		name  string
		close func(c *sctp.Conn) error
	}{
		{"Close", (*sctp.Conn).Close},
		{"Abort", (*sctp.Conn).Abort},
		{"Shutdown", func(c *sctp.Conn) error { return c.Shutdown(context.Background()) }},
	} {
		t.Run(how.name, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			raw, err := client.SyscallConn()
			require.NoError(t, err)
			local, remote := client.LocalAddr().String(), client.RemoteAddr().String()
			go io.Copy(io.Discard, server)
			require.NoError(t, how.close(client))
			for _, tt := range everyCall {
				err := tt.call(client)
				require.ErrorIs(t, err, net.ErrClosed, tt.name)
				require.NotNil(t, sctptest.OpError(t, err).Addr, tt.name)
			}
			require.ErrorIs(t, raw.Control(func(uintptr) { t.Error("called") }), net.ErrClosed)
			require.ErrorIs(t, raw.Read(func(uintptr) bool { t.Error("called"); return true }), net.ErrClosed)
			require.ErrorIs(t, raw.Write(func(uintptr) bool { t.Error("called"); return true }), net.ErrClosed)
			require.Equal(t, local, client.LocalAddr().String())
			require.Equal(t, remote, client.RemoteAddr().String())
		})
	}
}

// Promise 5: what Write accepted arrives, although Close follows at once.
func TestPromise5CloseDeliversInTheBackground(t *testing.T) {
	for _, linger := range []int{-1, 1, 60} {
		client, server := sctptest.Pair(t)
		require.NoError(t, client.SetLinger(linger))
		want := pattern(150000, 5) // the peer's window is smaller
		for _, b := range [][]byte{want[:60000], want[60000:]} {
			_, err := client.Write(b)
			require.NoError(t, err)
		}
		require.NoError(t, client.Close())
		got, err := io.ReadAll(server)
		require.NoError(t, err)
		require.Equal(t, sha256.Sum256(want), sha256.Sum256(got))
	}
}

// Promise 5: SetLinger(0) makes Close abort, and can be taken back.
func TestPromise5SetLingerZeroAborts(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, client.SetLinger(0))
	require.NoError(t, client.Close())
	_, err := server.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)

	client, server = sctptest.Pair(t)
	require.NoError(t, client.SetLinger(0))
	require.NoError(t, client.SetLinger(10))
	require.NoError(t, client.Close())
	_, err = server.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

// Promise 5: input left unread turns Close into an ABORT, as TCP does, but not
// Shutdown, which loses nothing that either end has accepted to send.
func TestPromise5UnreadInput(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := server.Write([]byte("unread"))
	require.NoError(t, err)
	require.NoError(t, client.Close())
	_, err = server.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestPromise5ShutdownDeliversDespiteUnreadInput(t *testing.T) {
	t.Parallel()
	for range 4 {
		client, server := sctptest.Pair(t)
		// The server fills the client's window with what is never read, some of it in
		// messages longer than that.
		flooded := make(chan struct{})
		go func() {
			defer close(flooded)
			for {
				if _, err := server.WriteMsg(make([]byte, 50000), nil); err != nil {
					return
				}
			}
		}()
		want := pattern(150000, 6)
		got := make(chan []byte, 1)
		go func() {
			b, _ := io.ReadAll(server)
			got <- b
		}()
		for b := want; len(b) > 0; b = b[50000:] {
			_, err := client.Write(b[:50000])
			require.NoError(t, err)
		}
		require.NoError(t, client.Shutdown(t.Context()))
		require.Equal(t, sha256.Sum256(want), sha256.Sum256(sctptest.Receive(t, got)))
		sctptest.Receive(t, flooded)
	}
}

// Shutdown gives up with its context, by an ABORT.
func TestPromise5ShutdownHonoursItsContext(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteMsg(make([]byte, 150000), nil) // more than the peer's window
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- client.Shutdown(ctx) }()
	sctptest.AwaitParked(t, 1)
	cancel()
	err = sctptest.Receive(t, done)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "shutdown", sctptest.OpError(t, err).Op)
	for err = nil; err == nil; {
		_, err = server.Read(make([]byte, 100000))
	}
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

// Shutdown of what the peer has ended already reports how.
func TestPromise5ShutdownAfterTheEnd(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, server.Close())
	require.NoError(t, client.Shutdown(t.Context()))

	client, server = sctptest.Pair(t)
	require.NoError(t, server.Abort())
	require.ErrorIs(t, client.Shutdown(t.Context()), syscall.ECONNRESET)
}

// Shutdown interrupts what waits.
func TestPromise5ShutdownWakesParkedCalls(t *testing.T) {
	client, server := sctptest.Pair(t)
	done := make(chan error, 2)
	go func() { _, err := client.Read(make([]byte, 1)); done <- err }()
	go func() {
		for {
			if _, err := client.Write(make([]byte, 10000)); err != nil {
				done <- err
				return
			}
		}
	}()
	sctptest.AwaitParked(t, 2)
	shut := make(chan error, 1)
	go func() { shut <- client.Shutdown(t.Context()) }()
	require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
	require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
	_, err := io.Copy(io.Discard, server)
	require.NoError(t, err)
	require.NoError(t, sctptest.Receive(t, shut))
}

// The peer's SHUTDOWN fails a parked write although nothing is read at the other end.
func TestPromise1PeerShutdownWakesParkedWrite(t *testing.T) {
	client, server := sctptest.Pair(t)
	done := make(chan error, 2)
	go func() { _, err := client.Read(make([]byte, 1)); done <- err }()
	go func() {
		for {
			if _, err := client.Write(make([]byte, 10000)); err != nil {
				done <- err
				return
			}
		}
	}()
	sctptest.AwaitParked(t, 2)
	require.NoError(t, server.CloseWrite())
	errs := []error{sctptest.Receive(t, done), sctptest.Receive(t, done)}
	require.Contains(t, errs, io.EOF)
	for _, err := range errs {
		if err != io.EOF {
			require.ErrorIs(t, err, syscall.EPIPE)
		}
	}
}

func TestConnCloseRead(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := server.Write([]byte("before"))
	require.NoError(t, err)
	require.NoError(t, client.CloseRead())
	b := make([]byte, 100)
	n, err := client.Read(b)
	require.NoError(t, err)
	require.Equal(t, "before", string(b[:n]))
	_, err = client.Read(b)
	require.Equal(t, io.EOF, err)
	_, err = server.Write([]byte("after")) // the peer is not told
	require.NoError(t, err)
	_, err = client.Write([]byte("still works"))
	require.NoError(t, err)
	n, err = server.Read(b)
	require.NoError(t, err)
	require.Equal(t, "still works", string(b[:n]))
	_, err = client.Read(b)
	require.Equal(t, io.EOF, err)

	done := make(chan error, 1)
	client, _ = sctptest.Pair(t)
	go func() { _, err := client.Read(b); done <- err }()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, client.CloseRead())
	require.Equal(t, io.EOF, sctptest.Receive(t, done))
}

// CloseWrite leaves what the peer has sent before to be read.
func TestConnCloseWriteStillReads(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := server.Write([]byte("before"))
	require.NoError(t, err)
	require.NoError(t, client.CloseWrite())
	got, err := io.ReadAll(client)
	require.NoError(t, err)
	require.Equal(t, "before", string(got))
	_, err = server.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.EPIPE)
}

// spinDeadlines sets deadlines again and again until the test ends, which must not
// undo what interrupts a call.
func spinDeadlines(t *testing.T, c *sctp.Conn) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				c.SetDeadline(time.Time{})
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-stopped })
}

func TestPromise5ShutdownDespiteSetDeadline(t *testing.T) {
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			client, server := sctptest.Pair(t)
			go io.Copy(io.Discard, server)
			done := make(chan error, 1)
			go func() { _, err := client.Read(make([]byte, 1)); done <- err }()
			sctptest.AwaitParked(t, 2)
			spinDeadlines(t, client)
			shut := make(chan error, 1)
			go func() { shut <- client.Shutdown(t.Context()) }()
			require.NoError(t, sctptest.Receive(t, shut))
			require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
		})
	}
}

func TestPromise1CloseWriteWakesWriteDespiteSetDeadline(t *testing.T) {
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			client, _ := sctptest.Pair(t)
			done := make(chan error, 1)
			go func() {
				for {
					if _, err := client.Write(make([]byte, 10000)); err != nil {
						done <- err
						return
					}
				}
			}()
			sctptest.AwaitParked(t, 1)
			spinDeadlines(t, client)
			require.NoError(t, client.CloseWrite())
			require.ErrorIs(t, sctptest.Receive(t, done), syscall.EPIPE)
		})
	}
}

// Abort ends a Shutdown that waits for a peer that does not read.
func TestPromise5AbortEndsShutdown(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteMsg(make([]byte, 150000), nil)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- client.Shutdown(context.Background()) }()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, client.Abort())
	require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
	require.ErrorIs(t, client.Abort(), net.ErrClosed)
	for err = nil; err == nil; {
		_, err = server.Read(make([]byte, 100000))
	}
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

// Another holder of the socket shuts it down: nothing that was received is lost.
func TestConnShutDownByAnotherHolder(t *testing.T) {
	t.Parallel()
	client, server := sctptest.Pair(t)
	f, err := client.File()
	require.NoError(t, err)
	defer f.Close()
	other, err := sctp.FileConn(f)
	require.NoError(t, err)
	defer other.Close()
	want := pattern(150000, 9) // more than the window
	_, err = server.WriteMsg(want, nil)
	require.NoError(t, err)
	require.NoError(t, other.(*sctp.Conn).CloseWrite())
	_, err = client.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.EPIPE)
	got, err := io.ReadAll(client)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(want), sha256.Sum256(got))
}
