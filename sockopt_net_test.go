package sctp_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

func TestConnBuffers(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{ReadBuffer: 20000}, "sctp4", "127.0.0.1:0")
	v, err := server.Options().AssocInfo()
	require.NoError(t, err)
	require.Equal(t, 20000, v.LocalRwnd) // half of what the kernel makes of it
	require.NoError(t, client.SetWriteBuffer(10000))
	require.NoError(t, client.SetReadBuffer(10000))
	_, err = client.WriteMsg(make([]byte, 20001), nil)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.ErrorContains(t, err, "limit 20000")
	for _, bad := range []int{-1, math.MinInt32} {
		require.ErrorIs(t, client.SetWriteBuffer(bad), syscall.EINVAL)
		require.ErrorIs(t, client.SetReadBuffer(bad), syscall.EINVAL)
	}
	_, err = (&sctp.Dialer{WriteBuffer: -1}).Dial("sctp4", "127.0.0.1:1")
	require.ErrorIs(t, err, syscall.EINVAL)
	require.False(t, errors.Is(err, syscall.ECONNREFUSED))
}

// A peer that sends short messages faster than they are read overruns the receive buffer,
// though it keeps to the window: but not one that became much larger after the set-up.
func TestConnReadBufferForShortMessages(t *testing.T) {
	for _, tt := range []struct {
		name    string
		larger  bool
		overrun bool
	}{{"default", false, true}, {"larger", true, false}} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			if tt.larger {
				forceReadBuffer(t, server, 1<<20)
			}
			b := make([]byte, 200)
			const rounds = 3
			for range rounds {
				n := 0
				for { // until a message finds no room
					require.NoError(t, client.SetWriteDeadline(time.Now().Add(time.Second)))
					_, err := client.Write(b)
					if err != nil {
						require.ErrorIs(t, err, os.ErrDeadlineExceeded)
						break
					}
					n++
				}
				for range n {
					_, err := server.ReadMsg(b)
					require.NoError(t, err)
				}
			}
			stats, err := client.Options().AssocStats()
			require.NoError(t, err)
			// What asks now and then whether the window is still closed has no room either.
			require.Equal(t, tt.overrun, stats.RtxChunks > 5*rounds, "%+v", stats)
		})
	}
}

// forceReadBuffer sets the receive buffer beyond net.core.rmem_max (SO_RCVBUFFORCE).
func forceReadBuffer(t *testing.T, c *sctp.Conn, bytes int) {
	t.Helper()
	const soRcvBufForce = 33
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	v := int32(bytes)
	var errno sys.Errno
	require.NoError(t, raw.Control(func(fd uintptr) {
		errno = sys.Setsockopt(fd, sys.SOL_SOCKET, soRcvBufForce, sys.Bytes(&v))
	}))
	if errno == sys.EPERM {
		t.Skip("without CAP_NET_ADMIN a receive buffer ends at net.core.rmem_max")
	}
	require.Zero(t, errno)
}

// Options of the socket and of IP that read back as they were set, wherever they are set.
var socketRoundTrips = []struct {
	name string
	run  func(*testing.T, sctp.Options)
}{
	{"ReuseAddr", roundTrip(sctp.Options.SetReuseAddr, sctp.Options.ReuseAddr, true, false)},
	{"Priority", roundTrip(sctp.Options.SetPriority, sctp.Options.Priority, 6, 0)},
	{"DontRoute", roundTrip(sctp.Options.SetDontRoute, sctp.Options.DontRoute, true, false)},
	{"TOS", roundTrip(sctp.Options.SetTOS, sctp.Options.TOS, 0xb8, 0xfc, 0)},
	{"TTL", roundTrip(sctp.Options.SetTTL, sctp.Options.TTL, 1, 255, 64)},
	{"BindToDevice", roundTrip(sctp.Options.SetBindToDevice, sctp.Options.BindToDevice, "lo", "")},
}

func TestOptionsOfSockets(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, tt := range socketRoundTrips {
			t.Run(tt.name, func(t *testing.T) { tt.run(t, o) })
		}
		for _, buffer := range []struct {
			set func(int) error
			get func() (int, error)
		}{{o.SetReadBuffer, o.ReadBuffer}, {o.SetWriteBuffer, o.WriteBuffer}} {
			require.NoError(t, buffer.set(20000))
			got, err := buffer.get()
			require.NoError(t, err)
			require.Equal(t, 40000, got)
			requireOptionError(t, buffer.set(-1), syscall.EINVAL, "-1 is not in the range")
		}
		for _, tt := range []struct {
			err   error
			errno syscall.Errno
			text  string
		}{
			{o.SetPriority(-1), syscall.EINVAL, "SO_PRIORITY: -1"},
			{o.SetTOS(0xb9), syscall.EINVAL, "IP_TOS: 0xb9 has bits of ECN"},
			{o.SetTTL(0), syscall.EINVAL, "IP_TTL: 0 is not in the range from 1 to 255"},
			{o.SetTTL(256), syscall.EINVAL, "IP_TTL: 256"},
			{o.SetTClass(0), syscall.ENOPROTOOPT, "setsockopt IPV6_TCLASS: protocol not available (for IPv6 sockets only)"},
			{o.SetBindToDevice("0123456789abcdef"), syscall.EINVAL, "bad name of an interface"},
			{o.SetBindToDevice("l\x00o"), syscall.EINVAL, "bad name of an interface"},
			{o.SetBindToDevice("none"), syscall.ENODEV, "setsockopt SO_BINDTODEVICE"},
		} {
			requireOptionError(t, tt.err, tt.errno, tt.text)
		}
		_, err := o.TClass()
		requireOptionError(t, err, syscall.EOPNOTSUPP, "getsockopt IPV6_TCLASS: operation not supported (for IPv6 sockets only)")
		_, err = o.V6Only()
		requireOptionError(t, err, syscall.EOPNOTSUPP, "getsockopt IPV6_V6ONLY: operation not supported (for IPv6 sockets only)")
	})
}

