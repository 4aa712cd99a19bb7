package sctp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// dialTo dials l, and aborts with the test.
func dialTo(t *testing.T, l *sctp.Listener) *sctp.Conn {
	t.Helper()
	c, err := sctp.Dial(l.Addr().Network(), l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { c.(*sctp.Conn).Abort() })
	return c.(*sctp.Conn)
}

// requireOpError checks that err is a *net.OpError of op over target.
func requireOpError(t *testing.T, err error, op string, target error) {
	t.Helper()
	require.ErrorIs(t, err, target)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, op, oe.Op)
}

// The kernel admits one more than the backlog, and refuses those beyond. What is
// accepted makes room.
func TestListenerBacklog(t *testing.T) {
	for _, backlog := range []int{1, 5} {
		l := sctptest.Listen(t, sctp.ListenConfig{Backlog: backlog}, "sctp4", "127.0.0.1:0")
		for range backlog + 1 {
			dialTo(t, l)
		}
		c, err := sctp.Dial("sctp4", l.Addr().String())
		require.Equal(t, nil, c)
		sctptest.RequireRefused(t, err)
		sctptest.Accept(t, l)
		dialTo(t, l)
		_, err = sctp.Dial("sctp4", l.Addr().String())
		sctptest.RequireRefused(t, err)
	}
	_, err := (&sctp.ListenConfig{Backlog: -1}).Listen(context.Background(), "sctp4", "127.0.0.1:0")
	requireOpError(t, err, "listen", syscall.EINVAL)
}

// Without a Backlog it is the system's limit, 4096 by default, and not what listen(2)
// was once given everywhere, 128.
func TestListenerDefaultBacklogIsTheSystems(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	for range 140 {
		dialTo(t, l)
	}
}

func TestListenerDeadline(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	accept := func() error {
		c, err := l.Accept()
		require.Equal(t, nil, c, "the nil interface")
		return err
	}
	// In the past, and soon.
	for _, deadline := range []time.Time{time.Unix(1, 0), time.Now().Add(20 * time.Millisecond)} {
		require.NoError(t, l.SetDeadline(deadline))
		for range 2 {
			err := accept()
			requireOpError(t, err, "accept", os.ErrDeadlineExceeded)
			require.True(t, err.(net.Error).Timeout())
			require.Equal(t, l.Addr(), err.(*net.OpError).Addr)
		}
	}
	// Set while Accept waits.
	require.NoError(t, l.SetDeadline(time.Time{}))
	result := make(chan error, 1)
	go func() { result <- accept() }()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, l.SetDeadline(time.Unix(1, 0)))
	requireOpError(t, sctptest.Receive(t, result), "accept", os.ErrDeadlineExceeded)
	// Lifted.
	dialTo(t, l)
	sctptest.Accept(t, l)
}

