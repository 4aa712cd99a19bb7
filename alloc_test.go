package sctp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Promise 10: no allocation for a message. Each call moves one message over a real
// association, so that what allocates on either side counts.
func TestPromise10NoAllocations(t *testing.T) {
	client, server := sctptest.Pair(t)
	out, in := make([]byte, 200), make([]byte, 4096)
	info := &sctp.SndInfo{Stream: 3, PPID: 60}
	path := &sctp.SndInfo{PPID: 60, Unordered: true, PR: sctp.PRInfo{Policy: sctp.PRRTX, Value: 3},
		Addr: client.RemoteAddr().(*sctp.Addr).AddrPort()}
	for _, tt := range []struct {
		name  string
		write func() (int, error)
		read  func() (int, error)
	}{
		{"WriteRead",
			func() (int, error) { return client.Write(out) },
			func() (int, error) { return server.Read(in) }},
		{"WriteMsgReadMsg",
			func() (int, error) { return client.WriteMsg(out, info) },
			func() (int, error) { m, err := server.ReadMsg(in); return len(m.Data), err }},
		{"WriteMsgLiteral",
			func() (int, error) { return client.WriteMsg(out, &sctp.SndInfo{Stream: 1, PPID: 46}) },
			func() (int, error) { m, err := server.ReadMsg(in); return len(m.Data), err }},
		{"WriteMsgNilInfo",
			func() (int, error) { return client.WriteMsg(out, nil) },
			func() (int, error) { m, err := server.ReadMsg(in); return len(m.Data), err }},
		{"WriteMsgPath",
			func() (int, error) { return client.WriteMsg(out, path) },
			func() (int, error) { m, err := server.ReadMsg(in); return len(m.Data), err }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if false {
				t.Skip("the race detector allocates; run without -race")
			}
			allocs := testing.AllocsPerRun(200, func() {
				n, err := tt.write()
				if n != len(out) || err != nil {
					t.Fatal("write: ", n, err)
				}
				n, err = tt.read()
				if n != len(out) || err != nil {
					t.Fatal("read: ", n, err)
				}
			})
			require.Zero(t, allocs)
		})
	}
}
