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
		require.NoError(t, client.Shutdown(context.Background()))
		require.Equal(t, sha256.Sum256(want), sha256.Sum256(sctptest.Receive(t, got)))
		sctptest.Receive(t, flooded)
	}
}

// Shutdown gives up with its context, by an ABORT.
func TestPromise5ShutdownHonoursItsContext(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteMsg(make([]byte, 150000), nil) // more than the peer's window
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
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
	require.NoError(t, client.Shutdown(context.Background()))

	client, server = sctptest.Pair(t)
	require.NoError(t, server.Abort())
	require.ErrorIs(t, client.Shutdown(context.Background()), syscall.ECONNRESET)
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
	go func() { shut <- client.Shutdown(context.Background()) }()
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
	require.NoError(t, server.StartShutdown())
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

// StartShutdown leaves what the peer has sent before to be read.
func TestConnStartShutdownStillReads(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := server.Write([]byte("before"))
	require.NoError(t, err)
	require.NoError(t, client.StartShutdown())
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
			go func() { shut <- client.Shutdown(context.Background()) }()
			require.NoError(t, sctptest.Receive(t, shut))
			require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
		})
	}
}

func TestPromise1StartShutdownWakesWriteDespiteSetDeadline(t *testing.T) {
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
			require.NoError(t, client.StartShutdown())
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
	require.NoError(t, other.(*sctp.Conn).StartShutdown())
	_, err = client.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.EPIPE)
	got, err := io.ReadAll(client)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(want), sha256.Sum256(got))
}
