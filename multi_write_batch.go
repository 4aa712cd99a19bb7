package sctp

import (
	"net"
	"os"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// WriteBatch sends each of bufs as one message, in their order, with its SndInfo in infos,
// and returns how many it has sent: if that is less than all, with the error of the next
// one. Each message goes where [MultiConn.WriteMsg] sends it, and waits as long for room.
//
// Linux bundles small messages that follow each other to the same association into
// packets, which costs much less than to write them one by one: until WriteBatch sends the
// last of them, SCTP_NODELAY is off. If it fails before that, those that were sent may
// wait for the peer's next acknowledgement.
func (m *MultiConn) WriteBatch(bufs [][]byte, infos []SndInfo) (n int, err error) {
	if m.s == nil {
		return 0, sys.EINVAL
	}
	op := m.wr.newOp()
	defer m.wr.put(op)
	if n, err = m.writeBatch(op, bufs, infos); err != nil {
		err = m.writeError(nil, err)
	}
	return n, err
}

func (m *MultiConn) writeBatch(op *sendOp, bufs [][]byte, infos []SndInfo) (int, error) {
	switch {
	case infos == nil && len(bufs) > 0:
		return 0, errNoDestination
	case len(infos) != len(bufs):
		return 0, checkBatch(bufs, infos)
	case len(bufs) == 0 && m.s.closed.Load():
		return 0, net.ErrClosed
	case len(bufs) == 0 && m.wr.deadline.passed():
		return 0, os.ErrDeadlineExceeded
	}
	defer op.endHold()
	for i, b := range bufs {
		op.data, op.since = payload{b: b}, time.Time{}
		switch rest := sameWay(infos[i:]); {
		case rest == 1:
			op.endHold()
		case !op.held && rest >= minHeld && len(b) <= maxHeld:
			op.beginHold()
		}
		if err := m.write(op, &infos[i]); err != nil {
			return i, err
		}
	}
	return len(bufs), nil
}

// sameWay returns how many of infos, three at most, go to the association of the first.
func sameWay(infos []SndInfo) int {
	n := 1
	for n < min(minHeld, len(infos)) && infos[n].Assoc == infos[0].Assoc && infos[n].Addr == infos[0].Addr {
		n++
	}
	return n
}

// beginHold has op's messages held back, and keeps those of others out meanwhile.
func (op *sendOp) beginHold() {
	if op.holdFn == nil {
		op.holdFn = op.toggleHold
	}
	op.s.raw.Control(op.holdFn)
}

// endHold has op's next message sent at once, and what is held back with it.
func (op *sendOp) endHold() {
	if op.held {
		op.s.raw.Control(op.holdFn)
		op.held = false
		op.s.hold.mu.Unlock()
	}
}

func (op *sendOp) toggleHold(fd uintptr) {
	if op.held {
		op.s.hold.off(fd)
	} else {
		op.held = op.s.hold.begin(fd, op.s.lent.Load())
	}
}
