package promises_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// No allocation for a message, in either direction. Each run moves one message over a real
// association; what allocates in any goroutine counts.
func TestPromise10NoAllocations(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		self, peer := pair(t, kind)
		out, in := make([]byte, 200), make([]byte, 4096)
		info := &sctp.SndInfo{Stream: 3, PPID: 60}
		for _, tt := range []struct {
			name  string
			write func(e sctptest.End) (int, error)
		}{
			{"WriteMsg", func(e sctptest.End) (int, error) { return e.WriteMsg(out, info) }},
			{"WriteMsgLiteral", func(e sctptest.End) (int, error) {
				// Through an interface the literal itself would be allocated.
				if m, ok := e.(*sctptest.Member); ok {
					return m.MultiConn.WriteMsg(out, &sctp.SndInfo{Assoc: m.ID, PPID: 46})
				}
				return e.(*sctp.Conn).WriteMsg(out, &sctp.SndInfo{Stream: 1, PPID: 46})
			}},
			{"WriteMsgAddr", func(e sctptest.End) (int, error) {
				if m, ok := e.(*sctptest.Member); ok {
					return m.MultiConn.WriteMsg(out, &sctp.SndInfo{Assoc: m.ID, Addr: m.Peer.AddrPort()})
				}
				c := e.(*sctp.Conn)
				if kind == "PeeledOff" && e == self { // which takes no address
					return c.WriteMsg(out, &sctp.SndInfo{})
				}
				return c.WriteMsg(out, &sctp.SndInfo{Addr: c.RemoteAddr().(*sctp.Addr).AddrPort()})
			}},
			{"WriteMsgNil", func(e sctptest.End) (int, error) { return e.WriteMsg(out, nil) }},
		} {
			for _, way := range []struct {
				name     string
				from, to sctptest.End
			}{{"Out", self, peer}, {"In", peer, self}} {
				t.Run(tt.name+way.name, func(t *testing.T) {
					require.Zero(t, testing.AllocsPerRun(200, func() {
						if n, err := tt.write(way.from); n != len(out) || err != nil {
							t.Error("write: ", n, err)
						}
						if m, err := way.to.ReadMsg(in); len(m.Data) != len(out) || err != nil {
							t.Error("read: ", len(m.Data), err)
						}
					}))
				})
			}
		}
		t.Run("LocalAddr", func(t *testing.T) {
			require.Zero(t, testing.AllocsPerRun(200, func() {
				if self.LocalAddr() == nil {
					t.Error("nil")
				}
			}))
		})
		t.Run("Parked", func(t *testing.T) {
			read := make(chan error)
			go func() {
				defer close(read)
				for b := make([]byte, 4096); ; {
					_, err := self.ReadMsg(b)
					read <- err
					if err != nil {
						return
					}
				}
			}()
			require.Zero(t, testing.AllocsPerRun(200, func() {
				if _, err := peer.WriteMsg(out, info); err != nil {
					t.Error("write: ", err)
				}
				if err := <-read; err != nil {
					t.Error("read: ", err)
				}
			}))
			require.NoError(t, self.Close())
			require.ErrorIs(t, sctptest.Receive(t, read), net.ErrClosed)
		})
	})
}

// A datagram to an address costs nothing. What ReadFrom allocates is the address that it
// returns, which is the caller's: two allocations, as with UDP.
func TestPromise10PacketConnAllocatesAddressesOnly(t *testing.T) {
	client, server := pair(t, sctptest.OneToMany)
	m := client.(*sctptest.Member)
	out, in := make([]byte, 200), make([]byte, 4096)
	peer := m.Peer.AddrPort()
	for name, write := range map[string]func() (int, error){
		"WriteTo":  func() (int, error) { return m.WriteTo(out, m.Peer) },
		"WriteMsg": func() (int, error) { return m.MultiConn.WriteMsg(out, &sctp.SndInfo{Addr: peer}) },
	} {
		require.Zero(t, testing.AllocsPerRun(200, func() {
			if _, err := write(); err != nil {
				t.Error("write: ", err)
			}
			if msg, err := server.ReadMsg(in); err != nil || len(msg.Data) != len(out) {
				t.Error("read: ", err)
			}
		}), name)
	}
	require.Equal(t, 2.0, testing.AllocsPerRun(200, func() {
		if _, err := server.WriteMsg(out, nil); err != nil {
			t.Error("write: ", err)
		}
		if _, _, err := m.ReadFrom(in); err != nil {
			t.Error("read: ", err)
		}
	}), "ReadFrom")
}
