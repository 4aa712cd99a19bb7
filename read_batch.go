package sctp

import (
	"net"
	"slices"
)

// A batchRead is what ReadBatch has under way.
type batchRead struct {
	bufs [][]byte
	ms   []Message // nil for a call of another kind
	n    int       // how many it has filled
}

// readBatch reads messages and events, one into each buffer: it waits for the first, and takes
// those behind it that are there.
func (r *reader) readBatch(bufs [][]byte, ms []Message) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.s.closed.Load() {
		return 0, net.ErrClosed
	}
	bufs = bufs[:min(len(bufs), len(ms))]
	if len(bufs) == 0 {
		return 0, nil
	}
	for i, b := range bufs {
		if len(b) == 0 {
			return 0, invalidError("buffer %d of ReadBatch is empty", i)
		}
	}
	r.batch = batchRead{bufs: bufs, ms: ms}
	err := r.run(bufs[0], readPart, 0)
	switch {
	case err == net.ErrClosed:
	case err == nil:
		if r.n > 0 || r.m.Event != nil {
			r.store()
		}
	case r.batch.n > 0:
		// It concerns what comes behind the messages.
		if r.err != nil {
			r.next = slices.Insert(r.next, 0, result{r.m, r.err})
		}
		err = nil
	}
	n := r.batch.n
	r.batch, r.b, r.m = batchRead{}, nil, Message{}
	if err != nil {
		n = 0
	}
	return n, err
}

// store makes what was read a message of the batch, and begins with the next. It reports
// whether there is room for that.
func (r *reader) store() bool {
	m := &r.batch.ms[r.batch.n]
	*m = Message{}
	r.moveTo(m, r.batch.bufs[r.batch.n])
	r.batch.n++
	r.n, r.plain, r.whole = 0, false, false
	if r.batch.n == len(r.batch.bufs) {
		return false
	}
	r.b = r.batch.bufs[r.batch.n]
	return true
}
