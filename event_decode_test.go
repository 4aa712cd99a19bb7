package sctp_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// notification returns a notification of the kernel: its header in the machine's
// order, then body.
func notification(typ, flags uint16, body ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, typ)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, uint32(8+len(body)))
	return append(b, body...)
}

func native16(vs ...uint16) (b []byte) {
	for _, v := range vs {
		b = binary.NativeEndian.AppendUint16(b, v)
	}
	return b
}

func native32(vs ...uint32) (b []byte) {
	for _, v := range vs {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	return b
}

// network16 returns what the kernel makes of a 16-bit value of the wire that it forgets
// to convert.
func network16(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

func concat(bs ...[]byte) (b []byte) {
	for _, p := range bs {
		b = append(b, p...)
	}
	return b
}

var decodedEvents = []struct {
	name string
	b    []byte
	want sctp.Event
}{
	{"Empty", nil, nil},
	{"HeaderOnly", notification(0x8001, 0), &sctp.UnknownEvent{EventType: 0x8001, Data: []byte{}}},
	{"ShorterThanAHeader", notification(0x8001, 0)[:7], nil},
	{"CommUp", notification(0x8001, 0, concat(native16(0, 0, 10, 7), native32(5))...),
		&sctp.AssocChange{Assoc: 5, State: sctp.CommUp, OutStreams: 10, InStreams: 7, Info: []byte{}}},
	{"CommLost", notification(0x8001, 0, concat(native16(1, network16(12), 0, 0), native32(5), []byte{0, 12, 0, 6, 'h', 'i', 0, 0})...),
		&sctp.AssocChange{Assoc: 5, State: sctp.CommLost, Cause: sctp.CauseUserAbort, Info: []byte{0, 12, 0, 6, 'h', 'i', 0, 0}}},
	{"Shutdown", notification(0x8005, 0, native32(9)...), &sctp.Shutdown{Assoc: 9}},
	{"ShutdownCut", notification(0x8005, 0, 1, 2, 3), &sctp.UnknownEvent{EventType: sctp.EventShutdown, Data: []byte{1, 2, 3}}},
	{"PartialDelivery", notification(0x8006, 1, native32(0, 9, 3, 77)...),
		&sctp.PartialDelivery{Assoc: 9, Stream: 3, Seq: 77, Unordered: true}},
	{"SendFailed", notification(0x800d, 1, concat(native32(uint32(network16(12))), native16(3, 7), []byte{0, 0, 0, 60}, native32(8, 9), native32(9), []byte("data"))...),
		&sctp.SendFailed{Assoc: 9, Sent: true, Cause: sctp.CauseUserAbort, Data: []byte("data"),
			Info: sctp.SndInfo{Stream: 3, Unordered: true, PPID: 60, Context: 8}}},
	{"Unknown", notification(0x8042, 7, 1, 2), &sctp.UnknownEvent{EventType: 0x8042, Flags: 7, Data: []byte{1, 2}}},
	// A length that is not the notification's: what lies beyond is not part of it.
	{"LengthTooSmall", concat(native16(0x8005, 0), native32(8), native32(9)), &sctp.UnknownEvent{EventType: sctp.EventShutdown, Data: native32(9)}},
	{"LengthTooLarge", concat(native16(0x8005, 0), native32(1<<31), native32(9)), &sctp.Shutdown{Assoc: 9}},
}

func TestDecodeEvent(t *testing.T) {
	for _, tt := range decodedEvents {
		t.Run(tt.name, func(t *testing.T) {
			b := bytes.Clone(tt.b)
			ev := sctp.DecodeEvent(b)
			if tt.want == nil {
				require.Nil(t, ev)
				return
			}
			for i := range b {
				b[i] = 0xff // the event owns its memory
			}
			require.Equal(t, tt.want, ev)
			require.NotContains(t, ev.Type().String(), "%!")
		})
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, tt := range decodedEvents {
		f.Add(tt.b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ev := sctp.DecodeEvent(b)
		if (ev == nil) != (len(b) < 8) {
			t.Fatalf("%d bytes: %v", len(b), ev)
		}
		if c, ok := ev.(*sctp.AssocChange); ok {
			if r := sctp.AbortReason(c.Info); len(r) > len(c.Info) {
				t.Fatal(r)
			}
		}
	})
}

var abortReasons = []struct {
	name string
	info []byte
	want string
}{
	{"None", nil, ""},
	{"NoReason", []byte{0, 12, 0, 4}, ""},
	{"Reason", []byte{0, 12, 0, 7, 'b', 'y', 'e', 0}, "bye"},
	{"BehindAnother", []byte{0, 9, 0, 5, 1, 0, 0, 0, 0, 12, 0, 5, 'x'}, "x"},
	{"LengthZero", []byte{0, 12, 0, 0, 'x'}, ""},
	{"LengthTooLarge", []byte{0, 12, 0, 9, 'x'}, ""},
	{"OtherCauses", []byte{0, 1, 0, 8, 0, 3, 0, 0}, ""},
}

func TestAbortReason(t *testing.T) {
	for _, tt := range abortReasons {
		require.Equal(t, tt.want, string(sctp.AbortReason(tt.info)), tt.name)
	}
}
