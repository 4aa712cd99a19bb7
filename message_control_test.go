package sctp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// Options of SOL_SOCKET that add control messages in front of SCTP_RCVINFO, as
// asm-generic/socket.h numbers them.
var receiveOptions = []struct{ name, value int }{
	{35, 1},                   // SO_TIMESTAMPNS
	{37, 1<<3 | 1<<4 | 1<<13}, // SO_TIMESTAMPING: receive, software, packet info
	{40, 1},                   // SO_RXQ_OVFL
}

// With control messages that fill 128 bytes a message keeps its stream and PPID, and has the
// timestamps beside.
func TestConnReadMsgWithTimestamps(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	raw, err := server.SyscallConn()
	require.NoError(t, err)
	for _, o := range receiveOptions {
		var errno sys.Errno
		require.NoError(t, raw.Control(func(fd uintptr) {
			errno = sys.Setsockopt(fd, sys.SOL_SOCKET, o.name, native32(uint32(o.value)))
		}))
		require.Zero(t, errno, "option %d", o.name)
	}
	for _, read := range []func() (sctp.Message, error){
		func() (sctp.Message, error) { return server.ReadMsg(make([]byte, 10)) },
		func() (sctp.Message, error) { return server.ReadWhole(nil, 10) },
	} {
		_, err = client.WriteMsg([]byte("message"), &sctp.SndInfo{Stream: 3, PPID: 60})
		require.NoError(t, err)
		m, err := read()
		require.NoError(t, err)
		require.Equal(t, "message", string(m.Data))
		require.Equal(t, uint16(3), m.Info.Stream)
		require.Equal(t, uint32(60), m.Info.PPID)
		require.NotZero(t, m.Info.Assoc)
		require.NotEmpty(t, m.Control) // the timestamps
		require.Nil(t, sys.FindCmsg(m.Control, sys.SCTP_RCVINFO))
	}
}

// A message without SCTP_RCVINFO is an error and has no wrong Info. The next read goes on.
func TestConnReadMsgWithoutRcvInfo(t *testing.T) {
	client, server := sctptest.Pair(t)
	set := func(on uint32) {
		raw, err := server.SyscallConn()
		require.NoError(t, err)
		var errno sys.Errno
		require.NoError(t, raw.Control(func(fd uintptr) {
			errno = sys.Setsockopt(fd, sys.SOL_SCTP, sys.SCTP_RECVRCVINFO, native32(on))
		}))
		require.Zero(t, errno)
	}
	for _, text := range []string{"one", "two"} {
		_, err := client.WriteMsg([]byte(text), &sctp.SndInfo{Stream: 3})
		require.NoError(t, err)
	}
	set(0)
	m, err := server.ReadMsg(make([]byte, 10))
	var one *sctp.MessageError
	require.ErrorAs(t, err, &one)
	require.Zero(t, one.Info)
	require.Empty(t, m.Data)
	set(1)
	m, err = server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "two", string(m.Data))
	require.Equal(t, uint16(3), m.Info.Stream)
}
