package interop_test

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// sippCalls is how many calls sipp makes, each over an association of its own.
const sippCalls = 60

func TestSIPp(t *testing.T) {
	t.Parallel()
	need(t, "sipp", "sip-tester")
	t.Run("60 calls over 60 associations, -gracefulclose true", func(t *testing.T) {
		require.Empty(t, sippCallsUs(t, "true")[abortChunk])
	})
	// It begins with SHUTDOWN nevertheless; whoever has not answered it yet gets the ABORT.
	t.Run("60 calls over 60 associations, -gracefulclose false", func(t *testing.T) {
		t.Logf("%d were aborted", len(sippCallsUs(t, "false")[abortChunk]))
	})
	t.Run("it answers our call", func(t *testing.T) {
		port := freePort(t)
		p := startProgram(t, sipp(t, "-sn", "uas", "-t", "s1", "-m", "1", "-p", strconv.Itoa(int(port))))
		c := dialProgram(t, sctp.Dialer{}, sctp.AddrFrom(port, loopback))
		own := c.LocalAddr().(*sctp.Addr).Port
		uri := fmt.Sprintf("sip:service@127.0.0.1:%d;transport=sctp", port)
		send := func(method, to string, seq int) {
			_, err := c.WriteMsg(sipRequest(method, uri, to, seq, own), nil)
			require.NoError(t, err)
		}
		send("INVITE", "", 1)
		readSIP(t, c, "180 Ringing")
		ok, _ := readSIP(t, c, "200 OK")
		require.Equal(t, "1 INVITE", ok.field("CSeq"))
		send("ACK", ok.field("To"), 1)
		send("BYE", ok.field("To"), 2)
		bye, _ := readSIP(t, c, "200 OK")
		require.Equal(t, "2 BYE", bye.field("CSeq"))
		require.NoError(t, p.wait(t))
	})
}

// sipp returns the command of a sipp without a screen.
func sipp(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sipp", append(args, "-nostdin", "-i", "127.0.0.1",
		"-timeout", strconv.Itoa(int(sctptest.Wait/time.Second)), "-timeout_error")...)
	cmd.Dir = t.TempDir() // for its logs
	cmd.Env = append(cmd.Environ(), "TERM=dumb")
	return cmd
}

// A sippAssoc is an association of sipp's. A port is soon another one's, by chance.
type sippAssoc struct {
	port uint16
	nth  int // of the port
}

// sippCallsUs has sipp call us, and returns the associations over which each type of chunk
// was sent. All must begin to end with a SHUTDOWN of its.
func sippCallsUs(t *testing.T, graceful string) map[byte]map[sippAssoc]bool {
	t.Helper()
	w := sctptest.NewWire(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	port := l.Addr().(*sctp.Addr).Port
	p := startProgram(t, sipp(t, "-sn", "uac", "-t", "sn", "-max_socket", "100", "-m", strconv.Itoa(sippCalls), "-r", strconv.Itoa(sippCalls),
		"-gracefulclose", graceful, address(port)))
	ends := make(chan error, sippCalls)
	for range sippCalls {
		c := sctptest.Accept(t, l)
		go func() { ends <- answerCalls(c, port) }()
	}
	aborted := 0
	for range sippCalls {
		if err := sctptest.Receive(t, ends); err != nil {
			require.ErrorIs(t, err, syscall.ECONNRESET)
			aborted++
		}
	}
	require.NoError(t, p.wait(t))
	require.NoError(t, l.Close())
	sctptest.NoAssocs(t, port)
	seen := make(map[byte]map[sippAssoc]bool)
	nth := make(map[uint16]int)
	for _, c := range chunks(w.Packets(port)) {
		peer := c.from
		if peer == port {
			if c.typ == shutdownChunk {
				continue // of ours
			}
			peer = c.to
		}
		if c.typ == initChunk {
			nth[peer]++
		}
		if seen[c.typ] == nil {
			seen[c.typ] = make(map[sippAssoc]bool)
		}
		seen[c.typ][sippAssoc{peer, nth[peer]}] = true
	}
	require.Len(t, seen[initChunk], sippCalls)
	require.Len(t, seen[shutdownChunk], sippCalls)
	require.LessOrEqual(t, aborted, len(seen[abortChunk]))
	return seen
}

// answerCalls answers the requests that come until the association ends, and returns nil if it
// ended in good order.
func answerCalls(c *sctp.Conn, port uint16) error {
	defer c.Close()
	for m, err := range c.Messages(64 << 10) {
		if err != nil {
			return err
		}
		request, err := parseSIP(m.Data)
		if err != nil {
			return err
		}
		replies := map[string][]string{"INVITE": {"180 Ringing", "200 OK"}, "BYE": {"200 OK"}}[request.method()]
		for _, status := range replies {
			if _, err := c.WriteMsg(request.reply(status, port), m.Info.Reply()); err != nil {
				return err
			}
		}
	}
	return nil
}
