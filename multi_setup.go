package sctp

import (
	"net/netip"
	"os"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// maxUnread is how many set-ups that have ended a MultiConn keeps in mind while nobody
// reads how.
const maxUnread = 4096

// setUps are the set-ups of a MultiConn whose outcome is still to be told: to a Connect that
// waits, or to a reader, who meets it as an event. A set-up that is not among them is told to
// nobody but those who have subscribed to AssocChange.
type setUps struct {
	begun map[AssocID]*connecting
	sweep int // the size at which to look for those whose outcome nobody reads
}

// A connecting is a set-up that was begun.
type connecting struct {
	raddr *Addr
	start time.Time
	least time.Duration // no set-up fails for want of an answer before that

	wake  func() // interrupts the Connect that waits; nil if none does
	state setupState
	cause Cause // of its failure, where a reader has met that
}

// A setupState says what is known of a set-up.
type setupState uint8

const (
	settingUp setupState = iota
	cameUp               // the association is there
	failed               // a reader has met its end
	dropped              // this end has ended it
)

// add notes a set-up that was begun.
func (u *setUps) add(fd uintptr, id AssocID, c *connecting) {
	if u.begun == nil {
		u.begun, u.sweep = map[AssocID]*connecting{}, maxUnread
	}
	u.begun[id] = c
	if len(u.begun) > u.sweep {
		u.forgetOld(fd)
		u.sweep = len(u.begun) + maxUnread
	}
}

// forgetOld forgets the set-ups that came up, and of those that have ended all but
// maxUnread: while nobody reads, nothing else does so.
func (u *setUps) forgetOld(fd uintptr) {
	ended := 0
	for id, c := range u.begun {
		if c.wake != nil {
			continue
		}
		st, errno := statusOf(fd, id)
		if errno != 0 {
			ended++
		}
		if errno == 0 && AssocState(st.State) >= StateEstablished || ended > maxUnread {
			delete(u.begun, id)
		}
	}
}

// take removes a set-up, and returns it; nil if it is not among them.
func (u *setUps) take(id AssocID) *connecting {
	c := u.begun[id]
	delete(u.begun, id)
	return c
}

// drop ends the wait for a set-up that this end has ended.
func (u *setUps) drop(id AssocID) {
	if c := u.take(id); c != nil && c.wake != nil {
		c.state = dropped
		c.wake()
	}
}

// changed notes what a set-up has come to, and returns its failure if nobody else does.
func (a *manyAssocs) changed(ev *AssocChange) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.setUps.take(ev.Assoc)
	switch {
	case c == nil:
	case c.wake != nil: // Connect reports it
		c.state, c.cause = failed, ev.Cause
		if ev.State == AssocCommUp {
			c.state = cameUp
		}
		// The reader may have emptied the queue before the poller looked at it for
		// Connect's descriptor: then that gets no edge.
		c.wake()
	case ev.State == AssocCantStart:
		c.cause = ev.Cause
		return setupError(c.raddr.AddrPort(), c.failure(ev.Assoc))
	}
	return nil
}

// waits reports whether a Connect waits for the association.
func (a *manyAssocs) waits(id AssocID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.setUps.begun[id]
	return c != nil && c.wake != nil
}

// left forgets the set-up of an association that the socket does not have any more.
func (a *manyAssocs) left(id AssocID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.setUps.take(id)
}

// closed interrupts each Connect that waits.
func (a *manyAssocs) closed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.setUps.begun {
		if c.wake != nil {
			c.wake()
		}
	}
}

// failure returns the error of the set-up, which has failed. A cause is the peer's, who has
// refused. Without one the kernel does not tell that from no answer: but without an answer
// it tries for some time.
func (c *connecting) failure(id AssocID) *AssocError {
	errno := sys.ECONNREFUSED
	if c.cause == 0 && time.Since(c.start) >= c.least {
		errno = sys.ETIMEDOUT
	}
	return setupFailure(id, c.cause, errno)
}

// setupFailure returns the error of an association that could not be set up.
func setupFailure(id AssocID, cause Cause, errno sys.Errno) *AssocError {
	return &AssocError{Assoc: id, State: AssocCantStart, Cause: cause, Err: os.NewSyscallError("connect", errno)}
}

// setupError tells a reader that an association with the peer at addr could not be set up.
func setupError(addr netip.AddrPort, err *AssocError) error {
	return &MessageError{Info: RcvInfo{Assoc: err.Assoc}, Addr: addr, Err: err}
}
