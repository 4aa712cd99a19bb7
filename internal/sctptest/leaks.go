package sctptest

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Leaks remembers how many descriptors and goroutines there are, and returns a
// function that waits until there are no more than that.
func Leaks(t testing.TB) (check func()) {
	t.Helper()
	NeedKernel(t)
	runtime.GC() // closes what earlier tests left; later that would hide what leaks
	files, goroutines := len(Files(t)), runtime.NumGoroutine()
	return func() {
		t.Helper()
		deadline := time.Now().Add(Wait)
		for len(Files(t)) > files || runtime.NumGoroutine() > goroutines {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				stacks = stacks[:runtime.Stack(stacks, true)]
				t.Fatalf("%d goroutines, then %d; %d descriptors, then %q\n%s", goroutines, runtime.NumGoroutine(), files, Files(t), stacks)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// Files returns what the process's descriptors are.
func Files(t testing.TB) []string {
	t.Helper()
	list, err := files()
	require.NoError(t, err)
	return list
}

func files() (list []string, err error) {
	dir, err := os.Open("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		if name == strconv.Itoa(int(dir.Fd())) {
			continue
		}
		if to, err := os.Readlink("/proc/self/fd/" + name); err == nil {
			list = append(list, to)
		}
	}
	return list, err
}

// AssocLines returns the lines of /proc/net/sctp/assocs about associations with the given
// port at either end.
func AssocLines(t testing.TB, port uint16) []string {
	t.Helper()
	b, err := os.ReadFile("/proc/net/sctp/assocs")
	require.NoError(t, err)
	header, list, _ := strings.Cut(string(b), "\n")
	columns := strings.Fields(header)
	var found []string
	for _, line := range strings.Split(list, "\n") {
		fields := strings.Fields(line)
		for i, column := range columns {
			if (column == "LPORT" || column == "RPORT") && i < len(fields) && fields[i] == strconv.Itoa(int(port)) {
				found = append(found, line)
				break
			}
		}
	}
	return found
}

// NoAssocs waits until no association has the given port at either end.
func NoAssocs(t testing.TB, port uint16) {
	t.Helper()
	awaitAssocs(t, port, func(string) bool { return false })
}

// NoLiveAssocs waits until all associations that have the given port at either end are
// dead: those that a listener has not accepted stay.
func NoLiveAssocs(t testing.TB, port uint16) {
	t.Helper()
	awaitAssocs(t, port, func(line string) bool {
		const closed = "0" // SCTP_STATE_CLOSED
		return strings.Fields(line)[4] == closed
	})
}

// awaitAssocs waits until all associations that have the given port are as they may be.
func awaitAssocs(t testing.TB, port uint16, may func(line string) bool) {
	t.Helper()
	for deadline := time.Now().Add(Wait); ; time.Sleep(time.Millisecond) {
		left := slices.DeleteFunc(AssocLines(t, port), may)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("for %v, associations are left:\n%s", Wait, strings.Join(left, ""))
		}
	}
}

// Threads returns how many OS threads the process has.
func Threads(t testing.TB) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	for _, line := range strings.Split(string(b), "\n") {
		if s, ok := strings.CutPrefix(line, "Threads:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(s))
			require.NoError(t, err)
			return n
		}
	}
	t.Fatal("no Threads in /proc/self/status")
	panic("unreachable")
}
