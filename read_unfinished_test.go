package sctp_test

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// piece returns a piece of a message on a stream.
func piece(stream uint16, size int, eor bool) sctp.Message {
	return sctp.Message{Data: bytes.Repeat([]byte{byte(stream)}, size), EOR: eor, Info: sctp.RcvInfo{Stream: stream}}
}

// What is unfinished never holds more than four times the limit; the longest goes, and
// is skipped when its end has come.
func TestUnfinishedAreBounded(t *testing.T) {
	const limit = 100
	as := sctp.NewUnfinished(nil)
	add := func(stream uint16, size int, eor bool) (sctp.Message, error) {
		t.Helper()
		m, err := as.Add(piece(stream, size, eor), limit)
		require.LessOrEqual(t, as.Size(), 4*limit)
		return m, err
	}
	for stream := range uint16(5) {
		m, err := add(stream, 70+int(stream), false) // 360
		require.NoError(t, err)
		require.Zero(t, m)
	}
	add(5, 41, false) // 401
	require.Equal(t, 360+41-74, as.Size())
	_, err := add(4, 6, true) // its size is still counted
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.ErrorContains(t, err, "message of 80 bytes skipped, limit 100 and 400 for all that are unfinished")
	for stream := range uint16(4) {
		m, err := add(stream, 3, true)
		require.NoError(t, err)
		require.Equal(t, piece(stream, 73+int(stream), true), m)
	}
	m, err := add(9, 100, true) // one that is whole needs no room
	require.NoError(t, err)
	require.Len(t, m.Data, 100)
	m, err = add(5, 59, true)
	require.NoError(t, err)
	require.Len(t, m.Data, 100)
	require.Zero(t, as.Size())
	require.Zero(t, as.Kept())

	add(1, 60, false)
	_, err = add(1, 41, true)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.EqualError(t, err, "message of 101 bytes skipped, limit 100: "+syscall.EMSGSIZE.Error())
	require.Zero(t, as.Kept())
}

// The bound is that of any number of streams, and of any limit.
func TestUnfinishedOfManyStreams(t *testing.T) {
	as := sctp.NewUnfinished(nil)
	for stream := range uint16(1000) {
		_, err := as.Add(piece(stream, 10, false), 100)
		require.NoError(t, err)
		require.LessOrEqual(t, as.Size(), 400)
	}
	skipped := 0
	for stream := range uint16(1000) {
		m, err := as.Add(piece(stream, 1, true), 100)
		if err != nil {
			require.ErrorIs(t, err, syscall.EMSGSIZE)
			skipped++
			continue
		}
		require.Equal(t, piece(stream, 11, true), m)
	}
	require.Equal(t, 961, skipped) // 40 fitted, but the end of the first did not
	require.Zero(t, as.Kept())

	for _, eor := range []bool{false, true} {
		_, err := as.Add(piece(1, 1000, eor), int(^uint(0)>>1))
		require.NoError(t, err)
	}
}

// Without I-DATA an association delivers one message at a time: a peer that gives each
// piece another stream, or another number, gets none of them kept for itself.
func TestUnfinishedOfAPeerThatLies(t *testing.T) {
	m, _, id, _ := multiPair(t)
	as := sctp.NewUnfinished(m)
	lie := func(i int, eor bool) (sctp.Message, error) {
		p := piece(uint16(i), 1, eor)
		p.Info.Assoc, p.Info.SSN, p.Info.Unordered = id, uint16(3*i), i%2 == 0
		return as.AddRead(p, 500)
	}
	for i := range 1000 {
		whole, err := lie(i, false)
		require.NoError(t, err)
		require.Zero(t, whole)
		require.Equal(t, 1, as.Kept())
	}
	_, err := lie(1000, true)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.ErrorContains(t, err, "message of 1001 bytes skipped")
	require.Zero(t, as.Kept())
	require.NoError(t, m.AbortAssoc(id, nil)) // what is read yet may have been interleaved
	for i := range 3 {
		_, err := lie(i, false)
		require.NoError(t, err)
	}
	require.Equal(t, 3, as.Kept())
}

// With I-DATA the messages of several streams come in pieces, in turn: each is put
// together, and those that there is no room for are skipped.
func TestConnMessagesInterleaved(t *testing.T) {
	for _, tt := range []struct {
		name     string
		messages int
		skipped  bool
	}{{"AllFit", 4, false}, {"TooMuch", 6, true}} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := interleavedPair(t)
			const size = 10000
			require.NoError(t, client.ns.Loopback(false))
			for i := range tt.messages {
				_, err := client.WriteMsg(pattern(size, byte(i)), &sctp.SndInfo{Stream: uint16(i)})
				require.NoError(t, err)
			}
			client.resume(t)
			require.NoError(t, server.SetReadDeadline(time.Now().Add(sctptest.Wait)))
			seen, skipped := 0, 0
			for m, err := range server.Messages(size) {
				seen++
				if err != nil {
					require.ErrorIs(t, err, syscall.EMSGSIZE)
					require.ErrorContains(t, err, "message of 10000 bytes skipped, limit 10000 and 40000 for all")
					skipped++
				} else {
					require.True(t, bytes.Equal(pattern(size, byte(m.Info.Stream)), m.Data), "stream %d", m.Info.Stream)
				}
				if seen == tt.messages {
					break
				}
			}
			require.Equal(t, tt.skipped, skipped > 0, "%d skipped", skipped)
			require.Less(t, skipped, tt.messages-2)
		})
	}
}

