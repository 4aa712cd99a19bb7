//go:build linux

package main

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/ishidawataru/sctp"
)

func init() {
	scenarios["notifications"] = notifications
	scenarios["handler"] = handler
	scenarios["send failed"] = sendFailed
}

// all are the events but SENDER_DRY, which comes whenever everything is acknowledged.
const all = sctp.SCTP_EVENT_ALL &^ sctp.SCTP_EVENT_SENDER_DRY

// subscribing returns a configuration that subscribes to flags from the start.
func subscribing(flags int) sctp.SocketConfig {
	return sctp.SocketConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		c.Control(func(fd uintptr) { err = sctp.NewSCTPConn(int(fd), nil).SubscribeEvents(flags) })
		return err
	}}
}

// next reads what comes next: a message, or a notification without an SndRcvInfo.
func next(r *run, c *sctp.SCTPConn) []any {
	b := make([]byte, 1000)
	n, info, err := c.SCTPRead(b)
	if err != nil || info != nil {
		return results(string(b[:max(n, 0)]), info, err)
	}
	return results(r.notification(b[:n]), info, err)
}

func notifications(r *run) {
	for _, ending := range []string{"Close", "abort"} {
		c, abort := aborting(subscribing(all))
		r.do(ending+", SubscribedEvents", func() []any { return results(c.SubscribedEvents()) })
		for i := range 2 {
			r.do(fmt.Sprint(ending, ", set-up ", i), func() []any { return next(r, c) })
		}
		if ending == "abort" {
			abort()
			for i := range 3 {
				r.do(fmt.Sprint(ending, ", then ", i), func() []any { return next(r, c) })
			}
			continue
		}
		must(c.Close())
		c, s := pair(subscribing(all), subscribing(all))
		r.do(ending+", SubscribedEvents of the accepted", func() []any { return results(s.SubscribedEvents()) })
		must2(c.SCTPWrite([]byte("data"), &sctp.SndRcvInfo{PPID: 3}))
		must(c.Close())
		for i := range 6 {
			r.do(fmt.Sprint(ending, ", then ", i), func() []any { return next(r, s) })
		}
	}

	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	must(s.SubscribeEvents(sctp.SCTP_EVENT_SENDER_DRY | sctp.SCTP_EVENT_DATA_IO))
	r.do("SENDER_DRY", func() []any { return next(r, s) })
	must(s.SubscribeEvents(0))
	must2(c.Write([]byte("data")))
	r.do("data without DATA_IO", func() []any { return message(s) })

	c, s = pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	must(s.SubscribeEvents(sctp.SCTP_EVENT_SHUTDOWN))
	must(c.Close())
	b := make([]byte, 8)
	for i := range 3 {
		r.do(fmt.Sprint("SHUTDOWN in pieces of 8, ", i), func() []any {
			n, info, err := s.SCTPRead(b)
			return results(n, info, err)
		})
	}
}

func handler(r *run) {
	boom := errors.New("boom")
	for _, size := range []int{1000, 8} {
		for _, result := range []error{nil, boom} {
			b := make([]byte, size)
			var got []any
			cfg := subscribing(sctp.SCTP_EVENT_SHUTDOWN | sctp.SCTP_EVENT_DATA_IO)
			cfg.NotificationHandler = func(n []byte) error {
				got = append(got, len(n), r.notification(n), &n[0] == &b[0])
				return result
			}
			c, s := pair(sctp.SocketConfig{}, cfg)
			must2(c.SCTPWrite([]byte("data"), &sctp.SndRcvInfo{PPID: 3}))
			must(c.Close())
			for i := range 2 {
				got = nil
				r.do(fmt.Sprintf("buffer of %d, %v, %d", size, result, i), func() []any {
					n, info, err := s.SCTPRead(b)
					return append(results(n, info, err), got...)
				})
			}
		}
	}
	cfg := sctp.SocketConfig{NotificationHandler: func(n []byte) error { return boom }}
	c, s := pair(sctp.SocketConfig{}, cfg)
	must(s.SubscribeEvents(sctp.SCTP_EVENT_SENDER_DRY))
	r.do("Read and a handler's error", func() []any { return results(s.Read(make([]byte, 100))) })
	must(c.Close())
}

// sendFailed fills the peer's window, so that there are messages which an abort fails, and
// shows the last.
func sendFailed(r *run) {
	c, abort := aborting(sctp.SocketConfig{})
	must(c.SubscribeEvents(sctp.SCTP_EVENT_SEND_FAILURE))
	must(c.SetWriteBuffer(1 << 20))
	st, err := c.GetStatus()
	must(err)
	for range st.RWND/1000 + 20 {
		must2(c.SCTPWrite(make([]byte, 1000), &sctp.SndRcvInfo{Stream: 2, PPID: 60, Context: 7}))
	}
	abort()
	var last []byte
	for b := make([]byte, 2000); ; {
		n, err := c.Read(b)
		if err != nil {
			r.do("the last", func() []any { return results(len(last), r.notification(last[:min(len(last), 48)])) })
			r.do("then", func() []any { return results(n, err) })
			return
		}
		last = append(last[:0], b[:n]...)
	}
}
