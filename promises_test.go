package sctp_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Promise 8: a PPID is in host order here and in network order on the wire.
func TestPromise8PPIDInNetworkOrderOnTheWire(t *testing.T) {
	w := sctptest.NewWire(t)
	client, server := sctptest.Pair(t)
	const ppid = 0x0a0b0c0d
	_, err := client.WriteMsg([]byte("hello"), &sctp.SndInfo{Stream: 3, PPID: ppid})
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, uint32(ppid), m.Info.PPID)

	from, to := client.LocalAddr().(*sctp.Addr).Port, server.LocalAddr().(*sctp.Addr).Port
	p := w.Packet(from, to, func(p []byte) bool { return p[12] == 0 }) // a DATA chunk
	data := p[12:]
	require.Equal(t, uint16(3), binary.BigEndian.Uint16(data[8:]), "stream")
	require.Equal(t, []byte{0x0a, 0x0b, 0x0c, 0x0d}, data[12:16], "PPID")
	require.Equal(t, "hello", string(data[16:21]))
}

// Promise 11: what a socket has that nobody asked for anything.
func TestPromise11Defaults(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", ":0")
	nc, err := sctp.Dial("sctp", fmt.Sprint("127.0.0.1:", l.Addr().(*sctp.Addr).Port))
	require.NoError(t, err)
	client := nc.(*sctp.Conn)
	defer client.Close()
	server, err := l.AcceptSCTP()
	require.NoError(t, err)
	defer server.Close()
	for _, c := range []*sctp.Conn{client, server} {
		on, err := c.Options().NoDelay()
		require.NoError(t, err)
		require.True(t, on, "NODELAY")
		st, err := c.Options().Status()
		require.NoError(t, err)
		require.Equal(t, uint16(10), st.OutStreams)
		for _, a := range []*sctp.Addr{c.LocalAddr().(*sctp.Addr), c.RemoteAddr().(*sctp.Addr)} {
			require.NotEmpty(t, a.IPs)
			for _, ip := range a.IPs {
				require.False(t, ip.Is4In6(), "mapped address %v", ip)
			}
		}
	}
	// IPv4 traffic over the IPv6 socket of a wildcard listener shows IPv4 addresses.
	_, err = client.Write([]byte("x"))
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 1))
	require.NoError(t, err)
	require.True(t, m.Addr.Addr().Is4(), "%v", m.Addr)
	require.Equal(t, client.LocalAddr().(*sctp.Addr).Port, m.Addr.Port())
}

// Promise 11: descriptors are not inherited by other programs.
func TestPromise11CloseOnExec(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	f, err := client.File()
	require.NoError(t, err)
	defer f.Close()
	lf, err := l.File()
	require.NoError(t, err)
	defer lf.Close()
	for _, c := range []syscall.Conn{l, client, server, f, lf} {
		raw, err := c.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) {
			info, err := os.ReadFile(fmt.Sprint("/proc/self/fdinfo/", fd))
			require.NoError(t, err)
			_, flags, _ := strings.Cut(string(info), "flags:")
			n, err := strconv.ParseUint(strings.Fields(flags)[0], 8, 64)
			require.NoError(t, err)
			const cloexec = 0o2000000
			require.NotZero(t, n&cloexec, "%T", c)
		}))
	}
}
