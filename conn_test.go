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

// The number is known without asking the kernel, however the Conn came to be.
func TestConnAssocIDIsThatOfItsMessages(t *testing.T) {
	dialled, accepted := sctptest.Pair(t)
	peeled, other := peeledPair(t)
	f, err := dialled.File()
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	nc, err := sctp.FileConn(f)
	require.NoError(t, err)
	t.Cleanup(func() { nc.Close() })
	for name, ends := range map[string][2]*sctp.Conn{
		"dialled":  {dialled, accepted},
		"accepted": {accepted, dialled},
		"peeled":   {peeled, other},
		"file":     {nc.(*sctp.Conn), accepted},
	} {
		_, err := ends[1].Write([]byte("x"))
		require.NoError(t, err)
		m, err := ends[0].ReadMsg(make([]byte, 10))
		require.NoError(t, err)
		require.NotZero(t, m.Info.Assoc, name)
		require.Equal(t, m.Info.Assoc, ends[0].AssocID(), name)
	}
	id := dialled.AssocID()
	require.NoError(t, dialled.Close())
	require.Equal(t, id, dialled.AssocID())
	require.Zero(t, new(sctp.Conn).AssocID())
}
