package sys_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/netsctp/sctp/internal/sys"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// needNetns skips the test without the right to make network namespaces.
func needNetns(t *testing.T) {
	t.Helper()
	n, err := systest.NewNetns()
	if errors.Is(err, os.ErrPermission) && os.Getenv("SCTP_TESTBED") == "" {
		t.Skip("no right to make a network namespace: run the test as root, or with make test")
	}
	require.NoError(t, err)
	n.Close()
}

// child is set in the processes that inChild starts.
const child = "SCTP_SYS_TEST_CHILD"

// inChild runs the calling test in a process of other rights. It returns true there,
// and false in the first process, when the test has passed.
func inChild(t *testing.T, attr *syscall.SysProcAttr) bool {
	t.Helper()
	if os.Getenv(child) != "" {
		return true
	}
	needNetns(t)
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), child+"=1")
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

func newNetns(t *testing.T) *systest.Netns {
	t.Helper()
	n, err := systest.NewNetns()
	require.NoError(t, err)
	t.Cleanup(n.Close)
	return n
}

// netnsOf returns which namespace a file of one is, "net:[number]".
func netnsOf(path string) string {
	ns, err := os.Readlink(path)
	if err != nil {
		return err.Error()
	}
	return ns
}

func TestInNetnsIsThereAndBackAgain(t *testing.T) {
	needNetns(t)
	n := newNetns(t)
	there, here := netnsOf(n.Path()), netnsOf("/proc/thread-self/ns/net")
	require.NotEqual(t, there, here)
	const calls = 100
	was := make(chan string, calls)
	var wg sync.WaitGroup
	for range calls {
		wg.Add(1)
		go func() {
			defer wg.Done()
			call, errno := sys.InNetns(n.Path(), func() { was <- netnsOf("/proc/thread-self/ns/net") })
			if errno != 0 {
				was <- call + ": " + errno.Error()
			}
		}()
	}
	wg.Wait()
	for range calls {
		require.Equal(t, there, <-was)
	}
	require.Equal(t, here, netnsOf("/proc/thread-self/ns/net"))
	require.Equal(t, here, netnsOf("/proc/self/ns/net"))
	threads, err := filepath.Glob("/proc/self/task/*/ns/net")
	require.NoError(t, err)
	require.NotEmpty(t, threads)
	for deadline := time.Now().Add(time.Minute); len(threads) > 0; time.Sleep(time.Millisecond) {
		if ns := netnsOf(threads[0]); ns != there {
			threads = threads[1:] // or the thread is gone
			continue
		}
		require.True(t, time.Now().Before(deadline), "a thread stays in the other namespace") // newNetns's may be ending
	}
}

// Programs get their namespaces from it, and SystemSysctl finds the first one by it.
func TestInitOfTheTestBedStaysInTheFirstNamespace(t *testing.T) {
	if os.Getenv("SCTP_TESTBED") == "" {
		t.Skip("another system's init is not ours: run the test in the test bed, with make test")
	}
	first, err := os.Open("/proc/1/ns/net")
	require.NoError(t, err)
	defer first.Close()
	require.NoError(t, systest.OnThread(func() error {
		if err := unix.Setns(int(first.Fd()), unix.CLONE_NEWNET); err != nil {
			return err
		}
		_, err := os.Stat("/proc/sys/net/sctp/sctp_mem") // which no other namespace has
		return err
	}))
}

// In a user namespace of its own a process may enter a network namespace that it has
// made, and not the one that it came from: the thread cannot return, so it must end.
func TestInNetnsEndsThreadsThatCannotReturn(t *testing.T) {
	root := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}}
	if !inChild(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: root, GidMappings: root}) {
		return
	}
	n := newNetns(t)
	there, here := netnsOf(n.Path()), netnsOf("/proc/self/ns/net")
	require.NotEqual(t, there, here)
	for range 50 {
		tid, was := 0, ""
		call, errno := sys.InNetns(n.Path(), func() { tid, was = unix.Gettid(), netnsOf("/proc/thread-self/ns/net") })
		require.Zero(t, errno, call)
		require.Equal(t, there, was)
		require.NotEqual(t, os.Getpid(), tid, "the main thread cannot end")
		require.Eventually(t, func() bool {
			_, err := os.Stat("/proc/self/task/" + strconv.Itoa(tid))
			return errors.Is(err, os.ErrNotExist)
		}, time.Minute, time.Millisecond)
	}
	require.Equal(t, here, netnsOf("/proc/self/ns/net"))
}

func TestInNetnsWithoutTheRight(t *testing.T) {
	if !inChild(t, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}) {
		return
	}
	call, errno := sys.InNetns("/proc/self/ns/net", func() { t.Error("it was called") })
	require.Equal(t, "setns", call)
	require.Equal(t, sys.EPERM, errno)
}

func TestInNetnsErrors(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, unix.Mkfifo(fifo, 0o600))
	for _, tt := range []struct {
		path, call string
		errno      sys.Errno
	}{
		{"", "open", sys.ENOENT},
		{"/no/such/file", "open", sys.ENOENT},
		{"/proc/self/ns/uts", "setns", sys.EINVAL},
		{"/dev/null", "setns", sys.EINVAL},
		{fifo, "setns", sys.EINVAL},
	} {
		call, errno := sys.InNetns(tt.path, func() { t.Error("it was called") })
		require.Equal(t, tt.call, call, tt.path)
		require.Equal(t, tt.errno, errno, tt.path)
	}
}
