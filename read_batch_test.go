package sctp_test

import (
	"fmt"
	"io"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestConnReadBatchHasEvents(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventShutdown, sctp.EventAssocChange}}, "sctp4", "127.0.0.1:0")
	_, err := client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	require.NoError(t, client.Close())
	sctptest.AwaitEnd(t, server)
	ms := make([]sctp.Message, 10)
	n, err := server.ReadBatch(buffers(10, 200), ms)
	require.NoError(t, err)
	var got []string
	for _, m := range ms[:n] {
		got = append(got, fmt.Sprintf("%T %d", m.Event, len(m.Data)))
	}
	require.Equal(t, []string{"*sctp.AssocChange 0", "<nil> 50", "<nil> 50", "<nil> 50", "*sctp.Shutdown 0"}, got[:5])
	for range 2 {
		n, err = server.ReadBatch(buffers(10, 200), ms)
		require.Zero(t, n)
		require.Equal(t, io.EOF, err)
	}
}

func TestConnReadBatchErrorsComeAlone(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	sctptest.Eventually(t, func() bool {
		st, err := client.Options().Status()
		return err == nil && st.UnackedData == 0
	}, "acknowledgement")
	require.NoError(t, client.Abort())
	sctptest.AwaitEnd(t, server)
	ms := make([]sctp.Message, 10)
	n, err := server.ReadBatch(buffers(10, 200), ms)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	for range 2 {
		n, err = server.ReadBatch(buffers(10, 200), ms)
		require.Zero(t, n)
		require.ErrorIs(t, err, syscall.ECONNRESET)
		var ae *sctp.AssocError
		require.ErrorAs(t, err, &ae)
	}
}

func TestConnReadBatchOfLongMessages(t *testing.T) {
	client, server := sctptest.Pair(t)
	long := pattern(200000, 3)
	sent := make(chan error, 1)
	go func() {
		_, err := client.WriteBatch([][]byte{[]byte("first"), long, []byte("last")}, nil)
		sent <- err
	}()
	ms := make([]sctp.Message, 3)
	var got []string
	for len(got) < 3 {
		n, err := server.ReadBatch(buffers(3-len(got), 300000), ms)
		require.NoError(t, err)
		for _, m := range ms[:n] {
			require.True(t, m.EOR)
			got = append(got, string(m.Data))
		}
	}
	require.Equal(t, []string{"first", string(long), "last"}, got)
	require.NoError(t, sctptest.Receive(t, sent))

	_, err := client.WriteMsg([]byte("123456789"), nil)
	require.NoError(t, err)
	n, err := server.ReadBatch([][]byte{make([]byte, 4), make([]byte, 4), make([]byte, 4)}, ms)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, "1234 false 5678 false 9 true", fmt.Sprintf("%s %v %s %v %s %v", ms[0].Data, ms[0].EOR, ms[1].Data, ms[1].EOR, ms[2].Data, ms[2].EOR))
}
