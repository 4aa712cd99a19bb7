package soak_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// echo requires that a new association, which l accepts, carries a message each
// way, and ends it.
func (n *network) echo(t *testing.T, l *sctp.Listener) {
	t.Helper()
	d := sctp.Dialer{Netns: n.one.Path(), Timeout: sctptest.Wait}
	nc, err := d.DialContext(context.Background(), "sctp4", l.Addr().String())
	require.NoError(t, err)
	c := nc.(*sctp.Conn)
	s := sctptest.Accept(t, l)
	pingPong(t, c, s)
	require.NoError(t, c.Abort())
	require.NoError(t, s.Abort())
}

// pingPong requires that an association carries a message each way.
func pingPong(t *testing.T, c, s net.Conn) {
	t.Helper()
	b := make([]byte, 100)
	for _, ends := range [][2]net.Conn{{c, s}, {s, c}} {
		require.NoError(t, ends[1].SetReadDeadline(time.Now().Add(sctptest.Wait)))
		_, err := ends[0].Write([]byte("ping"))
		require.NoError(t, err)
		size, err := ends[1].Read(b)
		require.NoError(t, err)
		require.Equal(t, "ping", string(b[:size]))
	}
}

// INITs come from everywhere, and nobody goes on. That leaves nothing behind in the kernel,
// and the listener accepts.
func TestInitFlood(t *testing.T) {
	const size = 1000
	check := leaks(t)
	inits, answers, most := 0, 0, 0
	rounds(t, 2, func(seed uint64) {
		n := newNetwork(t, seed)
		n.silent.Store(true)
		r := random(seed, 10)
		l := sctptest.Listen(t, sctp.ListenConfig{Netns: n.two.Path()}, "sctp4", "10.9.0.2:0")
		p := newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
		for range size {
			p.send(uint16(1024+r.IntN(60000)), 0, initChunk(r.Uint32()|1, r.Uint32())...)
		}
		sctptest.Eventually(t, func() bool { return n.packets.Load() >= size }, "all INITs on the wire")
		inits, answers = inits+size, answers+p.answers(chunkInitAck)
		most = max(most, assocs(t, n.two))
		n.echo(t, l)
		require.NoError(t, p.conn.Close())
		require.NoError(t, l.Close())
		noAssocs(t, n.two)
		n.close()
	})
	check()
	require.Zero(t, most, "associations of peers that have sent only INITs")
	require.NotZero(t, answers)
	report(t, "%d INITs, %d answered, %d associations", inits, answers, most)
}

// Peers finish the handshake, send a message and vanish. No more of them wait than the backlog
// and one, all in the kernel, and when those are gone the listener accepts.
func TestVanishedPeers(t *testing.T) {
	const backlog, peers = 8, 24
	check := leaks(t)
	tried, up := 0, 0
	rounds(t, 2, func(seed uint64) {
		n := newNetwork(t, seed)
		n.silent.Store(true)
		r := random(seed, 11)
		l := sctptest.Listen(t, sctp.ListenConfig{Netns: n.two.Path(), Backlog: backlog}, "sctp4", "10.9.0.2:0")
		p := newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
		waiting, before := 0, heap(t)
		for i := range peers {
			if h, err := p.associate(uint16(6000+i), r); err == nil {
				p.send(uint16(6000+i), h.tag, dataChunk(h.tsn, 0, 0, make([]byte, 1000))...)
				waiting++
			} else {
				require.ErrorIs(t, err, errRefused)
			}
		}
		require.Equal(t, backlog+1, waiting)
		require.LessOrEqual(t, assocs(t, n.two), backlog+1)
		require.Less(t, heap(t)-before, 32<<10, "Go's heap knows nothing of them")
		for range waiting {
			require.NoError(t, sctptest.Accept(t, l).Abort())
		}
		n.echo(t, l)
		require.NoError(t, p.conn.Close())
		require.NoError(t, l.Close())
		noAssocs(t, n.two)
		n.close()
		tried, up = tried+peers, up+waiting
	})
	check()
	report(t, "%d peers, %d associations with a backlog of %d, the others refused", tried, up, backlog)
}

