package soak_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Messages have a lifetime, and packets are lost. Each message that fits into a packet
// arrives once, whole and in order; or it comes back, if it has not been sent; or it was
// sent and the kernel counts it as given up, which it tells of in no event. No stream is
// stuck.
func TestLifetimes(t *testing.T) {
	const messages, size, lifetime = 1500, 1000, 60 * time.Millisecond
	check := leaks(t)
	sent, arrived, back, missing, counted := 0, 0, 0, 0, 0
	rounds(t, 4, func(seed uint64) {
		for _, kind := range kinds {
			n := newNetwork(t, seed)
			n.faults.Store(&faults{lose: 100, delay: 20})
			one, two := n.associate(t, kind)
			tr := newTraffic(seed, size, 0, one, two)
			for _, p := range tr.ends {
				p.pr, p.lenient = sctp.PRInfo{Policy: sctp.PRTTL, TTL: lifetime}, true
			}
			// A Conn may also have the lifetime as its default.
			if c, ok := one.(*sctp.Conn); ok && seed%2 == 1 {
				require.NoError(t, c.Options().SetDefaultPRInfo(tr.ends[0].pr))
				tr.ends[0].e = defaultEnd{c}
			}
			tr.start(t)
			for _, p := range tr.ends {
				p.eventually(t, func() bool { return p.wrote.Load() >= messages }, "%d messages written", messages)
			}
			close(tr.stop)
			n.faults.Store(&faults{})
			for _, p := range tr.ends {
				require.NoError(t, sctptest.Receive(t, p.written))
			}
			for i, p := range tr.ends {
				expiring := int(p.wrote.Load())
				p.lasting(t, tr.ends[1-i])
				st, err := p.e.Options().PRAssocStatus(sctp.PRTTL)
				require.NoError(t, err)
				p.eventually(t, func() bool {
					p.mu.Lock()
					defer p.mu.Unlock()
					return uint64(len(p.failed)) >= st.AbandonedUnsent
				}, "%d messages back", st.AbandonedUnsent)
				gone := p.missing(tr.ends[1-i])
				require.LessOrEqual(t, len(gone), int(st.AbandonedSent), "of %d messages %v have not come, and not come back", expiring, gone)
				came := p.requireNotBoth(t, tr.ends[1-i], expiring)
				require.Equal(t, expiring, came+len(p.failed)+len(gone))
				require.Len(t, p.failed, int(st.AbandonedUnsent))
				sent, arrived, back = sent+expiring, arrived+came, back+len(p.failed)
				missing, counted = missing+len(gone), counted+int(st.AbandonedSent)
			}
			for _, p := range tr.ends {
				require.NoError(t, p.e.SetReadDeadline(time.Unix(1, 0)))
				require.ErrorIs(t, sctptest.Receive(t, p.read), os.ErrDeadlineExceeded)
				require.NoError(t, p.e.Close())
			}
			noAssocs(t, n.one)
			noAssocs(t, n.two)
			n.close()
		}
	})
	check()
	require.NotZero(t, back)
	require.NotZero(t, missing)
	report(t, "%d messages that live %v: %d arrived, %d came back unsent, %d were given up after they were sent; the kernel counts %d of those, also some that arrived",
		sent, lifetime, arrived, back, missing, counted)
}

// A defaultEnd writes with the defaults of the socket.
type defaultEnd struct{ *sctp.Conn }

// WriteMsg has the stream and the PPID of info as the defaults. If info has no lifetime, it
// writes with info itself.
func (e defaultEnd) WriteMsg(b []byte, info *sctp.SndInfo) (int, error) {
	if info.PR == (sctp.PRInfo{}) {
		return e.Conn.WriteMsg(b, info)
	}
	if err := e.Options().SetDefaultSndInfo(sctp.DefaultSndInfo{Stream: info.Stream, PPID: info.PPID}); err != nil {
		return 0, err
	}
	return e.Conn.WriteMsg(b, nil)
}

// lasting writes more messages, without a lifetime, until each stream has one, and waits
// until they have come: what was written before has arrived by then, or never does.
func (p *endpoint) lasting(t *testing.T, peer *endpoint) {
	t.Helper()
	first := int(p.wrote.Load())
	var b []byte
	var has [streams]bool
	for i := first; has != [streams]bool{true, true, true, true, true, true, true, true}; i++ {
		var info sctp.SndInfo
		b, info = p.out.message(i, b)
		_, err := p.e.WriteMsg(b, &info)
		require.NoError(t, err)
		has[info.Stream] = true
		p.wrote.Add(1)
	}
	peer.eventually(t, func() bool {
		peer.mu.Lock()
		defer peer.mu.Unlock()
		for _, ok := range peer.in.seen[first:p.wrote.Load()] {
			if !ok {
				return false
			}
		}
		return true
	}, "messages without a lifetime")
}

// requireNotBoth requires that no message has come and come back, and that none of those
// that came back was sent. It returns how many of the first have come.
func (p *endpoint) requireNotBoth(t *testing.T, peer *endpoint, first int) (came int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	peer.mu.Lock()
	defer peer.mu.Unlock()
	for i, seen := range peer.in.seen[:first] {
		if !seen {
			continue
		}
		came++
		require.Nil(t, p.failed[i], "message %d came, and came back", i)
	}
	for i, ev := range p.failed {
		require.False(t, ev.Sent, "message %d", i)
		require.Less(t, i, first)
	}
	return came
}
