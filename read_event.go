package sctp

import (
	"bytes"
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// notification takes in n bytes that Recv read of a notification, and pushes the event to
// show and the errors to report, if any. Where the buffer was too short, the rest is at the
// head of the queue.
func (r *reader) notification(fd uintptr, n, flags int) {
	b := r.b[r.n : r.n+n]
	var from netip.AddrPort
	if r.mode != readStream {
		from, _ = r.s.zones.Peer(r.msg.Addr())
	}
	switch {
	case flags&sys.MSG_EOR == 0:
		r.notice, r.noticeFrom = r.takeNotice(b), from
		return
	case len(r.notice) > 0:
		b = r.takeNotice(b)
	}
	r.event(fd, b, from)
}

// takeNotice returns what there is of a notification, with b behind it.
func (r *reader) takeNotice(b []byte) []byte {
	b = append(r.notice, b[:min(len(b), maxEvent-len(r.notice))]...)
	r.notice = nil
	return b
}

// event takes in the notification b, from the peer at from.
func (r *reader) event(fd uintptr, b []byte, from netip.AddrPort) {
	ev := decodeEvent(b, r.s.zones)
	if ev == nil {
		return
	}
	show := (r.mode == readPart || r.mode == readWhole) && r.s.events.shows(ev)
	if e, ok := ev.(*SendFailed); ok && show {
		r.fragment(fd, e, fragmentFlags(b), r.onPath(fd, e.Assoc, from))
		return
	}
	r.pushFailed(r.failed.end(), r.failedFrom)
	switch e := ev.(type) {
	case *PeerAddrChange:
		e.Addr = r.onPath(fd, e.Assoc, e.Addr)
	case *AssocChange:
		if e.State != AssocCommUp && e.State != AssocRestart {
			r.s.events.forget(e.Assoc)
			r.from.clear()
		}
	}
	err := r.src.event(fd, ev, from, show)
	lost := r.giveUp(ev)
	switch {
	case err != nil:
		r.push(Message{}, err)
	case show:
		m := eventMessage(ev, r.onPath(fd, ev.assoc(), from))
		m.Notification = bytes.Clone(b)
		r.push(m, nil)
	case len(lost) > 0 && !r.s.many && r.src.ended(fd):
		// Its end is what there is to report.
	default:
		for _, err := range lost {
			r.push(Message{}, err)
		}
	}
}

// fragment takes in a fragment of a message that failed, to the peer at from.
func (r *reader) fragment(fd uintptr, e *SendFailed, flags uint16, from netip.AddrPort) {
	if r.failed.ev == nil {
		r.failed.limit = failedLimit(fd)
	}
	before, own := r.failed.add(e, flags)
	r.pushFailed(before, r.failedFrom)
	r.pushFailed(own, from)
	r.failedFrom = from
}

// readEvents takes in the notifications in the queue of a socket that nobody uses yet,
// and discards the data between them.
func (r *reader) readEvents(fd uintptr) {
	r.b, r.mode = make([]byte, 4096), readStream
	for {
		n, flags, errno := r.msg.Recv(fd, r.b, false)
		if errno != 0 && isHint(errno) {
			continue
		}
		if errno != 0 || n == 0 {
			break
		}
		if flags&sys.MSG_NOTIFICATION != 0 {
			r.notification(fd, n, flags)
		}
	}
	r.msg.Release()
	r.b, r.next = nil, nil
}

// pushFailed pushes a message to the peer at from that failed; nil is none.
func (r *reader) pushFailed(ev *SendFailed, from netip.AddrPort) {
	if ev != nil {
		r.push(eventMessage(ev, from), nil)
	}
}

// eventMessage returns the Message of ev, from the peer at addr.
func eventMessage(ev Event, addr netip.AddrPort) Message {
	return Message{Event: ev, EOR: true, Addr: addr, Info: RcvInfo{Assoc: ev.assoc()}}
}
