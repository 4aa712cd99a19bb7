package soak_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// No descriptor of any call that makes one reaches a program that the process starts.
func TestDescriptorsCloseOnExec(t *testing.T) {
	check := leaks(t)
	x := newFixture(t)
	setFlags := func(flags uintptr) {
		_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, x.files[0].Fd(), syscall.F_SETFD, flags)
		require.Zero(t, errno)
	}
	setFlags(0)
	require.Len(t, inheritable(t), 1, "what the test can find")
	setFlags(syscall.FD_CLOEXEC)
	x.makeAll(t, func(name string) { require.Empty(t, inheritable(t), name) })
	check()
	report(t, "%d kinds of calls, whose sockets all close on exec", len(makers))
}

// inheritable returns the descriptors of sockets that a program would get that the process
// starts.
func inheritable(t *testing.T) (fds []string) {
	t.Helper()
	names, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	for _, name := range names {
		to, err := os.Readlink(name)
		if err != nil || !strings.HasPrefix(to, "socket:") {
			continue
		}
		fd, err := strconv.Atoi(filepath.Base(name))
		require.NoError(t, err)
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		require.Zero(t, errno)
		if flags&syscall.FD_CLOEXEC == 0 {
			fds = append(fds, name)
		}
	}
	return fds
}
