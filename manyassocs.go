package sctp

import (
	"errors"
	"fmt"
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
	open map[partKey]RcvInfo
}

// A connecting is a set-up that Connect or StartConnect has begun.
type connecting struct {
	raddr *Addr
	start time.Time
	least time.Duration // no set-up fails for want of an answer before that

	wake  func() // interrupts the Connect that waits; nil if none does any more
	state setupState
	cause Cause // of its failure, where a reader has met that
}

// A setupState says what is known of a set-up.
type setupState uint8

const (
	settingUp setupState = iota
	cameUp               // the association is there
	failed               // a reader has met its end
	dropped              // Shutdown or Abort has ended it
)

// reported stands for all set-ups whose failure the program knows: a reader need not
// report it.
var reported = new(connecting)

func (a *manyAssocs) init(m *MultiConn) {
	a.m = m
	a.connects = map[AssocID]*connecting{}
	a.open = map[partKey]RcvInfo{}
}

func (a *manyAssocs) ended(uintptr) bool { return false }

func (a *manyAssocs) end(uintptr) error { return io.EOF } // somebody has shut the socket down

func (a *manyAssocs) failed(_ uintptr, errno sys.Errno) error { return syscallError("recvmsg", errno) }

func (a *manyAssocs) interleaves(uintptr) bool { return true }

func (a *manyAssocs) idata(fd uintptr, id AssocID) bool {
	on, errno := interleaving(fd, id)
	return on || errno == sys.EINVAL // the association is gone
}

func (a *manyAssocs) event(fd uintptr, ev Event, addr netip.AddrPort, show bool) error {
	switch ev := ev.(type) {
	case *AssocChange:
		a.m.wr.wake() // the end of an association leaves room
		if err := a.changed(ev, addr); err != nil && !show {
			return err
		}
	case *SenderDry:
		a.m.wr.wake()
	}
	if gone := goneWith(ev); gone != nil && !show {
		var err error
		for key, info := range a.open {
			if gone(key) {
				err = &partError{info, err}
			}
		}
		return err
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
		c.state, c.cause = failed, ev.Cause
		if ev.State == AssocCommUp {
			c.state = cameUp
		}
		// The reader may have emptied the queue before the poller looked at it for
		// Connect's descriptor: then that gets no edge.
		c.wake()
	case ev.State != AssocCantStart || c == reported:
	case c != nil:
		return &setupError{c.raddr, setupFailure(ev.Assoc, ev.Cause, c.errno())}
	default: // a message has begun the set-up
		return &setupError{AddrFrom(addr.Port(), addr.Addr()), setupFailure(ev.Assoc, ev.Cause, sys.ECONNREFUSED)}
	}
	return nil
}

func (a *manyAssocs) forget(_ uintptr, parts *assemblies, ev Event) {
	gone := goneWith(ev)
	if gone == nil {
		return
	}
	parts.forgetAll(gone)
	for key := range a.open {
		if gone(key) {
			delete(a.open, key)
		}
	}
}

// goneWith returns whether a message that was read in part will not be completed, as ev
// says; nil if ev says nothing about that.
func goneWith(ev Event) func(key partKey) bool {
	switch ev := ev.(type) {
	case *PartialDelivery:
		return func(key partKey) bool { return key.isOf(ev) }
	case *AssocChange:
		return func(key partKey) bool { return key.assoc == ev.Assoc && ev.State != AssocCommUp }
	}
	return nil
}

func (a *manyAssocs) handed(key partKey, info *RcvInfo, eor bool) {
	if !eor {
		a.open[key] = *info
	} else if len(a.open) > 0 {
		delete(a.open, key)
	}
}

func (a *manyAssocs) has(key partKey) bool {
	_, ok := a.open[key]
	return ok
}

func (a *manyAssocs) paths(fd uintptr, id AssocID) []netip.Addr {
	peer, err := addrs(fd, sys.SCTP_GET_PEER_ADDRS, "SCTP_GET_PEER_ADDRS", id)
	if err != nil {
		return nil
	}
	return a.m.s.zonesOut(peer).IPs
}

// dropped notes that Shutdown or Abort has ended a set-up. Readers are told by the kernel
// about an Abort only. The caller holds a.mu.
func (a *manyAssocs) dropped(id AssocID, told bool) {
	if c := a.connects[id]; c != nil && c.wake != nil {
		c.state = dropped
		c.wake()
	}
	if told {
		a.connects[id] = reported
	} else {
		delete(a.connects, id)
	}
}

// waits reports whether a Connect waits for the association.
func (a *manyAssocs) waits(id AssocID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.connects[id]
	return c != nil && c.wake != nil
}

// left forgets an association that was peeled off.
func (a *manyAssocs) left(id AssocID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.connects, id)
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
	return &AssocError{Assoc: id, State: AssocCantStart, Cause: cause, Err: os.NewSyscallError("connect", errno)}
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
type partError struct {
	info RcvInfo
	next error // of another message that has ended with it
}

func (e *partError) Error() string {
	return fmt.Sprintf("association %d, stream %d: %v", e.info.Assoc, e.info.Stream, errPartial)
}
func (e *partError) Unwrap() error { return errors.Unwrap(errPartial) }
func (e *partError) goesOn()       {}
