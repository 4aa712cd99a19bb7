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
// packets, which costs much less than to write them one by one: SCTP_NODELAY may be off
// until WriteBatch sends the last of them. If it fails before that, those that were sent
// may wait for the peer's next acknowledgement, and so may small messages of others that
// waited for their peers' windows. Other writers wait meanwhile, for up to 64 messages.
// WriteBatch fails with EDESTADDRREQ if infos is nil, and with EINVAL if it has not as many
// elements as bufs.
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

// maxHold is how many messages of a batch others wait for at most.
const maxHold = 64

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
		if i%maxHold == 0 {
			op.endHold() // it is the others' turn
		}
		op.data, op.since = payload{b: b}, time.Time{}
		switch rest := sameWay(infos[i:]); {
		case rest == 1:
			op.endHold()
		case !op.held && !op.plain && rest >= minHeld && len(b) <= maxHeld:
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

// beginHold has op's messages held back, and keeps those of others out meanwhile. It waits
// for its turn without the descriptor, for which Close waits.
func (op *sendOp) beginHold() {
	if op.holdFn == nil {
		op.holdFn = op.toggleHold
	}
	op.s.hold.mu.Lock()
	op.s.raw.Control(op.holdFn)
	if op.plain = !op.held; op.plain {
		op.s.hold.mu.Unlock()
	}
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
		op.held = op.s.hold.on(fd, op.s.lent.Load())
	}
}
