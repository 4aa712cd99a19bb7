package sctp

import (
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
	// parks, unless quiet says that it need not.
	ended(fd uintptr) bool

	// quiet reports whether an end would have left something in the queue, as long as
	// nobody has been woken for nothing.
	quiet() bool

	// end returns how the stream of messages ends; the queue is empty, and nothing
	// more will come.
	end(fd uintptr) error

	// failed takes in an error of recvmsg, and returns what to report.
	failed(fd uintptr, errno sys.Errno) error

	// event takes in an event, from the peer at addr, which the caller will see if
	// show is true. It returns what to report in its place, if anything.
	event(fd uintptr, ev Event, addr netip.AddrPort, show bool) error

	// paths returns the peer's addresses.
	paths(fd uintptr, id AssocID) []netip.Addr
}

// A reader is the read operation of a socket. One call at a time holds it, from its
// first piece of a message to the last it takes, so that what concurrent readers
// get is whole. Its memory is used again by each call, and its function was bound
// once: a message costs no allocation.
//
// What a call returns is, in this order: an event or an error that was met behind what
// earlier calls returned (next); a restart of the peer, or io.EOF, once it was met; what an
// iterator has read of a message that ReadMsg and Read now go on with (open); and what the
// kernel's queue has. What was read of a message comes before an event or error that was
// met behind it. A message that is whole when nothing is begun touches none of this.
type reader struct {
	s   *socket
	src source
	mu  sync.Mutex
	fn  func(fd uintptr) bool // step
	msg sys.InMsg

	// queue is held from when something is taken from the kernel's queue until it is
	// recorded which message it is of: PeelOff moves both at once.
	queue sync.Mutex

	// The call under way: what it wants, and its result.
	b      []byte
	mode   readMode
	limit  int // for the length of a message that an iterator puts together
	m      Message
	n      int  // bytes in b that the call returns
	whole  bool // m is a message that an iterator has put together, or an event
	err    error
	again  bool // the association is gone, but the queue may hold more
	parked bool // the call has waited, or would have
	more   bool // a piece was discarded: the call goes on, if its deadline allows
	batch  batchRead

	// What stays from call to call.
	eof    bool // io.EOF was or will be returned: nothing else follows
	next   []result
	open   unfinished
	failed failedMessage // empty between the calls
	notice []byte        // what there is of a notification, from the peer at noticeFrom
	idata  tristate      // whether the one association uses I-DATA
	from   peerAddrs
	told   []result // for the next call, from others than readers; guarded by queue

	failedFrom, noticeFrom netip.AddrPort // the peer's primary address
}

// A result is an event, or an error, that a call met.
type result struct {
	m   Message
	err error
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
		res := r.pop()
		if ev, ok := res.m.Event.(*PartialDelivery); ok {
			res.err = givenUp(RcvInfo{Assoc: ev.Assoc}, res.m.Addr)
		}
		if res.err != nil {
			return 0, res.err
		}
	}
	err := r.run(b, readStream, 0)
	return r.n, err
}

// readMsg reads a message, up to the end of b, or an event, into *m.
func (r *reader) readMsg(b []byte, m *Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.s.closed.Load() {
		return net.ErrClosed
	}
	if len(b) == 0 {
		return nil
	}
	err := r.run(b, readPart, 0)
	*m = r.m
	if r.n > 0 {
		m.Data = b[:r.n]
	}
	r.m = Message{}
	return err
}

// run performs one call.
func (r *reader) run(b []byte, mode readMode, limit int) error {
	r.b, r.mode, r.limit = b, mode, limit
	r.m, r.n, r.whole, r.err, r.again, r.parked = Message{}, 0, false, nil, false, false
	switch end := r.s.end.Load(); {
	case len(r.next) > 0:
		r.take()
		return r.err
	case end != nil && end.State == AssocRestart:
		return r.s.endError("recvmsg")
	case r.eof:
		return io.EOF
	}
	err := r.s.raw.Read(r.fn)
	for err == nil && r.more {
		err = r.s.raw.Read(r.fn)
	}
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

// step holds the queue and reads. It returns false to be called again once the
// descriptor is readable.
func (r *reader) step(fd uintptr) bool {
	r.queue.Lock()
	defer r.queue.Unlock()
	r.more = false
	if len(r.told) > 0 {
		r.next, r.told = append(r.next, r.told...), nil
	}
	for {
		switch {
		case r.batch.n > 0 && r.n == 0 && len(r.next) > 0:
			r.take() // it was met behind what the batch has
		case r.open.left > 0 && r.n == 0 && r.mode <= readPart && r.handKept():
		case !r.receive(fd):
			return r.batch.n > 0 && r.n == 0
		}
		if r.batch.ms == nil || r.more || r.err != nil || !r.store() {
			return true
		}
	}
}

// receive reads until the call has what it wants, or has discarded a piece, and reports
// whether it has.
func (r *reader) receive(fd uintptr) bool {
	for {
		n, flags, errno := r.msg.Recv(fd, r.b[r.n:], r.mode != readStream || r.open.quiet > 0)
		if r.failed.ev != nil && flags&sys.MSG_NOTIFICATION == 0 && !isHint(errno) {
			r.pushFailed(r.failed.end(), r.failedFrom)
		}
		if len(r.notice) > 0 && flags&sys.MSG_NOTIFICATION == 0 && !isHint(errno) {
			r.event(fd, r.takeNotice(nil), r.noticeFrom) // who shares the descriptor took the rest
		}
		switch {
		case errno != 0 && isHint(errno):
		case errno == sys.EAGAIN && len(r.next) > 0 && r.n == 0:
			return r.finish()
		case errno == sys.EAGAIN && r.batch.n > 0 && r.n == 0:
			return false // which is not the end of a batch's wait, but of the batch
		case errno == sys.EAGAIN && !r.again:
			if !r.parked && r.src.quiet() || !r.src.ended(fd) {
				r.parked = true
				return false
			}
			r.again = true
		case errno == sys.EAGAIN:
			return r.ends(fd)
		case errno != 0:
			r.push(Message{}, r.src.failed(fd, errno))
			return r.finish()
		case flags&sys.MSG_NOTIFICATION != 0:
			if r.notification(fd, n, flags); len(r.next) > 0 {
				return r.finish()
			}
		case n == 0:
			return r.ends(fd)
		case r.data(fd, n, flags):
			return true
		}
	}
}

// ends ends the call with the end of the queue.
func (r *reader) ends(fd uintptr) bool {
	err := r.src.end(fd)
	r.eof = err == io.EOF
	r.push(Message{}, err)
	return r.finish()
}

// push keeps an event or an error, for finish or for the calls to come.
func (r *reader) push(m Message, err error) { r.next = append(r.next, result{m, err}) }

// finish ends the call: with what was read of a message, or else with what was met.
func (r *reader) finish() bool {
	if r.n == 0 {
		r.take()
	}
	return true
}

// take makes the first of what was met the result of the call.
func (r *reader) take() {
	res := r.pop()
	r.m, r.err, r.whole = res.m, res.err, true
}

// pop removes the first of what was met. The end of an association can make that many: so it
// moves none of the others, and lets go of the memory with the last.
func (r *reader) pop() result {
	res := r.next[0]
	r.next[0] = result{}
	if r.next = r.next[1:]; len(r.next) == 0 {
		r.next = nil
	}
	return res
}
