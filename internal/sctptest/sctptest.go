// Package sctptest helps tests that need SCTP: it makes listeners and associations
// that end with the test.
package sctptest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// Wait bounds what a test waits for. It is no time that passes in a test that
// succeeds: a slow machine, emulated and with the race detector, needs seconds for
// what takes milliseconds elsewhere.
const Wait = 60 * time.Second

// NeedKernel skips the test where the kernel has no SCTP, and fails it in the test
// bed, whose kernel has.
func NeedKernel(t testing.TB) {
	t.Helper()
	l, err := sctp.ListenSCTP("sctp4", nil)
	if err == nil {
		l.Close()
		return
	}
	if errors.Is(err, errors.ErrUnsupported) && os.Getenv("SCTP_TESTBED") == "" {
		t.Skip("this kernel has no SCTP; run the test in one that has: make test, or make kernel && go test -exec $PWD/.cache/kernel")
	}
	t.Fatal(err)
}

// NeedTestBed skips a test outside the test bed that does something to the whole system.
func NeedTestBed(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("SCTP_TESTBED") == "" {
		t.Skip(what + " of the whole system; run the test in the test bed: make test")
	}
}

// NeedLinux reports whether the kernel has what call uses, which came with a version of
// Linux, as "5.11". A kernel of before may have it, if its maker has ported it back; if it
// has not, call must fail as users see it, with ENOPROTOOPT and a text that names the
// version. Then there is nothing more to test:
//
//	if !sctptest.NeedLinux(t, "5.11", func() error { return o.SetRemoteUDPEncapsPort(path, 9899) }) {
//		return
//	}
func NeedLinux(t testing.TB, version string, call func() error) bool {
	t.Helper()
	err := call()
	if err != nil && OlderLinux(t, version) {
		require.ErrorIs(t, err, syscall.ENOPROTOOPT)
		require.ErrorContains(t, err, "needs Linux "+version)
		return false
	}
	require.NoError(t, err)
	return true
}

// OlderLinux reports whether the kernel is of before a version.
func OlderLinux(t testing.TB, version string) bool {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	require.NoError(t, err)
	var major, minor, wantMajor, wantMinor int
	_, err = fmt.Sscanf(string(text), "%d.%d", &major, &minor)
	require.NoError(t, err)
	_, err = fmt.Sscanf(version, "%d.%d", &wantMajor, &wantMinor)
	require.NoError(t, err)
	return major < wantMajor || major == wantMajor && minor < wantMinor
}

// Listen returns a listener on address that is closed with the test.
func Listen(t testing.TB, lc sctp.ListenConfig, network, address string) *sctp.Listener {
	t.Helper()
	NeedKernel(t)
	l, err := lc.Listen(context.Background(), network, address)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l.(*sctp.Listener)
}

// Pair returns the two ends of an association over 127.0.0.1: the one that dialled
// and the one that was accepted. They are aborted with the test.
func Pair(t testing.TB) (client, server *sctp.Conn) {
	t.Helper()
	return PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
}

// PairOf returns the two ends of an association that d dialled to a listener of lc on
// address.
func PairOf(t testing.TB, d sctp.Dialer, lc sctp.ListenConfig, network, address string) (client, server *sctp.Conn) {
	t.Helper()
	return Connect(t, d, Listen(t, lc, network, address))
}

// Connect returns the two ends of an association that d dialled to l.
func Connect(t testing.TB, d sctp.Dialer, l *sctp.Listener) (client, server *sctp.Conn) {
	t.Helper()
	accepted := make(chan error, 1)
	go func() {
		var err error
		server, err = l.AcceptSCTP()
		accepted <- err
	}()
	c, err := d.Dial(l.Addr().Network(), l.Addr().String())
	require.NoError(t, err)
	client = c.(*sctp.Conn)
	t.Cleanup(func() { client.Abort() })
	require.NoError(t, Receive(t, accepted))
	t.Cleanup(func() { server.Abort() })
	return client, server
}

// Receive returns what arrives on ch, and fails the test if nothing does.
func Receive[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(Wait):
		t.Fatalf("nothing happened for %v\n%s", Wait, stacks())
		panic("unreachable")
	}
}

// OpError returns the *net.OpError that err must be.
func OpError(t testing.TB, err error) *net.OpError {
	t.Helper()
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	return oe
}

// AwaitEnd waits until the association of e is no more, without a call that would
// consume the news.
func AwaitEnd(t testing.TB, e End) {
	t.Helper()
	Eventually(t, func() bool {
		_, err := e.Options().Status()
		return errors.Is(err, syscall.EINVAL)
	}, "end of the association")
}

// ShortTimers is a Control function for associations whose timers are to run out.
func ShortTimers(_, _ string, c syscall.RawConn) error {
	o := sctp.NewOptions(c)
	return errors.Join(
		o.SetRTOInfo(sctp.RTOInfo{Initial: 60 * time.Millisecond, Min: 40 * time.Millisecond, Max: 60 * time.Millisecond}),
		o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 2}),
	)
}

// ListenMulti returns a one-to-many socket on address that is closed with the test.
func ListenMulti(t testing.TB, lc sctp.ListenConfig, network, address string) *sctp.MultiConn {
	t.Helper()
	NeedKernel(t)
	m, err := lc.ListenPacket(context.Background(), network, address)
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	return m.(*sctp.MultiConn)
}

// Accept returns the next association of l, which is aborted with the test.
func Accept(t testing.TB, l *sctp.Listener) *sctp.Conn {
	t.Helper()
	require.NoError(t, l.SetDeadline(time.Now().Add(Wait)))
	c, err := l.AcceptSCTP()
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	return c
}
