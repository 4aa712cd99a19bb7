package sctp_test

import (
	"bytes"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

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

// A reader does not wait for the end of a message that failed: whatever comes instead, it
// returns what there is, and then that.
func TestConnSendFailedWithoutItsEnd(t *testing.T) {
	first := func() *sctp.SendFailed { return fragment(1, "begun", true) }
	t.Run("Nothing", func(t *testing.T) {
		client, _ := sctptest.Pair(t)
		sctp.HoldFragment(client, first(), 2)
		require.Equal(t, first(), nextEvent[*sctp.SendFailed](t, client))
	})
	t.Run("AnotherEvent", func(t *testing.T) {
		client, _ := sctptest.Pair(t)
		require.NoError(t, client.Subscribe(sctp.EventSenderDry))
		sctp.HoldFragment(client, first(), 2)
		require.Equal(t, first(), nextEvent[*sctp.SendFailed](t, client))
		nextEvent[*sctp.SenderDry](t, client)
	})
	t.Run("Data", func(t *testing.T) {
		client, server := sctptest.Pair(t)
		_, err := server.Write([]byte("data"))
		require.NoError(t, err)
		read := func() string {
			m, err := client.ReadMsg(make([]byte, 2))
			require.NoError(t, err)
			return string(m.Data)
		}
		require.Equal(t, "da", read()) // now the rest is there
		_, err = server.Write([]byte("x"))
		require.NoError(t, err)
		sctp.HoldFragment(client, first(), 2)
		require.Equal(t, "ta", read()) // the kernel has filled the buffer already
		require.Equal(t, first(), nextEvent[*sctp.SendFailed](t, client))
		require.Equal(t, "x", read())
	})
	t.Run("End", func(t *testing.T) {
		client, server := sctptest.Pair(t)
		require.NoError(t, server.Abort())
		sctptest.AwaitEnd(t, client)
		sctp.HoldFragment(client, first(), 2)
		require.Equal(t, first(), nextEvent[*sctp.SendFailed](t, client))
		_, err := client.ReadMsg(make([]byte, 10))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
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
