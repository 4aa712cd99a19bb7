package promises_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// partiallyDelivered returns an association whose peer has sent a message that it gives
// up after ttl, and of which the end has read nothing and leaves no window for the rest. On a machine that is too slow for ttl it takes a longer one.
func partiallyDelivered(t *testing.T, kind string, ttl time.Duration) (self sctptest.End, peer *sctp.Conn) {
	t.Helper()
	ns, err := systest.NewNetns()
	require.NoError(t, err)
	t.Cleanup(ns.Close)
	require.NoError(t, ns.Do(func() error {
		self, peer, _ = sctptest.NewEnd(t, kind, sctptest.EndConfig{
			Own:  sctp.ListenConfig{ReadBuffer: 32 << 10},
			Peer: sctp.ListenConfig{WriteBuffer: 200000, Control: sctptest.ShortTimers},
		})
		return nil
	}))
	require.NoError(t, peer.Subscribe(sctp.EventSendFailed))
	require.NoError(t, peer.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	if !sctptest.WriteExpiring(t, peer, pattern(100000, 3), ttl) {
		return partiallyDelivered(t, kind, 2*ttl)
	}
	require.NoError(t, self.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	return self, peer
}

// A message that the peer gives up amid its delivery is the part, then an error or the
// event; to an iterator, which returns no parts, only the event; and is never glued to the next one. The association goes on.
func TestPromise2PartialDeliveryAborted(t *testing.T) {
	forEachKindAtOnce(t, func(t *testing.T, kind string) {
		for _, tt := range []struct {
			name, call string
			event      bool
		}{
			{"ReadMsg", "ReadMsg", false}, {"ReadMsgEvent", "ReadMsg", true},
			{"Messages", "Messages", false}, {"MessagesEvent", "Messages", true},
			{"Read", "Read", false},
		} {
			if kind == sctptest.OneToMany && tt.call == "Read" {
				continue // it has none
			}
			t.Run(tt.name, func(t *testing.T) { partialDelivery(t, kind, tt.call, tt.event) })
		}
	})
}

// Of a message that is given up, those who want whole messages see nothing, and the iteration
// goes on; with the event they are told.
func TestPromise2MessageGivenUpIsNotShownToMessages(t *testing.T) {
	forEachKindAtOnce(t, func(t *testing.T, kind string) {
		for _, event := range []bool{false, true} {
			t.Run(fmt.Sprint(event), func(t *testing.T) {
				self, peer := partiallyDelivered(t, kind, 400*time.Millisecond)
				if event {
					require.NoError(t, self.Subscribe(sctp.EventPartialDelivery))
				}
				giveUp(t, peer)
				told := false
				for m, err := range self.Messages(200000) {
					require.NoError(t, err)
					if _, ok := m.Event.(*sctp.PartialDelivery); ok {
						told = true
						continue
					}
					require.Len(t, m.Data, len("next"))
					break
				}
				require.Equal(t, event, told)
			})
		}
	})
}

// giveUp has the peer give the message up, and write the next.
func giveUp(t *testing.T, peer *sctp.Conn) {
	t.Helper()
	require.NoError(t, peer.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	m, err := peer.ReadMsg(make([]byte, 4096))
	require.NoError(t, err)
	require.IsType(t, (*sctp.SendFailed)(nil), m.Event) // the window is full, and its time is up
	_, err = peer.WriteMsg([]byte("next"), &sctp.SndInfo{PPID: 9})
	require.NoError(t, err)
}

func partialDelivery(t *testing.T, kind, call string, event bool) {
	self, peer := partiallyDelivered(t, kind, 400*time.Millisecond)
	m, err := self.ReadMsg(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, pattern(1, 3), m.Data)
	require.False(t, m.EOR)
	if event {
		require.NoError(t, self.Subscribe(sctp.EventPartialDelivery))
	}
	giveUp(t, peer)

	b, rest := make([]byte, 200000), pattern(100000, 3)[1:]
	// ReadMsg has returned a part: whoever reads is told.
	for told := false; !told; {
		var m sctp.Message
		var err error
		switch call {
		case "ReadMsg":
			m, err = self.ReadMsg(b)
		case "Messages":
			for m, err = range self.Messages(len(b)) {
				break
			}
			require.Empty(t, m.Data, "a part of a message")
		case "Read":
			var n int
			n, err = self.(*sctp.Conn).Read(b)
			m.Data = b[:n]
		}
		if event && m.Event != nil {
			require.IsType(t, (*sctp.PartialDelivery)(nil), m.Event)
			told = true
		} else if err != nil {
			require.ErrorIs(t, err, syscall.EBADMSG)
			require.False(t, event)
			told = true
		}
		require.False(t, !told && m.EOR)
		require.LessOrEqual(t, len(m.Data), len(rest))
		require.Equal(t, string(rest[:len(m.Data)]), string(m.Data))
		rest = rest[len(m.Data):]
	}
	require.NotEmpty(t, rest)
	for m, err := range self.Messages(len(b)) {
		require.NoError(t, err)
		require.Equal(t, "next", string(m.Data))
		require.Equal(t, uint32(9), m.Info.PPID)
		break
	}
	_, err = self.WriteMsg([]byte("on it goes"), nil)
	require.NoError(t, err)
	m, err = peer.ReadMsg(b)
	require.NoError(t, err)
	require.Equal(t, "on it goes", string(m.Data))
}

// A batch has the same in the same order: the part, the news that it was given up, the next.
func TestPromise2BatchAroundAnAbortedDelivery(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, event := range []bool{false, true} {
		t.Run(fmt.Sprint(event), func(t *testing.T) {
			self, peer := partiallyDelivered(t, "Dialled", 400*time.Millisecond)
			c := self.(*sctp.Conn)
			_, err := c.ReadMsg(make([]byte, 1))
			require.NoError(t, err)
			if event {
				require.NoError(t, c.Subscribe(sctp.EventPartialDelivery))
			}
			giveUp(t, peer)
			_, err = c.ReadMsg(make([]byte, 12000)) // so that there is room for the rest of the story
			require.NoError(t, err)
			sctptest.Eventually(t, func() bool {
				st, err := peer.Options().Status()
				return err == nil && st.UnackedData == 0
			}, "acknowledgement of the next message")
			var got []string
			for next := false; !next; {
				bufs, ms := [][]byte{make([]byte, 200000), make([]byte, 200000), make([]byte, 200000)}, make([]sctp.Message, 3)
				n, err := c.ReadBatch(bufs, ms)
				if err != nil {
					require.ErrorIs(t, err, syscall.EBADMSG)
					got = append(got, "given up")
				}
				for _, m := range ms[:n] {
					switch {
					case m.Event != nil:
						require.IsType(t, (*sctp.PartialDelivery)(nil), m.Event)
						got = append(got, "given up")
					case m.EOR:
						got, next = append(got, string(m.Data)), true
					case len(got) == 0:
						got = append(got, "part")
					}
				}
			}
			require.Equal(t, []string{"part", "given up", "next"}, got)
		})
	}
}
