package sctp_test

import (
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestConnWriteBatchBundles(t *testing.T) {
	client, server := sctptest.Pair(t)
	packets := func(write func(bufs [][]byte)) uint64 {
		before, err := client.Options().AssocStats()
		require.NoError(t, err)
		write(numbered(32, 64))
		readBatches(t, server, 32, 64)
		after, err := client.Options().AssocStats()
		require.NoError(t, err)
		require.EqualValues(t, 32, after.OutOrderedChunks-before.OutOrderedChunks)
		return after.OutPackets - before.OutPackets
	}
	alone := packets(func(bufs [][]byte) {
		for _, b := range bufs {
			_, err := client.WriteMsg(b, nil)
			require.NoError(t, err)
		}
	})
	batch := packets(func(bufs [][]byte) {
		_, err := client.WriteBatch(bufs, nil)
		require.NoError(t, err)
	})
	require.GreaterOrEqual(t, alone, uint64(32))
	require.Less(t, batch, uint64(16))
}

func TestConnWriteBatchInPart(t *testing.T) {
	client, server := sctptest.Pair(t)
	limit, err := client.Options().WriteBuffer()
	require.NoError(t, err)
	for _, tt := range []struct {
		name string
		b    []byte
		info sctp.SndInfo
		err  error
		text string
	}{
		{"Empty", nil, sctp.SndInfo{}, syscall.EINVAL, "SCTP has no empty message"},
		{"TooLong", make([]byte, limit+1), sctp.SndInfo{}, syscall.EMSGSIZE, fmt.Sprintf("message of %d bytes, limit %d", limit+1, limit)},
		{"NoStream", []byte("x"), sctp.SndInfo{Stream: math.MaxUint16}, syscall.EINVAL, "stream 65535 of an association with 10"},
		{"NoSuchPR", []byte("x"), sctp.SndInfo{PR: sctp.PRInfo{Policy: 99}}, syscall.EINVAL, "unknown policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for at := range 5 {
				bufs, infos := numbered(5, 20), make([]sctp.SndInfo, 5)
				bufs[at], infos[at] = tt.b, tt.info
				n, err := client.WriteBatch(bufs, infos)
				require.Equal(t, at, n)
				require.ErrorIs(t, err, tt.err)
				require.ErrorContains(t, err, tt.text)
				sctptest.OpError(t, err)
				for i, m := range readBatches(t, server, at, 20) {
					require.Equal(t, string(bufs[i]), string(m.Data))
				}
				on, err := client.Options().NoDelay()
				require.NoError(t, err)
				require.True(t, on)
			}
		})
	}
}

func TestConnWriteBatchUntilADeadline(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, client.SetWriteBuffer(16<<10))
	bufs := numbered(4000, 200)
	require.NoError(t, client.SetWriteDeadline(time.Now().Add(200*time.Millisecond)))
	n, err := client.WriteBatch(bufs, nil)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.Greater(t, n, 0)
	require.Less(t, n, len(bufs))
	for i, m := range readBatches(t, server, n, 200) {
		require.Equal(t, string(bufs[i]), string(m.Data))
	}
	// The batch goes on where it stopped, and waits for room as often as it must.
	require.NoError(t, client.SetWriteDeadline(time.Time{}))
	written := make(chan error, 1)
	go func() {
		_, err := client.WriteBatch(bufs[n:], nil)
		written <- err
	}()
	for i, m := range readBatches(t, server, len(bufs)-n, 200) {
		require.Equal(t, string(bufs[n+i]), string(m.Data))
	}
	require.NoError(t, sctptest.Receive(t, written))
}

func TestConnWriteBatchIsInterrupted(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(client, server *sctp.Conn) error
		want error
	}{
		{"ByThePeer", func(_, server *sctp.Conn) error { return server.Abort() }, syscall.ECONNRESET},
		{"ByClose", func(client, _ *sctp.Conn) error { return client.Close() }, net.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			type outcome struct {
				n   int
				err error
			}
			done := make(chan outcome, 1)
			go func() {
				n, err := client.WriteBatch(numbered(4000, 1000), nil)
				done <- outcome{n, err}
			}()
			sctptest.AwaitParked(t, 1)
			require.NoError(t, tt.end(client, server))
			got := sctptest.Receive(t, done)
			require.ErrorIs(t, got.err, tt.want)
			require.Less(t, got.n, 4000)
		})
	}
}

func TestConnWriteBatchStandsTogether(t *testing.T) {
	client, server := sctptest.Pair(t)
	const batches, count = 50, 10
	for ppid := range uint32(3) {
		go func() {
			infos := slices.Repeat([]sctp.SndInfo{{PPID: ppid}}, count)
			for range batches {
				if _, err := client.WriteBatch(numbered(count, 50), infos); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	all := readBatches(t, server, 3*batches*count, 50)
	for i, m := range all {
		require.Equal(t, fmt.Sprintf("%04d", i%count), string(m.Data[:4]))
		require.Equal(t, all[i/count*count].Info.PPID, m.Info.PPID)
	}
}

func TestConnWriteBatchKeepsNoDelay(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, on := range []bool{false, true, false} {
		require.NoError(t, client.SetNoDelay(on))
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 5 { // without SCTP_NODELAY each waits for a delayed SACK
				if _, err := client.WriteBatch(numbered(8, 50), nil); err != nil {
					t.Error(err)
				}
				readBatches(t, server, 8, 50)
			}
		}()
		for ended := false; !ended; {
			select {
			case <-done:
				ended = true
			default:
			}
			got, err := client.Options().NoDelay()
			require.NoError(t, err)
			require.Equal(t, on, got)
		}
	}
}

func TestConnWriteBatchOnASharedSocket(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	f, err := client.File()
	require.NoError(t, err)
	defer f.Close()
	c, err := sctp.FileConn(f)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.(*sctp.Conn).SetNoDelay(false))
	_, err = client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	readBatches(t, server, 6, 50)
	on, err := client.Options().NoDelay()
	require.NoError(t, err)
	require.False(t, on)
}

func TestConnCloseAmidABatch(t *testing.T) {
	client, server := sctptest.Pair(t)
	go func() {
		for b := make([]byte, 100); ; {
			if _, err := server.Read(b); err != nil {
				return
			}
		}
	}()
	done := make(chan int, 1)
	bufs := slices.Repeat(numbered(1, 50), 1<<14)
	go func() {
		n, err := client.WriteBatch(bufs, nil)
		if !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		done <- n
	}()
	sctptest.Eventually(t, func() bool {
		stats, err := server.Options().AssocStats()
		return err == nil && stats.InOrderedChunks > 0
	}, "the first message")
	require.NoError(t, client.Close())
	require.Less(t, sctptest.Receive(t, done), len(bufs))
}
