package soak_test

import (
	"errors"
	"iter"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// An unfinishedReader reads from a peer that begins messages and does not end them.
type unfinishedReader interface {
	ReadMsg(b []byte) (sctp.Message, error)
	ReadWhole(b []byte, limit int) (sctp.Message, error)
	Messages(limit int) iter.Seq2[sctp.Message, error]
	SetReadDeadline(t time.Time) error
}

// abortNow is an ABORT that is not the first of its packet: those the network loses.
var abortNow = append(newChunk(chunkCookieAck, 0), newChunk(chunkAbort, 0)...)

const (
	unfinishedPiece = 16   // bytes of each message that come
	unfinishedLimit = 4096 // for the length of one, of those that put them together
)

// unfinishedWays are the ways to read up to a message that is whole. Each counts the pieces
// that it was given.
var unfinishedWays = []struct {
	name  string
	whole bool // it puts messages together
	read  func(c unfinishedReader) (pieces int, err error)
}{
	{"ReadMsg", false, func(c unfinishedReader) (pieces int, err error) {
		b := make([]byte, unfinishedPiece)
		for {
			m, err := c.ReadMsg(b)
			if err != nil || m.EOR {
				return pieces, err
			}
			pieces++
		}
	}},
	{"ReadWhole", true, func(c unfinishedReader) (int, error) {
		_, err := c.ReadWhole(nil, unfinishedLimit)
		return 0, err
	}},
	{"Messages", true, func(c unfinishedReader) (int, error) {
		for _, err := range c.Messages(unfinishedLimit) {
			return 0, err
		}
		return 0, errors.New("no message")
	}},
}

// A gaveUp is what a read returns at last, behind the errors of messages that were cut.
type gaveUp struct {
	told int
	err  error
}

func readEnding(c unfinishedReader, read func(c unfinishedReader) (int, error)) (e gaveUp) {
	for {
		_, e.err = read(c)
		if one := (*sctp.MessageError)(nil); !errors.As(e.err, &one) || !errors.Is(one, syscall.EBADMSG) {
			return e
		}
		e.told++
	}
}

// A peer begins a message on each of its streams, an ordered one and an unordered one, and
// ends none. Some hundred bytes are kept in mind of each. When the association has ended, each
// is told of which a part was returned, and all of it is gone.
func TestUnfinishedMessagesOfAPeer(t *testing.T) {
	const (
		streams  = 2048
		messages = 2 * (streams - 1) // stream 0 has those that are whole
		each     = 512               // bytes of Go's heap for a message, at most
		left     = 256 << 10         // when the association has ended
	)
	check := leaks(t)
	begun, most, slowest, longest := 0, 0, time.Duration(0), time.Duration(0)
	for _, kind := range []string{"Accepted", sctptest.OneToMany} {
		for _, way := range unfinishedWays {
			n := newNetwork(t, *seed)
			n.silent.Store(true)
			require.NoError(t, n.two.Sysctl("net/sctp/intl_enable", "1"))
			p, c, closeAll := newUnfinishedPeer(t, n, kind)
			p.streams, p.params = streams, newParam(0x8008, chunkIData) // the extensions that it has
			h, err := p.associate(6000, random(*seed, 40))
			require.NoError(t, err)
			e := c()
			require.NoError(t, e.SetReadDeadline(time.Now().Add(sctptest.Wait))) // for all of it
			before := heap(t)

			began := time.Now()
			tsn, mid, pieces := h.tsn, uint32(0), 0
			next := func(flags byte, stream uint16, mid uint32) []byte {
				tsn++
				return iDataPiece(flags, tsn-1, stream, mid, 0, make([]byte, unfinishedPiece))
			}
			for first := 1; first < streams; {
				for range 3 { // packets
					var chunks []byte
					for ; len(chunks) < 1200 && first < streams; first++ {
						chunks = append(chunks, next(flagBegin, uint16(first), 0)...)
						chunks = append(chunks, next(flagBegin|flagUnordered, uint16(first), 0)...)
					}
					p.send(6000, h.tag, append(chunks, next(flagBegin|flagEnd, 0, mid)...)...)
					mid++
				}
				for range 3 {
					got, err := way.read(e)
					require.NoError(t, err)
					pieces += got
				}
			}
			if !way.whole {
				require.Equal(t, messages, pieces)
			}
			slowest = max(slowest, time.Since(began))
			grown := heap(t) - before
			bound := each * messages
			if way.whole {
				bound += 2 * 4 * unfinishedLimit // slices have room to grow
			}
			require.Less(t, grown, bound, "%s, %s", kind, way.name)
			most, begun = max(most, grown/messages), begun+messages

			// The association ends. What lives after that is read up to a message of another.
			p.send(6000, h.tag, abortNow...)
			start, done := time.Now(), make(chan gaveUp, 1)
			go func() { done <- readEnding(e, way.read) }()
			var end gaveUp
			if kind == sctptest.OneToMany {
				h, err := p.associate(6001, random(*seed, 41))
				require.NoError(t, err)
				end = sendUntil(p, done, 6001, h.tag, iDataPiece(flagBegin|flagEnd, h.tsn, 0, 0, 0, []byte("another"))...)
				require.NoError(t, end.err)
			} else {
				end = sctptest.Receive(t, done)
				require.ErrorIs(t, end.err, syscall.ECONNRESET)
			}
			if kind == sctptest.OneToMany && !way.whole {
				require.Equal(t, messages, end.told, "each of which a part was returned")
			} else {
				require.Zero(t, end.told)
			}
			longest = max(longest, time.Since(start))
			sctptest.Eventually(t, func() bool { return heap(t)-before < left }, "at most %d bytes left after %s, %s", left, kind, way.name)
			require.NoError(t, closeAll())
			n.close()
		}
	}
	check()
	report(t, "%d messages begun and not ended: at most %d bytes of Go's heap for each; %v to read those of a peer, %v to learn of their end", begun, most, slowest.Round(time.Millisecond), longest.Round(time.Millisecond))
}

// newUnfinishedPeer returns a raw peer of a socket that takes I-DATA and delivers each piece
// at once, and what returns the end that its first association has there, and closes all.
func newUnfinishedPeer(t *testing.T, n *network, kind string) (p *rawPeer, end func() unfinishedReader, closeAll func() error) {
	t.Helper()
	lc := sctp.ListenConfig{Netns: n.two.Path(), Control: func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		return errors.Join(o.SetFragmentInterleave(true), o.SetInterleavingSupported(true), o.SetPartialDeliveryPoint(1))
	}}
	if kind == sctptest.OneToMany {
		m := sctptest.ListenMulti(t, lc, "sctp4", "10.9.0.2:0")
		p = newRawPeer(t, n, m.LocalAddr().(*sctp.Addr).Port)
		return p, func() unfinishedReader { return m }, func() error {
			return errors.Join(p.conn.Close(), m.SetLinger(0), m.Close())
		}
	}
	l := sctptest.Listen(t, lc, "sctp4", "10.9.0.2:0")
	p = newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
	var c *sctp.Conn
	return p, func() unfinishedReader { c = sctptest.Accept(t, l); return c }, func() error {
		return errors.Join(p.conn.Close(), c.Abort(), l.Close())
	}
}

