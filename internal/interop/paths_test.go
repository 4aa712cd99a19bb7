package interop_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// onWire returns the stream and the PPID, read in network order, of the message text on
// its way from one port to another.
func onWire(w *sctptest.Wire, from, to uint16, text string) (stream uint16, ppid uint32) {
	p := w.Packet(from, to, func(p []byte) bool { return bytes.Contains(p, []byte(text)) })
	i := bytes.Index(p, []byte(text)) // after the chunk's stream, SSN and PPID
	return binary.BigEndian.Uint16(p[i-8:]), binary.BigEndian.Uint32(p[i-4:])
}

// The chunks of a set-up (RFC 9260 section 3.3.2).
const (
	initChunk    = 1
	initAckChunk = 2
)

// listedOnWire returns the IPv4 addresses that an INIT or INIT ACK from one port to another
// lists.
func listedOnWire(w *sctptest.Wire, from, to uint16, chunk byte) (ips []netip.Addr) {
	const common, fixed, ipv4 = 12, 20, 5
	p := w.Packet(from, to, func(p []byte) bool { return len(p) >= common+fixed && p[common] == chunk })
	for p = p[common+fixed:]; len(p) >= 4; {
		n := int(binary.BigEndian.Uint16(p[2:]))
		if n < 4 || n > len(p) {
			break
		}
		if binary.BigEndian.Uint16(p) == ipv4 && n == 8 {
			ips = append(ips, netip.AddrFrom4([4]byte(p[4:8])))
		}
		p = p[min((n+3)&^3, len(p)):]
	}
	return ips
}

// An association is a Conn, or the only one of a MultiConn.
type association interface {
	reader
	WriteMsg(b []byte, info *sctp.SndInfo) (int, error)
	LocalAddr() net.Addr
}

// pathEvents tell of associations and their paths.
var pathEvents = []sctp.EventType{sctp.EventAssocChange, sctp.EventPeerAddrChange}

const twoAddresses = "127.0.0.1/127.0.0.2:0"

// setUpByErlang has the session's S connect to a socket, and setUpByGo has it learn that
// somebody has connected to it. The variable A is the association.
func setUpByErlang(e *session, to net.Addr) {
	e.t.Helper()
	e.eval(`{ok, #sctp_assoc_change{assoc_id=A}} = gen_sctp:connect(S, {127,0,0,2}, %d, [])`, to.(*sctp.Addr).Port)
}

func setUpByGo(e *session) {
	e.t.Helper()
	e.eval(`{_, #sctp_assoc_change{state=comm_up, assoc_id=A}} = Recv(S)`)
}

// multihomedKinds set up an association with the session's S at raddr, or have the session
// do it if that is nil.
var multihomedKinds = []struct {
	name  string
	setUp func(t *testing.T, e *session, raddr *sctp.Addr) (association, sctp.Options)
}{
	{"MultiConn", func(t *testing.T, e *session, raddr *sctp.Addr) (association, sctp.Options) {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{Events: pathEvents}, "sctp4", twoAddresses)
		if raddr == nil {
			setUpByErlang(e, m.LocalAddr())
		} else {
			_, err := m.Connect(context.Background(), raddr)
			require.NoError(t, err)
			setUpByGo(e)
		}
		return m, m.Options().Assoc(readAssocChange(t, m, sctp.AssocCommUp).Assoc)
	}},
	{"Conn", func(t *testing.T, e *session, raddr *sctp.Addr) (association, sctp.Options) {
		var c *sctp.Conn
		if raddr == nil {
			l := sctptest.Listen(t, sctp.ListenConfig{Events: pathEvents}, "sctp4", twoAddresses)
			setUpByErlang(e, l.Addr())
			c = sctptest.Accept(t, l)
		} else {
			laddr, err := sctp.ParseAddr(twoAddresses)
			require.NoError(t, err)
			d := sctp.Dialer{Events: pathEvents}
			c, err = d.DialSCTP(context.Background(), "sctp4", laddr, raddr)
			require.NoError(t, err)
			t.Cleanup(func() { c.Abort() })
			setUpByGo(e)
		}
		readAssocChange(t, c, sctp.AssocCommUp)
		return c, c.Options()
	}},
}

// Both ends tell each other all of their addresses, and confirm those that the set-up did
// not use; and messages are the same on the wire and at both ends.
func TestMultihomedWithGenSCTP(t *testing.T) {
	t.Parallel()
	both := sctptest.IPs("127.0.0.1", "127.0.0.2")
	for _, kind := range multihomedKinds {
		for _, by := range []string{"Go", "Erlang"} {
			t.Run(kind.name+"/SetUpBy"+by, func(t *testing.T) {
				t.Parallel()
				e := newSession(t)
				port := e.open(`{ip, {127,0,0,1}}, {ip, {127,0,0,2}}`)
				w := sctptest.NewWire(t)
				var raddr *sctp.Addr
				if by == "Go" {
					raddr = sctp.AddrFrom(port, sctptest.IPs("127.0.0.2")...)
				}
				c, o := kind.setUp(t, e, raddr)
				local := c.LocalAddr().(*sctp.Addr).Port
				from, to := local, port
				if by == "Erlang" {
					from, to = port, local
				}
				require.ElementsMatch(t, both, listedOnWire(w, from, to, initChunk))
				require.ElementsMatch(t, both, listedOnWire(w, to, from, initAckChunk))

				names := func(port uint16) string {
					return fmt.Sprintf("[{{127,0,0,1},%d},{{127,0,0,2},%[1]d}]", port)
				}
				require.Equal(t, names(port), e.eval(`lists:sort(element(2, inet:socknames(S, A)))`))
				require.Equal(t, names(local), e.eval(`lists:sort(element(2, inet:peernames(S, A)))`))
				addr, err := o.PeerAddrs()
				require.NoError(t, err)
				require.ElementsMatch(t, both, addr.IPs)
				require.Equal(t, port, addr.Port)
				addr, err = o.LocalAddrs()
				require.NoError(t, err)
				require.ElementsMatch(t, both, addr.IPs)
				require.Equal(t, local, addr.Port)
				st, err := o.Status()
				require.NoError(t, err)

				m := read(t, c)
				require.NotNil(t, m.Event)
				require.Equal(t, sctp.EventPeerAddrChange, m.Event.Type())
				e.recv(`#sctp_paddr_change{`, `state = addr_confirmed`)

				_, err = c.WriteMsg([]byte("hello"), &sctp.SndInfo{Assoc: st.Assoc, Stream: 3, PPID: 0x0a0b0c0d})
				require.NoError(t, err)
				stream, ppid := onWire(w, local, port, "hello")
				require.Equal(t, uint16(3), stream)
				require.Equal(t, uint32(0x0a0b0c0d), ppid)
				e.recv(`stream = 3`, fmt.Sprintf(`ppid = %d,`, 0x0a0b0c0d), `<<"hello">>`)
				e.eval(`ok = gen_sctp:send(S, #sctp_sndrcvinfo{assoc_id=A, stream=6, ppid=16#01020304, flags=[]}, <<"back">>)`)
				stream, ppid = onWire(w, port, local, "back")
				require.Equal(t, uint16(6), stream)
				require.Equal(t, uint32(0x01020304), ppid)
				m = read(t, c)
				require.Equal(t, "back", string(m.Data))
				require.Equal(t, sctp.RcvInfo{Stream: 6, PPID: 0x01020304, TSN: m.Info.TSN, Assoc: st.Assoc}, m.Info)
			})
		}
	}
}
