package soak_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A peer names as many addresses in its INIT as a packet has room for. A Conn keeps them
// once, or one of them if it was asked to, and no event comes that nobody asked for.
func TestManyAddresses(t *testing.T) {
	const (
		addresses = 4000
		each      = 64       // bytes of Go's heap for an address, at most
		base      = 64 << 10 // for the rest
	)
	check := leaks(t)
	listed, most, single := 0, 0, 0
	for _, one := range []bool{false, true} {
		n := newNetwork(t, *seed)
		n.longPackets(t)
		n.silent.Store(true)
		l := sctptest.Listen(t, sctp.ListenConfig{Netns: n.two.Path(), SingleRemoteAddr: one}, "sctp4", "10.9.0.2:0")
		p := newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
		for i := range addresses {
			const ipv4 = 5
			p.params = append(p.params, newParam(ipv4, 10, 10, byte(1+i/250), byte(1+i%250))...)
		}
		before := heap(t)
		h, err := p.associate(6000, random(*seed, 60))
		require.NoError(t, err)
		c := sctptest.Accept(t, l)
		grown := heap(t) - before
		remote := c.RemoteAddr().(*sctp.Addr)
		paths, err := c.Options().PeerAddrs()
		require.NoError(t, err)
		require.Len(t, paths.IPs, addresses+1)
		if one {
			require.Len(t, remote.IPs, 1)
			require.Less(t, grown, base)
			single = grown
		} else {
			require.Equal(t, paths.IPs, remote.IPs)
			require.Less(t, grown, base+each*addresses)
			listed, most = len(remote.IPs), grown
		}
		p.send(6000, h.tag, dataChunk(h.tsn, 0, 0, []byte("end"))...)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		m, err := c.ReadMsg(make([]byte, 100))
		require.NoError(t, err)
		require.Equal(t, "end", string(m.Data))
		require.NoError(t, errors.Join(p.conn.Close(), c.Abort(), l.Close()))
		noAssocs(t, n.two)
		n.close()
	}
	check()
	report(t, "a peer with %d addresses: %d bytes of Go's heap for its Conn, %d with SingleRemoteAddr", listed, most, single)
}
