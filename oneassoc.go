package sctp

import (
	"io"
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// A oneAssoc is the source of a reader whose socket is one association.
type oneAssoc struct {
	s           *socket
	complete    bool     // the association has ended in good order: the queue may hold more
	interleaved tristate // whether it uses I-DATA
}

// A tristate is a bool that is not known until someone asks.
type tristate uint8

const (
	unknown tristate = iota
	no
	yes
)

func (a *oneAssoc) ended(fd uintptr) bool {
	return a.complete || a.s.end.Load() != nil || gone(fd)
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
func (a *oneAssoc) amid() bool { return a.s.rd.amid && !a.s.readClosed.Load() }

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
	case *PartialDelivery:
		// The kernel says so only if a part was delivered, which came before. When
		// the association has ended, its end is what there is to report.
		if !show && !a.ended(fd) {
			return errPartial
		}
	}
	return nil
}

func (a *oneAssoc) interleaves(fd uintptr) bool {
	if a.interleaved == unknown {
		a.interleaved = no
		if on, _ := interleaving(fd, FutureAssoc); on {
			a.interleaved = yes
		}
	}
	return a.interleaved == yes
}

func (a *oneAssoc) forget(_ uintptr, parts *assemblies, ev Event) {
	switch ev := ev.(type) {
	case *PartialDelivery:
		parts.forgetAll(func(key partKey) bool { return key.isOf(ev) })
	case *AssocChange:
		if ev.State == AssocRestart {
			parts.clear() // nothing of what was begun goes on
		}
	}
}

func (a *oneAssoc) idata(fd uintptr, _ AssocID) bool { return a.interleaves(fd) }

func (a *oneAssoc) handed(partKey, *RcvInfo, bool) {}

func (a *oneAssoc) has(partKey) bool { return false }

func (a *oneAssoc) paths(uintptr, AssocID) []netip.Addr {
	if a.s.raddr == nil {
		return nil // it is being set up
	}
	return a.s.raddr.IPs
}

// interleaving reports whether an association uses I-DATA (RFC 8260).
func interleaving(fd uintptr, id AssocID) (bool, sys.Errno) {
	v := sys.AssocValue{AssocID: int32(id)}
	_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_INTERLEAVING_SUPPORTED, sys.Bytes(&v))
	return errno == 0 && v.Value != 0, errno
}
