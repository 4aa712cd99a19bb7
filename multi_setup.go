package sctp

import (
	"net/netip"
	"os"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

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
		return setupError(c.raddr.AddrPort(), setupFailure(ev.Assoc, ev.Cause, c.errno()))
	default: // a message has begun the set-up
		return setupError(addr, setupFailure(ev.Assoc, ev.Cause, sys.ECONNREFUSED))
	}
	return nil
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

// setupError tells a reader that an association with the peer at addr could not be set up.
func setupError(addr netip.AddrPort, err *AssocError) error {
	return &MessageError{Info: RcvInfo{Assoc: err.Assoc}, Addr: addr, Err: err}
}
