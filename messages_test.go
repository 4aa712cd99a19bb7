package sctp_test

import (
	"crypto/sha256"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestConnMessagesYieldsWholeMessagesAndEvents(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{
		Events: []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown},
	}, "sctp4", "127.0.0.1:0")
	sizes := []int{1, 4095, 4096, 4097, 60000, 150000, 150001, 20}
	sent := make(chan error, 1)
	go func() {
		for i, size := range sizes {
			if _, err := client.WriteMsg(pattern(size, byte(i)), &sctp.SndInfo{PPID: uint32(i), Stream: uint16(i)}); err != nil {
				sent <- err
				return
			}
		}
		sent <- client.StartShutdown()
	}()
	var events []string
	i := 0
	for m, err := range server.Messages(150000) {
		if m.Event != nil {
			events = append(events, m.Event.Type().String())
			continue
		}
		if sizes[i] > 150000 {
			require.ErrorIs(t, err, syscall.EMSGSIZE)
			require.ErrorContains(t, err, "message of 150001 bytes skipped, limit 150000")
			i++
			continue
		}
		require.NoError(t, err)
		require.True(t, m.EOR)
		require.Equal(t, uint32(i), m.Info.PPID)
		require.Equal(t, sha256.Sum256(pattern(sizes[i], byte(i))), sha256.Sum256(m.Data), "message %d", i)
		i++
	}
	require.Equal(t, len(sizes), i)
	require.NoError(t, sctptest.Receive(t, sent))
	require.Equal(t, []string{"AssocChange", "Shutdown"}, events[:2]) // and maybe the end, if it was in time
}

// What an iterator has begun to put together is its own: a ReadMsg in between reads on,
// and nothing is glued to what it left.
func TestConnMessagesThenReadMsgGluesNothing(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 7))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	client.resume(t)
	m, err := server.ReadMsg(make([]byte, 200000))
	require.NoError(t, err)
	require.True(t, m.EOR)
	_, err = client.Write([]byte("next"))
	require.NoError(t, err)
	for m, err := range server.Messages(200000) {
		require.NoError(t, err)
		require.Equal(t, "next", string(m.Data))
		break
	}
}

// A message that was too long for one iterator is not cut off for the next.
func TestConnMessagesLimitGrows(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 8))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(1000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	client.resume(t)
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		require.ErrorContains(t, err, "message of 100000 bytes skipped, limit 1000")
		break
	}
}

func TestConnMessagesEndsWithAnErrorOnce(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, client.Abort())
	n := 0
	for _, err := range server.Messages(100) {
		require.ErrorIs(t, err, syscall.ECONNRESET)
		n++
	}
	require.Equal(t, 1, n)
	for _, err := range server.Messages(0) {
		require.ErrorIs(t, err, syscall.EINVAL)
	}
}
