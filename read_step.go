package sctp

import (
	"io"

	"github.com/netsctp/sctp/internal/sys"
)

// step returns the function that holds the queue and reads. That returns false to be called
// again once the descriptor is readable. (If step were inlined, nothing would be inlined into
// that.)
//
//go:noinline
func (r *reader) step() func(fd uintptr) bool {
	return func(fd uintptr) (done bool) {
		r.queue.Lock()
		r.more = false
		if r.idle() {
			n, flags, errno := r.msg.Recv(fd, r.b, r.mode != readStream)
			switch {
			case n > 0 && r.takePlain(n, flags):
				done = true
			case errno == sys.EAGAIN && !r.parked && r.src.quiet():
				r.parked = true
			default:
				done = r.receive(fd, n, flags, errno)
			}
		} else {
			done = r.steps(fd)
		}
		r.queue.Unlock()
		return done
	}
}

// idle reports whether there is nothing but the kernel's queue.
func (r *reader) idle() bool {
	return r.batch.ms == nil && len(r.told) == 0 && r.open.empty() && r.failed.ev == nil && len(r.notice) == 0
}

// takePlain makes n bytes that recv has read, when nothing is begun, the result of the call,
// if they are a message and with it came what mostly does. It reports whether it has.
func (r *reader) takePlain(n, flags int) bool {
	if flags != sys.MSG_EOR || r.mode != readStream && !r.msg.Plain() {
		return false
	}
	r.n, r.plain, r.whole = n, true, true
	return true
}

// steps reads in all cases.
func (r *reader) steps(fd uintptr) bool {
	if len(r.told) > 0 {
		r.next, r.told = append(r.next, r.told...), nil
	}
	for {
		switch {
		case r.batch.n > 0 && r.n == 0 && len(r.next) > 0:
			r.take() // it was met behind what the batch has
		case r.open.left > 0 && r.n == 0 && r.mode <= readPart && r.handKept():
		default:
			n, flags, errno := r.recv(fd)
			if !r.receive(fd, n, flags, errno) {
				return r.batch.n > 0 && r.n == 0
			}
		}
		if r.batch.ms == nil || r.more || r.err != nil || !r.store() {
			return true
		}
	}
}

// recv reads from the kernel's queue.
func (r *reader) recv(fd uintptr) (n, flags int, errno sys.Errno) {
	return r.msg.Recv(fd, r.b[r.n:], r.mode != readStream || r.open.quiet > 0)
}

// receive takes in what recv has returned, and reads on until the call has what it wants, or
// has discarded a piece. It reports whether it has.
func (r *reader) receive(fd uintptr, n, flags int, errno sys.Errno) bool {
	for ; ; n, flags, errno = r.recv(fd) {
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
