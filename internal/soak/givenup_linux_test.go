package soak_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A givenUp is a reader of long messages, one on each stream, which end before their end.
type givenUp struct {
	e      sctptest.End
	reader string
	want   [][]byte // of each stream the long message
	lives  []bool   // it is not given up
	next   []string // of each stream what follows it
	got    []int    // how much of the long message was read
	told   int      // how often a message was said to be given up
	after  int      // of next, how many have come
	pieces int
}

// givenUpReaders are the calls that read a long message.
var givenUpReaders = []string{"ReadMsg", "ReadBatch", "Messages", "Read"}

// The peer gives up a long message amid its delivery: it aborts the association, or the
// message's lifetime ends. What was read of it is never joined with another's bytes, and
// the reader is told.
func TestGivenUpAmid(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	check := leaks(t)
	messages, pieces, told := 0, 0, 0
	rounds(t, 3, func(seed uint64) {
		r := random(seed, 50)
		for _, kind := range sctptest.Kinds {
			for _, reader := range givenUpReaders {
				for how := range 4 {
					g := giveUp(t, r, kind, reader, how&1 != 0, how&2 != 0)
					messages, pieces, told = messages+len(g.want), pieces+g.pieces, told+g.told
				}
			}
		}
	})
	check()
	report(t, "%d long messages read in %d pieces and given up amid by an ABORT or their lifetime, with I-DATA and without: none joined with another, %d times told so", messages, pieces, told)
}

