package sctp_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Promise 10: no allocation for a message. Each run moves one message over a real
// association; what allocates in any goroutine counts.
func TestPromise10NoAllocations(t *testing.T) {
	for _, network := range []struct{ name, network, address string }{
		{"IPv4", "sctp4", "127.0.0.1:0"},
		{"IPv6", "sctp6", "[::1]:0"},
		{"Multihomed", "sctp", "[127.0.0.1/::1]:0"},
	} {
		client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, network.network, network.address)
		out, in := make([]byte, 200), make([]byte, 4096)
		info := &sctp.SndInfo{Stream: 3, PPID: 60}
		path := &sctp.SndInfo{PPID: 60, Unordered: true, AuthKey: 5, PR: sctp.PRInfo{Policy: sctp.PRRTX, Value: 3},
			Addr: client.RemoteAddr().(*sctp.Addr).AddrPort()}
		readMsg := func() (int, error) {
			m, err := server.ReadMsg(in)
			return len(m.Data), err
		}
		for _, tt := range []struct {
			name        string
			write, read func() (int, error)
		}{
			{"WriteRead", func() (int, error) { return client.Write(out) }, func() (int, error) { return server.Read(in) }},
			{"WriteMsg", func() (int, error) { return client.WriteMsg(out, info) }, readMsg},
			{"WriteMsgLiteral", func() (int, error) { return client.WriteMsg(out, &sctp.SndInfo{Stream: 1, PPID: 46}) }, readMsg},
			{"WriteMsgNil", func() (int, error) { return client.WriteMsg(out, nil) }, readMsg},
			{"WriteMsgPath", func() (int, error) { return client.WriteMsg(out, path) }, readMsg},
		} {
			t.Run(network.name+"/"+tt.name, func(t *testing.T) {
				require.Zero(t, testing.AllocsPerRun(200, func() {
					n, err := tt.write()
					if n != len(out) || err != nil {
						t.Error("write: ", n, err)
					}
					n, err = tt.read()
					if n != len(out) || err != nil {
						t.Error("read: ", n, err)
					}
				}))
			})
		}
	}
}

// Promise 10: nor for a batch, and a message in parts.
func TestPromise10NoAllocationsInBatches(t *testing.T) {
	client, server := sctptest.Pair(t)
	mc, ms, id, _ := multiPair(t)
	bufs, in := numbered(8, 200), buffers(8, 4096)
	infos := slices.Repeat([]sctp.SndInfo{{Stream: 3, PPID: 60, Assoc: id}}, 8)
	got := make([]sctp.Message, 8)
	read := func(r batchReader) func() (int, error) {
		return func() (n int, err error) {
			for n < 8 && err == nil {
				var more int
				more, err = r.ReadBatch(in[n:], got)
				n += more
			}
			return n, err
		}
	}
	one := func(write func() (int, error)) func() (int, error) {
		return func() (int, error) {
			n, err := write()
			return n / 200, err
		}
	}
	for _, tt := range []struct {
		name        string
		write, read func() (int, error)
	}{
		{"Conn", func() (int, error) { return client.WriteBatch(bufs, infos) }, read(server)},
		{"MultiConn", func() (int, error) { return mc.WriteBatch(bufs, infos) }, read(ms)},
		{"ConnParts", one(func() (int, error) { return client.WriteMsgParts(bufs, &infos[0]) }), one(func() (int, error) { return server.Read(in[0]) })},
		{"MultiConnParts", one(func() (int, error) { return mc.WriteMsgParts(bufs, &infos[0]) }), one(func() (int, error) { m, err := ms.ReadMsg(in[0]); return len(m.Data), err })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Zero(t, testing.AllocsPerRun(200, func() {
				if n, err := tt.write(); n != 8 || err != nil {
					t.Error("write: ", n, err)
				}
				if n, err := tt.read(); n != 8 || err != nil {
					t.Error("read: ", n, err)
				}
			}))
		})
	}
}

// Promise 10: nor does parking allocate, of a reader or of a writer.
func TestPromise10NoAllocationsParked(t *testing.T) {
	t.Run("Reader", func(t *testing.T) {
		client, server := sctptest.Pair(t)
		go func() {
			b := make([]byte, 4096)
			for {
				m, err := server.ReadMsg(b)
				if err != nil {
					return
				}
				server.WriteMsg(m.Data, &sctp.SndInfo{Stream: m.Info.Stream, PPID: m.Info.PPID})
			}
		}()
		b := make([]byte, 4096)
		require.Zero(t, testing.AllocsPerRun(200, func() {
			client.WriteMsg(b[:200], &sctp.SndInfo{PPID: 60})
			client.ReadMsg(b)
		}))
	})
	t.Run("Writer", func(t *testing.T) {
		client, server := sctptest.Pair(t)
		go func() {
			b := make([]byte, 64<<10)
			for {
				if _, err := server.Read(b); err != nil {
					return
				}
			}
		}()
		b := make([]byte, 60000) // of which the send buffer takes a few
		require.Zero(t, testing.AllocsPerRun(50, func() {
			if _, err := client.Write(b); err != nil {
				t.Error(err)
			}
		}))
	})
}
