package sctp

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/netsctp/sctp/internal/sys"
)

// A reader is the read operation of a socket. One call at a time holds it, from its
// first piece of a message to the last it takes, so that what concurrent readers
// get is whole. Its memory is used again by each call, and its function was bound
// once: a message costs no allocation.
type reader struct {
	s   *socket
	mu  sync.Mutex
	fn  func(fd uintptr) bool // step
	msg sys.Msg

	// The call under way: what it wants, and its result.
	b     []byte
	mode  readMode
	m     Message
	n     int
	err   error
	again bool // the association is gone, but the queue may hold more

	// What stays from call to call.
	complete    bool     // the association has ended in good order: the queue may hold more
	eof         bool     // io.EOF was or will be returned: nothing else follows
	nextEvent   Event    // met behind the part of a message that was returned first
	nextErr     error    // likewise
	interleaved tristate // whether pieces of different messages may alternate
	parts       map[partKey]*assembly

	lastAddr     netip.AddrPort // the decoded form of lastSockaddr
	lastSockaddr []byte
}

// A readMode says what a call wants.
type readMode uint8

const (
	readStream readMode = iota // bytes
	readPart                   // a message up to the end of the buffer, or an event
	readWhole                  // the same, for an iterator that puts the parts together
)

// A tristate is a bool that is not known until someone asks.
type tristate uint8

const (
	unknown tristate = iota
	no
	yes
)

func (r *reader) init(s *socket) {
	r.s = s
	r.fn = r.step
	r.lastSockaddr = make([]byte, 0, sys.SizeofSockaddrIn6)
}

// read reads what there is of the stream of bytes that the messages are.
func (r *reader) read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.s.closed.Load() {
		return 0, net.ErrClosed
	}
	if len(b) == 0 {
		return 0, nil
	}
	ev := r.nextEvent
	r.nextEvent = nil
	if _, ok := ev.(*PartialDelivery); ok {
		return 0, errPartial
	}
	err := r.run(b, readStream)
	return r.n, err
}

// readMsg reads a message, up to the end of b, or an event.
func (r *reader) readMsg(b []byte) (Message, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.s.closed.Load() {
		return Message{}, net.ErrClosed
	}
	if len(b) == 0 {
		return Message{}, nil
	}
	err := r.run(b, readPart)
	m := r.m
	if r.n > 0 {
		m.Data = b[:r.n]
	}
	r.m = Message{}
	return m, err
}

// run performs one call.
func (r *reader) run(b []byte, mode readMode) error {
	if ev, err := r.nextEvent, r.nextErr; ev != nil || err != nil {
		r.n, r.m = 0, Message{}
		r.nextEvent, r.nextErr = nil, nil
		if ev != nil {
			r.m = eventMessage(ev)
		}
		return err
	}
	if end := r.s.end.Load(); end != nil && end.State == Restart {
		r.n, r.m = 0, Message{}
		return r.s.endError("recvmsg")
	}
	if r.eof {
		r.n, r.m = 0, Message{}
		return io.EOF
	}
	r.begin(b, mode)
	err := r.s.raw.Read(r.fn)
	r.msg.Release()
	r.b = nil
	switch {
	case r.s.closed.Load():
		r.n, r.m = 0, Message{}
		return net.ErrClosed
	case err == nil:
		err = r.err
	case r.n > 0:
		err = nil // a deadline, amid a message: the next call will meet it again
	default:
		return r.s.pollError(err)
	}
	return err
}

// begin sets the fields of a call.
func (r *reader) begin(b []byte, mode readMode) {
	r.b, r.mode, r.n, r.m, r.err, r.again = b, mode, 0, Message{}, nil, false
}

// step reads until the call has what it wants. It returns false to be called again
// once the descriptor is readable.
func (r *reader) step(fd uintptr) bool {
	for {
		n, flags, errno := r.msg.Recv(fd, r.b[r.n:], r.mode != readStream)
		switch {
		case errno == sys.EINTR:
		case errno == sys.EAGAIN && !r.again:
			if !r.isGone(fd) {
				return false
			}
			r.again = true
		case errno == sys.EAGAIN:
			return r.finish(nil, r.endOf(fd))
		case isEnd(errno):
			r.s.lost(errno)
			return r.finish(nil, r.endOf(fd))
		case errno != 0:
			return r.finish(nil, syscallError("recvmsg", errno))
		case flags&sys.MSG_NOTIFICATION != 0:
			if ev, err := r.notification(fd, n, flags); ev != nil || err != nil {
				return r.finish(ev, err)
			}
		case n == 0:
			return r.finish(nil, r.endOf(fd))
		default:
			if r.data(n, flags) || r.mode == readStream || r.n == len(r.b) || r.interleaves(fd) {
				return true
			}
		}
	}
}

