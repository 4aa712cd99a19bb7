package soak_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// No descriptor of any call that makes one reaches a program that the process starts.
func TestDescriptorsCloseOnExec(t *testing.T) {
	check := leaks(t)
	x := &fixture{l: sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0"), m: sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")}
	c, err := sctp.Dial("sctp4", x.l.Addr().String())
	require.NoError(t, err)
	x.c = c.(*sctp.Conn)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	x.id, err = x.m.Connect(context.Background(), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	for i, f := range []interface{ File() (*os.File, error) }{x.c, x.l, x.m} {
		x.files[i], err = f.File()
		require.NoError(t, err)
	}
	sockets := len(inheritable(t).sockets)
	var closes []func() error
	for _, m := range makers {
		closeIt, err := m.call(x)
		require.NoError(t, err, m.name)
		closes = append(closes, closeIt)
		fds := inheritable(t)
		require.Empty(t, fds.inherited, m.name)
		require.Len(t, fds.sockets, sockets+len(closes), m.name)
	}
	// What the test shows: one whose flag is off is found.
	_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, x.files[0].Fd(), syscall.F_SETFD, 0)
	require.Zero(t, errno)
	require.Len(t, inheritable(t).inherited, 1)
	for i, closeIt := range closes {
		require.NoError(t, closeIt(), makers[i].name)
	}
	for _, f := range x.files {
		require.NoError(t, f.Close())
	}
	require.NoError(t, x.c.Abort())
	require.NoError(t, x.l.Close())
	require.NoError(t, l.Close())
	require.NoError(t, x.m.Close())
	check()
	report(t, "%d kinds of calls, whose %d sockets all close on exec", len(makers), len(makers))
}

// descriptors are those of the process that are sockets, and which of them a program that it
// starts would get.
type descriptors struct{ sockets, inherited []string }

func inheritable(t *testing.T) (d descriptors) {
	t.Helper()
	names, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	for _, name := range names {
		to, err := os.Readlink(name)
		if err != nil || !strings.HasPrefix(to, "socket:") {
			continue
		}
		d.sockets = append(d.sockets, name)
		fd, err := strconv.Atoi(filepath.Base(name))
		require.NoError(t, err)
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		require.Zero(t, errno)
		if flags&syscall.FD_CLOEXEC == 0 {
			d.inherited = append(d.inherited, name)
		}
	}
	return d
}
