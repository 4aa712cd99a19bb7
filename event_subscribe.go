package sctp

import (
	"maps"
	"math/bits"
	"slices"
	"sync"

	"github.com/netsctp/sctp/internal/sys"
)

// Subscribe adds events to those that ReadMsg and Messages return (SCTP_EVENTS, RFC 6458
// section 6.2.1). An event that happens before it is subscribed to is lost: use the Events
// of [Dialer] and [ListenConfig] for what happens from the start, such as the AssocCommUp
// of the set-up. Only AssocChange, Shutdown and PartialDelivery, which the package needs
// itself, are always queued, and those that are unread are returned. Subscribe fails with
// EINVAL, and changes nothing, if the package or the kernel does not know a type.
func (c *conn) Subscribe(types ...EventType) error { return c.sock().subscribe(types, true, false) }

// Unsubscribe removes events from those that ReadMsg and Messages return. Events that the
// kernel has already queued may still come.
func (c *conn) Unsubscribe(types ...EventType) error { return c.sock().subscribe(types, false, false) }

// Subscribe adds events to those of the [ListenConfig], for connections that are accepted
// later. A connection whose association is already waiting to be accepted returns those
// that happen from now on.
func (l *Listener) Subscribe(types ...EventType) error { return l.sock().subscribe(types, true, true) }

// Unsubscribe removes events from those of connections that are accepted later.
func (l *Listener) Unsubscribe(types ...EventType) error {
	return l.sock().subscribe(types, false, true)
}

// Events returns the types of the events that ReadMsg and Messages return, in ascending
// order.
func (c *conn) Events() []EventType { return c.sock().events.types() }

// SetEvents replaces the events that ReadMsg and Messages return; Subscribe adds to them.
// Without types it removes all.
func (c *conn) SetEvents(types ...EventType) error { return c.sock().setEvents(types, false) }

// Events returns the types of the events of connections that are accepted later, in
// ascending order.
func (l *Listener) Events() []EventType { return l.sock().events.types() }

// SetEvents replaces the events of connections that are accepted later. Without types it
// removes all.
func (l *Listener) SetEvents(types ...EventType) error { return l.sock().setEvents(types, true) }

// AllEvents returns all types of events, in ascending order, as arguments for Subscribe
// and SetEvents. The kernel must know all of them: SendFailed needs Linux 5.5.
func AllEvents() []EventType { return slices.Sorted(maps.Keys(eventTypes)) }

// SubscribeAssoc adds events of one association to those that ReadMsg and Messages return
// (SCTP_EVENT, RFC 6458 section 6.2.2). The next Subscribe, Unsubscribe or SetEvents
// replaces this choice. It fails with EINVAL if the socket has no such association. It
// needs Linux 5.0.
func (m *MultiConn) SubscribeAssoc(id AssocID, types ...EventType) error {
	return m.subscribeAssoc(id, types, true)
}

// UnsubscribeAssoc removes events of one association from those that ReadMsg and Messages
// return; see SubscribeAssoc.
func (m *MultiConn) UnsubscribeAssoc(id AssocID, types ...EventType) error {
	return m.subscribeAssoc(id, types, false)
}

func (m *MultiConn) subscribeAssoc(id AssocID, types []EventType, on bool) error {
	bits, err := eventBits(types)
	if err == nil {
		err = m.sock().control(func(fd uintptr) error { return m.sock().events.changeOf(fd, id, bits, on) })
	}
	return m.sock().opError("set", err)
}

// subscribe implements Subscribe and Unsubscribe, of a listener or another socket.
func (s *socket) subscribe(types []EventType, on, listens bool) error {
	return s.changeEvents(types, listens, func(old, bits uint32) uint32 { return with(old, bits, on) })
}

// setEvents implements SetEvents.
func (s *socket) setEvents(types []EventType, listens bool) error {
	return s.changeEvents(types, listens, func(_, bits uint32) uint32 { return bits })
}

// changeEvents makes f of the set and the set of types the set.
func (s *socket) changeEvents(types []EventType, listens bool, f func(old, bits uint32) uint32) error {
	bits, err := eventBits(types)
	if err == nil {
		err = s.control(func(fd uintptr) error {
			return s.events.change(fd, func(old uint32) uint32 { return f(old, bits) }, listens)
		})
	}
	return s.opError("set", err)
}

// A subscription is the set of events that a socket's owner wants, beside those
// that the package needs itself.
type subscription struct {
	mu    sync.Mutex
	wants uint32 // bit n is event type 0x8000+n
	size  int    // how much of struct sctp_event_subscribe was ever written

	// assocs has the sets of those associations of a one-to-many socket that have
	// one of their own.
	assocs map[AssocID]uint32

	// setUp reports whether the owner wants the AssocCommUp of the association's own
	// set-up, because it asked before.
	setUp bool
}

// ownEvents are what the package needs to learn how an association ends, and
// whether a message was cut short.
const ownEvents = 1<<(sys.SCTP_ASSOC_CHANGE&0xff) | 1<<(sys.SCTP_SHUTDOWN_EVENT&0xff) | 1<<(sys.SCTP_PARTIAL_DELIVERY_EVENT&0xff)

