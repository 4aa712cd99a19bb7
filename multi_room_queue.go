package sctp

import (
	"slices"
	"sync"
)

// A roomQueue holds the writes of a one-to-many socket that wait for room, in their order.
//
// A sign of the kernel that there is room is for the first of them: if all tried, all but
// one would mostly try in vain. A write that has found room, gives up, or lacks only memory of
// the system, passes the sign on to the next. Each gets a sign once.
type roomQueue struct {
	mu   sync.Mutex
	ops  []*sendOp
	sign uint64 // the number of the last
}

// enter puts op at the end of the queue. It is to try before it waits.
func (q *roomQueue) enter(op *sendOp) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if op.wake == nil {
		op.wake = make(chan struct{}, 1)
	}
	select {
	case <-op.wake: // from a time before
	default:
	}
	op.sign = q.sign
	q.ops = append(q.ops, op)
}

// leave removes op.
func (q *roomQueue) leave(op *sendOp) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.ops, op)
	q.ops = slices.Delete(q.ops, i, i+1)
	q.passLocked()
}

// signal gives a sign to the first.
func (q *roomQueue) signal() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sign++
	q.passLocked()
}

// pass gives the last sign to the next that has not got it.
func (q *roomQueue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.passLocked()
}

func (q *roomQueue) passLocked() {
	for _, op := range q.ops {
		if op.sign != q.sign {
			op.sign = q.sign
			op.wakeUp()
			return
		}
	}
}

// all has all of them try.
func (q *roomQueue) all() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, op := range q.ops {
		op.wakeUp()
	}
}

func (q *roomQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ops)
}

func (op *sendOp) wakeUp() {
	select {
	case op.wake <- struct{}{}:
	default:
	}
}
