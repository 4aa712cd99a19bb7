package sctp_test

import (
	"crypto/sha256"
	"encoding/binary"
	"net"
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

// What an iterator has begun to put together, ReadMsg goes on with: nothing is lost, nothing
// is glued to what it left, and no tail is taken for a whole message.
func TestConnMessagesThenReadMsgLosesNothing(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 7))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	client.resume(t)
	var got []byte
	for eor := false; !eor; {
		m, err := server.ReadMsg(make([]byte, 200000))
		require.NoError(t, err)
		got, eor = append(got, m.Data...), m.EOR
	}
	require.Equal(t, sha256.Sum256(pattern(100000, 7)), sha256.Sum256(got))
	_, err := client.Write([]byte("next"))
	require.NoError(t, err)
	for m, err := range server.Messages(200000) {
		require.NoError(t, err)
		require.Equal(t, "next", string(m.Data[:min(len(m.Data), 9)]))
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

// The rest of a message that ReadMsg has begun is not a message to an iterator.
func TestConnReadMsgThenMessagesYieldsNoTail(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, text := range []string{"message", "next"} {
		_, err := client.Write([]byte(text))
		require.NoError(t, err)
	}
	m, err := server.ReadMsg(make([]byte, 3))
	require.NoError(t, err)
	require.False(t, m.EOR)
	for m, err := range server.Messages(100) {
		require.NoError(t, err)
		require.Equal(t, "next", string(m.Data[:min(len(m.Data), 9)]))
		break
	}
}

// A message that is too long for an iterator is told with whose it is, and the iteration
// goes on.
func TestConnMessagesTellWhatWasTooLong(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, size := range []int{11, 10} {
		_, err := client.WriteMsg(make([]byte, size), &sctp.SndInfo{Stream: 3, PPID: 60})
		require.NoError(t, err)
	}
	var errs, whole int
	for m, err := range server.Messages(10) {
		if err != nil {
			var one *sctp.MessageError
			require.ErrorAs(t, err, &one)
			require.ErrorIs(t, err, syscall.EMSGSIZE)
			require.Equal(t, uint16(3), one.Info.Stream)
			require.Equal(t, uint32(60), one.Info.PPID)
			require.NotZero(t, one.Info.Assoc)
			require.Equal(t, client.LocalAddr().(*sctp.Addr).AddrPort(), one.Addr)
			errs++
			continue
		}
		require.Len(t, m.Data, 10)
		whole++
		break
	}
	require.Equal(t, [2]int{1, 1}, [2]int{errs, whole})
}

// One's own Close ends an iteration, and is no error of it; one that begins later is told.
func TestConnCloseEndsMessages(t *testing.T) {
	_, server := sctptest.Pair(t)
	done := make(chan error, 1)
	go func() {
		for _, err := range server.Messages(10) {
			done <- err
			return
		}
		done <- nil
	}()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, server.Close())
	require.NoError(t, sctptest.Receive(t, done))
	for _, err := range server.Messages(10) {
		require.ErrorIs(t, err, net.ErrClosed)
	}
}

// A reply goes where the message came from, and costs nothing.
func TestRcvInfoReply(t *testing.T) {
	info := sctp.RcvInfo{Stream: 3, SSN: 4, PPID: 60, TSN: 5, Context: 6, Assoc: 7, Unordered: true}
	require.Equal(t, &sctp.SndInfo{Stream: 3, PPID: 60, Assoc: 7, Unordered: true}, info.Reply())
}

// ReadWhole uses the caller's buffer if it can.
func TestConnReadWhole(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, size := range []int{10, 10000, 5, 20001} {
		_, err := client.Write(pattern(size, byte(size)))
		require.NoError(t, err)
	}
	b := make([]byte, 0, 16)
	m, err := server.ReadWhole(b, 20000)
	require.NoError(t, err)
	require.Equal(t, pattern(10, 10), m.Data)
	require.Same(t, &b[:1][0], &m.Data[0])
	m, err = server.ReadWhole(m.Data, 20000)
	require.NoError(t, err)
	require.Equal(t, pattern(10000, byte(10000%256)), m.Data)
	require.True(t, m.EOR)
	m, err = server.ReadWhole(nil, 20000)
	require.NoError(t, err)
	require.Len(t, m.Data, 5)
	_, err = server.ReadWhole(nil, 20000)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	_, err = server.ReadWhole(nil, 0)
	require.ErrorIs(t, err, syscall.EINVAL)
}

// Of what an iterator has begun to put together, ReadMsg may return a part: what is left is
// then no message to an iterator, and no reason to peel the association off.
func TestConnReadMsgOfAPartOfWhatMessagesHasBegun(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 7))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, pattern(100000, 7)[:10], m.Data)
	client.resume(t)
	_, err = client.Write([]byte("next"))
	require.NoError(t, err)
	for m, err := range server.Messages(200000) {
		require.NoError(t, err)
		require.Equal(t, "next", string(m.Data[:min(len(m.Data), 9)]))
		break
	}
}

// If an iterator takes of a message that ReadMsg has begun, and ReadMsg then meets the end,
// it says so: what it returns next is not glued to the beginning.
func TestConnReadMsgIsToldWhatMessagesHasTaken(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 7))
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.False(t, m.EOR)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	client.resume(t)
	_, err = client.Write([]byte("next"))
	require.NoError(t, err)
	_, err = server.ReadMsg(make([]byte, 200000))
	var one *sctp.MessageError
	require.ErrorAs(t, err, &one)
	require.ErrorIs(t, err, syscall.EBADMSG)
	require.Equal(t, m.Info, one.Info)
	m, err = server.ReadMsg(make([]byte, 200000))
	require.NoError(t, err)
	require.Equal(t, "next", string(m.Data[:min(len(m.Data), 9)]))
}

// What comes in place of the end of a notification, which somebody else has taken, is read as
// what it is.
func TestConnReadMsgInPlaceOfTheEndOfANotification(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteMsg([]byte("message"), &sctp.SndInfo{Stream: 3, PPID: 60})
	require.NoError(t, err)
	notice := binary.NativeEndian.AppendUint16(nil, 0x8005) // a Shutdown
	sctp.HoldNotice(server, append(notice, 0, 0))
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "message", string(m.Data))
	require.Equal(t, uint16(3), m.Info.Stream)
	require.Equal(t, uint32(60), m.Info.PPID)
	require.True(t, m.EOR)
}

// A notification that is longer than the buffer of a read comes in pieces, and is one event.
func TestConnReadMsgOfAnEventThroughAShortBuffer(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{
		Events: []sctp.EventType{sctp.EventShutdown},
	}, "sctp4", "127.0.0.1:0")
	require.NoError(t, client.StartShutdown())
	m, err := server.ReadMsg(make([]byte, 1))
	require.NoError(t, err)
	require.IsType(t, (*sctp.Shutdown)(nil), m.Event)
	require.NotZero(t, m.Event.(*sctp.Shutdown).Assoc)
	require.Len(t, m.Notification, 12)
}
