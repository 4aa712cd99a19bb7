package promises_test

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

// dataChunk returns the first DATA chunk of a packet, from its header on; nil if it has
// none.
func dataChunk(p []byte) []byte {
	for p = p[12:]; len(p) >= 4; {
		n := int(binary.BigEndian.Uint16(p[2:]))
		if p[0] == 0 || n < 4 {
			return p
		}
		p = p[min(len(p), (n+3)&^3):]
	}
	return nil
}

// A PPID is in host order here and in network order on the wire, both ways.
func TestPromise8PPIDInNetworkOrderOnTheWire(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		w := sctptest.NewWire(t)
		self, peer := pair(t, kind)
		for _, way := range []struct {
			name     string
			from, to sctptest.End
		}{{"Out", self, peer}, {"In", peer, self}} {
			t.Run(way.name, func(t *testing.T) {
				const ppid = 0x0a0b0c0d
				_, err := way.from.WriteMsg([]byte("hello"), &sctp.SndInfo{Stream: 3, PPID: ppid})
				require.NoError(t, err)
				m, err := way.to.ReadMsg(make([]byte, 10))
				require.NoError(t, err)
				require.Equal(t, "hello", string(m.Data))
				require.Equal(t, uint16(3), m.Info.Stream)
				require.Equal(t, uint32(ppid), m.Info.PPID)

				from, to := way.from.LocalAddr().(*sctp.Addr).Port, way.to.LocalAddr().(*sctp.Addr).Port
				data := dataChunk(w.Packet(from, to, func(p []byte) bool { return dataChunk(p) != nil }))
				require.Equal(t, uint16(3), binary.BigEndian.Uint16(data[8:]), "stream")
				require.Equal(t, []byte{0x0a, 0x0b, 0x0c, 0x0d}, data[12:16], "PPID")
				require.Equal(t, "hello", string(data[16:21]))
			})
		}
	})
}

// What a socket has that nobody asked for anything.
func TestPromise11Defaults(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		self, peer, l := sctptest.NewEnd(t, kind, sctptest.EndConfig{Network: "sctp", Address: ":0"})
		for _, e := range []sctptest.End{self, peer} {
			on, err := e.Options().NoDelay()
			require.NoError(t, err)
			require.True(t, on, "NODELAY")
			st, err := e.Options().Status()
			require.NoError(t, err)
			require.Equal(t, uint16(10), st.OutStreams)
			interleave, err := e.Options().FragmentInterleave()
			require.NoError(t, err)
			_, many := e.(*sctptest.Member)
			require.Equal(t, many || kind == "PeeledOff" && e == self, interleave, "FRAGMENT_INTERLEAVE")
			peers, err := e.Options().PeerAddrs()
			require.NoError(t, err)
			locals, err := e.Options().LocalAddrs()
			require.NoError(t, err)
			addrs := []*sctp.Addr{peers, locals, e.LocalAddr().(*sctp.Addr)}
			if c, ok := e.(*sctp.Conn); ok {
				addrs = append(addrs, c.RemoteAddr().(*sctp.Addr))
				require.NotEmpty(t, c.LocalAddr().(*sctp.Addr).IPs)
			}
			require.NotEmpty(t, peers.IPs)
			require.NotEmpty(t, locals.IPs)
			for _, a := range addrs {
				require.NotZero(t, a.Port)
				for _, ip := range a.IPs {
					require.False(t, ip.Is4In6(), "mapped address %v", ip)
				}
			}
		}
		// IPv4 traffic over the IPv6 socket of a wildcard shows IPv4 addresses.
		for _, way := range []struct{ from, to sctptest.End }{{self, peer}, {peer, self}} {
			_, err := way.from.WriteMsg([]byte("x"), nil)
			require.NoError(t, err)
			m, err := way.to.ReadMsg(make([]byte, 1))
			require.NoError(t, err)
			require.Equal(t, "x", string(m.Data))
			require.True(t, m.Addr.Addr().Is4(), "%v", m.Addr)
			require.Equal(t, way.from.LocalAddr().(*sctp.Addr).Port, m.Addr.Port())
		}
		// Nothing is inherited by other programs.
		f, err := self.File()
		require.NoError(t, err)
		defer f.Close()
		lf, err := l.File()
		require.NoError(t, err)
		defer lf.Close()
		for _, c := range []syscall.Conn{l, self, peer, f, lf} {
			requireCloseOnExec(t, c)
		}
	})
}

func requireCloseOnExec(t *testing.T, c syscall.Conn) {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	var info []byte
	require.NoError(t, raw.Control(func(fd uintptr) {
		info, err = os.ReadFile(fmt.Sprint("/proc/self/fdinfo/", fd))
	}))
	require.NoError(t, err)
	_, flags, _ := strings.Cut(string(info), "flags:")
	n, err := strconv.ParseUint(strings.Fields(flags)[0], 8, 64)
	require.NoError(t, err)
	const cloexec = 0o2000000
	require.NotZero(t, n&cloexec, "%T", c)
}
