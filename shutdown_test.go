package sctp_test

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// shutdownsBehindTheInput returns associations whose client has written more than the
// window of its peer holds, and has an end of its input, while the association lives.
var shutdownsBehindTheInput = map[string]func(t *testing.T) (client, server *sctp.Conn, written []byte){
	"PeerHasShutDown": func(t *testing.T) (client, server *sctp.Conn, written []byte) {
		client, server = sctptest.Pair(t)
		written = pattern(150000, 2)
		_, err := client.WriteMsg(written, nil)
		require.NoError(t, err)
		awaitFullWindow(t, client)
		require.NoError(t, server.StartShutdown())
		_, err = client.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		return client, server, written
	},
	"CloseRead": func(t *testing.T) (client, server *sctp.Conn, written []byte) {
		client, server = sctptest.Pair(t)
		written = pattern(150000, 3)
		_, err := client.WriteMsg(written, nil)
		require.NoError(t, err)
		require.NoError(t, client.CloseRead())
		return client, server, written
	},
}

// An end of the input is not the end of the association: Shutdown waits for that.
func TestPromise5ShutdownBehindTheInput(t *testing.T) {
	for name, prepare := range shutdownsBehindTheInput {
		t.Run(name, func(t *testing.T) {
			client, server, written := prepare(t)
			done := make(chan error, 1)
			go func() { done <- client.Shutdown(context.Background()) }()
			sctptest.AwaitParked(t, 1)
			require.Empty(t, done)
			got, err := io.ReadAll(server)
			require.NoError(t, err)
			require.Equal(t, sha256.Sum256(written), sha256.Sum256(got))
			require.NoError(t, sctptest.Receive(t, done))
		})
		t.Run(name+"Cancelled", func(t *testing.T) {
			client, server, _ := prepare(t)
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- client.Shutdown(ctx) }()
			sctptest.AwaitParked(t, 1)
			cancel()
			require.ErrorIs(t, sctptest.Receive(t, done), context.Canceled)
			_, err := io.ReadAll(server)
			require.ErrorIs(t, err, syscall.ECONNRESET)
		})
		t.Run(name+"PeerAborts", func(t *testing.T) {
			client, server, _ := prepare(t)
			done := make(chan error, 1)
			go func() { done <- client.Shutdown(context.Background()) }()
			sctptest.AwaitParked(t, 1)
			require.NoError(t, server.Abort())
			require.ErrorIs(t, sctptest.Receive(t, done), syscall.ECONNRESET)
		})
	}
}

// A message for a path tells how the association has ended, as any other does.
func TestPromise2WriteMsgToAPathAfterTheEnd(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(c *sctp.Conn) error
		want error
	}{
		{"Abort", (*sctp.Conn).Abort, syscall.ECONNRESET},
		{"Close", (*sctp.Conn).Close, syscall.EPIPE},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			path := client.RemoteAddr().(*sctp.Addr).AddrPort()
			require.NoError(t, tt.end(server))
			sctptest.Eventually(t, func() bool { _, err := client.Options().Status(); return err != nil }, "the end")
			for range 2 {
				_, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: path})
				require.ErrorIs(t, err, tt.want)
			}
		})
	}
}

// A context that has ended already aborts, each time.
func TestConnShutdownWithAnEndedContext(t *testing.T) {
	for range 20 {
		client, server := sctptest.Pair(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.ErrorIs(t, client.Shutdown(ctx), context.Canceled)
		_, err := server.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
}

// StartShutdown of an association that is gone has nothing to do, on a socket that was peeled
// off as on others.
func TestConnStartShutdownOfTheDead(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, client.Abort())
	_, err := server.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.NoError(t, server.StartShutdown())

	one, other, id, peer := multiPair(t)
	peeled, err := other.PeelOff(peer)
	require.NoError(t, err)
	t.Cleanup(func() { peeled.Close() })
	require.NoError(t, one.AbortAssoc(id, nil))
	_, err = peeled.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.NoError(t, peeled.StartShutdown())
}

// A write of nothing, too, notices that the deadline has passed.
func TestConnWriteOfNothingAfterTheDeadline(t *testing.T) {
	client, _ := sctptest.Pair(t)
	_, err := client.Write(nil)
	require.NoError(t, err)
	require.NoError(t, client.SetWriteDeadline(time.Unix(1, 0)))
	_, err = client.Write(nil)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, client.SetWriteDeadline(time.Time{}))
	_, err = client.Write(nil)
	require.NoError(t, err)
}

// An association that the peer has aborted has nothing to shut down: that is no error, and
// the calls that follow say how it ended.
func TestConnStartShutdownAfterAnAbort(t *testing.T) {
	for name, pair := range map[string]func(t *testing.T) (client, server *sctp.Conn){
		"Dialled":   func(t *testing.T) (client, server *sctp.Conn) { return sctptest.Pair(t) },
		"PeeledOff": peeledPair,
	} {
		t.Run(name, func(t *testing.T) {
			client, server := pair(t)
			_, err := server.Write([]byte("last"))
			require.NoError(t, err)
			require.NoError(t, server.Abort())
			sctptest.AwaitEnd(t, client)
			require.NoError(t, client.StartShutdown())
			b := make([]byte, 10)
			n, err := client.Read(b)
			require.NoError(t, err)
			require.Equal(t, "last", string(b[:n]))
			_, err = client.Read(b)
			require.ErrorIs(t, err, syscall.ECONNRESET)
			_, err = client.Write(b)
			require.ErrorIs(t, err, syscall.ECONNRESET)
		})
	}
}
