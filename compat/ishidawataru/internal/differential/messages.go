//go:build linux

package main

import (
	"bytes"
	"fmt"

	"github.com/ishidawataru/sctp"
)

func init() {
	scenarios["messages"] = messages
	scenarios["short reads"] = shortReads
	scenarios["long writes"] = longWrites
	scenarios["wrapped"] = wrapped
}

func messages(r *run) {
	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	b := make([]byte, 100)
	r.do("Write", func() []any { return results(c.Write([]byte("one"))) })
	r.do("Read", func() []any { return results(s.Read(b)) })
	r.do("Write without info", func() []any { return results(c.SCTPWrite([]byte("two"), nil)) })
	r.do("Read without DATA_IO", func() []any { return message(s) })
	withInfo(s)
	for _, info := range []*sctp.SndRcvInfo{
		{},
		nil,
		{Stream: 3, PPID: 60},
		{Stream: 3, PPID: 0x12345678},
		{Stream: 9, SSN: 77, TSN: 5, CumTSN: 6, Context: 42},
		{Flags: sctp.SCTP_UNORDERED, PPID: 1},
		{Flags: sctp.SCTP_SACK_IMMEDIATELY, PPID: 1},
		{Flags: sctp.SCTP_UNORDERED | sctp.SCTP_SACK_IMMEDIATELY},
		{Flags: sctp.SCTP_ADDR_OVER},
		{TTL: 20000},
		{Flags: 0x20, TTL: 3}, // PR-SCTP's policy RTX
		{Flags: 0x30, TTL: 3}, // and PRIO
		{Flags: 0x10, TTL: 20000},
		{AssocID: 1},
		{AssocID: 12345},
		{Stream: 10},
		{Stream: 65535},
	} {
		name := "nil"
		var was sctp.SndRcvInfo
		if info != nil {
			was = *info
			name = fmt.Sprintf("%d %d %#x %#x %d %d", info.Stream, info.SSN, info.Flags, info.PPID, info.TTL, info.AssocID)
		}
		var err error
		r.do("SCTPWrite "+name, func() []any {
			var n int
			n, err = c.SCTPWrite([]byte("hello"), info)
			return results(n, err)
		})
		if err == nil {
			r.do("SCTPRead "+name, func() []any { return message(s) })
		}
		if info != nil {
			r.do("unchanged "+name, func() []any { return results(*info == was) })
		}
	}
	r.do("the other way", func() []any { return results(s.SCTPWrite([]byte("back"), &sctp.SndRcvInfo{Stream: 1, PPID: 2})) })
	withInfo(c)
	r.do("and read", func() []any { return message(c) })

	r.do("empty Write", func() []any { return results(c.Write(nil)) })
	r.do("empty SCTPWrite", func() []any { return results(c.SCTPWrite(nil, &sctp.SndRcvInfo{PPID: 5})) })
	r.do("empty SCTPWrite of no nil", func() []any { return results(c.SCTPWrite([]byte{}, &sctp.SndRcvInfo{PPID: 5})) })
	r.do("a message behind them", func() []any { return results(c.SCTPWrite([]byte("end"), &sctp.SndRcvInfo{PPID: 6})) })
	r.do("what came first", func() []any { return message(s) })
	r.do("Close", func() []any { return results(c.Close()) })
}

func shortReads(r *run) {
	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	withInfo(s)
	for range 2 {
		must2(c.SCTPWrite([]byte("0123456789"), &sctp.SndRcvInfo{Stream: 2, PPID: 7}))
	}
	for i := range 4 {
		b := make([]byte, 6)
		r.do(fmt.Sprint("piece ", i), func() []any {
			n, info, err := s.SCTPRead(b)
			return results(n, string(b[:max(n, 0)]), info, err)
		})
	}
	must2(c.SCTPWrite([]byte("0123456789"), &sctp.SndRcvInfo{Stream: 2, PPID: 7}))
	r.do("Read of nothing", func() []any { return results(s.Read(nil)) })
	r.do("Read of nothing, and no nil", func() []any { return results(s.Read([]byte{})) })
	r.do("the message then", func() []any { return message(s) })
}

func longWrites(r *run) {
	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	r.do("SetReadBuffer", func() []any { return results(s.SetReadBuffer(1 << 20)) })
	r.do("SetWriteBuffer", func() []any { return results(c.SetWriteBuffer(32 << 10)) })
	r.do("GetReadBuffer", func() []any { return results(s.GetReadBuffer()) })
	r.do("GetWriteBuffer", func() []any { return results(c.GetWriteBuffer()) })
	for _, size := range []int{1, 1 << 10, 10 << 10, 32 << 10, 60 << 10, 64 << 10, 65 << 10, 1 << 20} {
		var err error
		r.do(fmt.Sprint("Write of ", size), func() []any {
			var n int
			n, err = c.Write(bytes.Repeat([]byte{1}, size))
			return results(n, err)
		})
		if err != nil {
			continue
		}
		r.do(fmt.Sprint("Read of ", size), func() []any {
			n, err := s.Read(make([]byte, 2<<20))
			return results(n, err)
		})
	}
}

func wrapped(r *run) {
	a, b := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	c, s := sctp.NewSCTPSndRcvInfoWrappedConn(a), sctp.NewSCTPSndRcvInfoWrappedConn(b)
	r.do("SubscribedEvents", func() []any { return results(b.SubscribedEvents()) })
	m := make([]byte, 40)
	copy(m, []byte{3, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0})
	copy(m[32:], "message")
	r.do("Write", func() []any { return results(c.Write(m[:39])) })
	r.do("Write too short", func() []any { return results(c.Write(m[:31])) })
	m[0] = 200
	r.do("Write on a stream that is none", func() []any { return results(c.Write(m[:39])) })
	read := bytes.Repeat([]byte{0xee}, 50)
	r.do("Read too short", func() []any { return results(s.Read(read[:31])) })
	r.do("Read", func() []any {
		n, err := s.Read(read)
		return results(n, read[:12], read[32:max(n, 32)], err)
	})
	must(b.SubscribeEvents(sctp.SCTP_EVENT_DATA_IO | sctp.SCTP_EVENT_SHUTDOWN))
	r.do("LocalAddr", func() []any { return results(s.LocalAddr()) })
	r.do("RemoteAddr", func() []any { return results(s.RemoteAddr()) })
	r.do("GetWriteBuffer", func() []any { return results(s.GetWriteBuffer()) })
	r.do("SetWriteBuffer", func() []any { return results(s.SetWriteBuffer(10000)) })
	r.do("GetReadBuffer", func() []any { return results(s.GetReadBuffer()) })
	r.do("SetReadBuffer", func() []any { return results(s.SetReadBuffer(10000)) })
	r.do("Close", func() []any { return results(c.Close()) })
	read = bytes.Repeat([]byte{0xee}, 60)
	r.do("Read of a notification", func() []any {
		n, err := s.Read(read)
		return results(n, read[:32], r.notification(read[32:max(n, 32)]), err)
	})
	r.do("Read at the end", func() []any { return results(s.Read(read)) })
}

// must2 is must, of a call that returns a number, too.
func must2(_ int, err error) { must(err) }