// data takes in n bytes that Recv read, and reports whether they end the message.
func (r *reader) data(n, flags int) (eor bool) {
	if r.mode != readWhole {
		clear(r.parts) // what an iterator has begun goes on without it
	}
	if r.mode != readStream && r.n == 0 {
		r.m.Info = decodeRcvInfo(r.msg.Rcvd())
		r.m.Addr = r.addr()
	}
	r.n += n
	r.m.EOR = flags&sys.MSG_EOR != 0
	return r.m.EOR
}

// addr returns the source address of the message that Recv read. It is mostly the
// one of the message before. The zone of a link-local address is that of the path: the
// kernel's is not to be trusted.
func (r *reader) addr() netip.AddrPort {
	raw := r.msg.Addr()
	sys.ClearScope(raw)
	if bytes.Equal(raw, r.lastSockaddr) {
		return r.lastAddr
	}
	r.lastSockaddr = append(r.lastSockaddr[:0], raw...)
	r.lastAddr, _ = sys.ParseSockaddr(raw)
	if ip := r.lastAddr.Addr(); ip.IsLinkLocalUnicast() && ip.Is6() {
		for _, path := range r.s.raddr.IPs {
			if path.WithZone("") == ip {
				r.lastAddr = netip.AddrPortFrom(path, r.lastAddr.Port())
			}
		}
	}
	return r.lastAddr
}

// finish ends the call with ev or err. What was read of a message before it comes
// first, and ev or err with the next call.
func (r *reader) finish(ev Event, err error) bool {
	switch {
	case r.n > 0:
		r.nextEvent, r.nextErr = ev, err
	case ev != nil:
		r.m = eventMessage(ev)
	default:
		r.err = err
	}
	return true
}

// eventMessage returns the Message of ev.
func eventMessage(ev Event) Message {
	return Message{Event: ev, EOR: true, Info: RcvInfo{Assoc: ev.assoc()}}
}

// notification takes in the notification that Recv has begun to read with n bytes,
// and returns the event to show or the error to report, if any.
func (r *reader) notification(fd uintptr, n, flags int) (Event, error) {
	b := r.b[r.n : r.n+n]
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
	show := r.mode != readStream && r.s.events.shows(ev)
	switch e := ev.(type) {
	case *AssocChange:
		switch e.State {
		case CommLost, CantStrAssoc:
			r.s.lostBy(fd, e)
		case ShutdownComp:
			r.complete = true
		case Restart:
			if !show {
				r.s.end.CompareAndSwap(nil, &loss{AssocError: AssocError{Assoc: e.Assoc, State: Restart}, errno: sys.ECONNRESET})
				r.s.wakeWriter()
				return nil, r.s.endError("recvmsg")
			}
		}
	case *Shutdown:
		r.s.writeClosed.Store(true)
		r.s.wakeWriter()
	case *PartialDelivery:
		// The kernel says so only if a part was delivered, which came before. When
		// the association has ended, its end is what there is to report.
		switch {
		case r.isGone(fd):
		case r.mode == readWhole:
			return ev, nil
		case !show:
			return nil, errPartial
		}
	}
	if !show {
		return nil, nil
	}
	return ev, nil
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

// isGone reports whether the association is no more. The kernel tells a reader once
// at most, and whoever asks first takes it; so each reader asks before it parks.
func (r *reader) isGone(fd uintptr) bool {
	return r.complete || r.s.end.Load() != nil || gone(fd)
}

// endOf returns how the stream of messages ends; the queue is empty, and nothing
// more will come.
func (r *reader) endOf(fd uintptr) error {
	if !r.complete && r.s.end.Load() == nil && !r.endsInOrder(fd) {
		// The kernel's error and its notification were taken by somebody else.
		if errno := takeError(fd); errno != 0 {
			r.s.lost(errno)
		} else {
			r.s.lostSomehow()
		}
	}
	if err := r.s.endError("recvmsg"); err != nil {
		return err
	}
	r.eof = true
	return io.EOF
}

// endsInOrder reports whether one of the two ends has shut down.
func (r *reader) endsInOrder(fd uintptr) bool {
	return r.s.writeClosed.Load() || sys.Poll(fd)&sys.PollRdhup != 0
}

// interleaves reports whether the next piece may be another message's: with I-DATA
// (RFC 8260).
func (r *reader) interleaves(fd uintptr) bool {
	if r.interleaved == unknown {
		r.interleaved = no
		v := sys.AssocValue{}
		_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_INTERLEAVING_SUPPORTED, sys.Bytes(&v))
		if errno == 0 && v.Value != 0 {
			r.interleaved = yes
		}
	}
	return r.interleaved == yes
}