func TestListenerCloseWakesAccept(t *testing.T) {
	check := sctptest.Leaks(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	const waiting = 5
	results := make(chan error, waiting)
	for range waiting {
		go func() {
			_, err := l.Accept()
			results <- err
		}()
	}
	sctptest.AwaitParked(t, 1) // one waits for the kernel, the others for it
	require.NoError(t, l.Close())
	for range waiting {
		requireOpError(t, sctptest.Receive(t, results), "accept", net.ErrClosed)
	}
	c, err := l.Accept()
	require.Equal(t, nil, c, "the nil interface")
	requireOpError(t, err, "accept", net.ErrClosed)
	requireOpError(t, l.Close(), "close", net.ErrClosed)
	requireOpError(t, l.SetDeadline(time.Now()), "set", net.ErrClosed)
	_, err = l.File()
	requireOpError(t, err, "file", net.ErrClosed)
	_, err = l.SyscallConn()
	requireOpError(t, err, "raw-control", net.ErrClosed)
	_, err = l.Options().NoDelay()
	require.ErrorIs(t, err, net.ErrClosed)
	require.NotEmpty(t, l.Addr().String(), "addresses stay")
	check()
}

func TestListenerConcurrentAccepts(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	const n = 20
	accepted := make(chan net.Addr, n)
	for range n {
		go func() {
			c, err := l.Accept()
			if err != nil {
				accepted <- nil
				return
			}
			accepted <- c.RemoteAddr()
			c.Close()
		}()
	}
	var want, got []string
	for range n {
		want = append(want, dialTo(t, l).LocalAddr().String())
	}
	for range n {
		a := sctptest.Receive(t, accepted)
		require.NotNil(t, a)
		got = append(got, a.String())
	}
	require.ElementsMatch(t, want, got)
}

var listenerAddrTests = []struct {
	network, address string
	want             []netip.Addr
}{
	{"sctp4", "127.0.0.1:0", sctptest.IPs("127.0.0.1")},
	{"sctp6", "[::1]:0", sctptest.IPs("::1")},
	{"sctp", "127.0.0.1/127.0.0.2/127.0.0.3:0", sctptest.IPs("127.0.0.1", "127.0.0.2", "127.0.0.3")},
	{"sctp", "[127.0.0.1/::1]:0", sctptest.IPs("127.0.0.1", "::1")},
	{"sctp", ":0", sctptest.IPs("::")},
	{"sctp", "[::]:0", sctptest.IPs("::")},
	{"sctp", "0.0.0.0:0", sctptest.IPs("0.0.0.0")},
	{"sctp4", ":0", sctptest.IPs("0.0.0.0")},
	{"sctp4", "0.0.0.0:0", sctptest.IPs("0.0.0.0")},
	{"sctp6", ":0", sctptest.IPs("::")},
}

func TestListenerAddr(t *testing.T) {
	for _, tt := range listenerAddrTests {
		l := sctptest.Listen(t, sctp.ListenConfig{}, tt.network, tt.address)
		a := l.Addr().(*sctp.Addr)
		require.ElementsMatch(t, tt.want, a.IPs, "%v", tt)
		require.NotZero(t, a.Port, "%v", tt)
		require.Equal(t, "sctp", a.Network())
		// Someone else cannot have the same port.
		_, err := sctp.Listen(tt.network, a.String())
		requireOpError(t, err, "listen", syscall.EADDRINUSE)
		require.ErrorContains(t, err, "bind: address already in use")
		// It parses back to what can be dialled.
		dialTo(t, l)
		c := sctptest.Accept(t, l)
		require.Equal(t, a.Port, c.LocalAddr().(*sctp.Addr).Port)
		require.NotEmpty(t, c.LocalAddr().(*sctp.Addr).IPs)
	}
}

func TestListenSCTPNilIsTheWildcard(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, laddr := range []*sctp.Addr{nil, {}} {
		l, err := sctp.ListenSCTP("sctp", laddr)
		require.NoError(t, err)
		require.Equal(t, sctptest.IPs("::"), l.Addr().(*sctp.Addr).IPs)
		require.NotZero(t, l.Addr().(*sctp.Addr).Port)
		require.NoError(t, l.Close())
	}
}

// Of sctp6 the wildcard is IPv6 alone: the port is free for IPv4.
func TestListenerWildcardOfOneFamily(t *testing.T) {
	l6 := sctptest.Listen(t, sctp.ListenConfig{}, "sctp6", ":0")
	port := l6.Addr().(*sctp.Addr).Port
	_, err := sctp.DialSCTP("sctp4", nil, sctp.AddrFrom(port, sctptest.IPs("127.0.0.1")...))
	sctptest.RequireRefused(t, err)
	l4, err := sctp.ListenSCTP("sctp4", sctp.AddrFrom(port))
	require.NoError(t, err)
	require.NoError(t, l4.Close())
}

// With associations of its own still up, an address can be listened on again at
// once.
func TestListenerAddressIsFreeAfterClose(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	address := l.Addr().String()
	for range 5 {
		client := dialTo(t, l)
		server := sctptest.Accept(t, l)
		require.NoError(t, l.Close())
		var err error
		l, err = sctp.ListenSCTP("sctp4", l.Addr().(*sctp.Addr))
		require.NoError(t, err)
		require.Equal(t, address, l.Addr().String())
		// The association goes on.
		_, err = client.Write([]byte("x"))
		require.NoError(t, err)
		_, err = server.Read(make([]byte, 8))
		require.NoError(t, err)
	}
	require.NoError(t, l.Close())
}

func TestListenerOptionsAreInherited(t *testing.T) {
	events := []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown}
	control := func(_, _ string, c syscall.RawConn) error {
		return sctp.NewOptions(c).SetRTOInfo(sctp.RTOInfo{Initial: 1200 * time.Millisecond})
	}
	l := sctptest.Listen(t, sctp.ListenConfig{
		ReadBuffer: 30_000, WriteBuffer: 15_000, Events: events, Control: control,
		InitMsg: sctp.InitMsg{OutStreams: 3, MaxInStreams: 4},
	}, "sctp4", "127.0.0.1:0")
	require.NoError(t, l.Options().SetDisableFragments(true))
	client := dialTo(t, l)
	c := sctptest.Accept(t, l)
	on, err := c.Options().NoDelay()
	require.NoError(t, err)
	require.True(t, on)
	on, err = c.Options().DisableFragments()
	require.NoError(t, err)
	require.True(t, on)
	rto, err := c.Options().RTOInfo()
	require.NoError(t, err)
	require.Equal(t, 1200*time.Millisecond, rto.Initial)
	info, err := c.Options().AssocInfo()
	require.NoError(t, err)
	require.Equal(t, 30_000, info.LocalRwnd)
	st, err := c.Options().Status()
	require.NoError(t, err)
	require.Equal(t, [2]uint16{4, 3}, [2]uint16{st.InStreams, st.OutStreams})
	m, err := c.ReadMsg(make([]byte, 8))
	require.NoError(t, err)
	require.Equal(t, sctp.EventAssocChange, m.Event.Type())
	require.NoError(t, client.Close())
	m, err = c.ReadMsg(make([]byte, 8))
	require.NoError(t, err)
	require.Equal(t, sctp.EventShutdown, m.Event.Type())
}

