package sctp_test

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// parkRaw begins a raw call that has nothing to do but wait, and returns when it waits, or
// is about to.
func parkRaw(t *testing.T, call func(func(fd uintptr) bool) error) <-chan error {
	t.Helper()
	done, called := make(chan error, 1), make(chan error, 1000)
	go func() {
		done <- call(func(uintptr) bool {
			select {
			case called <- nil:
			default:
			}
			return false
		})
	}()
	require.NoError(t, sctptest.Receive(t, called))
	return done
}

func rawOf(t *testing.T, c syscall.Conn) syscall.RawConn {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	return raw
}

// What wakes a writer at the end of the association wakes no raw call.
func TestConnSyscallConnWriteWaitsOnAtTheEnd(t *testing.T) {
	client, server := sctptest.Pair(t)
	raw := rawOf(t, client)
	done := parkRaw(t, raw.Write)
	require.NoError(t, server.StartShutdown())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, client.StartShutdown())
	select {
	case err := <-done:
		t.Fatalf("raw Write returned %v", err)
	default:
	}
	require.NoError(t, client.SetWriteDeadline(time.Now()))
	require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
	require.NoError(t, client.SetWriteDeadline(time.Time{}))
	done = parkRaw(t, raw.Write)
	require.NoError(t, client.Close())
	require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
}

// The deadline that wakes a writer is gone when the writer is.
func TestConnSyscallConnWriteAfterWriterWasWoken(t *testing.T) {
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
	require.NoError(t, client.SetWriteDeadline(time.Now().Add(time.Hour)))
	require.NoError(t, client.StartShutdown())
	require.ErrorIs(t, sctptest.Receive(t, done), syscall.EPIPE)
	raw := rawOf(t, client)
	require.NoError(t, raw.Write(func(uintptr) bool { return true }))
	require.NoError(t, client.SetWriteDeadline(time.Unix(1, 0)))
	require.ErrorIs(t, raw.Write(func(uintptr) bool { return true }), os.ErrDeadlineExceeded)
}

// Writers that wait for room do not disturb a raw call, and the owner's deadline does.
func TestMultiConnSyscallConnWriteBesideStalledWrite(t *testing.T) {
	s := stallMulti(t)
	writes := s.writers(t, 1, s.stalled)
	done := parkRaw(t, rawOf(t, s).Write)
	require.NoError(t, s.SetWriteDeadline(time.Now()))
	require.ErrorIs(t, sctptest.Receive(t, writes), os.ErrDeadlineExceeded)
	require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)

	require.NoError(t, s.SetWriteDeadline(time.Time{}))
	sctp.SetStallLimit(s.MultiConn, 100*time.Millisecond)
	done = parkRaw(t, rawOf(t, s).Write)
	requireStalled(t, s.write(s.stalled), s.stalled)
	require.NoError(t, s.Close())
	require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
}
