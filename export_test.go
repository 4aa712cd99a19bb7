package sctp

import "time"

// What the tests of the package see of its inside.
var (
	DecodeEvent = decodeEvent
	AbortReason = abortReason
	WithAuthKey = withAuthKey
)

// SetStallLimit says how long a write of m waits while associations take nothing.
func SetStallLimit(m *MultiConn, d time.Duration) { m.wr.limit = d }

// SetUps returns how many set-ups m keeps in mind.
func SetUps(m *MultiConn) int {
	m.src.mu.Lock()
	defer m.src.mu.Unlock()
	return len(m.src.connects)
}

// Writers returns how many writes of m wait for room, and whether one goroutine watches
// for it.
func Writers(m *MultiConn) (waiting int, watched bool) {
	m.wr.mu.Lock()
	defer m.wr.mu.Unlock()
	return m.wr.waiting, m.wr.watching
}