// A peer that is gone before Accept: what it sent is there, and how it ended.
func TestListenerAcceptsWhatHasEnded(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(ctx context.Context, c *sctp.Conn) error
		want error
	}{
		{"Shutdown", func(ctx context.Context, c *sctp.Conn) error { return c.Shutdown(ctx) }, io.EOF},
		{"Abort", func(_ context.Context, c *sctp.Conn) error { return c.Abort() }, syscall.ECONNRESET},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			client := dialTo(t, l)
			_, err := client.Write([]byte("data"))
			require.NoError(t, err)
			sctptest.Eventually(t, func() bool {
				st, err := client.Options().Status()
				return err == nil && st.UnackedData == 0
			}, "data delivered")
			ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
			defer cancel()
			require.NoError(t, tt.end(ctx, client))
			sctptest.NoLiveAssocs(t, l.Addr().(*sctp.Addr).Port)
			c := sctptest.Accept(t, l)
			require.Equal(t, client.LocalAddr().String(), c.RemoteAddr().String())
			require.Equal(t, l.Addr().String(), c.LocalAddr().String())
			b := make([]byte, 8)
			require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
			n, err := c.Read(b)
			require.NoError(t, err)
			require.Equal(t, "data", string(b[:n]))
			for range 3 {
				_, err = c.Read(b)
				require.ErrorIs(t, err, tt.want)
			}
			_, err = c.Write([]byte("x"))
			if tt.want == io.EOF {
				require.ErrorIs(t, err, syscall.EPIPE)
			} else {
				require.ErrorIs(t, err, syscall.ECONNRESET)
			}
			require.NoError(t, c.Close())

			// The listener goes on.
			dialTo(t, l)
			sctptest.Accept(t, l)
		})
	}
}

// While an association that has ended waits to be accepted, its peer's address and port
// stay taken: Linux answers a new INIT from there, and drops the COOKIE ECHO that follows.
func TestListenerWhatHasEndedKeepsItsPeerOutUntilAccepted(t *testing.T) {
	const cookieEcho = 10
	for name, end := range map[string]func(c *sctp.Conn) error{"Close": (*sctp.Conn).Close, "Abort": (*sctp.Conn).Abort} {
		t.Run(name, func(t *testing.T) {
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			client := dialTo(t, l)
			laddr, raddr := client.LocalAddr().(*sctp.Addr), l.Addr().(*sctp.Addr)
			require.NoError(t, end(client))
			sctptest.NoLiveAssocs(t, laddr.Port)

			ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
			defer cancel()
			dialled := make(chan error, 1)
			go func() {
				d := sctp.Dialer{Control: sctptest.ShortTimers, InitMsg: sctp.InitMsg{MaxAttempts: 10000, MaxTimeout: 60 * time.Millisecond}}
				c, err := d.DialSCTP(ctx, "sctp4", laddr, raddr)
				if err == nil {
					t.Cleanup(func() { c.Abort() })
				}
				dialled <- err
			}()
			requireDropped := func() {
				t.Helper()
				w := sctptest.NewWire(t)
				for range 3 {
					w.Packet(laddr.Port, raddr.Port, func(p []byte) bool { return p[12] == cookieEcho })
				}
				require.Empty(t, dialled)
			}
			requireDropped()
			ended := sctptest.Accept(t, l)
			requireDropped()
			require.NoError(t, ended.Close())
			require.NoError(t, sctptest.Receive(t, dialled))
			require.Equal(t, laddr.String(), sctptest.Accept(t, l).RemoteAddr().String())
		})
	}
}