// Many peers of a one-to-many socket begin a message each and end none. What is kept of them
// is bounded, too, and one that ends is read.
func TestUnfinishedMessagesOfManyPeers(t *testing.T) {
	const (
		peers = 150
		size  = 1000                    // of what comes of each message
		each  = 512                     // bytes of Go's heap for what is known of a message, at most
		kept  = 2 * 4 * unfinishedLimit // slices have room to grow
		left  = 64 << 10                // when all have ended
	)
	check := leaks(t)
	begun, most := 0, 0
	for _, way := range unfinishedWays {
		n := newNetwork(t, *seed)
		n.silent.Store(true)
		lc := sctp.ListenConfig{Netns: n.two.Path(), Control: func(_, _ string, c syscall.RawConn) error {
			return sctp.NewOptions(c).SetPartialDeliveryPoint(1)
		}}
		m := sctptest.ListenMulti(t, lc, "sctp4", "10.9.0.2:0")
		require.NoError(t, m.SetReadDeadline(time.Now().Add(sctptest.Wait))) // for all of it
		p := newRawPeer(t, n, m.LocalAddr().(*sctp.Addr).Port)
		r := random(*seed, 42)
		honest, err := p.associate(5999, r)
		require.NoError(t, err)
		messages := uint32(0)
		message := func() {
			p.send(5999, honest.tag, dataChunk(honest.tsn+messages, 0, uint16(messages), []byte("whole"))...)
			messages++
		}
		before := heap(t)
		hs := make([]handshake, peers)
		for i := range hs {
			hs[i], err = p.associate(uint16(6000+i), r)
			require.NoError(t, err)
			hs[i].cookie = nil // is not to be counted
			p.send(uint16(6000+i), hs[i].tag, dataPiece(flagBegin, hs[i].tsn, 0, 0, make([]byte, size))...)
			message()
			_, err := way.read(m)
			require.NoError(t, err)
		}
		grown := heap(t) - before
		require.Less(t, grown, peers*each+kept, way.name)
		most, begun = max(most, grown), begun+peers
		for i, h := range hs {
			p.send(uint16(6000+i), h.tag, abortNow...)
		}
		done := make(chan gaveUp, 1)
		go func() { done <- readEnding(m, way.read) }()
		end := sendUntil(p, done, 5999, honest.tag, dataChunk(honest.tsn+messages, 0, uint16(messages), []byte("whole"))...)
		require.NoError(t, end.err)
		if way.whole {
			require.Zero(t, end.told)
		} else {
			require.Equal(t, peers, end.told)
		}
		sctptest.Eventually(t, func() bool { return heap(t)-before < left }, "at most %d bytes left after %s", left, way.name)
		require.NoError(t, errors.Join(p.conn.Close(), m.SetLinger(0), m.Close()))
		n.close()
	}
	check()
	report(t, "%d peers that have begun a message of more than %d bytes and do not end it: at most %d bytes of Go's heap for %d of them", begun, size, most, peers)
}
