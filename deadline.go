package sctp

import (
	"sync"
	"time"
)

// A deadline is one that many goroutines wait for, each in a select.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	on    bool          // there is one
	gone  chan struct{} // closed when the time has come
}

// done returns a channel that is closed while the deadline lies in the past.
func (d *deadline) done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone == nil {
		d.gone = make(chan struct{})
	}
	return d.gone
}

// passed reports whether the deadline lies in the past.
func (d *deadline) passed() bool {
	select {
	case <-d.done():
		return true
	default:
		return false
	}
}

// isSet reports whether there is a deadline.
func (d *deadline) isSet() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on
}

// set sets the deadline to t; the zero time means none.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fired := d.timer != nil && !d.timer.Stop()
	d.timer, d.on = nil, !t.IsZero()
	select {
	case <-d.gone:
		fired = true
	default:
	}
	if fired || d.gone == nil {
		d.gone = make(chan struct{}) // the timer of before has closed its own, or will
	}
	if t.IsZero() {
		return
	}
	ch := d.gone
	if wait := time.Until(t); wait > 0 {
		d.timer = time.AfterFunc(wait, func() { close(ch) })
	} else {
		close(ch)
	}
}
