package interop_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

const (
	tsctpPath = "/usr/lib/usrsctp/tsctp"
	encaps    = 9899 // port of UDP, RFC 6951
	tsctpPort = 5001
	tsctpSize = 200000
)

// Usrsctp is another stack, whose SCTP is over UDP (RFC 6951).
func TestTsctp(t *testing.T) {
	t.Parallel()
	needLarge(t, tsctpPath, "libusrsctp-examples")
	needLarge(t, "ip", "iproute2")
	if sctptest.OlderLinux(t, "5.11") {
		t.Skip("Linux has SCTP over UDP since 5.11: run the test on that or a later one")
	}
	n := newTsctpNet(t)
	t.Run("200000 bytes a message, ordered, from us", func(t *testing.T) {
		n.toServer(t, 10, func(i int) *sctp.SndInfo { return &sctp.SndInfo{Stream: uint16(i % 10), PPID: 60} })
	})
	t.Run("200000 bytes a message, unordered, from us", func(t *testing.T) {
		n.toServer(t, 10, func(i int) *sctp.SndInfo { return &sctp.SndInfo{Unordered: true} })
	})
	t.Run("200000 bytes a message, ordered, to us", func(t *testing.T) {
		require.Equal(t, 10, n.fromClient(t, 10))
	})
	t.Run("200000 bytes a message, unordered, to us", func(t *testing.T) {
		require.Equal(t, 10, n.fromClient(t, 10, "-u"))
	})
	t.Run("partial reliability, from us", n.givesUp)
	// It gives messages up amid them: what we get must be whole.
	t.Run("partial reliability, to us", func(t *testing.T) {
		got := n.fromClient(t, 50, "-P", "1", "-t", "1")
		t.Logf("%d of 50 messages came", got)
	})
}

// A tsctpNet is a network of two namespaces: ours, whose kernel has SCTP over UDP, and one
// for tsctp.
type tsctpNet struct {
	own, its         *systest.Netns
	ownAddr, itsAddr netip.Addr
}

const tsctpLink = "v0"

func newTsctpNet(t *testing.T) *tsctpNet {
	t.Helper()
	n := &tsctpNet{ownAddr: netip.MustParseAddr("10.9.0.1"), itsAddr: netip.MustParseAddr("10.9.0.2")}
	for _, ns := range []**systest.Netns{&n.own, &n.its} {
		var err error
		*ns, err = systest.NewNetns()
		require.NoError(t, err)
		t.Cleanup((*ns).Close)
	}
	require.NoError(t, n.own.AddVeth(n.its, tsctpLink, netip.PrefixFrom(n.ownAddr, 24), netip.PrefixFrom(n.itsAddr, 24)))
	require.NoError(t, n.own.Unbundle(tsctpLink)) // the link would take packets apart, but not those in UDP
	require.NoError(t, n.own.Sysctl("net/sctp/udp_port", strconv.Itoa(encaps)))
	require.NoError(t, n.own.Sysctl("net/sctp/encap_port", strconv.Itoa(encaps)))
	return n
}

// start starts a tsctp in its namespace.
func (n *tsctpNet) start(t *testing.T, args ...string) *program {
	t.Helper()
	ns := strings.Replace(n.its.Path(), "self", strconv.Itoa(os.Getpid()), 1)
	return startProgram(t, exec.Command("nsenter", append([]string{"--net=" + ns,
		tsctpPath, "-E", strconv.Itoa(encaps), "-U", strconv.Itoa(encaps), "-L", n.itsAddr.String()}, args...)...))
}

// serve starts a server and dials it.
func (n *tsctpNet) serve(t *testing.T) (*program, *sctp.Conn) {
	t.Helper()
	p := n.start(t)
	d := sctp.Dialer{Netns: n.own.Path(), Timeout: sctptest.Wait}
	return p, dialProgram(t, d, sctp.AddrFrom(tsctpPort, n.itsAddr))
}

// toServer sends messages to a server, which must say that it has got them.
func (n *tsctpNet) toServer(t *testing.T, messages int, info func(i int) *sctp.SndInfo) {
	t.Helper()
	p, c := n.serve(t)
	b := make([]byte, tsctpSize)
	for i := range messages {
		_, err := c.WriteMsg(b, info(i))
		require.NoError(t, err)
	}
	require.NoError(t, c.Shutdown(context.Background()))
	p.printed.await(t, fmt.Sprintf(`\b%d, %d, \d+, %d, `, tsctpSize, messages, messages*tsctpSize))
}

// fromClient has a client send messages, and returns how many came. All must be whole.
func (n *tsctpNet) fromClient(t *testing.T, messages int, args ...string) int {
	t.Helper()
	lc := sctp.ListenConfig{Netns: n.own.Path()}
	l, err := lc.ListenSCTP(context.Background(), "sctp4", sctp.AddrFrom(0, n.ownAddr))
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	port := strconv.Itoa(int(l.Addr().(*sctp.Addr).Port))
	p := n.start(t, append(args, "-p", port, "-n", strconv.Itoa(messages), "-l", strconv.Itoa(tsctpSize), n.ownAddr.String())...)
	c := sctptest.Accept(t, l)
	require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
	got := 0
	for m, err := range c.Messages(tsctpSize) {
		require.NoError(t, err)
		require.Len(t, m.Data, tsctpSize)
		got++
	}
	require.NoError(t, c.Close())
	require.LessOrEqual(t, got, messages)
	require.NoError(t, p.wait(t))
	return got
}

// givesUp gives a message up that was lost: the server must get what is before and after it.
func (n *tsctpNet) givesUp(t *testing.T) {
	p, c := n.serve(t)
	write := func(text string, pr sctp.PRInfo) {
		_, err := c.WriteMsg([]byte(text), &sctp.SndInfo{PR: pr})
		require.NoError(t, err)
	}
	write("first", sctp.PRInfo{})
	require.NoError(t, c.Subscribe(sctp.EventSenderDry))
	require.IsType(t, &sctp.SenderDry{}, read(t, c).Event)
	n.neighbour(t, "replace", "lladdr", "02:00:00:00:00:01", "nud", "permanent") // that is nobody
	write("lost", sctp.PRInfo{Policy: sctp.PRRTX})
	sctptest.Eventually(t, func() bool {
		st, err := c.Options().PRAssocStatus(sctp.PRRTX)
		require.NoError(t, err)
		return st.AbandonedSent == 1
	}, "a message given up")
	n.neighbour(t, "del")
	write("last words", sctp.PRInfo{})
	require.NoError(t, c.Shutdown(context.Background()))
	p.printed.await(t, `\b5, 2, 2, 15, `)
}

// neighbour changes what our kernel knows of the server's link address.
func (n *tsctpNet) neighbour(t *testing.T, change string, args ...string) {
	t.Helper()
	cmd := exec.Command("ip", append([]string{"neigh", change, n.itsAddr.String(), "dev", tsctpLink}, args...)...)
	require.NoError(t, n.own.Do(cmd.Run))
}
