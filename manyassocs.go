package sctp

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// A manyAssocs is the source of a reader whose socket is one-to-many.
type manyAssocs struct {
	m *MultiConn

	mu       sync.Mutex
	connects map[AssocID]*connecting

	// open holds the messages of which ReadMsg has returned a part, but not the end. It
	// is guarded by the reader's queue.
	open map[partKey]struct{}
}

// A connecting is a set-up that Connect or StartConnect has begun.
type connecting struct {
	raddr *Addr
	start time.Time
	least time.Duration // no set-up fails for want of an answer before that

	wake     func() // interrupts the Connect that waits; nil if none does any more
	up       bool   // a reader has met its CommUp
	cause    Cause  // of its failure, where a reader has met that
	reported bool   // Connect has returned the error: a reader need not
}

func (a *manyAssocs) init(m *MultiConn) {
	a.m = m
	a.connects = map[AssocID]*connecting{}
	a.open = map[partKey]struct{}{}
}

func (a *manyAssocs) ended(uintptr) bool { return false }

func (a *manyAssocs) end(uintptr) error { return io.EOF } // somebody has shut the socket down

func (a *manyAssocs) failed(_ uintptr, errno sys.Errno) error { return syscallError("recvmsg", errno) }

func (a *manyAssocs) interleaves(uintptr) bool { return true }

func (a *manyAssocs) event(_ uintptr, ev Event, addr netip.AddrPort, show bool) error {
	switch ev := ev.(type) {
	case *AssocChange:
		a.m.wr.wake() // the end of an association leaves room
		if err := a.changed(ev, addr); err != nil && !show {
			return err
		}
	case *SenderDry:
		a.m.wr.wake()
	case *PartialDelivery:
		for key := range a.open {
			if key.assoc == ev.Assoc && !show {
				return &partError{ev.Assoc}
			}
		}
	}
	return nil
}

// changed notes what a set-up has come to, and returns its failure if nobody else does.
func (a *manyAssocs) changed(ev *AssocChange, addr netip.AddrPort) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.connects[ev.Assoc]
	delete(a.connects, ev.Assoc)
	switch {
	case c != nil && c.wake != nil: // Connect reports it
		c.up = c.up || ev.State == CommUp
		c.cause = ev.Cause
	case ev.State != CantStrAssoc || c != nil && c.reported:
	case c != nil:
		return &setupError{c.raddr, setupFailure(ev.Assoc, ev.Cause, c.errno())}
	default: // a message has begun the set-up
		return &setupError{AddrFrom(addr.Port(), addr.Addr()), setupFailure(ev.Assoc, ev.Cause, sys.ECONNREFUSED)}
	}
	return nil
}

func (a *manyAssocs) forget(fd uintptr, parts *assemblies, ev Event) {
	var gone func(key partKey) bool
	switch ev := ev.(type) {
	case *PartialDelivery:
		one := interleaving(fd, ev.Assoc)
		gone = func(key partKey) bool {
			return key.assoc == ev.Assoc && (!one || key.stream == ev.Stream && key.unordered == ev.Unordered)
		}
	case *AssocChange:
		gone = func(key partKey) bool { return key.assoc == ev.Assoc && ev.State != CommUp }
	default:
		return
	}
	parts.forgetAll(gone)
	for key := range a.open {
		if gone(key) {
			delete(a.open, key)
		}
	}
}

func (a *manyAssocs) handed(key partKey, eor bool) {
	if !eor {
		a.open[key] = struct{}{}
	} else if len(a.open) > 0 {
		delete(a.open, key)
	}
}

func (a *manyAssocs) paths(fd uintptr, id AssocID) []netip.Addr {
	peer, err := addrs(fd, sys.SCTP_GET_PEER_ADDRS, "SCTP_GET_PEER_ADDRS", id)
	if err != nil {
		return nil
	}
	return peer.IPs
}

// closed interrupts each Connect that waits.
func (a *manyAssocs) closed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.connects {
		if c.wake != nil {
			c.wake()
		}
	}
}

// errno returns why the set-up failed. The kernel does not tell: without an answer it
// tries for some time.
func (c *connecting) errno() sys.Errno {
	if time.Since(c.start) >= c.least {
		return sys.ETIMEDOUT
	}
	return sys.ECONNREFUSED
}

// setupFailure returns the error of an association that could not be set up.
func setupFailure(id AssocID, cause Cause, errno sys.Errno) *AssocError {
	return &AssocError{Assoc: id, State: CantStrAssoc, Cause: cause, Err: os.NewSyscallError("connect", errno)}
}

// A setupError tells a reader that an association could not be set up.
type setupError struct {
	addr *Addr
	*AssocError
}

// goesOn says that the error ends no iteration.
func (e *setupError) goesOn() {}

// A partError tells a reader that a message will not be completed of which ReadMsg has
// returned a part.
type partError struct{ assoc AssocID }

func (e *partError) Error() string { return errPartial.Error() }
func (e *partError) Unwrap() error { return errors.Unwrap(errPartial) }
func (e *partError) goesOn()       {}