// giveUp is one association, whose peer gives up what was read in part.
func giveUp(t *testing.T, r *rand.Rand, kind, reader string, idata, abort bool) *givenUp {
	t.Helper()
	name := fmt.Sprintf("%s of %s, I-DATA %v, ABORT %v", reader, kind, idata, abort)
	subscribe := r.IntN(2) == 0
	var g *givenUp
	for ttl := 250 * time.Millisecond; ; ttl *= 2 {
		cfg := sctptest.EndConfig{Own: sctp.ListenConfig{ReadBuffer: 40 << 10}, Peer: sctp.ListenConfig{WriteBuffer: 1 << 20}}
		cfg.Own.Control = func(network, address string, c syscall.RawConn) error {
			return errors.Join(sctp.NewOptions(c).SetDelayedSACK(sctp.SACKInfo{Freq: 1}), givenUpIData(idata, c))
		}
		cfg.Peer.Control = func(network, address string, c syscall.RawConn) error {
			return errors.Join(sctptest.ShortTimers(network, address, c), givenUpIData(idata, c))
		}
		if subscribe {
			cfg.Own.Events = []sctp.EventType{sctp.EventPartialDelivery}
		}
		e, peer, l := sctptest.NewEnd(t, kind, cfg)
		require.NoError(t, peer.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
		g = &givenUp{e: e, reader: reader}
		streams := 1
		if idata && reader != "Read" {
			streams = 3
			require.NoError(t, peer.Options().SetStreamScheduler(sctp.SchedRR))
		}
		for i := range streams {
			size := 180000 / streams // together they fit into the send buffer
			if i == 0 && !abort {
				size = 180000 // longer than the window
			}
			b, _ := newFlow(r.Uint64(), 1, size, 0).message(0, nil)
			g.want, g.next = append(g.want, b), append(g.next, fmt.Sprintf("next of %d", i))
		}
		g.got, g.lives = make([]int, streams), make([]bool, streams)
		var end time.Time
		standstill := true
		if abort {
			for i, b := range g.want {
				_, err := peer.WriteMsg(b, &sctp.SndInfo{Stream: uint16(i)})
				require.NoError(t, err, name)
			}
			sctptest.Eventually(t, func() bool {
				st, err := peer.Options().Status()
				return err == nil && st.PeerRwnd == 0
			}, "a full window")
		} else {
			standstill = sctptest.WriteExpiring(t, peer, g.want[0], ttl)
			end = time.Now().Add(ttl)
		}
		if standstill {
			g.begin(t, name, r, abort)
			if abort {
				sctptest.Loopback(t, true)
				require.NoError(t, peer.Abort(), name)
				g.ends(t, name, subscribe)
			} else {
				sctptest.Eventually(t, func() bool { return time.Now().After(end) }, "the end of the lifetime")
				sctptest.Loopback(t, true)
				for i := range streams {
					if i > 0 { // of the others nothing is given up
						g.lives[i] = true
						_, err := peer.WriteMsg(g.want[i], &sctp.SndInfo{Stream: uint16(i)})
						require.NoError(t, err, name)
					}
					_, err := peer.WriteMsg([]byte(g.next[i]), &sctp.SndInfo{Stream: uint16(i)})
					require.NoError(t, err, name)
				}
				g.goesOn(t, name, subscribe)
			}
		}
		require.NoError(t, abortAll(e), name)
		peer.Abort()
		if l != nil {
			require.NoError(t, l.Close(), name)
		}
		if standstill {
			return g
		}
	}
}

// givenUpIData asks for I-DATA.
func givenUpIData(on bool, c syscall.RawConn) error {
	if !on {
		return nil
	}
	return iData("", "", c)
}

// begin reads a part of a message.
func (g *givenUp) begin(t *testing.T, name string, r *rand.Rand, abort bool) {
	t.Helper()
	if g.reader == "Messages" { // which keeps what has come, and nothing more shall come
		sctptest.Loopback(t, false)
		require.NoError(t, g.e.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
		_, err := g.read(0)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded, name)
		return
	}
	require.NoError(t, g.e.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	sizes := []int{1 + r.IntN(1000)} // more would open the window, and the lifetime end in vain
	for abort && len(sizes) < 4 {
		sizes = append(sizes, 1+r.IntN(4000))
	}
	for _, size := range sizes {
		ms, err := g.read(size)
		require.NoError(t, err, name)
		for _, m := range ms {
			require.NoError(t, g.piece(m), name)
		}
	}
}

// read makes one call with buffers of a size.
func (g *givenUp) read(size int) ([]sctp.Message, error) {
	switch g.reader {
	case "ReadBatch":
		rd := g.e.(interface {
			ReadBatch([][]byte, []sctp.Message) (int, error)
		})
		ms := make([]sctp.Message, 2)
		n, err := rd.ReadBatch([][]byte{make([]byte, size/2+1), make([]byte, size/2+1)}, ms)
		return ms[:n], err
	case "Messages":
		for m, err := range g.e.Messages(400000) {
			return []sctp.Message{m}, err
		}
		return nil, errors.New("the end of the iteration")
	case "Read":
		if c, ok := g.e.(*sctp.Conn); ok {
			b := make([]byte, size)
			n, err := c.Read(b)
			return []sctp.Message{{Data: b[:n]}}, err
		}
	}
	m, err := g.e.ReadMsg(make([]byte, size))
	return []sctp.Message{m}, err
}

// piece checks what was read: the next bytes of the stream's long message, or what follows
// that as a whole.
func (g *givenUp) piece(m sctp.Message) error {
	i, n := int(m.Info.Stream), len(m.Data)
	if m.Event != nil {
		if m.Event.Type() != sctp.EventPartialDelivery {
			return fmt.Errorf("%+v", m.Event)
		}
		g.told++
		return nil
	}
	g.pieces++
	if off := g.got[i]; off+n <= len(g.want[i]) && bytes.Equal(g.want[i][off:off+n], m.Data) {
		g.got[i] += n
		if m.EOR != (g.got[i] == len(g.want[i])) {
			return fmt.Errorf("EOR %v after %d of %d bytes", m.EOR, g.got[i], len(g.want[i]))
		}
		return nil
	}
	if string(m.Data) != g.next[i] {
		return fmt.Errorf("%d bytes of stream %d that are neither the message's from %d on nor the next", n, i, g.got[i])
	}
	g.next[i] = ""
	g.after++
	if g.lives[i] && g.got[i] != len(g.want[i]) {
		return fmt.Errorf("the next message of stream %d after %d bytes of the one before", i, g.got[i])
	}
	if !g.lives[i] && g.got[i] > 0 && g.told == 0 && g.reader != "Messages" {
		return fmt.Errorf("the next message of stream %d, and nobody told that the one before was given up after %d bytes", i, g.got[i])
	}
	return nil
}

// step reads once, and notes that the reader is told.
func (g *givenUp) step() error {
	ms, err := g.read(400000)
	if errors.Is(err, syscall.EBADMSG) {
		var one *sctp.MessageError
		if !errors.As(err, &one) {
			return fmt.Errorf("no MessageError: %w", err)
		}
		g.told++
		return nil
	}
	if err != nil {
		return err
	}
	for _, m := range ms {
		if err := g.piece(m); err != nil {
			return err
		}
	}
	return nil
}

// goesOn reads until the messages behind the one that was given up have come.
func (g *givenUp) goesOn(t *testing.T, name string, subscribe bool) {
	t.Helper()
	require.NoError(t, g.e.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	for g.after < len(g.next) {
		require.NoError(t, g.step(), "%s, after %v bytes", name, g.got)
	}
	if g.reader != "Messages" || subscribe {
		require.Equal(t, 1, g.told, name)
	}
}

// ends reads until the end of the association, of which each message that was begun is told.
func (g *givenUp) ends(t *testing.T, name string, subscribe bool) {
	t.Helper()
	sctptest.AwaitEnd(t, g.e)
	_, conn := g.e.(*sctp.Conn)
	wait, want := sctptest.Wait, error(syscall.ECONNRESET)
	if !conn { // the socket goes on: what has come by then is all there is
		wait, want = 50*time.Millisecond, os.ErrDeadlineExceeded
	}
	for {
		require.NoError(t, g.e.SetReadDeadline(time.Now().Add(wait)))
		err := g.step()
		if err == nil {
			continue
		}
		require.ErrorIs(t, err, want, "%s, after %v bytes", name, g.got)
		break
	}
	begun := len(g.got) - len(slices.DeleteFunc(slices.Clone(g.got), func(n int) bool { return n > 0 }))
	if !conn && g.reader != "Messages" {
		require.Equal(t, begun, g.told, "%s, of %v bytes", name, g.got)
	}
}