// garbage returns chunks that are wrong in one way or another.
func garbage(r *rand.Rand, h handshake) []byte {
	random := make([]byte, r.IntN(64))
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	switch r.IntN(8) {
	case 0: // a chunk nobody knows, with each of the four ways to report that
		return newChunk(byte(r.Uint32()), byte(r.Uint32()), random...)
	case 1: // a length beyond the packet
		b := newChunk(byte(r.IntN(16)), 0, random...)
		b[2] = byte(1 + r.IntN(255))
		return b
	case 2: // a length shorter than a chunk's header
		return []byte{byte(r.IntN(16)), 0, 0, byte(r.IntN(4))}
	case 3: // no user data
		return dataChunk(h.tsn, 0, 0, nil)
	case 4: // no such stream
		return dataChunk(h.tsn+uint32(r.IntN(8)), uint16(10+r.IntN(60000)), 0, []byte("lost"))
	case 5: // TSNs out of every window
		return dataChunk(r.Uint32(), 0, 0, []byte("far"))
	case 6: // an acknowledgement of what was not sent
		return newChunk(chunkSACK, 0, append([]byte{byte(r.Uint32()), byte(r.Uint32()), 0, 0, 0, 0, 4, 0, 0, byte(r.IntN(3)), 0, 0}, random...)...)
	default:
		return random
	}
}

// Peers send garbage: to the listener, with no association, and in one of their own. It
// may end theirs; it does not concern another, and the listener accepts.
func TestMalformedPackets(t *testing.T) {
	const peers, packets = 20, 20
	check := leaks(t)
	sent, ended := 0, map[string]int{}
	rounds(t, 6, func(seed uint64) {
		n := newNetwork(t, seed)
		n.silent.Store(true)
		r := random(seed, 12)
		l := sctptest.Listen(t, sctp.ListenConfig{Netns: n.two.Path()}, "sctp4", "10.9.0.2:0")
		p := newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
		d := sctp.Dialer{Netns: n.one.Path(), Timeout: sctptest.Wait}
		good, err := d.DialContext(context.Background(), "sctp4", l.Addr().String())
		require.NoError(t, err)
		goodServer := sctptest.Accept(t, l)
		for i := range peers {
			port := uint16(6000 + i)
			h, err := p.associate(port, r)
			require.NoError(t, err)
			c := sctptest.Accept(t, l)
			read := make(chan error, 1)
			go func() {
				_, err := io.Copy(io.Discard, c)
				read <- err
			}()
			for range packets {
				tag := h.tag
				if r.IntN(4) == 0 {
					tag = [...]uint32{0, r.Uint32()}[r.IntN(2)]
				}
				p.send(port, tag, garbage(r, h)...)
				sent++
			}
			// A SACK too short to be one ends it in any case: what came before was seen.
			p.send(port, h.tag, chunkSACK, 0, 0, 4)
			switch err := sctptest.Receive(t, read); {
			case err == nil: // a SHUTDOWN among the garbage
				ended["io.EOF"]++
			case errors.Is(err, syscall.ECONNABORTED):
				ended["ECONNABORTED"]++
			case errors.Is(err, syscall.ECONNRESET):
				ended["ECONNRESET"]++
			default:
				require.NoError(t, err)
			}
			require.NoError(t, c.Abort())
			pingPong(t, good, goodServer)
		}
		require.NoError(t, good.(*sctp.Conn).Abort())
		require.NoError(t, goodServer.Abort())
		n.echo(t, l)
		require.NoError(t, p.conn.Close())
		require.NoError(t, l.Close())
		noAssocs(t, n.two)
		n.close()
	})
	check()
	require.NotZero(t, ended["ECONNABORTED"], "protocol violations")
	report(t, "%d packets from %d peers, whose associations ended so: %v; another's messages went on", sent, sent/packets, ended)
}
