package sctp

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"sync"

	"github.com/netsctp/sctp/internal/sys"
)

// A source is what a reader's queue belongs to: one association, or all of a
// one-to-many socket. The reader calls it while it holds the queue.
type source interface {
	// ended reports whether the queue gets nothing more. The kernel tells a reader
	// once at most, and whoever asks first takes it; so each reader asks before it
	// parks.
	ended(fd uintptr) bool

	// end returns how the stream of messages ends; the queue is empty, and nothing
	// more will come.
	end(fd uintptr) error

	// failed takes in an error of recvmsg, and returns what to report.
	failed(fd uintptr, errno sys.Errno) error

	// event takes in an event, from the peer at addr, which the caller will see if
	// show is true. It returns what to report in its place, if anything.
	event(fd uintptr, ev Event, addr netip.AddrPort, show bool) error

	// interleaves reports whether the piece that follows may be another message's.
	interleaves(fd uintptr) bool

	// idata reports whether the association uses I-DATA, or may have done so.
	idata(fd uintptr, id AssocID) bool

	// forget drops, of the messages that were read in part, those that ev says will
	// not be completed.
	forget(fd uintptr, parts *assemblies, ev Event)

	// handed takes note that ReadMsg returns a piece, which ends its message if eor is
	// true; has reports whether it has returned a piece of a message, and not the end.
	handed(key partKey, info *RcvInfo, eor bool)
	has(key partKey) bool

	// paths returns the peer's addresses.
	paths(fd uintptr, id AssocID) []netip.Addr
}

// A reader is the read operation of a socket. One call at a time holds it, from its
// first piece of a message to the last it takes, so that what concurrent readers
// get is whole. Its memory is used again by each call, and its function was bound
// once: a message costs no allocation.
type reader struct {
	s   *socket
	src source
	mu  sync.Mutex
	fn  func(fd uintptr) bool // step
	msg sys.Msg

	// queue is held from when something is taken from the kernel's queue until it is
	// recorded which message it is of: PeelOff moves both at once.
	queue sync.Mutex
	held  bool

	// The call under way: what it wants, and its result.
	b     []byte
	mode  readMode
	m     Message
	key   partKey // of m, where it is no event
	n     int
	err   error
	again bool // the association is gone, but the queue may hold more

	// What stays from call to call.
	eof     bool      // io.EOF was or will be returned: nothing else follows
	amid    bool      // what was read last is no end of a message, nor was the message given up
	next    []Message // events, met behind what was returned first
	nextErr error     // likewise, behind next
	parts   assemblies
	pending []*assembly   // what was read of messages before PeelOff: it comes first
	failed  failedMessage // empty between the calls

	failedFrom netip.AddrPort // the peer's primary address

	lastAddr     netip.AddrPort // the decoded form of lastSockaddr
	lastSockaddr []byte
	lastAssoc    AssocID // whose address has a zone, if it has one
}

// A readMode says what a call wants.
type readMode uint8

const (
	readStream readMode = iota // bytes
	readPart                   // a message up to the end of the buffer, or an event
	readWhole                  // a piece of a message, to be put together, or an event
	readData                   // the same without events
)

func (r *reader) init(s *socket, src source) {
	r.s, r.src = s, src
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
		if _, ok := r.pop().Event.(*PartialDelivery); ok {
			return 0, errPartial
		}
	}
	err := r.run(b, readStream)
	r.release()
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
	r.release()
	return m, err
}

