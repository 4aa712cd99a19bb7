package interop_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

const diameterAddr = "192.0.2.1"

// FreeDiameter wants an address that is not of the loopback interface.
func TestFreeDiameter(t *testing.T) {
	needLarge(t, "freeDiameterd", "freediameterd freediameter-extensions")
	needLarge(t, "tshark", "tshark")
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	w := sctptest.NewWire(t)
	var packets [][]byte
	var ppids, decode []string // what tshark must find, and how
	t.Run("we dial, our CER, DWR and DPR", func(t *testing.T) {
		port := freePort(t)
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "acl.conf"), []byte("ALLOW_IPSEC us.example\n"), 0o644))
		p := startFreeDiameter(t, dir, port, `LoadExtension = "acl_wl.fdx" : "acl.conf";`)
		p.printed.await(t, `daemon initialized`)
		d := newDiameterEnd(t, dialProgram(t, sctp.Dialer{}, sctp.AddrFrom(port, sctptest.IPs(diameterAddr)...)))
		w.Packets(port) // forget those before it listened
		cea := d.ask(capabilitiesExchange, capabilities()...)
		require.Equal(t, sctptest.ServerName, string(cea.avp(originHost)))
		d.answer(deviceWatchdog) // over SCTP it asks at once whether we have its CEA
		d.ask(deviceWatchdog)
		const rebooting = 0
		d.ask(disconnectPeer, avpUint32(disconnectCause, rebooting))
		require.NoError(t, d.c.Shutdown(context.Background()))
		packets = append(packets, requireShutdown(t, w, port)...)
		ppids = append(ppids, d.ppids...)
		decode = append(decode, "-d", fmt.Sprintf("sctp.port==%d,diameter", port))
	})
	t.Run("it dials, its CER, DWR and DPR", func(t *testing.T) {
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", diameterAddr+":0")
		port := l.Addr().(*sctp.Addr).Port
		p := startFreeDiameter(t, t.TempDir(), freePort(t), fmt.Sprintf(
			`TwTimer = 6; ConnectPeer = "us.example" { ConnectTo = %q; Port = %d; No_TLS; };`, diameterAddr, port))
		d := newDiameterEnd(t, sctptest.Accept(t, l))
		cer := d.answer(capabilitiesExchange, capabilities()...)
		require.Equal(t, sctptest.ServerName, string(cer.avp(originHost)))
		d.answer(deviceWatchdog)
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		d.answer(disconnectPeer)
		_, err := d.c.ReadMsg(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.NoError(t, p.wait(t))
		packets = append(packets, requireShutdown(t, w, port)...)
		ppids = append(ppids, d.ppids...)
		decode = append(decode, "-d", fmt.Sprintf("sctp.port==%d,diameter", port))
	})
	t.Run("tshark sees Diameter, and the same PPIDs", func(t *testing.T) {
		found := tshark(t, packets, decode, "diameter.cmd.code", "sctp.data_payload_proto_id")
		want := []string{"257", "257", "280", "280", "280", "280", "282", "282"} // we dial
		want = append(want, "257", "257", "280", "280", "282", "282")            // it dials
		require.Equal(t, want, found[0])
		require.Equal(t, ppids, found[1])
	})
}

// startFreeDiameter starts a freeDiameter that listens on diameterAddr. It wants a certificate
// for its name even if it needs none.
func startFreeDiameter(t *testing.T, dir string, port uint16, more string) *program {
	t.Helper()
	certFile, keyFile := pemFiles(t)
	conf := fmt.Sprintf(`
Identity = %q;
Realm = "example";
Port = %d;
SecPort = 0;
No_TCP;
No_IPv6;
ListenOn = %q;
TLS_Cred = %q, %q;
TLS_CA = %[4]q;
%[6]s
`, sctptest.ServerName, port, diameterAddr, certFile, keyFile, more)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "fd.conf"), []byte(conf), 0o644))
	cmd := exec.Command("freeDiameterd", "-c", "fd.conf")
	cmd.Dir = dir
	return startProgram(t, cmd)
}

// capabilities are the AVPs of a CER or CEA besides those that all messages have.
func capabilities() []avp {
	const ipv4 = 1
	return []avp{
		{hostIPAddress, append([]byte{0, ipv4}, sctptest.IPs(diameterAddr)[0].AsSlice()...)},
		avpUint32(vendorID, 0),
		{productName, []byte("Go")},
		avpUint32(authApplicationID, relay),
		avpUint32(inbandSecurityID, noSecurity),
	}
}

// A diameterEnd is our end of an association with freeDiameter.
type diameterEnd struct {
	t     *testing.T
	c     *sctp.Conn
	ids   uint32
	ppids []string // of all messages, both ways
}

func newDiameterEnd(t *testing.T, c *sctp.Conn) *diameterEnd {
	t.Cleanup(func() { c.Abort() })
	require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
	return &diameterEnd{t: t, c: c}
}

// send sends a message with who we are.
func (d *diameterEnd) send(m *diameterMessage) {
	d.t.Helper()
	m.avps = append([]avp{{originHost, []byte("us.example")}, {originRealm, []byte("example")}}, m.avps...)
	if m.flags&diameterRequest == 0 {
		m.avps = append([]avp{avpUint32(resultCode, diameterSuccess)}, m.avps...)
	}
	_, err := d.c.WriteMsg(m.encode(), &sctp.SndInfo{PPID: diameterPPID})
	require.NoError(d.t, err)
	d.ppids = append(d.ppids, strconv.Itoa(diameterPPID))
}

// receive reads a message, which must be of the command. That its PPID should be 46, as ours,
// version 1.2.1 does not know: it sends 0.
func (d *diameterEnd) receive(command uint32) *diameterMessage {
	d.t.Helper()
	got := read(d.t, d.c)
	require.Contains(d.t, []uint32{0, diameterPPID}, got.Info.PPID)
	d.ppids = append(d.ppids, strconv.Itoa(int(got.Info.PPID)))
	m, err := parseDiameter(got.Data)
	require.NoError(d.t, err)
	require.Equal(d.t, command, m.command)
	return m
}

// ask sends a request and returns the answer, which must be one of success.
func (d *diameterEnd) ask(command uint32, avps ...avp) *diameterMessage {
	d.t.Helper()
	d.ids++
	d.send(&diameterMessage{flags: diameterRequest, command: command, hopByHop: d.ids, end: d.ids, avps: avps})
	m := d.receive(command)
	require.Zero(d.t, m.flags&diameterRequest)
	require.Equal(d.t, []uint32{d.ids, d.ids}, []uint32{m.hopByHop, m.end})
	require.Equal(d.t, avpUint32(resultCode, diameterSuccess).data, m.avp(resultCode))
	return m
}

// answer reads a request, answers that all is well, and returns the request.
func (d *diameterEnd) answer(command uint32, avps ...avp) *diameterMessage {
	d.t.Helper()
	m := d.receive(command)
	require.NotZero(d.t, m.flags&diameterRequest)
	d.send(&diameterMessage{command: command, hopByHop: m.hopByHop, end: m.end, avps: avps})
	return m
}
