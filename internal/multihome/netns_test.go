package multihome_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// newNetns returns a network namespace of the test's.
func newNetns(t *testing.T) *systest.Netns {
	t.Helper()
	sctptest.NeedKernel(t)
	n, err := systest.NewNetns()
	require.NoError(t, err)
	t.Cleanup(n.Close)
	return n
}

// linkedNetns returns two network namespaces with links between them, whose addresses
// end in .1 and .2, or ::1 and ::2.
func linkedNetns(t *testing.T, networks map[string]string) (one, two *systest.Netns) {
	t.Helper()
	one, two = newNetns(t), newNetns(t)
	for link, network := range networks {
		p := netip.MustParsePrefix(network)
		first := p.Addr().Next()
		require.NoError(t, one.AddVeth(two, link, netip.PrefixFrom(first, p.Bits()), netip.PrefixFrom(first.Next(), p.Bits())))
	}
	return one, two
}

// exchange requires that messages go both ways, and returns where the first came from.
func exchange(t *testing.T, client, server *sctp.Conn, info *sctp.SndInfo) netip.AddrPort {
	t.Helper()
	_, err := client.WriteMsg([]byte("ping"), info)
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 8))
	require.NoError(t, err)
	require.Equal(t, "ping", string(m.Data))
	_, err = server.Write([]byte("pong"))
	require.NoError(t, err)
	b := make([]byte, 8)
	n, err := client.Read(b)
	require.NoError(t, err)
	require.Equal(t, "pong", string(b[:n]))
	return m.Addr
}

func TestNetnsDialAndListen(t *testing.T) {
	one, two := linkedNetns(t, map[string]string{"v0": "10.9.0.0/24"})
	check := sctptest.Leaks(t)
	// The address is here in no namespace but its own.
	_, err := sctp.Listen("sctp4", "10.9.0.2:0")
	require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
	_, err = (&sctp.ListenConfig{Netns: one.Path()}).Listen(context.Background(), "sctp4", "10.9.0.2:0")
	require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
	l, err := (&sctp.ListenConfig{Netns: two.Path()}).ListenSCTP(context.Background(), "sctp4", sctp.AddrFrom(0, sctptest.IPs("10.9.0.2")...))
	require.NoError(t, err)
	d := sctp.Dialer{Netns: one.Path(), Timeout: sctptest.Wait}
	c, err := d.Dial("sctp4", l.Addr().String())
	require.NoError(t, err)
	s, err := l.AcceptSCTP()
	require.NoError(t, err)
	require.Equal(t, sctptest.IPs("10.9.0.1"), s.RemoteAddr().(*sctp.Addr).IPs)
	exchange(t, c.(*sctp.Conn), s, nil)
	require.NoError(t, c.(*sctp.Conn).Abort())
	require.NoError(t, s.Close())
	require.NoError(t, l.Close())
	check()
}

// namespaces returns the network namespaces of all threads.
func namespaces(t *testing.T) map[string]int {
	t.Helper()
	links, err := filepath.Glob("/proc/self/task/*/ns/net")
	require.NoError(t, err)
	seen := map[string]int{}
	for _, link := range links {
		if ns, err := os.Readlink(link); err == nil { // the thread may be gone
			seen[ns]++
		}
	}
	return seen
}

// Sockets open in another namespace, and goroutines stay where they are.
func TestNetnsTouchesNoGoroutine(t *testing.T) {
	if !sctptest.Netns(t) { // whose process has no threads of other tests
		return
	}
	const goroutines = 100
	ns := newNetns(t)
	here, err := os.Readlink("/proc/thread-self/ns/net")
	require.NoError(t, err)
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: ns.Path(), Backlog: 1000}, "sctp4", "127.0.0.1:0")
	// The same address here is another one.
	_, err = sctp.Dial("sctp4", l.Addr().String())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	d := sctp.Dialer{Netns: ns.Path(), Timeout: sctptest.Wait}
	accepted := make(chan error, 1)
	go func() {
		for {
			s, err := l.Accept()
			if err != nil {
				accepted <- err
				return
			}
			s.Close()
		}
	}()
	var threads []int
	for range 3 {
		errs := make(chan error, goroutines)
		var wg sync.WaitGroup
		for range goroutines {
			wg.Add(1)
			go func() {
				defer wg.Done()
				c, err := d.Dial("sctp4", l.Addr().String())
				if err == nil {
					err = c.Close()
				}
				if now, _ := os.Readlink("/proc/thread-self/ns/net"); now != here {
					err = errors.Join(err, errors.New("a goroutine in "+now))
				}
				errs <- err
			}()
		}
		wg.Wait()
		for range goroutines {
			require.NoError(t, <-errs)
		}
		// What has made the namespace may be ending yet.
		sctptest.Eventually(t, func() bool {
			seen := namespaces(t)
			return len(seen) == 1 && seen[here] > 0
		}, "all threads in their namespace, not %v", namespaces(t))
		threads = append(threads, sctptest.Threads(t))
	}
	require.LessOrEqual(t, threads[2], threads[0]+goroutines/2, "threads pile up")
	require.NoError(t, l.Close())
	require.ErrorIs(t, sctptest.Receive(t, accepted), net.ErrClosed)
}

