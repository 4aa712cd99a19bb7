package sctp_test

import (
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