var (
	optEvents = sctpOption(sys.SCTP_EVENTS, "SCTP_EVENTS")
	optEvent  = sctpOption(sys.SCTP_EVENT, "SCTP_EVENT", needsLinux("5.0"))
)

// bit returns t's bit in a set.
func (t EventType) bit() uint32 { return 1 << (t & 0xff) }

// eventBits returns the set of types.
func eventBits(types []EventType) (bits uint32, err error) {
	for _, t := range types {
		if _, ok := eventTypes[t]; !ok {
			return 0, invalidError("subscribe: unknown event type %v", t)
		}
		bits |= t.bit()
	}
	return bits, nil
}

// with returns set with bits or without.
func with(set, bits uint32, on bool) uint32 {
	if on {
		return set | bits
	}
	return set &^ bits
}

// types returns the set in the order of the types' numbers.
func (e *subscription) types() []EventType {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.DeleteFunc(AllEvents(), func(t EventType) bool { return e.wants&t.bit() == 0 })
}

// change makes f of the set the set. What a listener's set has when an association is
// accepted was asked for before.
func (e *subscription) change(fd uintptr, f func(old uint32) uint32, listens bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.set(fd, f(e.wants))
	if err == nil && listens {
		e.setUp = e.wants&EventAssocChange.bit() != 0
	}
	return err
}

// set makes wants the set, and tells the kernel: with no more of struct
// sctp_event_subscribe than is needed, since older kernels know less of it and answer
// EINVAL. The kernel does so for all associations of the socket. The caller holds e.mu.
func (e *subscription) set(fd uintptr, wants uint32) error {
	all := wants | ownEvents
	var b [32]byte
	for i := range b {
		b[i] = byte(all >> i & 1)
	}
	size := max(e.size, bits.Len32(all))
	if errno := sys.Setsockopt(fd, optEvents.level, optEvents.num, b[:size]); errno != 0 {
		return newestOf(all).error("setsockopt", errno)
	}
	e.wants, e.size, e.assocs = wants, size, nil
	return nil
}

// newestOf returns optEvents with the Linux that the last event of a set needs as a hint.
func newestOf(set uint32) *sockopt {
	opt := optEvents
	if t := EventType(0x8000 + bits.Len32(set) - 1); eventTypes[t].since != "" {
		opt.hints = []hint{{sys.EINVAL, t.String() + " needs Linux " + eventTypes[t].since}}
	}
	return &opt
}

// changeOf adds bits to the set of one association of a one-to-many socket, or removes
// them.
func (e *subscription) changeOf(fd uintptr, id AssocID, bits uint32, on bool) error {
	if id <= AllAssoc {
		return invalidError("subscribe: %d is not an association", id)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.assocs == nil {
		e.assocs = map[AssocID]uint32{}
	}
	wants, ok := e.assocs[id]
	if !ok {
		wants = e.wants
	}
	for t := range eventTypes {
		if bits&t.bit() == 0 {
			continue
		}
		always := ownEvents&t.bit() != 0
		k := sys.EventSetting{AssocID: int32(id), Type: uint16(t), On: uint8(bit(on || always))}
		if err := optEvent.setsockopt(fd, sys.Bytes(&k)); err != nil {
			return err
		}
		wants = with(wants, t.bit(), on)
		e.assocs[id] = wants
	}
	return nil
}

// init subscribes before the association exists.
func (e *subscription) init(fd uintptr, bits uint32) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.setUp = bits&EventAssocChange.bit() != 0
	return e.set(fd, bits)
}

// inherit takes over what an accepted socket has from its listener.
func (e *subscription) inherit(l *subscription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.wants, e.size, e.setUp = l.wants, l.size, l.setUp
}

// adopt adds what the package needs to what the socket's maker subscribed to. What the
// package needs itself was not necessarily asked for.
func (e *subscription) adopt(fd uintptr) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var b [32]byte
	n, err := optEvents.getsockopt(fd, b[:])
	if err != nil {
		return err
	}
	var bits uint32
	for i, on := range b[:min(n, len(b))] {
		if on != 0 && ownEvents>>i&1 == 0 {
			bits |= 1 << i
		}
	}
	return e.set(fd, bits)
}

// shows reports whether the owner wants to see ev.
func (e *subscription) shows(ev Event) bool {
	bit := ev.Type().bit()
	if bit&ownEvents == 0 {
		return true // nobody but the owner can have asked for it
	}
	if c, ok := ev.(*AssocChange); ok && c.State == AssocCommUp && !e.setUp {
		return false
	}
	return e.of(ev.assoc())&bit != 0
}

// of returns the set of an association.
func (e *subscription) of(id AssocID) uint32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if wants, ok := e.assocs[id]; ok {
		return wants
	}
	return e.wants
}

// forget drops the set of an association that the socket has no more.
func (e *subscription) forget(id AssocID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.assocs, id)
}
