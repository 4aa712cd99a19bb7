package sctp

import (
	"errors"
	"net"
	"os"
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

// setReadDeadline sets the deadline of reads, and of Accept.
func (s *socket) setReadDeadline(t time.Time) error { return s.setDeadline(t, true, false) }

// setWriteDeadline sets the deadline of writes.
func (s *socket) setWriteDeadline(t time.Time) error { return s.setDeadline(t, false, true) }

func (s *socket) setDeadline(t time.Time, read, write bool) error {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if s.closed.Load() {
		return net.ErrClosed
	}
	var err error
	if read {
		err = s.file.SetReadDeadline(t)
	}
	if write {
		s.writeDeadline = t
		if !s.writeWoken { // otherwise the writer sets it
			err = errors.Join(err, s.file.SetWriteDeadline(t))
		}
	}
	if err != nil {
		return s.pollError(err)
	}
	return nil
}

// wakeWriter makes the writer, if it waits, notice that writeEnded has become true. The
// kernel would not wake it before the peer reads. The poller knows no other means than a
// deadline, which takes the place of the owner's until the writer is back: nobody else is
// parked then, since a Write of SyscallConn holds the writer too.
func (s *socket) wakeWriter() {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if s.writeWaits && !s.writeWoken && !s.closed.Load() {
		s.writeWoken = true
		s.file.SetWriteDeadline(past)
	}
}

// writerWaits notes that the writer is about to park, from when on wakeWriter wakes it. It
// reports false if there is nothing to wait for any more.
func (s *socket) writerWaits() bool {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	s.writeWaits = true
	return !s.writeEnded()
}

// writerBack notes that the writer waits no more, and restores the owner's deadline.
func (s *socket) writerBack() {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if s.writeWoken && !s.closed.Load() {
		s.file.SetWriteDeadline(s.writeDeadline)
	}
	s.writeWaits, s.writeWoken = false, false
}

// writeDeadlinePassed returns the error of a write that has nothing to do but to notice that
// the deadline lies in the past.
func (s *socket) writeDeadlinePassed() error {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if t := s.writeDeadline; !t.IsZero() && !time.Now().Before(t) {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// A long time ago: the deadline that interrupts what waits.
var past = time.Unix(1, 0)
