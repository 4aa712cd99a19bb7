package sctp

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"

	"github.com/netsctp/sctp/internal/sys"
)

// A manyAssocs is the source of a reader whose socket is one-to-many.
type manyAssocs struct {
	m *MultiConn

	mu     sync.Mutex
	setUps setUps // guarded by mu

	// open holds the messages of which ReadMsg has returned a part, but not the end. It
	// is guarded by the reader's queue.
	open map[partKey]RcvInfo
}

func (a *manyAssocs) init(m *MultiConn) {
	a.m = m
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

func (a *manyAssocs) event(fd uintptr, ev Event, _ netip.AddrPort, show bool) error {
	switch ev := ev.(type) {
	case *AssocChange:
		a.m.wr.wake() // the end of an association leaves room
		if err := a.changed(ev); err != nil && !show {
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
