package sctp_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// A message of many fragments comes back as one, whatever became of each: some were
// acknowledged, some sent, some neither. Others that wait behind it come by themselves.
func TestConnSendFailedIsOneForAMessage(t *testing.T) {
	client, server := stalledPair(t)
	require.NoError(t, client.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	require.NoError(t, client.Subscribe(sctp.EventSendFailed))
	messages := []struct {
		size int
		info sctp.SndInfo
	}{
		{100000, sctp.SndInfo{Stream: 1, PPID: 60, Context: 7}},
		{3000, sctp.SndInfo{Stream: 1, PPID: 61, Context: 8, Unordered: true}},
		{3000, sctp.SndInfo{Stream: 2, PPID: 62, Context: 9}},
		{100, sctp.SndInfo{Stream: 2, PPID: 63}},
	}
	for i, m := range messages {
		_, err := client.WriteMsg(pattern(m.size, byte(i)), &m.info)
		require.NoError(t, err)
		if i == 0 {
			awaitFullWindow(t, client.Conn)
		}
	}
	require.NoError(t, server.Abort())
	for i, m := range messages {
		ev := nextEvent[*sctp.SendFailed](t, client.Conn)
		require.Equal(t, m.info, ev.Info)
		require.False(t, ev.Truncated)
		require.Equal(t, sctp.CauseUserAbort, ev.Cause)
		require.True(t, bytes.Equal(pattern(m.size, byte(i)), ev.Data), "message %d", i)
		if i == 0 {
			require.True(t, ev.Sent)
		}
		if i == len(messages)-1 {
			require.False(t, ev.Sent)
		}
	}
	_, err := client.Read(make([]byte, 10))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

// awaitFullWindow waits until c's peer has no room for more.
func awaitFullWindow(t *testing.T, c *sctp.Conn) {
	t.Helper()
	sctptest.Eventually(t, func() bool {
		st, err := c.Options().Status()
		return err == nil && st.PeerRwnd == 0
	}, "a full window")
}

// A message that is given up amid its fragments comes back whole, and the association
// goes on.
func TestConnSendFailedOfAMessageGivenUp(t *testing.T) {
	client, server := partiallyDelivered(t, 400*time.Millisecond)
	ev := nextEvent[*sctp.SendFailed](t, client.Conn)
	require.Zero(t, ev.Cause)
	require.True(t, ev.Sent)
	require.False(t, ev.Truncated)
	require.True(t, bytes.Equal(pattern(100000, 3), ev.Data))
	_, err := client.Write([]byte("next"))
	require.NoError(t, err)
	b := make([]byte, 200000)
	for err = nil; err == nil; {
		_, err = server.Read(b)
	}
	require.ErrorIs(t, err, syscall.EBADMSG)
	n, err := server.Read(b)
	require.NoError(t, err)
	require.Equal(t, "next", string(b[:n]))
}

// Where the MTU permits, it is one chunk, whose notification is longer than any buffer
// that a caller has.
func TestConnSendFailedThroughASmallBuffer(t *testing.T) {
	for _, how := range []string{"ReadMsg", "Messages", "Read"} {
		t.Run(how, func(t *testing.T) {
			client, server := sctptest.PairOf(t, sctp.Dialer{Events: []sctp.EventType{sctp.EventSendFailed}},
				sctp.ListenConfig{ReadBuffer: 32 << 10}, "sctp4", "127.0.0.1:0")
			for i := range 2 {
				_, err := client.WriteMsg(pattern(64<<10, byte(i)), nil)
				require.NoError(t, err)
			}
			require.NoError(t, server.Abort())
			var evs []sctp.Event
			var err error
			require.NoError(t, client.SetReadDeadline(time.Now().Add(sctptest.Wait)))
			switch how {
			case "ReadMsg":
				for err == nil {
					var m sctp.Message
					if m, err = client.ReadMsg(make([]byte, 16)); m.Event != nil {
						evs = append(evs, m.Event)
					}
				}
			case "Messages":
				var m sctp.Message
				for m, err = range client.Messages(16) {
					if m.Event != nil {
						evs = append(evs, m.Event)
					}
				}
			case "Read":
				_, err = client.Read(make([]byte, 16))
			}
			require.ErrorIs(t, err, syscall.ECONNRESET)
			if how == "Read" {
				return
			}
			require.Len(t, evs, 2)
			for i, ev := range evs {
				require.True(t, bytes.Equal(pattern(64<<10, byte(i)), ev.(*sctp.SendFailed).Data))
			}
		})
	}
}

// The event is not held back for what comes behind it.
func TestConnSendFailedThenData(t *testing.T) {
	client, server := partiallyDelivered(t, 400*time.Millisecond)
	got := make(chan error, 1)
	var events int
	go func() {
		for m, err := range client.Messages(1000) {
			switch {
			case err != nil:
				got <- err
				return
			case m.Event != nil:
				events++
				if _, err := server.Write([]byte("data")); err != nil {
					got <- err
					return
				}
			case string(m.Data) == "data":
				got <- nil
				return
			}
		}
		got <- io.ErrUnexpectedEOF
	}()
	require.NoError(t, sctptest.Receive(t, got))
	require.Equal(t, 1, events)
}

// Where somebody else has taken the first fragment, the others are a message that says
// so.
func TestConnSendFailedWithoutItsBeginning(t *testing.T) {
	client, server := stalledPair(t)
	require.NoError(t, client.Subscribe(sctp.EventSendFailed))
	for i := range 2 {
		_, err := client.WriteMsg(pattern(50000, byte(i)), &sctp.SndInfo{Stream: 1, PPID: uint32(i)})
		require.NoError(t, err)
	}
	require.NoError(t, server.Abort())
	sctptest.AwaitEnd(t, client.Conn)
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	taken := 0
	require.NoError(t, raw.Control(func(fd uintptr) {
		b := make([]byte, 64<<10)
		var msg sys.InMsg
		for errno := sys.Errno(0); errno == 0; { // up to the first fragment
			taken, _, errno = msg.Recv(fd, b, false)
			if binary.NativeEndian.Uint16(b) == sys.SCTP_SEND_FAILED_EVENT {
				break
			}
		}
	}))
	const header = 32 // struct sctp_send_failed_event
	require.Greater(t, taken, header)
	ev := nextEvent[*sctp.SendFailed](t, client.Conn)
	require.True(t, ev.Truncated)
	require.True(t, bytes.Equal(pattern(50000, 0)[taken-header:], ev.Data))
	ev = nextEvent[*sctp.SendFailed](t, client.Conn)
	require.False(t, ev.Truncated)
	require.True(t, bytes.Equal(pattern(50000, 1), ev.Data))
}
