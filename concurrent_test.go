package sctp_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// Long Writes of several goroutines do not mix either.
func TestPromise9ConcurrentWrites(t *testing.T) {
	const writers, size = 4, 200000
	client, server := sctptest.Pair(t)
	errs := make(chan error, writers)
	for w := range writers {
		go func() {
			_, err := client.Write(bytes.Repeat([]byte{byte(w)}, size))
			errs <- err
		}()
	}
	go func() {
		for range writers {
			<-errs
		}
		client.StartShutdown()
	}()
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	require.Len(t, got, writers*size)
	for i := 0; i < len(got); i += size {
		require.Equal(t, bytes.Repeat(got[i:i+1], size), got[i:i+size])
	}
}