func TestNetnsErrors(t *testing.T) {
	sctptest.NeedKernel(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, tt := range []struct {
		path  string
		errno syscall.Errno
		text  string
	}{
		{"/run/netns/no such", syscall.ENOENT, "network namespace /run/netns/no such: open: no such file or directory (there is none: ip netns add makes one)"},
		{file, syscall.EINVAL, "setns: invalid argument (it is not a network namespace)"},
		{"/proc/self/ns/uts", syscall.EINVAL, "it is not a network namespace"},
	} {
		check := sctptest.Leaks(t)
		c, err := (&sctp.Dialer{Netns: tt.path}).Dial("sctp", "127.0.0.1:9")
		require.Equal(t, nil, c, "the nil interface")
		requireOpError(t, err, "dial", tt.errno)
		require.ErrorContains(t, err, tt.text)
		l, err := (&sctp.ListenConfig{Netns: tt.path}).Listen(context.Background(), "sctp", ":0")
		require.Equal(t, nil, l, "the nil interface")
		requireOpError(t, err, "listen", tt.errno)
		require.ErrorContains(t, err, tt.text)
		check()
	}
}

// Link-local peers that take turns cost no allocation: the zone of each is looked up once.
func TestNetnsLinkLocalPeersInTurn(t *testing.T) {
	one, two := newNetns(t), newNetns(t)
	require.NoError(t, one.AddVeth(two, "left", netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("fe80::2/64")))
	require.NoError(t, one.AddVeth(two, "right", netip.MustParsePrefix("fe80::5/64"), netip.MustParsePrefix("fe80::6/64")))
	m := sctptest.ListenMulti(t, sctp.ListenConfig{Netns: two.Path()}, "sctp6", "[::]:0")
	var clients []*sctp.Conn
	for _, ends := range [][2]string{{"fe80::1%left", "fe80::2%left"}, {"fe80::5%right", "fe80::6%right"}} {
		d := sctp.Dialer{Netns: one.Path(), Timeout: sctptest.Wait, LocalAddr: sctp.AddrFrom(0, netip.MustParseAddr(ends[0]))}
		c, err := d.DialSCTP(context.Background(), "sctp6", nil, sctp.AddrFrom(m.LocalAddr().(*sctp.Addr).Port, netip.MustParseAddr(ends[1])))
		require.NoError(t, err)
		t.Cleanup(func() { c.Abort() })
		clients = append(clients, c)
	}
	b, in := make([]byte, 100), make([]byte, 1000)
	from := map[netip.AddrPort]bool{}
	turn := func() {
		for _, c := range clients {
			if _, err := c.Write(b); err != nil {
				t.Error(err)
			}
			msg, err := m.ReadMsg(in)
			if err != nil {
				t.Error(err)
			}
			if len(from) < len(clients) {
				from[msg.Addr] = true
			}
		}
	}
	require.Zero(t, testing.AllocsPerRun(50, turn))
	require.Len(t, from, 2)
	for a := range from {
		require.NotEmpty(t, a.Addr().Zone(), a)
	}
}

// The zones of link-local addresses are the other namespace's.
func TestNetnsLinkLocal(t *testing.T) {
	one, two := newNetns(t), newNetns(t)
	for i := range 20 { // the link's number is nothing that is here
		require.NoError(t, two.AddDummy("dummy"+strconv.Itoa(i)))
	}
	require.NoError(t, one.AddVeth(two, "far", netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("fe80::2/64")))
	there := func(n *systest.Netns, ip string) netip.Addr {
		return netip.MustParseAddr(ip + "%" + strconv.Itoa(int(n.Index("far"))))
	}
	require.NotEqual(t, one.Index("far"), two.Index("far"))

	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp6", "[fe80::2%far]:0")
	require.Equal(t, there(two, "fe80::2"), l.Addr().(*sctp.Addr).IPs[0])
	for _, zone := range []string{"far", strconv.Itoa(int(one.Index("far")))} {
		d := sctp.Dialer{
			Netns: one.Path(), Timeout: sctptest.Wait,
			LocalAddr: sctp.AddrFrom(0, netip.MustParseAddr("fe80::1%"+zone)),
		}
		raddr := sctp.AddrFrom(l.Addr().(*sctp.Addr).Port, netip.MustParseAddr("fe80::2%"+zone))
		client, err := d.DialSCTP(context.Background(), "sctp6", nil, raddr)
		require.NoError(t, err)
		t.Cleanup(func() { client.Abort() })
		server := sctptest.Accept(t, l)
		require.Equal(t, there(one, "fe80::1"), client.LocalAddr().(*sctp.Addr).IPs[0])
		require.Equal(t, there(one, "fe80::2"), client.RemoteAddr().(*sctp.Addr).IPs[0])
		require.Equal(t, there(two, "fe80::2"), server.LocalAddr().(*sctp.Addr).IPs[0])
		require.Equal(t, there(two, "fe80::1"), server.RemoteAddr().(*sctp.Addr).IPs[0])
		from := exchange(t, client, server, &sctp.SndInfo{Addr: client.RemoteAddr().(*sctp.Addr).AddrPort()})
		require.Equal(t, server.RemoteAddr().(*sctp.Addr).AddrPort(), from)
		peer, err := server.Options().PeerAddrs()
		require.NoError(t, err)
		require.Equal(t, server.RemoteAddr(), peer)
		local, err := server.Options().LocalAddrs()
		require.NoError(t, err)
		require.Equal(t, server.LocalAddr(), local)
	}

	m := sctptest.ListenMulti(t, sctp.ListenConfig{Netns: two.Path()}, "sctp6", "[fe80::2%far]:0")
	d := sctp.Dialer{
		Netns: one.Path(), Timeout: sctptest.Wait,
		LocalAddr: sctp.AddrFrom(0, netip.MustParseAddr("fe80::1%far")), // the kernel gives the link another besides
	}
	client, err := d.DialSCTP(context.Background(), "sctp6", nil, sctp.AddrFrom(m.LocalAddr().(*sctp.Addr).Port, netip.MustParseAddr("fe80::2%far")))
	require.NoError(t, err)
	t.Cleanup(func() { client.Abort() })
	_, err = client.Write([]byte("hello"))
	require.NoError(t, err)
	_, from, err := m.ReadFrom(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, there(two, "fe80::1"), from.(*sctp.Addr).IPs[0])
	_, err = m.WriteTo([]byte("hello"), from)
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 10))
	require.NoError(t, err)

	_, err = (&sctp.Dialer{Netns: one.Path()}).Dial("sctp6", "[fe80::2%nearby]:9")
	require.ErrorContains(t, err, "zone nearby: no interface of the network namespace")
	_, err = (&sctp.ListenConfig{Netns: one.Path()}).Listen(context.Background(), "sctp6", "[fe80::1%nearby]:0")
	require.ErrorContains(t, err, "zone nearby: no interface of the network namespace")
	requireBindError(t, l.BindAdd(there(two, "fe80::3")), syscall.EADDRNOTAVAIL, "BINDX_ADD")
}

