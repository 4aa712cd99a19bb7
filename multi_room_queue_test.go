package sctp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// A sign that there is room wakes one write, in the order in which they came, and none is
// lost.
func TestRoomQueue(t *testing.T) {
	var q sctp.RoomQueue
	for range 4 {
		q.Enter()
	}
	requireWoken := func(want ...int) {
		t.Helper()
		require.Equal(t, want, q.Woken())
	}
	requireWoken()
	q.Signal()
	requireWoken(0)
	q.Signal() // 0 has found none
	requireWoken(0)
	q.Leave(0) // it has found room: there may be more
	requireWoken(1)
	q.Pass() // the system has no memory for 1
	requireWoken(2)
	q.Pass()
	requireWoken(3)
	q.Pass() // each has tried
	requireWoken()
	q.Signal()
	q.Signal()
	requireWoken(1)
	q.Leave(1) // at its deadline
	requireWoken(2)
	q.Enter() // it tries by itself
	q.Pass()
	requireWoken(3)
	q.Pass()
	requireWoken()
	q.All()
	requireWoken(2, 3, 4)
	q.Signal()
	q.Leave(4)
	q.Leave(2)
	requireWoken(2, 3)
	q.Leave(3)
	q.Signal()
	q.Pass()
	q.All()
	requireWoken()
}
