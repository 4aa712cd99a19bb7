package sctp_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// numbered returns n messages of a size that begin with their numbers.

func numbered(n, size int) [][]byte {
	bufs := make([][]byte, n)
	for i := range bufs {
		bufs[i] = append(fmt.Appendf(nil, "%04d", i), make([]byte, size-4)...)
	}
	return bufs
}

// buffers returns n buffers of a size.

func buffers(n, size int) [][]byte {
	bufs := make([][]byte, n)
	for i := range bufs {
		bufs[i] = make([]byte, size)
	}
	return bufs
}

// A batchReader is a Conn or a MultiConn.

type batchReader interface {
	ReadBatch(bufs [][]byte, ms []sctp.Message) (int, error)
}

// readBatches reads n messages, in batches of at most 5.

func readBatches(t testing.TB, c batchReader, n, size int) (all []sctp.Message) {
	t.Helper()
	for len(all) < n {
		ms := make([]sctp.Message, 5)
		got, err := c.ReadBatch(buffers(min(5, n-len(all)), size), ms)
		require.NoError(t, err)
		require.Positive(t, got)
		all = append(all, ms[:got]...)
	}
	return all
}

func TestConnBatchesKeepWhatBelongsToAMessage(t *testing.T) {
	client, server := sctptest.Pair(t)
	var infos []sctp.SndInfo
	bufs := numbered(40, 100)
	for i := range bufs {
		bufs[i] = bufs[i][:4+i*2]
		infos = append(infos, sctp.SndInfo{Stream: uint16(i % 10), PPID: uint32(i)})
	}
	n, err := client.WriteBatch(bufs, infos)
	require.NoError(t, err)
	require.Equal(t, len(bufs), n)
	got := readBatches(t, server, len(bufs), 100)
	slices.SortFunc(got, func(a, b sctp.Message) int { return int(a.Info.TSN - b.Info.TSN) })
	for i, m := range got {
		require.Equal(t, string(bufs[i]), string(m.Data))
		require.Equal(t, infos[i].Stream, m.Info.Stream)
		require.Equal(t, infos[i].PPID, m.Info.PPID)
		require.True(t, m.EOR)
		require.Equal(t, client.LocalAddr().(*sctp.Addr).AddrPort(), m.Addr)
	}
	require.NoError(t, client.Options().SetDefaultSndInfo(sctp.DefaultSndInfo{PPID: 60}))
	n, err = client.WriteBatch(bufs[:2], nil)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	for _, m := range readBatches(t, server, 2, 100) {
		require.EqualValues(t, 60, m.Info.PPID)
	}
}

// What a batch is for: fewer packets.

// A batch of which a message cannot be sent: those before it arrive without help, and

// SCTP_NODELAY is as it was.

// A deadline amid a batch: the count is exact, and what was sent arrives though nothing

// follows.

// The messages of a batch stand together, whoever writes beside.

// SCTP_NODELAY is the owner's: a batch leaves it as it finds it, and hides that it does not.

// An owner of a copy of the descriptor may have switched SCTP_NODELAY off.

// An error comes alone, behind the messages that were read before it.

// A message that arrives in pieces is whole, also amid a batch; one that is longer than its

// buffer goes on in the next.

func TestBatchesRefuse(t *testing.T) {
	client, server := sctptest.Pair(t)
	m, _, id, _ := multiPair(t)
	ms := make([]sctp.Message, 2)
	one := [][]byte{[]byte("x")}
	for _, tt := range []struct {
		name string
		call func() (int, error)
		err  error
		text string
	}{
		{"FewerInfos", func() (int, error) { return client.WriteBatch(numbered(2, 10), make([]sctp.SndInfo, 1)) }, syscall.EINVAL, "2 messages with 1 SndInfos"},
		{"MultiFewerInfos", func() (int, error) { return m.WriteBatch(numbered(2, 10), make([]sctp.SndInfo, 1)) }, syscall.EINVAL, "2 messages with 1 SndInfos"},
		{"MultiNoInfos", func() (int, error) { return m.WriteBatch(one, nil) }, syscall.EDESTADDRREQ, "SndInfo names no association"},
		{"MultiNowhere", func() (int, error) { return m.WriteBatch(one, make([]sctp.SndInfo, 1)) }, syscall.EDESTADDRREQ, "SndInfo names no association"},
		{"MultiNoAssoc", func() (int, error) { return m.WriteBatch(one, []sctp.SndInfo{{Assoc: id + 100}}) }, syscall.ENOTCONN, ""},
		{"EmptyBuffer", func() (int, error) { return server.ReadBatch([][]byte{make([]byte, 1), {}}, ms) }, syscall.EINVAL, "buffer 1 of ReadBatch is empty"},
		{"NoParts", func() (int, error) { return client.WriteMsgParts(nil, nil) }, syscall.EINVAL, "no empty message"},
		{"EmptyParts", func() (int, error) { return client.WriteMsgParts([][]byte{{}, {}}, nil) }, syscall.EINVAL, "no empty message"},
		{"TooManyParts", func() (int, error) { return client.WriteMsgParts(numbered(1025, 4), nil) }, syscall.EINVAL, "a message in more than 1024 parts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := tt.call()
			require.Zero(t, n)
			require.ErrorIs(t, err, tt.err)
			require.ErrorContains(t, err, tt.text)
		})
	}
	// Batches of nothing.
	for _, call := range []func() (int, error){
		func() (int, error) { return client.WriteBatch(nil, nil) },
		func() (int, error) { return m.WriteBatch(nil, nil) },
		func() (int, error) { return server.ReadBatch(nil, ms) },
		func() (int, error) { return server.ReadBatch(numbered(2, 10), nil) },
	} {
		n, err := call()
		require.NoError(t, err)
		require.Zero(t, n)
	}
	past := time.Now().Add(-time.Hour)
	require.NoError(t, errors.Join(client.SetWriteDeadline(past), m.SetWriteDeadline(past)))
	_, err := client.WriteBatch(nil, nil)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	_, err = m.WriteBatch(nil, nil)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

// A batch on a one-to-many socket: to associations that are there, in turn and one after

// the other, and to an address that has none.

// Who peels off beside batches gets a Conn with SCTP_NODELAY.

// Close amid a batch: whoever else has the socket finds SCTP_NODELAY on.

// Close amid a batch does not wait for its end, though there is always room.
