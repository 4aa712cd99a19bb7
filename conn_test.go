package sctp_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestConnWriteMsgKeepsStreamAndPPID(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteMsg([]byte("hello"), &sctp.SndInfo{Stream: 3, PPID: 60})
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 64))
	require.NoError(t, err)
	require.Equal(t, "hello", string(m.Data))
	require.Equal(t, uint16(3), m.Info.Stream)
	require.Equal(t, uint32(60), m.Info.PPID)
	require.True(t, m.EOR)
	t.Log(client.LocalAddr(), client.RemoteAddr(), server.LocalAddr(), server.RemoteAddr(), m.Addr)
	require.NoError(t, client.Close())
	_, err = server.ReadMsg(make([]byte, 64))
	require.Equal(t, io.EOF, err)
}