// Out of descriptors Accept fails for now, and the association waits.
func TestListenerOutOfDescriptors(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	dialTo(t, l)
	release := sctptest.UseUpFiles(t)
	for range 3 {
		c, err := l.Accept()
		require.Equal(t, nil, c)
		requireOpError(t, err, "accept", syscall.EMFILE)
		require.True(t, err.(interface{ Temporary() bool }).Temporary(), "net/http's Serve goes on after such errors") //nolint:staticcheck // deprecated, and still what net/http asks
		require.False(t, err.(net.Error).Timeout())
	}
	_, err := sctp.Dial("sctp4", l.Addr().String())
	requireOpError(t, err, "dial", syscall.EMFILE)
	_, err = sctp.Listen("sctp4", "127.0.0.1:0")
	requireOpError(t, err, "listen", syscall.EMFILE)
	release()
	sctptest.Accept(t, l)
	dialTo(t, l)
	sctptest.Accept(t, l)
}

// Those who wait to be accepted learn that nobody will.
func TestListenerCloseEndsWhatWaits(t *testing.T) {
	for _, tt := range []struct {
		name string
		data string
		want error
	}{
		{"Idle", "", io.EOF},
		{"HasSent", "data", syscall.ECONNRESET},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			c := dialTo(t, l)
			if tt.data != "" {
				_, err := c.Write([]byte(tt.data))
				require.NoError(t, err)
				sctptest.Eventually(t, func() bool {
					st, err := c.Options().Status()
					return err == nil && st.UnackedData == 0
				}, "data delivered")
			}
			require.NoError(t, l.Close())
			require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
			_, err := c.Read(make([]byte, 8))
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestListenerSyscallConn(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	rc, err := l.SyscallConn()
	require.NoError(t, err)
	used := uintptr(0)
	require.NoError(t, rc.Control(func(fd uintptr) { used = fd }))
	require.NotZero(t, used)
	calls := 0
	requireOpError(t, rc.Read(func(uintptr) bool { calls++; return true }), "raw-read", syscall.EINVAL)
	requireOpError(t, rc.Write(func(uintptr) bool { calls++; return true }), "raw-write", syscall.EINVAL)
	require.NoError(t, l.Close())
	requireOpError(t, rc.Control(func(uintptr) { calls++ }), "raw-control", net.ErrClosed)
	require.Zero(t, calls)
}

// The context of Listen is for names alone.
func TestListenerOutlivesItsContext(t *testing.T) {
	sctptest.NeedKernel(t)
	ctx, cancel := context.WithCancel(context.Background())
	l, err := new(sctp.ListenConfig).Listen(ctx, "sctp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	cancel()
	dialTo(t, l.(*sctp.Listener))
	sctptest.Accept(t, l.(*sctp.Listener))
}

var listenErrorTests = []struct {
	network, address string
	want             error
}{
	{"sctp4", "192.0.2.77:0", syscall.EADDRNOTAVAIL},
	{"sctp4", "127.0.0.1/192.0.2.77:0", syscall.EADDRNOTAVAIL},
	{"sctp6", "[2001:db8::77]:0", syscall.EADDRNOTAVAIL},
}

func TestListenerErrors(t *testing.T) {
	check := sctptest.Leaks(t)
	for _, tt := range listenErrorTests {
		l, err := sctp.Listen(tt.network, tt.address)
		require.Equal(t, nil, l, "the nil interface")
		requireOpError(t, err, "listen", tt.want)
		require.ErrorContains(t, err, "listen "+tt.network+" "+tt.address+": bind")
		addr, err := sctp.ParseAddr(tt.address)
		require.NoError(t, err)
		sl, err := sctp.ListenSCTP(tt.network, addr)
		require.Nil(t, sl)
		requireOpError(t, err, "listen", tt.want)
	}
	_, err := sctp.ListenSCTP("sctp4", sctp.AddrFrom(0, sctptest.IPs("::1")...))
	var ae *net.AddrError
	require.True(t, errors.As(err, &ae))
	check()
}