func TestListenerBindToDevice(t *testing.T) {
	one, two := linkedNetns(t, map[string]string{"v0": "10.9.0.0/24", "v1": "10.9.1.0/24"})
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path(), BindToDevice: "v0"}, "sctp4", "0.0.0.0:0")
	port := strconv.Itoa(int(l.Addr().(*sctp.Addr).Port))
	d := sctp.Dialer{Netns: one.Path(), Timeout: sctptest.Wait}
	c, err := d.Dial("sctp4", net.JoinHostPort("10.9.0.2", port))
	require.NoError(t, err)
	t.Cleanup(func() { c.(*sctp.Conn).Abort() })
	exchange(t, c.(*sctp.Conn), sctptest.Accept(t, l), nil)
	_, err = d.Dial("sctp4", net.JoinHostPort("10.9.1.2", port))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestDialBindToDevice(t *testing.T) {
	one, two := linkedNetns(t, map[string]string{"v0": "10.9.0.0/24", "v1": "10.9.1.0/24"})
	l := sctptest.Listen(t, sctp.ListenConfig{Netns: two.Path()}, "sctp4", "0.0.0.0:0")
	port := strconv.Itoa(int(l.Addr().(*sctp.Addr).Port))
	d := sctp.Dialer{Netns: one.Path(), BindToDevice: "v1", Timeout: sctptest.Wait}
	c, err := d.Dial("sctp4", net.JoinHostPort("10.9.1.2", port))
	require.NoError(t, err)
	t.Cleanup(func() { c.(*sctp.Conn).Abort() })
	exchange(t, c.(*sctp.Conn), sctptest.Accept(t, l), nil)
	// The other network is reached, but not through that device.
	require.NoError(t, one.SetLink("v1", false))
	other := net.JoinHostPort("10.9.0.2", port)
	_, err = d.Dial("sctp4", other)
	require.ErrorIs(t, err, syscall.ENETUNREACH)
	d.BindToDevice = "v0"
	c, err = d.Dial("sctp4", other)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

func TestBindToDeviceErrors(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, tt := range []struct {
		device string
		errno  syscall.Errno
		text   string
	}{
		{"no-such-device", syscall.ENODEV, `setsockopt SO_BINDTODEVICE: no such device: "no-such-device"`},
		{"a-name-that-is-too-long", syscall.EINVAL, "not shorter than 16 bytes"},
	} {
		_, err := (&sctp.Dialer{BindToDevice: tt.device}).Dial("sctp", "127.0.0.1:9")
		requireOpError(t, err, "dial", tt.errno)
		require.ErrorContains(t, err, tt.text)
		_, err = (&sctp.ListenConfig{BindToDevice: tt.device}).Listen(context.Background(), "sctp", ":0")
		requireOpError(t, err, "listen", tt.errno)
		require.ErrorContains(t, err, tt.text)
	}
}