// run performs one call.
func (r *reader) run(b []byte, mode readMode) error {
	if len(r.next) > 0 {
		r.n, r.m = 0, r.pop()
		return nil
	}
	if err := r.nextErr; err != nil {
		r.n, r.m, r.nextErr = 0, Message{}, errorBehind(err)
		return err
	}
	if end := r.s.end.Load(); end != nil && end.State == AssocRestart {
		r.n, r.m = 0, Message{}
		return r.s.endError("recvmsg")
	}
	if r.eof {
		r.n, r.m = 0, Message{}
		return io.EOF
	}
	r.begin(b, mode)
	if len(r.pending) > 0 {
		r.takePending()
		return nil
	}
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

// takePending returns the next piece of what was read before PeelOff.
func (r *reader) takePending() {
	a := r.pending[0]
	r.amid = true // the kernel has the rest
	r.m, r.key = a.m, a.key
	r.m.Data, r.m.EOR = nil, false
	r.n = copy(r.b, a.data)
	if a.data = a.data[r.n:]; len(a.data) == 0 {
		r.pending = r.pending[1:]
	}
}

// begin sets the fields of a call.
func (r *reader) begin(b []byte, mode readMode) {
	r.b, r.mode, r.n, r.m, r.err, r.again = b, mode, 0, Message{}, nil, false
}

// step holds the queue and reads. It returns false to be called again once the
// descriptor is readable.
func (r *reader) step(fd uintptr) bool {
	r.queue.Lock()
	r.held = true
	if !r.receive(fd) {
		r.release()
		return false
	}
	return true
}

// release lets go of the queue, if the call holds it.
func (r *reader) release() {
	if r.held {
		r.held = false
		r.queue.Unlock()
	}
}

// receive reads until the call has what it wants, and reports whether it has.
func (r *reader) receive(fd uintptr) bool {
	for {
		n, flags, errno := r.msg.Recv(fd, r.b[r.n:], r.mode != readStream || len(r.parts.dropped) > 0)
		if r.failed.ev != nil && flags&sys.MSG_NOTIFICATION == 0 && !isHint(errno) {
			r.push(r.failed.end(), r.failedFrom)
		}
		switch {
		case errno != 0 && isHint(errno):
		case errno == sys.EAGAIN && len(r.next) > 0 && r.n == 0:
			return r.finish(nil, nil)
		case errno == sys.EAGAIN && !r.again:
			if !r.src.ended(fd) {
				return false
			}
			r.again = true
		case errno == sys.EAGAIN:
			return r.ends(fd)
		case errno != 0:
			return r.finish(nil, r.src.failed(fd, errno))
		case flags&sys.MSG_NOTIFICATION != 0:
			if m, err := r.notification(fd, n, flags); m != nil || err != nil || len(r.next) > 0 {
				return r.finish(m, err)
			}
		case n == 0:
			return r.ends(fd)
		case len(r.parts.dropped) > 0 && r.drops(fd, flags):
		default:
			if r.data(fd, n, flags) || r.mode != readPart || r.n == len(r.b) || r.src.interleaves(fd) {
				return true
			}
		}
	}
}

// ends ends the call with the end of the queue.
func (r *reader) ends(fd uintptr) bool {
	err := r.src.end(fd)
	r.eof = err == io.EOF
	return r.finish(nil, err)
}

// data takes in n bytes that Recv read, and reports whether they end the message.
func (r *reader) data(fd uintptr, n, flags int) (eor bool) {
	if r.mode != readStream && r.n == 0 {
		r.m.Info = decodeRcvInfo(r.msg.Rcvd())
		r.m.Addr = r.addr(fd, r.m.Info.Assoc)
	}
	eor = flags&sys.MSG_EOR != 0
	r.n += n
	r.m.EOR = eor
	r.amid = !eor
	if r.mode == readStream {
		r.parts.clear() // what an iterator has begun goes on without it
		return eor
	}
	r.key = r.keyOf(fd, &r.m.Info, eor)
	if r.mode == readPart {
		r.parts.forget(r.key)
	}
	if r.mode == readPart || eor {
		r.src.handed(r.key, &r.m.Info, eor)
	}
	return eor
}

// addr returns the source address of the message that Recv read. It is mostly the
// one of the message before.
func (r *reader) addr(fd uintptr, id AssocID) netip.AddrPort {
	raw := r.msg.Addr()
	sys.ClearScope(raw)
	if bytes.Equal(raw, r.lastSockaddr) && (id == r.lastAssoc || r.lastAddr.Addr().Zone() == "") {
		return r.lastAddr
	}
	r.lastAssoc, r.lastSockaddr = id, append(r.lastSockaddr[:0], raw...)
	r.lastAddr, _ = r.s.zones.Peer(raw)
	r.lastAddr = r.onPath(fd, id, r.lastAddr)
	return r.lastAddr
}

// onPath returns ap, an address of the peer. The zone of a link-local one is that of the
// path: the kernel's is not to be trusted.
func (r *reader) onPath(fd uintptr, id AssocID, ap netip.AddrPort) netip.AddrPort {
	ip := ap.Addr().WithZone("")
	if !ip.IsLinkLocalUnicast() || !ip.Is6() {
		return ap
	}
	for _, path := range r.src.paths(fd, id) {
		if path.WithZone("") == ip {
			ip = path
		}
	}
	return netip.AddrPortFrom(ip, ap.Port())
}
