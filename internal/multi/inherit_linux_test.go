package multi_test

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Options of sockets and IP that are ints, and a value that is not the default.
var inheritedOptionTests = []struct {
	level, num, value int
	name              string
}{
	{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1, "SO_KEEPALIVE"}, {unix.SOL_SOCKET, unix.SO_OOBINLINE, 1, "SO_OOBINLINE"},
	{unix.SOL_SOCKET, unix.SO_DONTROUTE, 1, "SO_DONTROUTE"}, {unix.SOL_SOCKET, unix.SO_BROADCAST, 1, "SO_BROADCAST"},
	{unix.SOL_SOCKET, unix.SO_PRIORITY, 5, "SO_PRIORITY"}, {unix.SOL_SOCKET, unix.SO_MARK, 9, "SO_MARK"},
	{unix.SOL_SOCKET, unix.SO_RCVLOWAT, 7, "SO_RCVLOWAT"}, {unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT"},
	{unix.SOL_SOCKET, unix.SO_BUSY_POLL, 11, "SO_BUSY_POLL"}, {unix.SOL_SOCKET, unix.SO_PREFER_BUSY_POLL, 1, "SO_PREFER_BUSY_POLL"},
	{unix.SOL_SOCKET, unix.SO_INCOMING_CPU, 1, "SO_INCOMING_CPU"}, {unix.SOL_SOCKET, unix.SO_MAX_PACING_RATE, 123456, "SO_MAX_PACING_RATE"},
	{unix.SOL_SOCKET, unix.SO_BUF_LOCK, 3, "SO_BUF_LOCK"}, {unix.SOL_SOCKET, unix.SO_TXREHASH, 0, "SO_TXREHASH"},
	{unix.SOL_SOCKET, unix.SO_TIMESTAMP, 1, "SO_TIMESTAMP"}, {unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1, "SO_RXQ_OVFL"},
	{unix.SOL_SOCKET, unix.SO_NO_CHECK, 1, "SO_NO_CHECK"}, {unix.SOL_SOCKET, unix.SO_RCVMARK, 1, "SO_RCVMARK"},
	{unix.IPPROTO_IP, unix.IP_TOS, 0xb8, "IP_TOS"}, {unix.IPPROTO_IP, unix.IP_TTL, 77, "IP_TTL"},
	{unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DONT, "IP_MTU_DISCOVER"},
	{unix.IPPROTO_IP, unix.IP_RECVERR, 1, "IP_RECVERR"}, {unix.IPPROTO_IP, unix.IP_RECVERR_RFC4884, 1, "IP_RECVERR_RFC4884"},
	{unix.IPPROTO_IP, unix.IP_FREEBIND, 1, "IP_FREEBIND"}, {unix.IPPROTO_IP, unix.IP_TRANSPARENT, 1, "IP_TRANSPARENT"},
	{unix.IPPROTO_IP, unix.IP_MINTTL, 3, "IP_MINTTL"}, {unix.IPPROTO_IP, unix.IP_UNICAST_IF, 0x01000000, "IP_UNICAST_IF"},
	{unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1, "IP_BIND_ADDRESS_NO_PORT"},
	{unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP"}, {unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL"},
	{unix.IPPROTO_IP, unix.IP_RECVOPTS, 1, "IP_RECVOPTS"}, {unix.IPPROTO_IP, unix.IP_RETOPTS, 1, "IP_RETOPTS"},
	{unix.IPPROTO_IP, unix.IP_PKTINFO, 1, "IP_PKTINFO"}, {unix.IPPROTO_IP, unix.IP_RECVTTL, 1, "IP_RECVTTL"},
	{unix.IPPROTO_IP, unix.IP_RECVTOS, 1, "IP_RECVTOS"}, {unix.IPPROTO_IP, unix.IP_PASSSEC, 1, "IP_PASSSEC"},
	{unix.IPPROTO_IP, unix.IP_RECVORIGDSTADDR, 1, "IP_RECVORIGDSTADDR"}, {unix.IPPROTO_IP, unix.IP_CHECKSUM, 1, "IP_CHECKSUM"},
	{unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, 77, "IPV6_UNICAST_HOPS"}, {unix.IPPROTO_IPV6, unix.IPV6_TCLASS, 0xb8, "IPV6_TCLASS"},
	{unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_DONT, "IPV6_MTU_DISCOVER"},
	{unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1, "IPV6_RECVERR"}, {unix.IPPROTO_IPV6, unix.IPV6_RECVERR_RFC4884, 1, "IPV6_RECVERR_RFC4884"},
	{unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1, "IPV6_FREEBIND"}, {unix.IPPROTO_IPV6, unix.IPV6_TRANSPARENT, 1, "IPV6_TRANSPARENT"},
	{unix.IPPROTO_IPV6, unix.IPV6_MINHOPCOUNT, 3, "IPV6_MINHOPCOUNT"}, {unix.IPPROTO_IPV6, unix.IPV6_UNICAST_IF, 0x01000000, "IPV6_UNICAST_IF"},
	{unix.IPPROTO_IPV6, unix.IPV6_DONTFRAG, 1, "IPV6_DONTFRAG"}, {unix.IPPROTO_IPV6, unix.IPV6_AUTOFLOWLABEL, 0, "IPV6_AUTOFLOWLABEL"},
	{unix.IPPROTO_IPV6, 33, 1, "IPV6_FLOWINFO_SEND"}, {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, 0, "IPV6_MULTICAST_LOOP"},
	{unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO"}, {unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT"},
	{unix.IPPROTO_IPV6, unix.IPV6_RECVHOPOPTS, 1, "IPV6_RECVHOPOPTS"}, {unix.IPPROTO_IPV6, unix.IPV6_RECVRTHDR, 1, "IPV6_RECVRTHDR"},
	{unix.IPPROTO_IPV6, unix.IPV6_RECVDSTOPTS, 1, "IPV6_RECVDSTOPTS"}, {unix.IPPROTO_IPV6, unix.IPV6_RECVPATHMTU, 1, "IPV6_RECVPATHMTU"},
	{unix.IPPROTO_IPV6, unix.IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS"}, {unix.IPPROTO_IPV6, unix.IPV6_RECVORIGDSTADDR, 1, "IPV6_RECVORIGDSTADDR"},
	{unix.IPPROTO_IPV6, unix.IPV6_RECVFRAGSIZE, 1, "IPV6_RECVFRAGSIZE"}, {unix.IPPROTO_IPV6, unix.IPV6_ADDR_PREFERENCES, 1, "IPV6_ADDR_PREFERENCES"},
}

// intOption reads an option of c; -1 and false if it has none.
func intOption(t *testing.T, c syscall.Conn, level, num int) (v int, ok bool) {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		v, err = unix.GetsockoptInt(int(fd), level, num)
		ok = err == nil
	}))
	return v, ok
}

