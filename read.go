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
// met behind it. A message that is whole when nothing of all that is there touches none of
// it: step has a short way then, which nearly all calls go.
type reader struct {
	s   *socket
	src source
	mu  sync.Mutex
	fn  func(fd uintptr) bool // what step returns
	msg sys.InMsg

	// queue is held from when something is taken from the kernel's queue until it is
	// recorded which message it is of: PeelOff moves both at once.
	queue sync.Mutex

	// The call under way: what it wants, and its result.
	b      []byte
	mode   readMode
	limit  int     // for the length of a message that an iterator puts together
	m      Message // zero between the calls
	n      int     // bytes in b that the call returns
	plain  bool    // they are a message, which msg still describes: m is zero
	whole  bool    // the same, or m is a message that an iterator has put together, or an event
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
	r.fn = r.step()
}

// read reads what there is of the stream of bytes that the messages are.
func (r *reader) read(b []byte) (n int, err error) {
	r.mu.Lock()
	switch {
	case r.s.closed.Load():
		err = net.ErrClosed
	case len(b) > 0:
		if err = r.nextError(); err == nil {
			err = r.run(b, readStream, 0)
			n = r.n
			r.forget()
		}
	}
	r.mu.Unlock()
	return n, err
}

// nextError returns the first error of what was met, and drops the events before it: to a
// stream of bytes they are none, but for one that says that a message was given up.
func (r *reader) nextError() error {
	for len(r.next) > 0 {
		res := r.pop()
		if ev, ok := res.m.Event.(*PartialDelivery); ok {
			res.err = givenUp(RcvInfo{Assoc: ev.Assoc}, res.m.Addr)
		}
		if res.err != nil {
			return res.err
		}
	}
	return nil
}

// readMsg reads a message, up to the end of b, or an event, into *m, which is zero.
func (r *reader) readMsg(b []byte, m *Message) (err error) {
	r.mu.Lock()
	switch {
	case r.s.closed.Load():
		err = net.ErrClosed
	case len(b) > 0:
		err = r.run(b, readPart, 0)
		r.moveTo(m, b)
	}
	r.mu.Unlock()
	return err
}

// moveTo moves what the call has read to *m, which is zero; b is the call's buffer.
func (r *reader) moveTo(m *Message, b []byte) {
	if r.plain {
		m.EOR = true
		m.Info.decode(r.msg.RcvInfo())
		m.Addr, _ = r.s.zones.Peer(r.msg.Addr())
	} else {
		*m = r.m
		r.forget()
	}
	if r.n > 0 && m.Data == nil {
		m.Data = b[:r.n]
	}
}

// forget forgets what the call has read, which may hold much memory.
func (r *reader) forget() {
	if !r.plain {
		r.m = Message{}
	}
}

// run performs one call.
func (r *reader) run(b []byte, mode readMode, limit int) error {
	r.begin(b, mode, limit)
	if len(r.next) > 0 || r.eof || r.s.end.Load() != nil {
		if err := r.before(); err != nil || r.whole {
			return err
		}
	}
	err := r.s.raw.Read(r.fn)
	for err == nil && r.more {
		err = r.s.raw.Read(r.fn)
	}
	r.msg.Release()
	r.b = nil
	switch {
	case r.s.closed.Load():
		r.forget()
		r.n, r.plain = 0, false
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

// begin begins a call.
func (r *reader) begin(b []byte, mode readMode, limit int) {
	r.b, r.mode, r.limit = b, mode, limit
	r.n, r.plain, r.whole, r.err, r.again, r.parked, r.more = 0, false, false, nil, false, false, false
}

// before has what was met before as the call's result, if there is anything.
func (r *reader) before() error {
	switch end := r.s.end.Load(); {
	case len(r.next) > 0:
		r.take()
		return r.err
	case end != nil && end.State == AssocRestart:
		return r.s.endError("recvmsg")
	case r.eof:
		return io.EOF
	}
	return nil
}
