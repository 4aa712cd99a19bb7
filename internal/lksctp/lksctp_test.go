package lksctp_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// sizes are lengths of messages. sctp_darn ends what it sends in a newline and a zero: its
// shortest message has two bytes.
var sizes = []int{1, 2, 100, 1452, 1453, 5000, 32768, 65535, 65536}

// styles are the programs' options for one-to-many and one-to-one sockets.
var styles = []struct {
	name      string
	darn, try []string
}{
	{"OneToMany", nil, nil},
	{"OneToOne", []string{"-t"}, []string{"-T"}},
}

// An end is the package's end of an association: a *sctp.Conn, or a *sctp.MultiConn with
// one association.
type end interface {
	ReadMsg(b []byte) (sctp.Message, error)
	WriteMsg(b []byte, info *sctp.SndInfo) (int, error)
}

// forEachEnd runs f for each kind of end and each style of the program.
func forEachEnd(t *testing.T, f func(t *testing.T, many bool, darn, try []string)) {
	for _, many := range []bool{false, true} {
		for _, style := range styles {
			t.Run(map[bool]string{false: "Conn", true: "MultiConn"}[many]+"/"+style.name, func(t *testing.T) {
				f(t, many, style.darn, style.try)
			})
		}
	}
}

// listen waits for a program: accept returns the end that it dials to.
func listen(t *testing.T, many bool) (port string, accept func() end) {
	t.Helper()
	var addr *sctp.Addr
	if many {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		addr, accept = m.LocalAddr().(*sctp.Addr), func() end { return m }
	} else {
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		addr, accept = l.Addr().(*sctp.Addr), func() end {
			c, err := l.AcceptSCTP()
			require.NoError(t, err)
			t.Cleanup(func() { c.Abort() })
			return c
		}
	}
	return strconv.Itoa(int(addr.Port)), accept
}

// dial sets an association up with a program that listens, and returns its id for a
// one-to-many socket.
func dial(t *testing.T, many bool, port string) (end, sctp.AssocID) {
	t.Helper()
	addr, err := sctp.ParseAddr("127.0.0.1:" + port)
	require.NoError(t, err)
	if many {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		id, err := m.Connect(context.Background(), addr)
		require.NoError(t, err)
		return m, id
	}
	c, err := sctp.DialSCTP("sctp4", nil, addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	return c, 0
}

// read reads a whole message.
func read(t *testing.T, e end) (data []byte, info sctp.RcvInfo) {
	t.Helper()
	b := make([]byte, 70000)
	for n := 0; ; {
		m, err := e.ReadMsg(b[n:])
		require.NoError(t, err)
		if n += len(m.Data); m.EOR {
			return b[:n], m.Info
		}
	}
}

var (
	darnReady = regexp.MustCompile(`sctp_darn listening`)
	darnInfo  = regexp.MustCompile(`sinfo_stream +(\d+)\n(?:.*\n){2} *sinfo_ppid +(\d+)`)
	darnData  = regexp.MustCompile(`DATA\((\d+)\): +(.*)\n`)
	tryReady  = regexp.MustCompile(`Server: Receiving packets`)
	tryInfo   = regexp.MustCompile(`SNDRCV\(stream=(\d+) ssn=\d+ tsn=\d+ flags=0x[01] ppid=(\d+)`)
	tryData   = regexp.MustCompile(`Data +(\d+) bytes`)
	trySent   = regexp.MustCompile(`sendmsg\(.*\) +(\d+) bytes\.\n\s+SNDRCV\(stream=(\d+) flags=0x[01] ppid=(\d+)`)
)

// ntohl returns the PPID that a program prints, which sees it as it is on the wire.
func ntohl(t *testing.T, s string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 32)
	require.NoError(t, err)
	return binary.BigEndian.Uint32(binary.NativeEndian.AppendUint32(nil, uint32(n)))
}

