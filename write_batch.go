package sctp

import "net"

// A batch is what WriteBatch has under way.
type batch struct {
	bufs  [][]byte
	infos []SndInfo // nil for the defaults
	sent  int       // how many of them
	begun bool      // the next one waits for room
	plain bool      // the owner has messages held back anyway
}

// info returns the SndInfo of the next message, or nil for the defaults.
func (b *batch) info() *SndInfo {
	if b.infos == nil {
		return nil
	}
	return &b.infos[b.sent]
}

func checkBatch(bufs [][]byte, infos []SndInfo) error {
	if infos != nil && len(infos) != len(bufs) {
		return invalidError("a batch of %d messages with %d SndInfos", len(bufs), len(infos))
	}
	return nil
}

// writeBatch sends one message after the other, and returns how many it has sent.
func (w *writer) writeBatch(bufs [][]byte, infos []SndInfo) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.s.closed.Load() {
		return 0, net.ErrClosed
	}
	if err := checkBatch(bufs, infos); err != nil {
		return 0, err
	}
	if len(bufs) == 0 {
		return 0, w.s.writeDeadlinePassed()
	}
	b := &w.batch
	*b = batch{bufs: bufs, infos: infos}
	err := w.call(w.batchFn)
	if err == nil && b.sent < len(bufs) {
		err = net.ErrClosed
	}
	if err != nil {
		err = explainSend(w.s, FutureAssoc, err, len(bufs[b.sent]), b.info())
	}
	n := b.sent
	*b = batch{}
	return n, err
}

// stepBatch is step for all messages of the batch. All but the last are held.
func (w *writer) stepBatch(fd uintptr) bool {
	b := &w.batch
	held := false
	defer func() {
		if held {
			w.s.hold.end(fd)
		}
	}()
	for ; b.sent < len(b.bufs) && !w.s.closed.Load(); b.sent++ {
		if !b.begun {
			w.data.b = b.bufs[b.sent]
			if w.err = w.begin(b.info()); w.err != nil {
				return true
			}
			b.begun = true
		}
		switch rest := len(b.bufs) - b.sent; {
		case held && rest == 1:
			held = false
			w.s.hold.end(fd)
		case !held && !b.plain && rest >= minHeld && w.size <= maxHeld:
			held = w.s.hold.begin(fd, w.s.lent.Load())
			b.plain = !held
		}
		if !w.step(fd) {
			return false
		}
		if w.full || w.err != nil {
			return true
		}
		b.begun = false
	}
	return true
}
