package interop_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Two of us are application servers with the point codes 1.1.1 and 1.1.2; osmo-stp, the
// signalling gateway, carries a message from one to the other.
func TestOsmoSTP(t *testing.T) {
	t.Parallel()
	needLarge(t, "osmo-stp", "osmo-stp")
	needLarge(t, "tshark", "tshark")
	w := sctptest.NewWire(t)
	port := freePort(t)
	own := []uint16{freePort(t), freePort(t)}
	startOsmoSTP(t, port, own)
	asps := []*asp{dialSTP(t, own[0], port, 1), dialSTP(t, own[1], port, 2)}
	t.Run("ASPUP, BEAT and ASPAC, of two", func(t *testing.T) {
		for _, a := range asps {
			a.ask(t, m3uaASPUp, m3uaASPUpAck)
			a.awaitStatus(t, m3uaASInactive)
			beat := m3uaParam{m3uaHeartbeatData, []byte("beat!")}
			require.Equal(t, beat.data, a.ask(t, m3uaHeartbeat, m3uaHeartbeatAck, beat)[m3uaHeartbeatData])
			a.ask(t, m3uaASPActive, m3uaASPActiveAck, a.context)
			a.awaitStatus(t, m3uaASActive)
		}
	})
	t.Run("DATA from one to the other", func(t *testing.T) {
		sent := protocolData(pointCode(1), pointCode(2), 5, []byte("hello"))
		asps[0].send(t, 3, m3uaData, asps[0].context, sent)
		require.Equal(t, string(sent.data), string(asps[1].receive(t, m3uaData)[m3uaProtocolData]))
	})
	t.Run("ASPIA and ASPDN, we end", func(t *testing.T) {
		for _, a := range asps {
			a.ask(t, m3uaASPInactive, m3uaASPInactiveAck, a.context)
			a.ask(t, m3uaASPDown, m3uaASPDownAck)
			require.NoError(t, a.c.Shutdown(context.Background()))
		}
	})
	packets := requireShutdown(t, w, port)
	t.Run("tshark sees PPID 3 and M3UA", func(t *testing.T) {
		found := tshark(t, packets, nil, "sctp.data_payload_proto_id", "m3ua.message_class", "mtp3.dpc")
		require.Equal(t, slices.Repeat([]string{"3"}, len(found[1])), found[0])
		require.Subset(t, found[1], []string{"0", "1", "3", "4"})
		require.NotEmpty(t, found[2])
	})
}

func pointCode(member uint32) uint32 { return 1<<11 | 1<<3 | member }

// startOsmoSTP starts an osmo-stp at a port, which knows the two by their own ports.
func startOsmoSTP(t *testing.T, port uint16, own []uint16) {
	t.Helper()
	conf := fmt.Sprintf(`cs7 instance 0
 asp asp1 %[2]d %[1]d m3ua
  remote-ip 127.0.0.1
 asp asp2 %[3]d %[1]d m3ua
  remote-ip 127.0.0.1
 as as1 m3ua
  asp asp1
  routing-key 1 1.1.1
 as as2 m3ua
  asp asp2
  routing-key 2 1.1.2
 route-table system
  update route 1.1.1 7.255.7 linkset as1
  update route 1.1.2 7.255.7 linkset as2
 listen m3ua %[1]d
  local-ip 127.0.0.1
`, port, own[0], own[1])
	file := filepath.Join(t.TempDir(), "osmo-stp.cfg")
	require.NoError(t, os.WriteFile(file, []byte(conf), 0o644))
	p := startProgram(t, exec.Command("osmo-stp", "-c", file))
	p.printed.await(t, `Available via telnet`) // it listens since it has read the file
}

// An asp is an application server process: one of our ends of an association with osmo-stp.
type asp struct {
	c       *sctp.Conn
	context m3uaParam // of its messages about traffic
}

func dialSTP(t *testing.T, own, port uint16, routingContext uint32) *asp {
	t.Helper()
	c, err := sctp.DialSCTP("sctp4", sctp.AddrFrom(own, loopback), sctp.AddrFrom(port, loopback))
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
	return &asp{c, m3uaUint32(m3uaRoutingContext, routingContext)}
}

func (a *asp) send(t *testing.T, stream uint16, typ m3uaType, params ...m3uaParam) {
	t.Helper()
	_, err := a.c.WriteMsg(encodeM3UA(typ, params...), &sctp.SndInfo{Stream: stream, PPID: m3uaPPID})
	require.NoError(t, err)
}

// receive reads a message, which must be of the type, and returns its parameters. What it is
// told before of the state of servers and of destinations does not matter.
func (a *asp) receive(t *testing.T, want m3uaType) map[uint16][]byte {
	t.Helper()
	for {
		m := read(t, a.c)
		require.Equal(t, uint32(m3uaPPID), m.Info.PPID)
		typ, params, err := parseM3UA(m.Data)
		require.NoError(t, err)
		if typ != want && (typ == m3uaNotify || typ.class == m3uaDestinations) {
			continue
		}
		require.Equal(t, want, typ, "%x", m.Data)
		return params
	}
}

// ask sends a message and returns the parameters of the answer.
func (a *asp) ask(t *testing.T, request, answer m3uaType, params ...m3uaParam) map[uint16][]byte {
	t.Helper()
	a.send(t, 0, request, params...)
	return a.receive(t, answer)
}

// awaitStatus waits until it is notified of a status.
func (a *asp) awaitStatus(t *testing.T, status uint32) {
	t.Helper()
	want := m3uaUint32(m3uaStatus, status).data
	for !bytes.Equal(a.receive(t, m3uaNotify)[m3uaStatus], want) {
	}
}
