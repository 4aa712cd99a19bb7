package sctp

import (
	"bytes"
	"net/netip"
	"slices"

	"github.com/netsctp/sctp/internal/sys"
)

// notification takes in the notification that Recv has begun to read with n bytes,
// and returns the message of the event to show or the error to report, if any.
func (r *reader) notification(fd uintptr, n, flags int) (*Message, error) {
	b := r.b[r.n : r.n+n]
	var from netip.AddrPort
	if r.mode != readStream {
		from, _ = sys.ParseSockaddr(r.msg.Addr())
	}
	for flags&sys.MSG_EOR == 0 {
		// The buffer was too short. The rest is at the head of the queue.
		keep := min(len(b), maxEvent)
		b = slices.Grow(b[:keep:keep], 4096)[:keep+4096]
		var errno sys.Errno
		n, flags, errno = r.msg.Recv(fd, b[keep:], false)
		if errno == sys.EINTR {
			n, flags = 0, 0
		} else if errno != 0 || flags&sys.MSG_NOTIFICATION == 0 {
			b = b[:keep] // the descriptor is shared with somebody who took it
			break
		}
		b = b[:keep+n]
	}
	ev := decodeEvent(b)
	if ev == nil {
		return nil, nil
	}
	show := (r.mode == readPart || r.mode == readWhole) && r.s.events.shows(ev)
	if e, ok := ev.(*SendFailed); ok && show {
		r.fragment(fd, e, fragmentFlags(b), r.onPath(fd, e.Assoc, from))
		return nil, nil
	}
	r.push(r.failed.end(), r.failedFrom)
	switch e := ev.(type) {
	case *PartialDelivery:
		r.amid = false
	case *PeerAddrChange:
		e.Addr = r.onPath(fd, e.Assoc, e.Addr)
	case *AssocChange:
		if e.State == AssocRestart {
			r.amid = false
		}
		if e.State == AssocCommLost || e.State == AssocCantStart || e.State == AssocShutdownComp {
			r.s.events.forget(e.Assoc)
		}
	}
	err := r.src.event(fd, ev, from, show)
	r.src.forget(fd, &r.parts, ev)
	if err != nil || !show {
		return nil, err
	}
	m := eventMessage(ev, r.onPath(fd, ev.assoc(), from))
	m.Notification = bytes.Clone(b)
	return &m, nil
}

// fragment takes in a fragment of a message that failed, to the peer at from.
func (r *reader) fragment(fd uintptr, e *SendFailed, flags uint16, from netip.AddrPort) {
	if r.failed.ev == nil {
		r.failed.limit = failedLimit(fd)
	}
	before, own := r.failed.add(e, flags)
	r.push(before, r.failedFrom)
	r.push(own, from)
	r.failedFrom = from
}

// readEvents takes in the notifications in the queue of a socket that nobody uses yet,
// and discards the data between them.
func (r *reader) readEvents(fd uintptr) {
	r.b, r.mode = make([]byte, 4096), readStream
	for {
		n, flags, errno := r.msg.Recv(fd, r.b, false)
		if errno != sys.EINTR && (errno != 0 || n == 0) {
			break
		}
		if flags&sys.MSG_NOTIFICATION != 0 {
			r.notification(fd, n, flags)
		}
	}
	r.msg.Release()
	r.b = nil
}

// finish ends the call with the event of m or err, behind the events that were met before.
// What was read of a message comes first, and the rest with the next calls.
func (r *reader) finish(m *Message, err error) bool {
	if m != nil {
		r.next = append(r.next, *m)
	}
	switch {
	case r.n > 0:
		r.nextErr = err
	case len(r.next) > 0:
		r.m, r.nextErr = r.pop(), err
	default:
		r.err, r.nextErr = err, errorBehind(err)
	}
	return true
}

// errorBehind returns what is to be reported next, if err is one of several.
func errorBehind(err error) error {
	if e, ok := err.(*partError); ok {
		return e.next
	}
	return nil
}

// push keeps a message to the peer at from that failed, for finish or for the calls to come;
// nil is none.
func (r *reader) push(ev *SendFailed, from netip.AddrPort) {
	if ev != nil {
		r.next = append(r.next, eventMessage(ev, from))
	}
}

// pop removes the first of the events that were met.
func (r *reader) pop() Message {
	m := r.next[0]
	r.next = slices.Delete(r.next, 0, 1)
	return m
}

// eventMessage returns the Message of ev, from the peer at addr.
func eventMessage(ev Event, addr netip.AddrPort) Message {
	return Message{Event: ev, EOR: true, Addr: addr, Info: RcvInfo{Assoc: ev.assoc()}}
}
