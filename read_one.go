package sctp

import (
	"io"
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// A oneAssoc is the source of a reader whose socket is one association.
type oneAssoc struct {
	s        *socket
	complete bool // the association has ended in good order: the queue may hold more
}

func (a *oneAssoc) ended(fd uintptr) bool {
	return a.complete || a.s.end.Load() != nil || gone(fd)
}

// quiet knows the cases in which the queue can be empty though the association has ended: after
// an end that was met, amid a message, when this end has shut down, where somebody else may
// have read what there was, on sockets that came with their association, and if Linux has had
// no memory for the event: then it leaves an error, which a write may be about to take.
func (a *oneAssoc) quiet() bool {
	s := a.s
	if a.complete || !s.rd.open.empty() || s.end.Load() != nil || s.writeClosed.Load() || s.readClosed.Load() ||
		s.lent.Load() || s.peeled || s.acceptedDead || !s.wr.mu.TryLock() {
		return false
	}
	s.wr.mu.Unlock()
	return true
}

func (a *oneAssoc) end(fd uintptr) error {
	if !a.complete && a.s.end.Load() == nil && !a.endsInOrder(fd) {
		// The kernel's error and its notification were taken by somebody else.
		if errno := takeEnd(fd); errno != 0 {
			a.s.lost(errno)
		} else if !a.amid() {
			a.s.lostSomehow()
		}
	}
	if a.amid() {
		a.restarted(FutureAssoc)
	}
	if err := a.s.endError("recvmsg"); err != nil {
		return err
	}
	return io.EOF
}

// amid reports whether the end of a message is missing, at the end of the association, though
// the kernel has not said that it was given up: the peer has restarted amid it. From then on
// Linux holds what comes back, that news included, until that end comes.
func (a *oneAssoc) amid() bool { return !a.s.rd.open.empty() && !a.s.readClosed.Load() }

// restarted records that the peer has restarted, and nobody is to take what follows for
// what went before.
func (a *oneAssoc) restarted(id AssocID) {
	a.s.end.CompareAndSwap(nil, &loss{AssocError: AssocError{Assoc: id, State: AssocRestart}, errno: sys.ECONNRESET})
	a.s.wakeWriter()
}

// endsInOrder reports whether one of the two ends has shut down.
func (a *oneAssoc) endsInOrder(fd uintptr) bool {
	return a.s.writeClosed.Load() || sys.Poll(fd)&sys.PollRdhup != 0
}

func (a *oneAssoc) failed(fd uintptr, errno sys.Errno) error {
	if !isEnd(errno) {
		return syscallError("recvmsg", errno)
	}
	a.s.lost(errno)
	return a.end(fd)
}

func (a *oneAssoc) event(fd uintptr, ev Event, _ netip.AddrPort, show bool) error {
	switch ev := ev.(type) {
	case *AssocChange:
		switch ev.State {
		case AssocCommLost, AssocCantStart:
			a.s.lostBy(fd, ev)
		case AssocShutdownComp:
			a.complete = true
		case AssocRestart:
			if !show {
				a.restarted(ev.Assoc)
				return a.s.endError("recvmsg")
			}
		}
	case *Shutdown:
		a.s.writeClosed.Store(true)
		a.s.wakeWriter()
	}
	return nil
}

func (a *oneAssoc) paths(uintptr, AssocID) []netip.Addr {
	if a.s.raddr == nil {
		return nil // it is being set up
	}
	return a.s.raddr.IPs
}
