package sctptest

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/netsctp/sctp/internal/sys/systest"
)

// own is the namespace of a process that Netns started.
var own *systest.Netns

// Run runs the tests of a package, for its TestMain, and fails if they leave something
// behind: a goroutine, a socket, or in the test bed an association.
func Run(m *testing.M) (code int) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt) // starts os/signal's goroutine, which stays
	signal.Stop(signals)
	goroutines, sockets := runtime.NumGoroutine(), sockets()
	if code = m.Run(); code != 0 || runtime.GOOS != "linux" {
		return code
	}
	if own != nil {
		own.Close()
	}
	for deadline := time.Now().Add(Wait); ; time.Sleep(time.Millisecond) {
		left := leftBehind(goroutines, sockets)
		if left == "" {
			return 0
		}
		if time.Now().After(deadline) {
			fmt.Fprintln(os.Stderr, "the tests have left behind:", left)
			return 1
		}
	}
}

// sockets returns how many there are: the standard output may be one.
func sockets() (n int) {
	list, _ := files()
	for _, f := range list {
		if strings.HasPrefix(f, "socket:") {
			n++
		}
	}
	return n
}

// leftBehind returns what is there beyond a number of goroutines and of sockets, "" if
// nothing is.
func leftBehind(goroutines, before int) string {
	if n := runtime.NumGoroutine(); n > goroutines {
		stacks := make([]byte, 1<<20)
		return fmt.Sprintf("%d goroutines in place of %d\n%s", n, goroutines, stacks[:runtime.Stack(stacks, true)])
	}
	if n := sockets(); n > before {
		list, err := files()
		return fmt.Sprintf("%d sockets in place of %d: %q %v", n, before, list, err)
	}
	if os.Getenv("SCTP_TESTBED") != "" {
		b, err := os.ReadFile("/proc/net/sctp/assocs")
		if _, list, _ := strings.Cut(string(b), "\n"); list != "" || err != nil {
			return fmt.Sprintf("associations:\n%s%v", list, err)
		}
	}
	return ""
}