// interleavedPair returns an association with I-DATA in a network namespace of its own,
// whose client sends the messages of its streams in turn, and whose server reads them in
// small pieces.
func interleavedPair(t *testing.T) (client stalledConn, server *sctp.Conn) {
	t.Helper()
	sctptest.NeedKernel(t)
	ns, err := systest.NewNetns()
	require.NoError(t, err)
	t.Cleanup(ns.Close)
	require.NoError(t, ns.Do(func() error {
		if err := os.WriteFile("/proc/sys/net/sctp/intl_enable", []byte("1"), 0); err != nil {
			return err
		}
		options := controlOptions(
			kernelOption{sys.SCTP_RTOINFO, native32(0, 60, 60, 40)}, // initial, max, min
			kernelOption{sys.SCTP_FRAGMENT_INTERLEAVE, native32(1)},
			kernelOption{sys.SCTP_INTERLEAVING_SUPPORTED, native32(0, 1)},
			kernelOption{sys.SCTP_PARTIAL_DELIVERY_POINT, native32(2000)},
		)
		l := sctptest.Listen(t, sctp.ListenConfig{Control: options}, "sctp4", "127.0.0.1:0")
		client.Conn, server = sctptest.Connect(t, sctp.Dialer{Control: options}, l)
		return nil
	}))
	client.ns = ns
	require.NoError(t, client.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	setOption(t, client.Conn, sys.SCTP_STREAM_SCHEDULER, native32(0, sys.SCTP_SS_RR))
	return client, server
}

// Of messages that come in pieces ReadFrom keeps no more than its bound, and says which it
// had no room for.
func TestUnfinishedOfReadFromAreBounded(t *testing.T) {
	const buffer, size = 512 << 10, 300 << 10 // six fit
	as := sctp.NewUnfinished(nil)
	for stream := range uint16(20) {
		require.False(t, as.Fill(piece(stream, size, false), buffer))
		require.LessOrEqual(t, as.Size(), 4*buffer)
	}
	require.Equal(t, 20, as.Kept())
	whole, skipped := 0, 0
	for stream := range uint16(20) {
		require.True(t, as.Fill(piece(stream, 1, true), buffer))
		if m, err := as.Result(); err != nil {
			require.ErrorIs(t, err, syscall.EMSGSIZE)
			require.ErrorContains(t, err, "message of 307201 bytes skipped, limit 2097152 for all that are unfinished")
			skipped++
		} else {
			require.Equal(t, piece(stream, size+1, true), m)
			whole++
		}
	}
	require.Equal(t, 6, whole)
	require.Equal(t, 14, skipped)
	require.Zero(t, as.Size())
	require.Zero(t, as.Kept())

	// A small buffer does not mean small messages.
	for stream := range uint16(100) {
		as.Fill(piece(stream, 1000, false), 1500)
	}
	require.Equal(t, 100_000, as.Size())
}

// What a peer has begun is not looked through for each message that is read, and not kept in
// mind when it is over.
func TestUnfinishedAreForgotten(t *testing.T) {
	as := sctp.NewUnfinished(nil)
	for stream := range uint16(1000) {
		_, err := as.Add(piece(stream, 1, false), 10)
		require.NoError(t, err)
	}
	require.Equal(t, 40, as.Left(), "bytes that no call has returned")
	for stream := range uint16(1000) {
		as.Add(piece(stream, 1, true), 10)
	}
	require.Zero(t, as.Left())
	require.False(t, as.Holds(), "the table")
}

// What is given up is the messages of the stream that the event names, of its association and
// in its order; and if the association has ended, all of its own.
func TestUnfinishedGivenUp(t *testing.T) {
	as := sctp.NewUnfinished(nil)
	for assoc := sctp.AssocID(5); assoc < 7; assoc++ {
		for stream := range uint16(3) {
			for mid := range uint16(2) {
				for _, unordered := range []bool{false, true} {
					if m := piece(stream, 10, false); unordered || mid == 0 {
						m.Info.Assoc, m.Info.SSN, m.Info.Unordered = assoc, mid, unordered
						_, err := as.Add(m, 1000)
						require.NoError(t, err)
					}
				}
			}
		}
	}
	for _, tt := range []struct {
		ev   sctp.Event
		left int
	}{
		{&sctp.PartialDelivery{Assoc: 5, Stream: 7}, 18},
		{&sctp.PartialDelivery{Assoc: 5, Stream: 1}, 17},
		{&sctp.PartialDelivery{Assoc: 5, Stream: 1}, 17},
		{&sctp.PartialDelivery{Assoc: 5, Stream: 1, Unordered: true}, 15},
		{&sctp.AssocChange{Assoc: 6, State: sctp.AssocCommUp}, 15},
		{&sctp.AssocChange{Assoc: 6, State: sctp.AssocCommLost}, 6},
		{&sctp.AssocChange{Assoc: 5, State: sctp.AssocRestart}, 0},
	} {
		as.GiveUp(tt.ev)
		require.Equal(t, tt.left, as.Kept(), "%+v", tt.ev)
		require.Equal(t, 10*tt.left, as.Left())
	}
	require.Equal(t, 0, as.Size())
}
