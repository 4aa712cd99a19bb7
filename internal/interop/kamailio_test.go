package interop_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// kamailio has one-to-many sockets for all of its peers.
func TestKamailio(t *testing.T) {
	t.Parallel()
	needLarge(t, "kamailio", "kamailio kamailio-sctp-modules")
	w := sctptest.NewWire(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	port, own := freePort(t), l.Addr().(*sctp.Addr).Port
	k := startKamailio(t, port, own)
	c := dialProgram(t, sctp.Dialer{}, sctp.AddrFrom(port, loopback))
	w.Packets(port) // forget those before it listened
	t.Run("OPTIONS from a Conn", func(t *testing.T) {
		self := c.LocalAddr().(*sctp.Addr).Port
		for i := range 3 {
			_, err := c.WriteMsg(sipRequest("OPTIONS", fmt.Sprintf("sip:us@127.0.0.1:%d", port), "", i+1, self), nil)
			require.NoError(t, err)
			m, _ := readSIP(t, c, "200 OK")
			require.Equal(t, fmt.Sprintf("%d OPTIONS", i+1), m.field("CSeq"))
		}
	})
	t.Run("OPTIONS from a MultiConn", func(t *testing.T) {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		require.NoError(t, m.SetDeadline(time.Now().Add(sctptest.Wait)))
		id, err := m.Connect(context.Background(), sctp.AddrFrom(port, loopback))
		require.NoError(t, err)
		self := m.LocalAddr().(*sctp.Addr).Port
		_, err = m.WriteMsg(sipRequest("OPTIONS", fmt.Sprintf("sip:us@127.0.0.1:%d", port), "", 1, self), &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
		_, got := readSIP(t, m, "200 OK")
		require.Equal(t, id, got.Info.Assoc)
	})
	t.Run("OPTIONS forwarded to a Listener", func(t *testing.T) {
		self := c.LocalAddr().(*sctp.Addr).Port
		_, err := c.WriteMsg(sipRequest("OPTIONS", fmt.Sprintf("sip:forward@127.0.0.1:%d", port), "", 4, self), nil)
		require.NoError(t, err)
		s := sctptest.Accept(t, l) // kamailio has set it up
		require.NoError(t, s.SetDeadline(time.Now().Add(sctptest.Wait)))
		got := read(t, s)
		request, err := parseSIP(got.Data)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(request.start, "OPTIONS sip:forward@"), request.start)
		_, err = s.WriteMsg(request.reply("200 OK", own), got.Info.Reply())
		require.NoError(t, err)
		m, _ := readSIP(t, c, "200 OK")
		require.Equal(t, "4 OPTIONS", m.field("CSeq"))
		require.Contains(t, m.field("To"), ";tag=go", "of our reply")
		require.NoError(t, s.Shutdown(context.Background()))
	})
	t.Run("it ends all", func(t *testing.T) {
		require.NoError(t, k.cmd.Process.Signal(syscall.SIGTERM))
		_, err := c.ReadMsg(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.NoError(t, k.wait(t))
		requireShutdown(t, w, port)
	})
}

// startKamailio starts a kamailio that answers at port, and forwards what is for the user
// forward to another port.
func startKamailio(t *testing.T, port, forward uint16) *program {
	t.Helper()
	dir := t.TempDir()
	conf := fmt.Sprintf(`#!KAMAILIO
debug=1
log_stderror=yes
children=1
disable_tcp=yes
enable_sctp=yes
sctp_children=1
listen=sctp:127.0.0.1:%d
loadmodule "sctp.so"
loadmodule "sl.so"
request_route {
	if (uri =~ "^sip:forward@") {
		forward_sctp("127.0.0.1", %d);
		exit;
	}
	sl_send_reply("200", "OK");
}
`, port, forward)
	file := filepath.Join(dir, "kamailio.cfg")
	require.NoError(t, os.WriteFile(file, []byte(conf), 0o644))
	return startProgram(t, exec.Command("kamailio", "-DD", "-E", "-f", file, "-P", filepath.Join(dir, "pid"), "-Y", dir, "-w", dir))
}
