package sctp

import (
	"net"
	"os"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// wait tries again whenever there may be room, up to the deadline, or the limit where there
// is none.
func (w *multiWriter) wait(op *sendOp, to AssocID) error {
	op.endHold()
	w.queue.enter(op)
	defer w.queue.leave(op)
	w.beginWatch()
	if op.since.IsZero() {
		op.since = time.Now()
	}
	var limit *time.Timer
	var over <-chan time.Time // never, without a limit
	if w.limit > 0 {
		limit = time.NewTimer(w.limit - time.Since(op.since))
		defer limit.Stop()
		over = limit.C
	}
	for {
		if err := w.try(op); err != nil || op.errno != sys.EAGAIN {
			return err
		}
		if op.room {
			w.queue.pass()
		}
		select {
		case <-op.wake:
		case <-w.gone:
			return net.ErrClosed
		case <-w.deadline.done():
			return os.ErrDeadlineExceeded
		case <-over:
			if w.deadline.isSet() {
				limit.Reset(w.limit) // in case it is taken back
				continue
			}
			return &StalledError{Assoc: w.stalled(to), Waited: time.Since(op.since).Round(time.Millisecond)}
		}
	}
}

// beginWatch sees to it that somebody watches.
func (w *multiWriter) beginWatch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.watching {
		w.watching = true
		go w.watch()
	}
}

// closed wakes them for good.
func (w *multiWriter) closed() {
	close(w.gone)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watcher != nil {
		w.watcher.Close() // the watch, if it is under way, holds no socket open
	}
}

// maxPause is the longest time between two tries for which the kernel has given no sign.
const maxPause = 64 * time.Millisecond

// watch parks for those that wait for room, and gives them a sign when the socket may have
// some. The kernel gives none when an association has room again and the socket as a whole
// has none (net.sctp.sndbuf_policy=1), when the last association ends, or when the system
// has memory again: so it has all of them try now and then besides.
//
// It parks on a descriptor of its own, with deadlines of its own: those of the socket are
// the owner's. If there is none to be had, there are the pauses alone.
func (w *multiWriter) watch() {
	raw := w.openWatcher()
	for pause := time.Millisecond; ; {
		if w.awaitRoom(raw, pause) {
			pause = time.Millisecond
			w.queue.signal()
		} else {
			pause = min(2*pause, maxPause)
			w.queue.all()
		}
		if w.s.closed.Load() || w.unwatch() {
			return
		}
	}
}

// openWatcher opens the descriptor of the watch, or returns nil.
func (w *multiWriter) openWatcher() syscall.RawConn {
	f, err := w.s.dup()
	if err != nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	raw, err := f.SyscallConn()
	if err != nil || w.s.closed.Load() {
		f.Close()
		return nil
	}
	w.watcher = f
	return raw
}

// awaitRoom waits for a sign of the kernel that there is room, and reports whether there
// was one within the pause.
func (w *multiWriter) awaitRoom(raw syscall.RawConn, pause time.Duration) bool {
	if raw == nil {
		select {
		case <-time.After(pause):
		case <-w.gone:
		}
		return false
	}
	w.watcher.SetWriteDeadline(time.Now().Add(pause))
	parked := false
	return nil == raw.Write(func(uintptr) bool {
		done := parked
		parked = true
		return done
	})
}

// unwatch ends the watch if nobody waits.
func (w *multiWriter) unwatch() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue.len() > 0 {
		return false
	}
	w.watching = false
	if w.watcher != nil {
		w.watcher.Close()
		w.watcher = nil
	}
	return true
}

// stalled returns the association that most likely holds the send buffer: of those whose
// peer has not acknowledged something, the one with the smallest window. If the socket has
// room, it is the association that was written to whose own buffer is full
// (net.sctp.sndbuf_policy=1), or none, and the system has no memory.
func (w *multiWriter) stalled(to AssocID) (id AssocID) {
	w.s.control(func(fd uintptr) error {
		room := sys.Poll(fd)&sys.PollOut != 0
		if takesNothing(fd, to, room) {
			id = to
		} else if !room {
			id = w.smallestWindow(fd)
		}
		return nil
	})
	return id
}

// takesNothing reports whether the peer of an association has something to acknowledge,
// and, unless the association's own buffer is known to be full, little window.
func takesNothing(fd uintptr, id AssocID, full bool) bool {
	st, errno := statusOf(fd, id)
	return errno == 0 && st.UnackData > 0 && (full || st.Rwnd < 1<<16)
}

// smallestWindow returns the association with the smallest window of those whose peer has
// something to acknowledge. To ask all of them takes a while, so that writers which give
// up at the same time share the answer.
func (w *multiWriter) smallestWindow(fd uintptr) (id AssocID) {
	w.search.Lock()
	defer w.search.Unlock()
	if time.Since(w.found) < w.limit/4 && takesNothing(fd, w.smallest, true) {
		return w.smallest
	}
	ids, _ := assocIDs(fd)
	least := uint64(1) << 63
	for _, a := range ids {
		st, errno := statusOf(fd, a)
		if errno != 0 || st.UnackData == 0 {
			continue
		}
		if window := uint64(st.Rwnd)<<16 + 1<<16 - 1 - uint64(st.UnackData); window < least {
			id, least = a, window
		}
	}
	w.smallest, w.found = id, time.Now()
	return id
}