func TestOptionsBindToDeviceConfinesTheSocket(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	listen := func(device string) *sctp.Listener {
		return sctptest.Listen(t, sctp.ListenConfig{Control: control(func(o sctp.Options) error { return o.SetBindToDevice(device) })}, "sctp4", ":0")
	}
	client, _ := sctptest.Connect(t, sctp.Dialer{}, listen("lo"))
	require.Equal(t, sctptest.IPs("127.0.0.1"), client.RemoteAddr().(*sctp.Addr).IPs[:1])
	_, err := sctp.Dial("sctp4", fmt.Sprint("127.0.0.1:", listen("hole").Addr().(*sctp.Addr).Port))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestOptionsWithoutCapabilities(t *testing.T) {
	client, _ := sctptest.Pair(t)
	const solSocket, priority, bindToDevice = 1, 12, 25
	err := sctptest.WithoutRight(t, solSocket, priority, func() error { return client.Options().SetPriority(7) })
	requireOptionError(t, err, syscall.EPERM, "setsockopt SO_PRIORITY: operation not permitted (greater than 6 needs CAP_NET_ADMIN)")
	err = sctptest.WithoutRight(t, solSocket, bindToDevice, func() error { return client.Options().SetBindToDevice("lo") })
	requireOptionError(t, err, syscall.EPERM, "setsockopt SO_BINDTODEVICE: operation not permitted (needs CAP_NET_RAW)")
}

func TestOptionsOfIPv6Sockets(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp6", "[::1]:0")
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", ":0")
	for _, o := range []sctp.Options{client.Options(), server.Options(), l.Options()} {
		roundTrip(sctp.Options.SetTClass, sctp.Options.TClass, 0xb8, 0)(t, o)
		roundTrip(sctp.Options.SetTTL, sctp.Options.TTL, 1, 255, 64)(t, o)
		roundTrip(sctp.Options.SetTOS, sctp.Options.TOS, 0xb8, 0)(t, o)
		requireOptionError(t, o.SetTTL(0), syscall.EINVAL, "IPV6_UNICAST_HOPS: 0")
		requireOptionError(t, o.SetTClass(1), syscall.EINVAL, "IPV6_TCLASS: 0x1 has bits of ECN")
	}
	v6 := sctptest.Listen(t, sctp.ListenConfig{}, "sctp6", "[::1]:0")
	on, err := v6.Options().V6Only()
	require.NoError(t, err)
	require.True(t, on)
	on, err = l.Options().V6Only()
	require.NoError(t, err)
	require.False(t, on)
}

func TestOptionsTrafficOfSockets(t *testing.T) {
	tap := sctptest.NewTap(t)
	set := control(func(o sctp.Options) error { return errors.Join(o.SetTTL(7), o.SetTOS(0x48)) })
	set6 := control(func(o sctp.Options) error { return errors.Join(o.SetTTL(7), o.SetTOS(0x48), o.SetTClass(0x48)) })
	for _, tt := range []struct {
		network, address string
		control          func(string, string, syscall.RawConn) error
		version          byte
	}{
		{"sctp4", "127.0.0.1:0", set, 4},
		{"sctp", "[::1]:0", set6, 6},
		{"sctp", "127.0.0.1/[::1]:0", set6, 4}, // an IPv4 path of an IPv6 socket
	} {
		_, server := sctptest.PairOf(t, sctp.Dialer{Control: tt.control}, sctp.ListenConfig{}, tt.network, tt.address)
		ip, _ := tap.Packet(port(server), func(ip, p []byte) bool { return p[12] == 1 }) // an INIT
		require.Equal(t, tt.version, ip[0]>>4)
		if tt.version == 4 {
			require.Equal(t, byte(7), ip[8], "TTL")
			require.Equal(t, byte(0x48), ip[1]&^3, "TOS")
		} else {
			require.Equal(t, byte(7), ip[7], "hops")
			require.Equal(t, byte(0x48), (ip[0]<<4|ip[1]>>4)&^3, "traffic class")
		}
	}
}
