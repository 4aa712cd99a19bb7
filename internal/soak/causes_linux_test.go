package soak_test

import (
	"bytes"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

const longCause = 50000 // bytes of error causes

var longAborts = []struct {
	name   string
	causes []byte
	reason int // bytes of it that come
}{
	{"Reason", newParam(uint16(sctp.CauseUserAbort), bytes.Repeat([]byte{1}, longCause)...), longCause},
	{"Causes", bytes.Repeat(newParam(uint16(sctp.CauseStaleCookie)), longCause/4), 0},
	{"ReasonBehindCauses", append(bytes.Repeat(newParam(uint16(sctp.CauseStaleCookie)), longCause/4-2), newParam(uint16(sctp.CauseUserAbort), 1, 2, 3, 4)...), 4},
}

// A peer ends its association with an ABORT as long as one can be. What the error keeps is
// no longer than the packet, and its text quotes little of it.
func TestLongAborts(t *testing.T) {
	const text = 4*256 + 200 // bytes
	check := leaks(t)
	kept, most := 0, 0
	for _, tt := range longAborts {
		n := newNetwork(t, *seed)
		n.longPackets(t)
		n.silent.Store(true)
		l := sctptest.Listen(t, sctp.ListenConfig{Netns: n.two.Path()}, "sctp4", "10.9.0.2:0")
		p := newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
		h, err := p.associate(6000, random(*seed, 50))
		require.NoError(t, err)
		c := sctptest.Accept(t, l)
		before := heap(t)
		p.send(6000, h.tag, append(newChunk(chunkCookieAck, 0), newChunk(chunkAbort, 0, tt.causes...)...)...)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		_, err = c.Read(make([]byte, 100))
		require.ErrorIs(t, err, syscall.ECONNRESET, tt.name)
		var ae *sctp.AssocError
		require.ErrorAs(t, err, &ae)
		require.Len(t, ae.Reason, tt.reason, tt.name)
		require.Less(t, len(err.Error()), text, tt.name)
		grown := heap(t) - before
		require.Less(t, grown, longMTU+64<<10, tt.name)
		kept, most = max(kept, len(ae.Reason)), max(most, len(err.Error()))
		require.NoError(t, p.conn.Close())
		require.NoError(t, c.Close())
		require.NoError(t, l.Close())
		noAssocs(t, n.two)
		n.close()
	}
	check()
	report(t, "%d ABORTs with %d bytes of causes: at most %d bytes kept and %d in a text", len(longAborts), longCause, kept, most)
}

// A peer reports errors, as many as a packet has room for. Who has not asked for them reads
// the message behind them; who has gets one event for each, and none of them stays.
func TestManyRemoteErrors(t *testing.T) {
	const packets, causes, left = 20, 100, 64 << 10
	check := leaks(t)
	told := 0
	for _, asked := range []bool{false, true} {
		n := newNetwork(t, *seed)
		n.silent.Store(true)
		lc := sctp.ListenConfig{Netns: n.two.Path()}
		if asked {
			lc.Events = []sctp.EventType{sctp.EventRemoteError}
		}
		l := sctptest.Listen(t, lc, "sctp4", "10.9.0.2:0")
		p := newRawPeer(t, n, l.Addr().(*sctp.Addr).Port)
		h, err := p.associate(6000, random(*seed, 51))
		require.NoError(t, err)
		c := sctptest.Accept(t, l)
		before := heap(t)
		for i := range packets {
			chunk := newChunk(chunkError, 0, bytes.Repeat(newParam(uint16(sctp.CauseUnknownParam), 1, 2, 3, 4), causes)...)
			p.send(6000, h.tag, append(chunk, dataChunk(h.tsn+uint32(i), 0, uint16(i), []byte("end"))...)...)
			require.NoError(t, c.SetReadDeadline(time.Now().Add(sctptest.Wait)))
			events := 0
			for {
				m, err := c.ReadMsg(make([]byte, 100))
				require.NoError(t, err)
				if m.Event == nil {
					break
				}
				ev := m.Event.(*sctp.RemoteError)
				require.Equal(t, sctp.CauseUnknownParam, ev.Cause)
				require.Len(t, ev.Data, 4)
				events++
			}
			if asked {
				require.Equal(t, causes, events)
			} else {
				require.Zero(t, events)
			}
			told += events
		}
		require.Less(t, heap(t)-before, left)
		require.NoError(t, errors.Join(p.conn.Close(), c.Abort(), l.Close()))
		noAssocs(t, n.two)
		n.close()
	}
	check()
	report(t, "%d errors in %d packets, twice: %d told to who had asked, none to who had not", packets*causes, packets, told)
}
