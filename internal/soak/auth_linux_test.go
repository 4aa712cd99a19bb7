package soak_test

import (
	"context"
	"encoding/binary"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// forgeries are the ways in which somebody who has seen an association's ports, tag and TSN,
// but has no key, sends a message in its name.
var forgeries = []struct {
	name      string
	auth      bool // the receiver wants DATA authenticated
	before    []byte
	delivered bool
}{
	{"NotAsked", false, nil, true},
	{"WithoutAuth", true, nil, false},
	{"WrongDigest", true, newChunk(chunkAuth, 0, append([]byte{0, 1, 0, 1}, make([]byte, 20)...)...), false},
	{"WrongKey", true, newChunk(chunkAuth, 0, append([]byte{0, 9, 0, 1}, make([]byte, 20)...)...), false},
}

const chunkAuth = 15 // RFC 4895

// Where DATA is to be authenticated, a DATA chunk that is right in all but that is not
// delivered, and the association goes on. Where it is not, the same chunk is.
func TestForgedData(t *testing.T) {
	check := leaks(t)
	refused, delivered := 0, 0
	for _, tt := range forgeries {
		n := newNetwork(t, *seed)
		var control func(network, address string, c syscall.RawConn) error
		if tt.auth {
			require.NoError(t, n.one.Sysctl("net/sctp/auth_enable", "1"))
			require.NoError(t, n.two.Sysctl("net/sctp/auth_enable", "1"))
			control = func(_, _ string, c syscall.RawConn) error {
				o := sctp.NewOptions(c)
				return errors.Join(o.AddAuthChunk(chunkData), o.SetAuthKey(sctp.AuthKey{ID: 1, Key: []byte("shared")}), o.SetAuthActiveKey(1))
			}
		}
		l := sctptest.Listen(t, sctp.ListenConfig{Netns: n.two.Path(), Control: control}, "sctp4", "10.9.0.2:0")
		p := newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
		require.NoError(t, p.conn.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		d := sctp.Dialer{Netns: n.one.Path(), Timeout: sctptest.Wait, Control: control}
		nc, err := d.DialContext(context.Background(), "sctp4", l.Addr().String())
		require.NoError(t, err)
		c, s := nc.(*sctp.Conn), sctptest.Accept(t, l)
		require.NoError(t, s.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		receive := func(want string) {
			t.Helper()
			m, err := s.ReadMsg(make([]byte, 100))
			require.NoError(t, err, tt.name)
			require.Equal(t, want, string(m.Data), tt.name)
		}

		_, err = c.WriteMsg([]byte("first"), nil)
		require.NoError(t, err)
		receive("first")
		port := c.LocalAddr().(*sctp.Addr).Port
		initAck, err := p.receive(port, chunkInitAck)
		require.NoError(t, err)
		sack, err := p.receive(port, chunkSACK)
		require.NoError(t, err)
		tag, tsn := binary.BigEndian.Uint32(initAck[16:]), binary.BigEndian.Uint32(sack[16:])
		p.send(port, tag, append(append([]byte(nil), tt.before...), dataChunk(tsn+1, 0, 1, []byte("forged"))...)...)

		if tt.delivered {
			receive("forged")
			delivered++
		} else {
			_, err = c.WriteMsg([]byte("second"), nil)
			require.NoError(t, err)
			receive("second") // of the same TSN
			pingPong(t, c, s)
			refused++
		}
		require.NoError(t, p.conn.Close())
		require.NoError(t, c.Abort())
		require.NoError(t, s.Abort())
		require.NoError(t, l.Close())
		noAssocs(t, n.two)
		n.close()
	}
	check()
	report(t, "%d messages forged without a key refused, and %d delivered where nobody asked for one", refused, delivered)
}
