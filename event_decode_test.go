package sctp_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
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

// storage returns a struct sockaddr_storage.
func storage(ap string) []byte {
	s := sys.StorageOf(netip.MustParseAddrPort(ap))
	if a := netip.MustParseAddrPort(ap); a.Addr().Is4In6() {
		copy(s[:], sys.AppendSockaddr(nil, sys.AF_INET6, a))
	}
	return s[:]
}

var decodedEvents = []struct {
	name string
	b    []byte
	want sctp.Event
}{
	{"Empty", nil, nil},
	{"HeaderOnly", notification(0x8001, 0), &sctp.UnknownEvent{EventType: 0x8001, Data: []byte{}}},
	{"ShorterThanAHeader", notification(0x8001, 0)[:7], nil},
	{"AssocCommUp", notification(0x8001, 0, concat(native16(0, 0, 10, 7), native32(5))...),
		&sctp.AssocChange{Assoc: 5, State: sctp.AssocCommUp, OutStreams: 10, InStreams: 7, Info: []byte{}}},
	{"AssocCommLost", notification(0x8001, 0, concat(native16(1, network16(12), 0, 0), native32(5), []byte{0, 12, 0, 6, 'h', 'i', 0, 0})...),
		&sctp.AssocChange{Assoc: 5, State: sctp.AssocCommLost, Cause: sctp.CauseUserAbort, Info: []byte{0, 12, 0, 6, 'h', 'i', 0, 0}}},
	{"Shutdown", notification(0x8005, 0, native32(9)...), &sctp.Shutdown{Assoc: 9}},
	{"ShutdownCut", notification(0x8005, 0, 1, 2, 3), &sctp.UnknownEvent{EventType: sctp.EventShutdown, Data: []byte{1, 2, 3}}},
	{"PartialDelivery", notification(0x8006, 1, native32(0, 9, 3, 77)...),
		&sctp.PartialDelivery{Assoc: 9, Stream: 3, Seq: 77, Unordered: true}},
	{"SendFailed", notification(0x800d, 1, concat(native32(uint32(network16(12))), native16(3, 7), []byte{0, 0, 0, 60}, native32(8, 9), native32(9), []byte("data"))...),
		&sctp.SendFailed{Assoc: 9, Sent: true, Cause: sctp.CauseUserAbort, Data: []byte("data"),
			Info: sctp.SndInfo{Stream: 3, Unordered: true, PPID: 60, Context: 8}}},
	{"SendFailedFragment", notification(0x800d, 0, concat(native32(0), native16(3, 2), []byte{0, 0, 0, 60}, native32(8, 9), native32(9), []byte("da"))...),
		&sctp.SendFailed{Assoc: 9, Truncated: true, Data: []byte("da"), Info: sctp.SndInfo{Stream: 3, PPID: 60, Context: 8}}},
	{"SendFailedCut", notification(0x800d, 0, native32(0, 1)...), &sctp.UnknownEvent{EventType: sctp.EventSendFailed, Data: native32(0, 1)}},
	{"PeerAddrChange4", notification(0x8002, 0, concat(storage("10.0.0.1:3868"), native32(1, 2, 9))...),
		&sctp.PeerAddrChange{Assoc: 9, Addr: netip.MustParseAddrPort("10.0.0.1:3868"), State: sctp.AddrUnreachable}},
	{"PeerAddrChange6", notification(0x8002, 0, concat(storage("[2001:db8::1]:3868"), native32(5, 2, 9))...),
		&sctp.PeerAddrChange{Assoc: 9, Addr: netip.MustParseAddrPort("[2001:db8::1]:3868"), State: sctp.AddrConfirmed}},
	{"PeerAddrChangeZoned", notification(0x8002, 0, concat(storage("[2001:db8::1%77777]:3868"), native32(5, 2, 9))...),
		&sctp.PeerAddrChange{Assoc: 9, Addr: netip.MustParseAddrPort("[2001:db8::1]:3868"), State: sctp.AddrConfirmed}},
	{"PeerAddrChangeLinkLocal", notification(0x8002, 0, concat(storage("[fe80::1%77777]:3868"), native32(5, 2, 9))...),
		&sctp.PeerAddrChange{Assoc: 9, Addr: netip.MustParseAddrPort("[fe80::1%77777]:3868"), State: sctp.AddrConfirmed}},
	{"PeerAddrChangeMapped", notification(0x8002, 0, concat(storage("[::ffff:10.0.0.1]:1"), native32(0, 0, 9))...),
		&sctp.PeerAddrChange{Assoc: 9, Addr: netip.MustParseAddrPort("10.0.0.1:1")}},
	{"PeerAddrChangeNowhere", notification(0x8002, 0, concat(make([]byte, 128), native32(0xffffffff, 0, 9))...),
		&sctp.PeerAddrChange{Assoc: 9, State: 0xffffffff}},
	{"PeerAddrChangeCut", notification(0x8002, 0, 1), &sctp.UnknownEvent{EventType: sctp.EventPeerAddrChange, Data: []byte{1}}},
	{"RemoteError", notification(0x8004, 0, concat(native16(network16(1), 0), native32(9), []byte{0, 7, 0, 0})...),
		&sctp.RemoteError{Assoc: 9, Cause: sctp.CauseInvalidStream, Data: []byte{0, 7, 0, 0}}},
	{"RemoteErrorHMAC", notification(0x8004, 0, concat(native16(network16(0x105), 0), native32(9))...),
		&sctp.RemoteError{Assoc: 9, Cause: sctp.CauseUnsupportedHMAC, Data: []byte{}}},
	{"RemoteErrorCut", notification(0x8004, 0, 1), &sctp.UnknownEvent{EventType: sctp.EventRemoteError, Data: []byte{1}}},
	{"AdaptationIndication", notification(0x8007, 0, native32(0x01020304, 9)...), &sctp.AdaptationIndication{Assoc: 9, Indication: 0x01020304}},
	{"AdaptationIndicationCut", notification(0x8007, 0, 1), &sctp.UnknownEvent{EventType: sctp.EventAdaptationIndication, Data: []byte{1}}},
	{"Authentication", notification(0x8008, 0, concat(native16(7, 0), native32(1, 9))...),
		&sctp.Authentication{Assoc: 9, Key: 7, Indication: sctp.AuthFreeKey}},
	{"AuthenticationCut", notification(0x8008, 0, 1), &sctp.UnknownEvent{EventType: sctp.EventAuthentication, Data: []byte{1}}},
	{"SenderDry", notification(0x8009, 0, native32(9)...), &sctp.SenderDry{Assoc: 9}},
	{"SenderDryCut", notification(0x8009, 0, 1), &sctp.UnknownEvent{EventType: sctp.EventSenderDry, Data: []byte{1}}},
	{"StreamResetAll", notification(0x800a, 2, native32(9)...), &sctp.StreamReset{Assoc: 9, Outgoing: true}},
	{"StreamReset", notification(0x800a, 1, concat(native32(9), native16(0x0102, 3))...),
		&sctp.StreamReset{Assoc: 9, Incoming: true, Streams: []uint16{0x0102, 3}}},
	{"StreamResetFailed", notification(0x800a, 3|4|8, concat(native32(9), native16(3), []byte{1})...), // half a stream is none
		&sctp.StreamReset{Assoc: 9, Incoming: true, Outgoing: true, Denied: true, Failed: true, Streams: []uint16{3}}},
	{"StreamResetCut", notification(0x800a, 0, 1), &sctp.UnknownEvent{EventType: sctp.EventStreamReset, Data: []byte{1}}},
	{"StreamResetLengthTooSmall", concat(native16(0x800a, 2), native32(14), native32(9), native16(5, 6)), &sctp.StreamReset{Assoc: 9, Outgoing: true, Streams: []uint16{5}}},
	{"AssocReset", notification(0x800b, 4, native32(9, 0x01020304, 8)...), &sctp.AssocReset{Assoc: 9, Denied: true, LocalTSN: 8, PeerTSN: 0x01020304}},
	{"AssocResetCut", notification(0x800b, 8, native32(9)...), &sctp.UnknownEvent{EventType: sctp.EventAssocReset, Flags: 8, Data: native32(9)}},
	{"StreamChange", notification(0x800c, 8, concat(native32(9), native16(4, 5))...), &sctp.StreamChange{Assoc: 9, Failed: true, InAdded: 4, OutAdded: 5}},
	{"StreamChangeCut", notification(0x800c, 0, native32(9)...), &sctp.UnknownEvent{EventType: sctp.EventStreamChange, Data: native32(9)}},
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

// assocOffsets says where the association is in the struct of each type.
var assocOffsets = map[sctp.EventType]int{
	sctp.EventAssocChange: 16, sctp.EventPeerAddrChange: 144, sctp.EventRemoteError: 12, sctp.EventShutdown: 8,
	sctp.EventPartialDelivery: 12, sctp.EventAdaptationIndication: 12, sctp.EventAuthentication: 16, sctp.EventSenderDry: 8,
	sctp.EventStreamReset: 8, sctp.EventAssocReset: 8, sctp.EventStreamChange: 8, sctp.EventSendFailed: 28,
}

// Whatever the kernel's bytes are, what is made of them is an event of their type, about
// their association, in memory of its own and no longer than they are.
func FuzzDecodeEvent(f *testing.F) {
	for _, tt := range decodedEvents {
		f.Add(tt.b)
		f.Add(tt.b[:len(tt.b)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sctptest.Variants(b, func(b []byte) { checkDecoded(t, b) })
	})
}

func checkDecoded(t *testing.T, b []byte) {
	t.Helper()
	ev := sctp.DecodeEvent(b)
	if (ev == nil) != (len(b) < 8) {
		t.Fatalf("%d bytes: %v", len(b), ev)
	}
	if ev == nil {
		return
	}
	typ := sctp.EventType(binary.NativeEndian.Uint16(b))
	if ev.Type() != typ || ev.Type().String() == "" {
		t.Fatalf("type %#x: %v", uint16(typ), ev.Type())
	}
	var want sctp.AssocID
	if _, unknown := ev.(*sctp.UnknownEvent); !unknown {
		want = sctp.AssocID(binary.NativeEndian.Uint32(b[assocOffsets[typ]:]))
	}
	var memory []byte
	switch ev := ev.(type) {
	case *sctp.UnknownEvent:
		memory = ev.Data
	case *sctp.AssocChange:
		memory = ev.Info
		_ = ev.State.String() + ev.Cause.String()
		if r := sctp.AbortReason(ev.Info); len(r) > len(ev.Info) {
			t.Fatal(r)
		}
	case *sctp.PeerAddrChange:
		_ = ev.State.String()
	case *sctp.RemoteError:
		memory = ev.Data
	case *sctp.Authentication:
		_ = ev.Indication.String()
	case *sctp.SendFailed:
		memory = ev.Data
	case *sctp.StreamReset:
		if 12+2*len(ev.Streams) > len(b) {
			t.Fatalf("%d streams of %d bytes", len(ev.Streams), len(b))
		}
	}
	if got := sctp.AssocOf(ev); got != want {
		t.Fatalf("association %d, want %d", got, want)
	}
	if len(memory) > len(b)-8 {
		t.Fatalf("%d bytes of %d", len(memory), len(b))
	}
	before := bytes.Clone(memory)
	for i := range b {
		b[i] ^= 0xff
	}
	if !bytes.Equal(before, memory) {
		t.Fatal("the event shares memory with what it was made of")
	}
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
