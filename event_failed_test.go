package sctp_test

import (
	"bytes"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
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
	client, server := partiallyDelivered(t, 300*time.Millisecond)
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
	client, server := partiallyDelivered(t, 300*time.Millisecond)
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

// fragment returns a fragment of a message with the context.
func fragment(context uint32, data string, sent bool) *sctp.SendFailed {
	return &sctp.SendFailed{Assoc: 5, Sent: sent, Truncated: true, Info: sctp.SndInfo{Stream: 1, Context: context}, Data: []byte(data)}
}

var failedMessages = []struct {
	name      string
	fragments []*sctp.SendFailed
	flags     []uint16 // 2 for the first, 1 for the last
	want      string   // data of each message, "!" if it is truncated, "+" if it was sent
}{
	{"One", []*sctp.SendFailed{fragment(1, "a", false)}, []uint16{3}, "a "},
	{"Whole", []*sctp.SendFailed{fragment(1, "a", true), fragment(1, "b", false), fragment(1, "c", false)}, []uint16{2, 0, 1}, "abc+ "},
	{"SentLast", []*sctp.SendFailed{fragment(1, "a", false), fragment(1, "b", true)}, []uint16{2, 1}, "ab+ "},
	{"NoFirst", []*sctp.SendFailed{fragment(1, "b", false), fragment(1, "c", false)}, []uint16{0, 1}, "bc! "},
	{"NoLast", []*sctp.SendFailed{fragment(1, "a", false), fragment(1, "b", false)}, []uint16{2, 0}, "ab! "},
	{"NoLastThenNext", []*sctp.SendFailed{fragment(1, "a", false), fragment(1, "x", false), fragment(1, "y", false)}, []uint16{2, 2, 1}, "a! xy "},
	{"NoLastThenOne", []*sctp.SendFailed{fragment(1, "a", false), fragment(1, "x", false)}, []uint16{2, 3}, "a! x "},
	{"NoLastThenOthersMiddle", []*sctp.SendFailed{fragment(1, "a", false), fragment(2, "x", false), fragment(2, "y", false)}, []uint16{2, 0, 1}, "a! xy! "},
	{"NoLastThenOthersLast", []*sctp.SendFailed{fragment(1, "a", false), fragment(2, "x", false)}, []uint16{2, 1}, "a! x! "},
	{"TooLong", []*sctp.SendFailed{fragment(1, "aaaaa", false), fragment(1, "bbbbbb", false), fragment(1, "c", false)}, []uint16{2, 0, 1}, "aaaaa! bbbbbbc! "},
}

// Whatever fragments are missing, nothing is lost and no two messages are mixed.
func TestFailedMessage(t *testing.T) {
	for _, tt := range failedMessages {
		t.Run(tt.name, func(t *testing.T) {
			f := sctp.NewFailedMessage(10)
			var got string
			add := func(evs []*sctp.SendFailed) {
				for _, ev := range evs {
					got += string(ev.Data)
					if ev.Truncated {
						got += "!"
					}
					if ev.Sent {
						got += "+"
					}
					got += " "
				}
			}
			for i, fr := range tt.fragments {
				c := *fr
				c.Data = bytes.Clone(fr.Data)
				add(f.Add(&c, tt.flags[i]))
			}
			add(f.End())
			require.Equal(t, tt.want, got)
			require.Empty(t, f.End())
		})
	}
}

// Whatever fragments come: all data come out again, in order, in messages of one
// association's stream, none longer than the limit or than a single fragment.
func FuzzFailedMessage(f *testing.F) {
	f.Add([]byte{2, 0, 1})
	f.Add([]byte{3, 2, 2, 1, 0, 1})
	f.Add([]byte{2, 0x10, 0x11, 0x22, 0x21, 0xf0})
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 10
		fm := sctp.NewFailedMessage(limit)
		var in, out []byte
		check := func(evs []*sctp.SendFailed) {
			for _, ev := range evs {
				for i, c := range ev.Data {
					if c>>4 != byte(ev.Info.Context) || ev.Data[0]&2 == 0 && !ev.Truncated || i > 0 && c&2 != 0 {
						t.Fatalf("%x mixes messages, or lacks its beginning", ev.Data)
					}
				}
				last := ev.Data[len(ev.Data)-1]
				if last&1 == 0 && !ev.Truncated || len(ev.Data) > limit {
					t.Fatalf("%x lacks its end, or is too long", ev.Data)
				}
				out = append(out, ev.Data...)
			}
		}
		for _, c := range b { // one byte of data, which says what the fragment is
			in = append(in, c)
			check(fm.Add(fragment(uint32(c>>4), string([]byte{c}), c&8 != 0), uint16(c&3)))
		}
		check(fm.End())
		if !bytes.Equal(in, out) {
			t.Fatalf("%x became %x", in, out)
		}
	})
}
