package sctp_test

import (
	"bytes"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestWriteMsgParts(t *testing.T) {
	client, server := sctptest.Pair(t)
	m, peer, id, _ := multiPair(t)
	for _, parts := range [][][]byte{
		{[]byte("head"), nil, []byte("body"), {}},
		numbered(1024, 40),
		{make([]byte, 100000), []byte("end")},
	} {
		want := bytes.Join(parts, nil)
		got := make(chan sctp.Message, 2)
		for _, c := range []interface {
			ReadWhole(b []byte, limit int) (sctp.Message, error)
		}{server, peer} {
			go func() {
				m, err := c.ReadWhole(nil, 1<<20)
				if err != nil {
					t.Error(err)
				}
				got <- m
			}()
		}
		n, err := client.WriteMsgParts(parts, &sctp.SndInfo{Stream: 3, PPID: 60})
		require.NoError(t, err)
		require.Equal(t, len(want), n)
		n, err = m.WriteMsgParts(parts, &sctp.SndInfo{Stream: 3, PPID: 60, Assoc: id})
		require.NoError(t, err)
		require.Equal(t, len(want), n)
		for range 2 {
			m := sctptest.Receive(t, got)
			require.True(t, bytes.Equal(want, m.Data))
			require.EqualValues(t, 60, m.Info.PPID)
			require.EqualValues(t, 3, m.Info.Stream)
		}
	}
	limit, err := client.Options().WriteBuffer()
	require.NoError(t, err)
	_, err = client.WriteMsgParts([][]byte{make([]byte, limit), []byte("x")}, nil)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.ErrorContains(t, err, fmt.Sprintf("message of %d bytes, limit %d", limit+1, limit))
}
