package sctptest

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sys/systest"
)

// netnsTest names, in the environment of a process that Netns started, its test.
const netnsTest = "SCTP_NETNS_TEST"

// Netns runs the calling test in a process and a network namespace of its own, in
// which lo is up, with an MTU of 1500: what the test does to either concerns nobody
// else, so that such tests run at the same time. It returns true there, and false in
// the first process, when the test has passed and has only to return:
//
//	if !sctptest.Netns(t) {
//		return
//	}
func Netns(t *testing.T) bool {
	t.Helper()
	return isolated(t, os.Geteuid() != 0)
}

// UserNetns is Netns with a user namespace of its own besides: the test has every right
// there, and none elsewhere.
func UserNetns(t *testing.T) bool {
	t.Helper()
	return isolated(t, true)
}

func isolated(t *testing.T, user bool) bool {
	t.Helper()
	if os.Getenv(netnsTest) == t.Name() {
		var err error
		own, err = systest.OwnNetns()
		require.NoError(t, err)
		return true
	}
	NeedKernel(t)
	t.Parallel()
	ctx := context.Background()
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-5*time.Second))
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), netnsTest+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if user {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = 4 * time.Second
	// The signal comes when the thread ends that has begun the process: it must live.
	runtime.LockOSThread()
	out, err := cmd.CombinedOutput()
	runtime.UnlockOSThread()
	if errors.Is(err, os.ErrPermission) {
		t.Skip("no right to make a network namespace: run the test as root, or with make test")
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in a network namespace: %v\n%s", err, out)
	}
	if testing.Verbose() {
		t.Logf("in a network namespace:\n%s", out)
	}
	return false
}

// Hole makes a network, in the namespace of the test's own, in which all packets vanish but
// those to 192.0.2.1, 2001:db8::1 and fe80::1%hole, which are the host itself.
func Hole(t testing.TB) {
	t.Helper()
	Device(t, "hole", netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("2001:db8::1/64"),
		netip.MustParsePrefix("fe80::1/64"))
}

// Device makes a network device in the namespace of the test's own: what is sent to
// its networks, other than to addrs themselves, vanishes.
func Device(t testing.TB, name string, addrs ...netip.Prefix) {
	t.Helper()
	require.NotNil(t, own, "Device without Netns")
	require.NoError(t, own.AddDummy(name, addrs...))
}

// Rule routes, in the namespace of the test's own, what comes from the address and is of
// the protocol to a device; the zero value of either is any.
func Rule(t testing.TB, device string, from netip.Addr, protocol byte) {
	t.Helper()
	require.NotNil(t, own, "Rule without Netns")
	require.NoError(t, own.AddRule(device, from, protocol))
}

// Sysctl sets a variable of the namespace of the test's own, as "net/sctp/rto_min".
func Sysctl(t testing.TB, name, value string) {
	t.Helper()
	require.NotNil(t, own, "Sysctl without Netns")
	require.NoError(t, own.Sysctl(name, value))
}

// SystemSysctl sets a variable of the whole system, as "net/sctp/sctp_mem", and returns its
// former value.
func SystemSysctl(t testing.TB, name, value string) (old string) {
	t.Helper()
	old, err := systest.SystemSysctl(name, value)
	require.NoError(t, err)
	return old
}

// Loopback switches lo, in the namespace of the test's own, on or off. While it is off,
// whatever is sent over it is lost without a trace.
func Loopback(t testing.TB, up bool) {
	t.Helper()
	require.NotNil(t, own, "Loopback without Netns")
	require.NoError(t, own.Loopback(up))
}

// LoopbackMTU sets the MTU of lo, in the namespace of the test's own.
func LoopbackMTU(t testing.TB, bytes uint32) {
	t.Helper()
	require.NotNil(t, own, "LoopbackMTU without Netns")
	require.NoError(t, own.SetMTU("lo", bytes))
}

// RemoveLoopbackAddr removes an address from lo, in the namespace of the test's own.
func RemoveLoopbackAddr(t testing.TB, addr netip.Prefix) {
	t.Helper()
	require.NotNil(t, own, "RemoveLoopbackAddr without Netns")
	require.NoError(t, own.RemoveAddr("lo", addr))
}

// DropPrivileges makes the process, which must be Netns's, that of a user with no rights.
func DropPrivileges(t testing.TB) {
	t.Helper()
	require.NotNil(t, own, "DropPrivileges without Netns")
	const nobody = 65534
	require.NoError(t, syscall.Setgroups(nil))
	require.NoError(t, syscall.Setgid(nobody))
	require.NoError(t, syscall.Setuid(nobody))
}

// Unbundle has lo, in the namespace of the test's own, bring each packet by itself.
func Unbundle(t testing.TB) {
	t.Helper()
	require.NotNil(t, own, "Unbundle without Netns")
	require.NoError(t, own.Unbundle("lo"))
}

// UseUpFiles opens files until the process, which must be Netns's, can open no more,
// and returns what closes them.
func UseUpFiles(t testing.TB) (release func()) {
	t.Helper()
	require.NotEmpty(t, os.Getenv(netnsTest), "UseUpFiles without Netns")
	var old syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old))
	limit := syscall.Rlimit{Cur: 100, Max: old.Max}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	var files []*os.File
	for {
		f, err := os.Open("/dev/null")
		if err != nil {
			require.ErrorIs(t, err, syscall.EMFILE)
			break
		}
		files = append(files, f)
	}
	return func() {
		for _, f := range files {
			f.Close()
		}
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old))
	}
}

// Signals sends the process one signal after the other until the test ends.
func Signals(t testing.TB) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGUSR1)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			syscall.Kill(os.Getpid(), syscall.SIGUSR1)
			select {
			case <-stop:
				return
			case <-ch: // arrived: the next one
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
		signal.Stop(ch)
	})
}

// AcceptFile accepts a connection from a listener that is a file, and blocks for it.
func AcceptFile(t testing.TB, f *os.File) *os.File {
	t.Helper()
	fd, _, err := syscall.Accept4(int(f.Fd()), syscall.SOCK_CLOEXEC)
	require.NoError(t, err)
	nf := os.NewFile(uintptr(fd), "accepted")
	t.Cleanup(func() { nf.Close() })
	return nf
}

// RawSocket returns a socket of the given type and protocol as a file.
func RawSocket(t testing.TB, family, style, protocol int) *os.File {
	t.Helper()
	fd, err := syscall.Socket(family, style|syscall.SOCK_CLOEXEC, protocol)
	require.NoError(t, err)
	f := os.NewFile(uintptr(fd), "socket")
	t.Cleanup(func() { f.Close() })
	return f
}

// forceReadBuffer sets the size of a socket's receive buffer, beyond net.core.rmem_max.
func forceReadBuffer(t testing.TB, c syscall.Conn, bytes int) {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, bytes))
	}))
}

// receiveNow reads what has come to a socket, and fails with EAGAIN if there is nothing.
func receiveNow(fd uintptr, b []byte) (int, error) {
	n, _, err := syscall.Recvfrom(int(fd), b, syscall.MSG_DONTWAIT)
	return n, err
}
