//go:build linux

package main

import (
	"fmt"
	"time"

	"github.com/ishidawataru/sctp"
)

func init() {
	scenarios["ends"] = ends
	scenarios["closed"] = closed
	scenarios["waiting"] = waiting
	scenarios["deadlines"] = deadlines
}

func ends(r *run) {
	for _, end := range []struct {
		name string
		f    func(c *sctp.SCTPConn) []any
	}{
		{"Close", func(c *sctp.SCTPConn) []any { return results(c.Close()) }},
		{"SCTP_EOF alone", func(c *sctp.SCTPConn) []any {
			return results(c.SCTPWrite(nil, &sctp.SndRcvInfo{Flags: sctp.SCTP_EOF}))
		}},
		{"SCTP_EOF with a message", func(c *sctp.SCTPConn) []any {
			return results(c.SCTPWrite([]byte("last"), &sctp.SndRcvInfo{Flags: sctp.SCTP_EOF}))
		}},
		{"SCTP_ABORT alone", func(c *sctp.SCTPConn) []any {
			return results(c.SCTPWrite(nil, &sctp.SndRcvInfo{Flags: sctp.SCTP_ABORT}))
		}},
		{"SCTP_ABORT with a reason", func(c *sctp.SCTPConn) []any {
			return results(c.SCTPWrite([]byte("reason"), &sctp.SndRcvInfo{Flags: sctp.SCTP_ABORT}))
		}},
	} {
		c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
		must2(c.Write([]byte("data")))
		r.do(end.name, func() []any { return end.f(c) })
		r.forget()
		say := func(step string, f func() []any) { r.do(end.name+", "+step, f) }
		for i := range 2 {
			say(fmt.Sprint("peer's read ", i), func() []any { return message(s) })
		}
		awaitGone(s)
		say("peer's write", func() []any { return results(s.Write([]byte("data"))) })
		say("peer's LocalAddr", func() []any { return results(s.LocalAddr()) })
		say("peer's RemoteAddr", func() []any { return results(s.RemoteAddr()) })
		say("peer's SCTPLocalAddr", func() []any { return results(s.SCTPLocalAddr(0)) })
		say("peer's SCTPRemoteAddr", func() []any { return results(s.SCTPRemoteAddr(0)) })
		say("peer's primary address", func() []any { return results(s.SCTPGetPrimaryPeerAddr()) })
		say("peer's status", func() []any {
			_, err := s.GetStatus()
			return results(err)
		})
		say("peer's Close", func() []any { return results(s.Close()) })
		say("own read", func() []any { return message(c) })
		say("own write", func() []any { return results(c.Write([]byte("data"))) })
		say("own RemoteAddr", func() []any { return results(c.RemoteAddr()) })
		say("own Close", func() []any { return results(c.Close()) })
	}

	a, abort := aborting(sctp.SocketConfig{})
	abort()
	r.do("aborted, read", func() []any { return message(a) })
	r.do("aborted, read again", func() []any { return message(a) })
	r.do("aborted, write", func() []any { return results(a.Write([]byte("data"))) })
	r.do("aborted, RemoteAddr", func() []any { return results(a.RemoteAddr()) })
	r.do("aborted, Close", func() []any { return results(a.Close()) })

	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	must2(s.Write([]byte("unread")))
	must2(c.Write([]byte("before the end")))
	r.do("Close with unread input", func() []any { return results(c.Close()) })
	r.do("what was sent before", func() []any { return message(s) })
	// The end is EOF or ECONNRESET, in both: the peer may be faster to acknowledge the shutdown
	// than the kernel to find the input, and may not.
}

// awaitGone waits until the association of c is no more, or a second in which it stays.
func awaitGone(c *sctp.SCTPConn) {
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := c.GetStatus(); err != nil {
			return
		}
	}
}