func TestDarnSends(t *testing.T) {
	forEachEnd(t, func(t *testing.T, many bool, darn, _ []string) {
		var lines strings.Builder
		for i, size := range sizes[1:] {
			lines.WriteString(strings.Repeat(string(rune('a'+i)), size-2) + "\n")
		}
		port, accept := listen(t, many)
		p := start(t, lines.String(), append([]string{"sctp_darn", "-H", "127.0.0.1", "-P", freePort(t), "-h", "127.0.0.1", "-p", port, "-s"}, darn...)...)
		e := accept()
		for i, size := range sizes[1:] {
			data, _ := read(t, e)
			require.Equal(t, size, len(data))
			require.Equal(t, strings.Repeat(string(rune('a'+i)), size-2)+"\n\x00", string(data))
		}
		p.wait()
	})
}

func TestDarnReceives(t *testing.T) {
	forEachEnd(t, func(t *testing.T, many bool, darn, _ []string) {
		port := freePort(t)
		p := start(t, "", append([]string{"sctp_darn", "-H", "127.0.0.1", "-P", port, "-l"}, darn...)...)
		p.await(1, darnReady)
		e, id := dial(t, many, port)
		for i, size := range sizes {
			b := []byte(strings.Repeat(string(rune('a'+i)), size-1) + "\n")
			_, err := e.WriteMsg(b, &sctp.SndInfo{Assoc: id, Stream: uint16(i), PPID: 60 + uint32(i)})
			require.NoError(t, err)
			// One after the other: of two it prints the second in front of the first's end.
			got := p.await(i+1, darnData)[i]
			require.Equal(t, strconv.Itoa(size), got[1])
			require.Equal(t, strings.Repeat(string(rune('a'+i)), size-1), got[2])
			if len(darn) == 0 { // with -t it prints no more
				info := p.await(i+1, darnInfo)[i]
				require.Equal(t, strconv.Itoa(i), info[1])
				require.Equal(t, 60+uint32(i), ntohl(t, info[2]))
			}
		}
	})
}

func TestSctpTestSends(t *testing.T) {
	forEachEnd(t, func(t *testing.T, many bool, _, try []string) {
		for _, size := range append(sizes[:1:1], 1453, 32768, 65515) {
			t.Run(strconv.Itoa(size), func(t *testing.T) {
				port, accept := listen(t, many)
				args := append([]string{"sctp_test", "-H", "127.0.0.1", "-P", freePort(t), "-h", "127.0.0.1", "-p", port,
					"-s", "-x", "1", "-c", strconv.Itoa(-size), "-o", "1", "-M", "5", "-d", "2"}, try...)
				p := start(t, "", args...)
				e := accept()
				var got []string
				for range 10 { // -x 1 stands for ten messages
					data, info := read(t, e)
					ppid := binary.NativeEndian.Uint32(binary.BigEndian.AppendUint32(nil, info.PPID))
					got = append(got, fmt.Sprint(len(data), info.Stream, ppid))
				}
				p.wait()
				var sent []string
				for _, m := range p.await(10, trySent) {
					sent = append(sent, strings.Join(m[1:], " "))
				}
				// Each stream has an order of its own: one may overtake another.
				require.ElementsMatch(t, sent, got)
				for stream := range 5 {
					require.Equal(t, ofStream(sent, stream), ofStream(got, stream))
				}
			})
		}
	})
}

// ofStream returns the messages of a stream, of which each is "size stream PPID".
func ofStream(messages []string, stream int) (found []string) {
	for _, m := range messages {
		if strings.Fields(m)[1] == strconv.Itoa(stream) {
			found = append(found, m)
		}
	}
	return found
}

func TestSctpTestReceives(t *testing.T) {
	forEachEnd(t, func(t *testing.T, many bool, _, try []string) {
		port := freePort(t)
		p := start(t, "", append([]string{"sctp_test", "-H", "127.0.0.1", "-P", port, "-l", "-d", "2"}, try...)...)
		p.await(1, tryReady)
		e, id := dial(t, many, port)
		for i, size := range sizes {
			_, err := e.WriteMsg([]byte(strings.Repeat("0", size)), &sctp.SndInfo{Assoc: id, Stream: uint16(i), PPID: 60 + uint32(i)})
			require.NoError(t, err)
			got := p.await(i+1, tryData)[i]
			require.Equal(t, strconv.Itoa(size), got[1])
			if i > 0 { // it asks for the rest when the first message is there
				info := p.await(i, tryInfo)[i-1]
				require.Equal(t, strconv.Itoa(i), info[1])
				require.Equal(t, 60+uint32(i), ntohl(t, info[2]))
			}
		}
	})
}