// tcpHandsOn reports whether a TCP listener takes the option, and the connection that it
// accepts has it.
func tcpHandsOn(t *testing.T, network, address string, level, num, value int) bool {
	t.Helper()
	took := false
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { took = unix.SetsockoptInt(int(fd), level, num, value) == nil })
	}}
	l, err := lc.Listen(context.Background(), network, address)
	require.NoError(t, err)
	defer l.Close()
	c, err := net.Dial(network, l.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	s, err := l.Accept()
	require.NoError(t, err)
	defer s.Close()
	want, _ := intOption(t, l.(*net.TCPListener), level, num)
	got, ok := intOption(t, s.(*net.TCPConn), level, num)
	return took && ok && got == want
}

// Accepted and peeled-off connections have the options that TCP's have, on the same kernel.
func TestConnInheritsWhatTCPDoes(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, family := range []struct{ network, host string }{{"4", "127.0.0.1"}, {"6", "[::1]"}} {
		for _, tt := range inheritedOptionTests {
			if family.network == "4" && tt.level == unix.IPPROTO_IPV6 {
				continue
			}
			t.Run(tt.name+"/"+family.network, func(t *testing.T) {
				handsOn := tcpHandsOn(t, "tcp"+family.network, family.host+":0", tt.level, tt.num, tt.value)
				if !handsOn && tt.num != unix.SO_PRIORITY {
					t.Logf("TCP does not hand it on")
					return
				}
				took := false
				lc := sctp.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
					return c.Control(func(fd uintptr) { took = unix.SetsockoptInt(int(fd), tt.level, tt.num, tt.value) == nil })
				}}
				requireInherits := func(from, to syscall.Conn) {
					want, ok := intOption(t, from, tt.level, tt.num)
					if !took || !ok {
						return
					}
					got, _ := intOption(t, to, tt.level, tt.num)
					if tt.name == "IP_TOS" || tt.name == "IPV6_TCLASS" {
						want, got = want&^3, got&^3 // the kernel's bits of ECN
					}
					require.Equal(t, want, got)
				}
				network := "sctp" + family.network
				l := sctptest.Listen(t, lc, network, family.host+":0")
				_, server := sctptest.Connect(t, sctp.Dialer{}, l)
				requireInherits(l, server)

				m := sctptest.ListenMulti(t, lc, network, family.host+":0")
				c, err := sctp.Dial(network, m.LocalAddr().String())
				require.NoError(t, err)
				t.Cleanup(func() { c.(*sctp.Conn).Abort() })
				_, err = c.Write([]byte("x"))
				require.NoError(t, err)
				msg, err := m.ReadMsg(make([]byte, 8))
				require.NoError(t, err)
				peeled, err := m.PeelOff(msg.Info.Assoc)
				require.NoError(t, err)
				t.Cleanup(func() { peeled.Abort() })
				requireInherits(m, peeled)
			})
		}
	}
}

// What was not set stays what the kernel gives an accepted socket, and what was set through
// Options counts too.
func TestConnInheritsOnlyWhatWasSet(t *testing.T) {
	sctptest.NeedKernel(t)
	plain := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	_, untouched := sctptest.Connect(t, sctp.Dialer{}, plain)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	require.NoError(t, l.Options().SetTOS(0xb8))
	require.NoError(t, l.Options().SetPriority(0), "IP_TOS has set it")
	_, server := sctptest.Connect(t, sctp.Dialer{}, l)
	tos, err := server.Options().TOS()
	require.NoError(t, err)
	require.Equal(t, uint8(0xb8), tos)
	priority, err := server.Options().Priority()
	require.NoError(t, err)
	require.Zero(t, priority)
	for _, o := range inheritedOptionTests {
		if o.level != unix.IPPROTO_IPV6 && o.name != "IP_TOS" {
			want, _ := intOption(t, untouched, o.level, o.num)
			got, _ := intOption(t, server, o.level, o.num)
			require.Equal(t, want, got, fmt.Sprint(o.name))
		}
	}
}

// A server's packets have the type of service that its listener has.
func TestConnInheritedTOSIsSent(t *testing.T) {
	tap := sctptest.NewTap(t)
	lc := sctp.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error { return sctp.NewOptions(c).SetTOS(0xb8) }}
	l := sctptest.Listen(t, lc, "sctp4", "127.0.0.1:0")
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	_, err := server.Write([]byte("hello"))
	require.NoError(t, err)
	const data = 0
	ip, _ := tap.Packet(client.LocalAddr().(*sctp.Addr).Port, func(_, p []byte) bool { return p[12] == data })
	require.Equal(t, byte(0xb8), ip[1]&^3)
}
