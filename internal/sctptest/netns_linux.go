package sctptest

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	if os.Getenv(netnsTest) == t.Name() {
		setLink(t, "lo", "", 1500)
		return true
	}
	NeedKernel(t)
	t.Parallel()
	ctx := t.Context()
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-5*time.Second))
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), netnsTest+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if uid := os.Geteuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = 4 * time.Second
	out, err := cmd.CombinedOutput()
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

// Hole makes a network device in the namespace of the test's own: what is sent to
// its networks, other than to addrs themselves, vanishes.
func Hole(t testing.TB, name string, addrs ...netip.Prefix) {
	t.Helper()
	require.NotEmpty(t, os.Getenv(netnsTest), "Hole without Netns")
	setLink(t, name, "dummy", 1500)
	for _, p := range addrs {
		family := byte(syscall.AF_INET)
		if p.Addr().Is6() {
			family = syscall.AF_INET6
		}
		const noDAD = 0x02
		msg := []byte{family, byte(p.Bits()), noDAD, 0}
		msg = binary.NativeEndian.AppendUint32(msg, uint32(linkIndex(t, name)))
		ip := p.Addr().AsSlice()
		msg = appendAttr(msg, syscall.IFA_LOCAL, ip)
		msg = appendAttr(msg, syscall.IFA_ADDRESS, ip)
		netlink(t, syscall.RTM_NEWADDR, syscall.NLM_F_CREATE, msg)
	}
}

// Sysctl sets a variable of the namespace of the test's own, as "net/sctp/rto_min".
func Sysctl(t testing.TB, name, value string) {
	t.Helper()
	require.NotEmpty(t, os.Getenv(netnsTest), "Sysctl without Netns")
	require.NoError(t, os.WriteFile("/proc/sys/"+name, []byte(value), 0))
}

// Loopback switches lo, in the namespace of the test's own, on or off. While it is off,
// whatever is sent over it is lost without a trace.
func Loopback(t testing.TB, up bool) {
	t.Helper()
	require.NotEmpty(t, os.Getenv(netnsTest), "Loopback without Netns")
	msg := make([]byte, syscall.SizeofIfInfomsg)
	if up {
		binary.NativeEndian.PutUint32(msg[8:], syscall.IFF_UP) // flags
	}
	binary.NativeEndian.PutUint32(msg[12:], syscall.IFF_UP) // of which to change
	netlink(t, syscall.RTM_NEWLINK, 0, appendAttr(msg, syscall.IFLA_IFNAME, []byte("lo\x00")))
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

// RawSocket returns a socket of the given type and protocol as a file.
func RawSocket(t testing.TB, family, style, protocol int) *os.File {
	t.Helper()
	fd, err := syscall.Socket(family, style|syscall.SOCK_CLOEXEC, protocol)
	require.NoError(t, err)
	f := os.NewFile(uintptr(fd), "socket")
	t.Cleanup(func() { f.Close() })
	return f
}

// setLink makes a link of some kind, or takes one that is there, and sets it up.
func setLink(t testing.TB, name, kind string, mtu uint32) {
	t.Helper()
	msg := make([]byte, syscall.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(msg[8:], syscall.IFF_UP)  // flags
	binary.NativeEndian.PutUint32(msg[12:], syscall.IFF_UP) // of which to change
	msg = appendAttr(msg, syscall.IFLA_IFNAME, append([]byte(name), 0))
	msg = appendAttr(msg, syscall.IFLA_MTU, binary.NativeEndian.AppendUint32(nil, mtu))
	flags := 0
	if kind != "" {
		const infoKind = 1 // IFLA_INFO_KIND
		flags = syscall.NLM_F_CREATE
		msg = appendAttr(msg, syscall.IFLA_LINKINFO, appendAttr(nil, infoKind, []byte(kind)))
	}
	netlink(t, syscall.RTM_NEWLINK, flags, msg)
}

// appendAttr appends a struct rtattr with data.
func appendAttr(b []byte, typ uint16, data []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(syscall.SizeofRtAttr+len(data)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, data...)
	return append(b, make([]byte, -len(data)&3)...)
}

// netlink sends a request and waits for its acknowledgement.
func netlink(t testing.TB, typ uint16, flags int, msg []byte) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	require.NoError(t, err)
	defer syscall.Close(fd)
	req := binary.NativeEndian.AppendUint32(nil, uint32(syscall.SizeofNlMsghdr+len(msg)))
	req = binary.NativeEndian.AppendUint16(req, typ)
	req = binary.NativeEndian.AppendUint16(req, uint16(syscall.NLM_F_REQUEST|syscall.NLM_F_ACK|flags))
	req = append(req, make([]byte, 8)...) // sequence number, sender
	require.NoError(t, syscall.Sendto(fd, append(req, msg...), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}))
	b := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, b, 0)
	require.NoError(t, err)
	ms, err := syscall.ParseNetlinkMessage(b[:n])
	require.NoError(t, err)
	require.Equal(t, uint16(syscall.NLMSG_ERROR), ms[0].Header.Type)
	if errno := -int32(binary.NativeEndian.Uint32(ms[0].Data)); errno != 0 {
		require.NoError(t, os.NewSyscallError("netlink", syscall.Errno(errno)))
	}
}
