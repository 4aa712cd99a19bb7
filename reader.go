package sctp

import (
	"bytes"
	"io"
	"net"
	"net/netip"
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
	next        []Event  // met behind what was returned first
	nextErr     error    // likewise, behind next
	interleaved tristate // whether pieces of different messages may alternate
	parts       assemblies
	failed      failedMessage // empty between the calls

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
	for len(r.next) > 0 {
		if _, ok := r.pop().(*PartialDelivery); ok {
			return 0, errPartial
		}
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
	if len(r.next) > 0 {
		r.n, r.m = 0, eventMessage(r.pop())
		return nil
	}
	if err := r.nextErr; err != nil {
		r.n, r.m, r.nextErr = 0, Message{}, nil
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
		if r.failed.ev != nil && flags&sys.MSG_NOTIFICATION == 0 && errno != sys.EINTR {
			r.push(r.failed.end())
		}
		switch {
		case errno == sys.EINTR:
		case errno == sys.EAGAIN && len(r.next) > 0 && r.n == 0:
			return r.finish(nil, nil)
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
			if ev, err := r.notification(fd, n, flags); ev != nil || err != nil || len(r.next) > 0 {
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
		r.parts.clear() // what an iterator has begun goes on without it
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
// one of the message before.
func (r *reader) addr() netip.AddrPort {
	raw := r.msg.Addr()
	sys.ClearScope(raw)
	if bytes.Equal(raw, r.lastSockaddr) {
		return r.lastAddr
	}
	r.lastSockaddr = append(r.lastSockaddr[:0], raw...)
	r.lastAddr, _ = sys.ParseSockaddr(raw)
	r.lastAddr = r.s.onPath(r.lastAddr)
	return r.lastAddr
}

// onPath returns ap, an address of the peer. The zone of a link-local one is that of the
// path: the kernel's is not to be trusted.
func (s *socket) onPath(ap netip.AddrPort) netip.AddrPort {
	ip := ap.Addr().WithZone("")
	if !ip.IsLinkLocalUnicast() || !ip.Is6() || s.raddr == nil {
		return ap
	}
	for _, path := range s.raddr.IPs {
		if path.WithZone("") == ip {
			ip = path
		}
	}
	return netip.AddrPortFrom(ip, ap.Port())
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
