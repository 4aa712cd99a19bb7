package sctp

import (
	"cmp"
	"os"

	"github.com/netsctp/sctp/internal/sys"
)

// gone reports whether the association of a socket that once had one is no more.
func gone(fd uintptr) bool {
	_, errno := statusOf(fd, FutureAssoc)
	return errno == sys.EINVAL
}

// statusOf returns the SCTP_STATUS of an association of fd. On a one-to-one socket, and
// on one that was peeled off, the id does not count.
func statusOf(fd uintptr, id AssocID) (sys.Status, sys.Errno) {
	st := sys.Status{AssocID: int32(id)}
	_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_STATUS, sys.Bytes(&st))
	return st, errno
}

// A loss is the end of an association that was not shut down.
type loss struct {
	AssocError           // its Err is nil
	errno      sys.Errno // the kernel's; 0 as long as only somebody else has had it
	likely     sys.Errno // what it must have been, by what the kernel's event tells
}

// lost records that the association was lost with errno, unless that is known already.
func (s *socket) lost(errno sys.Errno) {
	s.learn(func(l *loss) {
		if l.errno == 0 {
			l.errno = errno
		}
	})
}

// lostSomehow records that the association was lost, where neither the kernel's error
// nor its notification is to be had.
func (s *socket) lostSomehow() {
	s.learn(func(l *loss) {
		if l.likely == 0 {
			l.likely = sys.ECONNRESET
		}
	})
}

// lostBy records what the kernel told about the end of the association. The errno
// is the kernel's own, which is pending, or which a writer has taken already.
func (s *socket) lostBy(fd uintptr, e *AssocChange) {
	errno := takeEnd(fd)
	s.learn(func(l *loss) {
		l.AssocError = AssocError{Assoc: e.Assoc, State: e.State, Cause: e.Cause, Reason: abortReason(e.Info)}
		l.likely = s.errnoOf(e)
		if l.errno == 0 {
			l.errno = errno
		}
	})
	s.wakeWriter()
}

// learn adds to what is known about the end.
func (s *socket) learn(add func(l *loss)) {
	for {
		old := s.end.Load()
		now := loss{AssocError: AssocError{State: AssocCommLost}}
		if old != nil {
			now = *old
		}
		add(&now)
		if s.end.CompareAndSwap(old, &now) {
			return
		}
	}
}

// errnoOf returns the errno with which the kernel reports the end that e tells of,
// for when somebody has taken it: it is reported once.
func (s *socket) errnoOf(e *AssocChange) sys.Errno {
	switch {
	case e.Cause == CauseProtocolViolation && len(e.Info) == 0:
		return sys.ECONNABORTED
	case e.Cause == 0 && len(e.Info) == 0 && !s.acceptedDead:
		return sys.ETIMEDOUT
	}
	return sys.ECONNRESET // an ABORT from the peer: mostly with Info, which is its causes
}

// endError returns why the association was lost as an error of call, or nil.
func (s *socket) endError(call string) error {
	end := s.end.Load()
	if end == nil {
		return nil
	}
	e := end.AssocError
	e.Err = os.NewSyscallError(call, cmp.Or(end.errno, end.likely))
	return &e
}

// writeEnded reports whether it is known that nothing can be written any more.
func (s *socket) writeEnded() bool { return s.writeClosed.Load() || s.end.Load() != nil }

// writeEndError returns what a write returns then.
func (s *socket) writeEndError() error {
	if err := s.endError("sendmsg"); err != nil {
		return err
	}
	return os.NewSyscallError("sendmsg", sys.EPIPE)
}

// takeEnd returns the kernel's pending error of fd if that says how an association ended,
// or why it did not come up. The kernel forgets it. SO_ERROR tells hints too: ICMP and
// ARP leave one, and Linux keeps it where there is no error; but an association goes on.
func takeEnd(fd uintptr) sys.Errno {
	if sys.Poll(fd)&sys.PollErr == 0 {
		return 0 // SO_ERROR would tell a hint
	}
	var n int32
	if _, errno := sys.Getsockopt(fd, sys.SOL_SOCKET, sys.SO_ERROR, sys.Bytes(&n)); errno != 0 {
		return 0
	}
	if errno := sys.Errno(n); isEnd(errno) || errno == sys.ECONNREFUSED {
		return errno
	}
	return 0
}
