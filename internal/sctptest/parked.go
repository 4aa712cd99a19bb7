package sctptest

import (
	"bytes"
	"runtime"
	"testing"
	"time"
)

// AwaitParked waits until n goroutines are parked on the poller in a call of this
// package. The runtime tells only in its stack traces.
func AwaitParked(t testing.TB, n int) {
	t.Helper()
	Eventually(t, func() bool { return inState("[IO wait", Method) == n }, "%d goroutines parked on the poller", n)
}

// AwaitSleeping waits until n goroutines sleep in a call of this package.
func AwaitSleeping(t testing.TB, n int) {
	t.Helper()
	Eventually(t, func() bool { return inState("[sleep", Method) == n }, "%d goroutines asleep", n)
}

// AwaitNoRoom waits until n writes to one-to-many sockets wait for room.
func AwaitNoRoom(t testing.TB, n int) {
	t.Helper()
	Eventually(t, func() bool { return inState("[select", NoRoom+"(") == n }, "%d writes without room", n)
}

// Eventually waits until cond holds: for what no event tells of, such as the state
// of the scheduler or of another process.
func Eventually(t testing.TB, cond func() bool, format string, args ...any) {
	t.Helper()
	for deadline := time.Now().Add(Wait); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not for "+Wait.String()+": "+format, args...)
		}
	}
}

// What stack traces say, which a test of the package compares with its functions' names.
const (
	Method = "netsctp/sctp.(*"          // of a goroutine inside the package
	NoRoom = "sctp.(*multiWriter).wait" // of a write that waits for room
)

// inState counts the goroutines that are in a state inside what call names.
func inState(state, call string) int {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	n := 0
	for _, g := range bytes.Split(buf, []byte("\n\n")) {
		head, rest, _ := bytes.Cut(g, []byte("\n"))
		if bytes.Contains(head, []byte(state)) && bytes.Contains(rest, []byte(call)) {
			n++
		}
	}
	return n
}

// stacks returns the stack traces of all goroutines.
func stacks() []byte {
	b := make([]byte, 1<<20)
	return b[:runtime.Stack(b, true)]
}
