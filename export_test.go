package sctp

import (
	"net/netip"
	"reflect"
	"runtime"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// What the tests of the package see of its inside.
var (
	AbortReason = abortReason
	WithAuthKey = withAuthKey
	NetnsError  = netnsError
)

// DecodeEvent decodes a notification of a socket of this namespace.
func DecodeEvent(b []byte) Event { return decodeEvent(b, sys.Here) }

// AssocOf returns the association that ev says it is about.
func AssocOf(ev Event) AssocID { return ev.assoc() }

// A FailedMessage puts fragments together, with the limit for a message's length.
type FailedMessage struct{ f failedMessage }

func NewFailedMessage(limit int) *FailedMessage { return &FailedMessage{failedMessage{limit: limit}} }

// Add returns the messages that the fragment ends.
func (f *FailedMessage) Add(fragment *SendFailed, flags uint16) []*SendFailed {
	return notNil(f.f.add(fragment, flags))
}

// End returns the message that has no end.
func (f *FailedMessage) End() []*SendFailed { return notNil(f.f.end(), nil) }

func notNil(a, b *SendFailed) (evs []*SendFailed) {
	for _, ev := range []*SendFailed{a, b} {
		if ev != nil {
			evs = append(evs, ev)
		}
	}
	return evs
}

// Unfinished puts pieces of messages together.
type Unfinished struct{ r reader }

// NewUnfinished returns a table of messages, of m's associations if it is not nil.
func NewUnfinished(m *MultiConn) *Unfinished {
	u := &Unfinished{r: reader{s: &socket{many: true}}}
	if m != nil {
		u.r.s, u.r.src = m.s, &m.src
	}
	return u
}

// Add returns the message that the piece m is the last of. Every message is interleaved.
func (u *Unfinished) Add(m Message, limit int) (Message, error) {
	return u.add(interleavedKey(&m.Info), m, limit)
}

// AddRead adds a piece that the MultiConn's reader has read.
func (u *Unfinished) AddRead(m Message, limit int) (whole Message, err error) {
	u.r.s.control(func(fd uintptr) error {
		whole, err = u.add(u.r.keyOf(fd, &m.Info, m.EOR), m, limit)
		return nil
	})
	return whole, err
}

func (u *Unfinished) add(key partKey, m Message, limit int) (Message, error) {
	r := &u.r
	r.b, r.mode, r.limit = m.Data, readWhole, limit
	r.m, r.n, r.whole, r.err = m, 0, false, nil
	r.collect(key, r.open.messages[key], len(m.Data), m.EOR)
	switch {
	case !r.whole:
		return Message{}, nil
	case r.err != nil:
		return Message{}, r.err
	}
	return r.m, nil
}

// Fill adds a piece that ReadFrom has read into a buffer of size bytes, and reports whether
// that is the end of a call, or of a step of one.
func (u *Unfinished) Fill(m Message, size int) bool {
	r := &u.r
	r.b, r.mode = append(make([]byte, 0, max(size, len(m.Data))), m.Data...)[:max(size, len(m.Data))], readData
	r.m, r.n, r.whole, r.err, r.more = m, 0, false, nil, false
	key := interleavedKey(&m.Info)
	done := r.fill(key, r.open.messages[key], len(m.Data), m.EOR)
	return done && !r.more
}

// Result returns what the Fill has made whole, or its error.
func (u *Unfinished) Result() (Message, error) {
	m := u.r.m
	m.Data, m.EOR = u.r.b[:u.r.n], true
	return m, u.r.err
}

// GiveUp removes what ev says is given up.
func (u *Unfinished) GiveUp(ev Event) { u.r.giveUp(ev) }

// PushAndPop keeps n errors for the calls to come, and takes them one by one.
func (u *Unfinished) PushAndPop(n int) {
	for range n {
		u.r.push(Message{}, errPartial)
	}
	for range n {
		u.r.pop()
	}
}

// Left returns how many bytes no call has returned yet, and Holds whether there is memory
// for the table.
func (u *Unfinished) Left() int   { return u.r.open.left }
func (u *Unfinished) Holds() bool { return u.r.open.messages != nil || len(u.r.open.mids) > 0 }

// Size returns how many bytes are kept, and Kept of how many messages.
func (u *Unfinished) Size() int { return u.r.open.size }
func (u *Unfinished) Kept() int { return len(u.r.open.messages) }

// HoldFragment lets c's reader have read a fragment, and nothing behind it.
func HoldFragment(c *Conn, fragment *SendFailed, flags uint16) {
	r := &c.s.rd
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed.limit = minFailedLimit
	r.failed.add(fragment, flags)
}

// HoldNotice lets c's reader have read the beginning of a notification, whose end somebody
// else takes who shares the descriptor.
func HoldNotice(c *Conn, b []byte) {
	r := &c.s.rd
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notice = b
}

// SetStallLimit says how long a write of m waits while associations take nothing.
func SetStallLimit(m *MultiConn, d time.Duration) { m.wr.limit = d }

// StallLimit returns what SetStallLimit has set.
func StallLimit(m *MultiConn) time.Duration { return m.wr.limit }

// Subscriptions returns how many associations of m have events of their own.
func Subscriptions(m *MultiConn) int {
	m.s.events.mu.Lock()
	defer m.s.events.mu.Unlock()
	return len(m.s.events.assocs)
}

// SetUps returns how many set-ups m keeps in mind.
func SetUps(m *MultiConn) int {
	m.src.mu.Lock()
	defer m.src.mu.Unlock()
	return len(m.src.setUps.begun)
}

// MeetWhileConnecting lets a reader meet ev while a Connect waits for the association, and
// reports whether that interrupts the wait.
func MeetWhileConnecting(ev *AssocChange) (woken bool, err error) {
	a := manyAssocs{setUps: setUps{begun: map[AssocID]*connecting{ev.Assoc: {wake: func() { woken = true }}}}}
	err = a.changed(ev)
	return woken, err
}

// MeetAmid lets m's reader meet ev, which is not shown, after ReadMsg has returned parts
// of the messages of open, and returns those that it reports.
func MeetAmid(m *MultiConn, open []RcvInfo, ev Event) (told []RcvInfo) {
	r := &m.s.rd
	for _, info := range open {
		r.open.begin(interleavedKey(&info), Message{Info: info}, handedOut)
	}
	for _, err := range r.giveUp(ev) {
		told = append(told, err.Info)
	}
	return told
}

// Writers returns how many writes of m wait for room, and whether one goroutine watches
// for it.
func Writers(m *MultiConn) (waiting int, watched bool) {
	m.wr.mu.Lock()
	defer m.wr.mu.Unlock()
	return m.wr.queue.len(), m.wr.watching
}

// SendByName sends b to the association that has the address a, if there is one.
func SendByName(m *MultiConn, b []byte, a netip.AddrPort) error {
	op := m.wr.newOp()
	defer m.wr.put(op)
	op.data = payload{b: b}
	return m.wr.send(op, a, nil)
}

// MaxUnread is how many set-ups that have ended a MultiConn keeps in mind.
const MaxUnread = maxUnread

// PeelOffUnreserved is PeelOff as if another thread had taken the last descriptor.
func PeelOffUnreserved(m *MultiConn, id AssocID) (*Conn, error) {
	return m.peelOff(id, func() error { return nil })
}

// MeetLate returns what a reader reports that meets ev long after the set-up was begun.
func MeetLate(ev *AssocChange) error {
	a := manyAssocs{setUps: setUps{begun: map[AssocID]*connecting{ev.Assoc: {}}}}
	return a.changed(ev)
}

// NamesInStacks returns the names of the function that writers without room wait in, and of
// a method of the package.
func NamesInStacks() (noRoom, method string) {
	name := func(f any) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }
	return name((*multiWriter).wait), name((*reader).step)
}

// A RoomQueue is a roomQueue of writes that are told apart by their numbers.
type RoomQueue struct {
	q   roomQueue
	ops []*sendOp
}

func (q *RoomQueue) Enter() {
	q.ops = append(q.ops, newSendOp(noSocket))
	q.q.enter(q.ops[len(q.ops)-1])
}
func (q *RoomQueue) Leave(i int) { q.q.leave(q.ops[i]) }
func (q *RoomQueue) Signal()     { q.q.signal() }
func (q *RoomQueue) Pass()       { q.q.pass() }
func (q *RoomQueue) All()        { q.q.all() }

// Woken returns the numbers of those that were woken since it was called last.
func (q *RoomQueue) Woken() (woken []int) {
	for i, op := range q.ops {
		select {
		case <-op.wake:
			woken = append(woken, i)
		default:
		}
	}
	return woken
}