// closed calls everything after Close.
func closed(r *run) {
	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	w := sctp.NewSCTPSndRcvInfoWrappedConn(c)
	r.do("Close", func() []any { return results(c.Close()) })
	r.do("Close again", func() []any { return results(c.Close()) })
	r.do("Close of the wrapped", func() []any { return results(w.Close()) })
	r.do("Close of nil", func() []any { return results((*sctp.SCTPConn)(nil).Close()) })
	r.do("Read", func() []any { return results(c.Read(make([]byte, 1))) })
	r.do("SCTPRead", func() []any { return results(c.SCTPRead(make([]byte, 1))) })
	r.do("Write", func() []any { return results(c.Write([]byte("x"))) })
	r.do("SCTPWrite", func() []any { return results(c.SCTPWrite([]byte("x"), &sctp.SndRcvInfo{})) })
	r.do("SCTPWrite of SCTP_ABORT", func() []any {
		return results(c.SCTPWrite([]byte("x"), &sctp.SndRcvInfo{Flags: sctp.SCTP_ABORT}))
	})
	r.do("SCTPWrite of SCTP_EOF", func() []any { return results(c.SCTPWrite(nil, &sctp.SndRcvInfo{Flags: sctp.SCTP_EOF})) })
	r.do("Read of the wrapped", func() []any { return results(w.Read(make([]byte, 40))) })
	r.do("Write of the wrapped", func() []any { return results(w.Write(make([]byte, 40))) })
	r.do("LocalAddr", func() []any { return results(c.LocalAddr()) })
	r.do("RemoteAddr", func() []any { return results(c.RemoteAddr()) })
	r.do("SCTPLocalAddr", func() []any { return results(c.SCTPLocalAddr(0)) })
	r.do("SCTPRemoteAddr", func() []any { return results(c.SCTPRemoteAddr(0)) })
	r.do("SCTPGetPrimaryPeerAddr", func() []any { return results(c.SCTPGetPrimaryPeerAddr()) })
	r.do("PeelOff", func() []any { return results(c.PeelOff(1)) })
	r.do("SyscallConn", func() []any { return results(c.SyscallConn()) })
	r.do("SubscribeEvents", func() []any { return results(c.SubscribeEvents(sctp.SCTP_EVENT_ALL)) })
	r.do("SubscribedEvents", func() []any { return results(c.SubscribedEvents()) })
	r.do("SetInitMsg", func() []any { return results(c.SetInitMsg(1, 1, 1, 1)) })
	r.do("SetDefaultSentParam", func() []any { return results(c.SetDefaultSentParam(&sctp.SndRcvInfo{})) })
	r.do("GetDefaultSentParam", func() []any { return results(c.GetDefaultSentParam()) })
	r.do("SetSackTimer", func() []any { return results(c.SetSackTimer(&sctp.SackTimer{})) })
	r.do("GetSackTimer", func() []any { return sackTimer(r, c) })
	r.do("GetStatus", func() []any {
		st, err := c.GetStatus()
		return results(*st == sctp.Status{}, err)
	})
	r.do("Getsockopt", func() []any {
		r0, _, err := c.Getsockopt(sctp.SCTP_NODELAY, 0, 0)
		return results(int(r0), err)
	})
	r.do("Setsockopt", func() []any {
		r0, _, err := c.Setsockopt(sctp.SCTP_NODELAY, 0, 0)
		return results(int(r0), err)
	})
	r.do("SetWriteBuffer", func() []any { return results(c.SetWriteBuffer(5000)) })
	r.do("GetWriteBuffer", func() []any { return results(c.GetWriteBuffer()) })
	r.do("SetReadBuffer", func() []any { return results(c.SetReadBuffer(5000)) })
	r.do("GetReadBuffer", func() []any { return results(c.GetReadBuffer()) })
	r.do("SetDeadline", func() []any { return results(c.SetDeadline(time.Now())) })
	r.do("SetReadDeadline", func() []any { return results(c.SetReadDeadline(time.Now())) })
	r.do("SetWriteDeadline", func() []any { return results(c.SetWriteDeadline(time.Now())) })
	r.do("the peer's read", func() []any { return message(s) })
}

// waiting closes what calls wait for.
func waiting(r *run) {
	const readers = 10
	var conns, peers []*sctp.SCTPConn
	var ended []func(step string)
	for range readers {
		c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
		conns, peers = append(conns, c), append(peers, s)
		ended = append(ended, r.start(func() []any { return results(c.Read(make([]byte, 1))) }))
	}
	r.do("calls that wait hold", func() []any { return results(waits(readers)) })
	for i, c := range conns[1:] {
		must2(peers[i+1].Write([]byte("x")))
		ended[i+1](fmt.Sprint("reader ", i))
		must(c.Close())
	}
	r.do("Close with a reader", func() []any { return results(conns[0].Close()) })
	ended[0]("the reader")

	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	st, err := c.GetStatus()
	must(err)
	full := r.start(func() []any {
		for range st.RWND {
			if n, err := c.Write(make([]byte, 1000)); err != nil {
				return results(n, err)
			}
		}
		return results("the peer takes all")
	})
	r.do("a writer that waits holds", func() []any { return results(waits(1)) })
	r.do("Close with a writer", func() []any { return results(c.Close()) })
	full("the writer")
	must(s.Close())

	ln, _ := listening(sctp.SocketConfig{}, "127.0.0.1:0")
	accepted := r.start(func() []any { return results(ln.AcceptSCTP()) })
	r.do("an Accept that waits holds", func() []any { return results(waits(1)) })
	r.do("Close with an Accept", func() []any { return results(ln.Close()) })
	accepted("the Accept")
}

func deadlines(r *run) {
	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	past := time.Now().Add(-time.Second)
	r.do("SetDeadline", func() []any { return results(c.SetDeadline(past)) })
	r.do("SetReadDeadline", func() []any { return results(c.SetReadDeadline(past)) })
	r.do("SetWriteDeadline", func() []any { return results(c.SetWriteDeadline(past)) })
	r.do("Write", func() []any { return results(c.Write([]byte("x"))) })
	must2(s.Write([]byte("data")))
	r.do("Read", func() []any { return results(c.Read(make([]byte, 10))) })
	w := sctp.NewSCTPSndRcvInfoWrappedConn(s)
	r.do("SetDeadline of the wrapped", func() []any { return results(w.SetDeadline(past)) })
	r.do("SetReadDeadline of the wrapped", func() []any { return results(w.SetReadDeadline(past)) })
	r.do("SetWriteDeadline of the wrapped", func() []any { return results(w.SetWriteDeadline(past)) })
}
