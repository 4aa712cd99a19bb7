package sctp

import (
	"sync"
	"sync/atomic"

	"github.com/netsctp/sctp/internal/sys"
)

// A subscription is the set of events that a socket's owner wants, beside those
// that the package needs itself.
type subscription struct {
	mu    sync.Mutex
	wants atomic.Uint32 // bit n is event type 0x8000+n
	size  int           // how much of struct sctp_event_subscribe was ever written

	// setUp reports whether the owner wants the CommUp of the association's own
	// set-up, because it asked before.
	setUp bool
}

// ownEvents are what the package needs to learn how an association ends, and
// whether a message was cut short.
const ownEvents = 1<<(sys.SCTP_ASSOC_CHANGE&0xff) | 1<<(sys.SCTP_SHUTDOWN_EVENT&0xff) | 1<<(sys.SCTP_PARTIAL_DELIVERY_EVENT&0xff)

// eventBits returns the set of types.
func eventBits(types []EventType) (bits uint32, err error) {
	for _, t := range types {
		if _, ok := eventNames[t]; !ok {
			return 0, invalidError("subscribe: unknown event type %v", t)
		}
		bits |= 1 << (t & 0xff)
	}
	return bits, nil
}

// set changes the set to what change makes of it, and tells the kernel: with no
// more of struct sctp_event_subscribe than is needed, since older kernels know
// less of it.
func (e *subscription) set(fd uintptr, change func(old uint32) uint32) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	wants := change(e.wants.Load())
	var b [32]byte
	for i := range b {
		if (wants|ownEvents)>>i&1 != 0 {
			b[i] = 1
			e.size = max(e.size, i+1)
		}
	}
	if errno := sys.Setsockopt(fd, sys.SOL_SCTP, sys.SCTP_EVENTS, b[:e.size]); errno != 0 {
		return syscallError("setsockopt SCTP_EVENTS", errno)
	}
	e.wants.Store(wants)
	return nil
}

// init subscribes before the association exists.
func (e *subscription) init(fd uintptr, bits uint32) error {
	e.setUp = bits&(1<<(sys.SCTP_ASSOC_CHANGE&0xff)) != 0
	return e.set(fd, func(uint32) uint32 { return bits })
}

// inherit takes over what an accepted socket has from its listener.
func (e *subscription) inherit(l *subscription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.wants.Store(l.wants.Load())
	e.size = l.size
	e.setUp = l.setUp
}

// adopt adds what the package needs to what the socket's maker subscribed to. What the
// package needs itself was not necessarily asked for.
func (e *subscription) adopt(fd uintptr) error {
	var b [32]byte
	n, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_EVENTS, b[:])
	if errno != 0 {
		return syscallError("getsockopt SCTP_EVENTS", errno)
	}
	var bits uint32
	for i, on := range b[:min(n, len(b))] {
		if on != 0 && ownEvents>>i&1 == 0 {
			bits |= 1 << i
		}
	}
	return e.set(fd, func(uint32) uint32 { return bits })
}

// shows reports whether the owner wants to see ev.
func (e *subscription) shows(ev Event) bool {
	bit := uint32(1) << (ev.Type() & 0xff)
	if bit&ownEvents == 0 {
		return true // nobody but the owner can have asked for it
	}
	if c, ok := ev.(*AssocChange); ok && c.State == CommUp && !e.setUp {
		return false
	}
	return e.wants.Load()&bit != 0
}
