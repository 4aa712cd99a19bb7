package promises_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Diameter reads a header first, and the kernel's events come in between: the first are
// never lost, the others never data.
func TestPromise3ShortReadsLoseNothing(t *testing.T) {
	forEachKindAtOnce(t, func(t *testing.T, kind string) {
		for _, size := range []int{1, 20, 21, 500} {
			t.Run(fmt.Sprint(size), func(t *testing.T) { shortReads(t, kind, size, false) })
			if kind != sctptest.OneToMany {
				t.Run(fmt.Sprint("Read", size), func(t *testing.T) { shortReads(t, kind, size, true) })
			}
		}
	})
}

// shortReads reads messages with a buffer of the size, by Read or ReadMsg.
func shortReads(t *testing.T, kind string, size int, stream bool) {
	const messages = 8
	self, peer := pair(t, kind)
	require.NoError(t, self.SetDeadline(time.Now().Add(sctptest.Wait)))
	// The kernel tells that the sender is dry at once, and whenever it is again.
	require.NoError(t, self.Subscribe(sctp.EventSenderDry, sctp.EventAssocChange, sctp.EventShutdown))
	var want []byte
	for i := range messages {
		b := pattern(1+i*80, byte(i))
		want = append(want, b...)
		_, err := peer.WriteMsg(b, &sctp.SndInfo{PPID: uint32(i)})
		require.NoError(t, err)
		if i%3 == 0 {
			_, err = self.WriteMsg([]byte("x"), nil)
			require.NoError(t, err)
		}
	}
	require.NoError(t, peer.StartShutdown()) // more events
	var got []byte
	events := map[sctp.EventType]int{}
	for i, b := 0, make([]byte, size); ; {
		if stream {
			n, err := self.(*sctp.Conn).Read(b)
			got = append(got, b[:n]...)
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			continue
		}
		m, err := self.ReadMsg(b)
		if err == io.EOF {
			require.NotEqual(t, sctptest.OneToMany, kind)
			require.Equal(t, messages, i)
			break
		}
		require.NoError(t, err)
		if m.Event != nil {
			require.Empty(t, m.Data)
			events[m.Event.Type()]++
			if ev, ok := m.Event.(*sctp.AssocChange); ok && ev.State != sctp.AssocCommUp && kind == sctptest.OneToMany {
				require.Equal(t, sctp.AssocShutdownComp, ev.State)
				require.Equal(t, messages, i)
				break
			}
			continue
		}
		require.Equal(t, uint32(i), m.Info.PPID)
		require.True(t, len(m.Data) == len(b) || m.EOR, "a buffer that is not full")
		got = append(got, m.Data...)
		if m.EOR {
			i++
		}
	}
	require.Equal(t, want, got)
	if !stream {
		require.NotZero(t, events[sctp.EventSenderDry])
		require.Equal(t, 1, events[sctp.EventShutdown])
	}
}

func TestPromise3ReadMsgInParts(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		self, peer := pair(t, kind)
		want := pattern(1000, 1)
		for range 2 {
			_, err := peer.WriteMsg(want, &sctp.SndInfo{Stream: 5, PPID: 77})
			require.NoError(t, err)
		}
		var got []byte
		b := make([]byte, 300)
		for i := range 4 {
			m, err := self.ReadMsg(b)
			require.NoError(t, err)
			require.Equal(t, i == 3, m.EOR)
			require.Equal(t, uint32(77), m.Info.PPID)
			require.Equal(t, uint16(5), m.Info.Stream)
			got = append(got, m.Data...)
		}
		require.Equal(t, want, got)
		m, err := self.ReadMsg(nil)
		require.NoError(t, err)
		require.Equal(t, sctp.Message{}, m)
		m, err = self.ReadMsg(make([]byte, 1000)) // exactly
		require.NoError(t, err)
		require.True(t, m.EOR)
		require.Equal(t, want, m.Data)
	})
}

var badWriteMsgs = []struct {
	name string
	size int
	info *sctp.SndInfo
	err  error
	text string
}{
	{"Empty", 0, nil, syscall.EINVAL, "no empty message"},
	{"TooLong", 1 << 20, nil, syscall.EMSGSIZE, "message of 1048576 bytes, limit "},
	{"TooLongWithInfo", 1 << 20, &sctp.SndInfo{PPID: 1}, syscall.EMSGSIZE, "(SetWriteBuffer)"},
	{"Stream", 1, &sctp.SndInfo{Stream: 10}, syscall.EINVAL, "stream 10 of an association with 10"},
	{"TTLWithoutPolicy", 1, &sctp.SndInfo{PR: sctp.PRInfo{TTL: time.Second}}, syscall.EINVAL, "TTL and Value need a Policy"},
	{"ValueWithoutPolicy", 1, &sctp.SndInfo{PR: sctp.PRInfo{Value: 1}}, syscall.EINVAL, "TTL and Value need a Policy"},
	{"TTLOfAnotherPolicy", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRRTX, TTL: time.Second}}, syscall.EINVAL, "TTL is of the policy PRTTL only"},
	{"ValueOfAnotherPolicy", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRTTL, TTL: time.Second, Value: 1}}, syscall.EINVAL, "Value is not of the policy PRTTL"},
	{"PolicyWithoutTTL", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRTTL}}, syscall.EINVAL, "needs a positive TTL"},
	{"Policy", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: 0x40}}, syscall.EINVAL, "unknown policy"},
	{"TTLOutOfRange", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRTTL, TTL: 1 << 62}}, syscall.EINVAL, "out of range"},
}

func TestPromise4WriteMsgRefuses(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		self, peer := pair(t, kind)
		for _, tt := range badWriteMsgs {
			t.Run(tt.name, func(t *testing.T) {
				n, err := self.WriteMsg(make([]byte, tt.size), tt.info)
				require.Zero(t, n)
				require.ErrorIs(t, err, tt.err)
				require.ErrorContains(t, err, tt.text)
				require.Equal(t, "write", sctptest.OpError(t, err).Op)
			})
		}
		// Nothing of it was sent.
		_, err := self.WriteMsg([]byte("after"), nil)
		require.NoError(t, err)
		m, err := peer.ReadMsg(make([]byte, 100))
		require.NoError(t, err)
		require.Equal(t, "after", string(m.Data))
	})
}

// A message of the length that the error of a longer one names is sent, and is one.
func TestPromise4WriteMsgUpToTheLimit(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		self, peer, _ := sctptest.NewEnd(t, kind, sctptest.EndConfig{Own: sctp.ListenConfig{WriteBuffer: 50000}})
		_, err := self.WriteMsg(make([]byte, 1<<20), nil)
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		var size, limit int
		_, err = fmt.Sscanf(errors.Unwrap(err).Error(), "message of %d bytes, limit %d", &size, &limit)
		require.NoError(t, err)
		require.Equal(t, 1<<20, size)
		require.Equal(t, 100000, limit, "the kernel doubles the buffer")
		for _, n := range []int{limit + 1, limit, 1, limit - 1} {
			_, err := self.WriteMsg(pattern(n, byte(n)), &sctp.SndInfo{PPID: uint32(n)})
			if n > limit {
				require.ErrorIs(t, err, syscall.EMSGSIZE)
				continue
			}
			require.NoError(t, err)
			m, err := peer.ReadMsg(make([]byte, 1<<20))
			require.NoError(t, err)
			require.True(t, m.EOR)
			require.Equal(t, uint32(n), m.Info.PPID)
			require.Equal(t, sha256.Sum256(pattern(n, byte(n))), sha256.Sum256(m.Data))
		}
	})
}

// A default stream that the peer has not granted is explained, however it is written to.
func TestWriteOnADefaultStreamThatWasNotGranted(t *testing.T) {
	client, _ := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{InitMsg: sctp.InitMsg{MaxInStreams: 5}}, "sctp4", "127.0.0.1:0")
	require.NoError(t, client.Options().SetDefaultSndInfo(sctp.DefaultSndInfo{Stream: 5}))
	_, err := client.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.EINVAL)
	require.ErrorContains(t, err, "stream 5 of an association with 5")
	_, err = client.WriteMsg([]byte("x"), nil)
	require.ErrorIs(t, err, syscall.EINVAL)
	require.ErrorContains(t, err, "stream 5 of an association with 5")

	l := sctptest.Listen(t, sctp.ListenConfig{InitMsg: sctp.InitMsg{MaxInStreams: 5}}, "sctp4", "127.0.0.1:0")
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	require.NoError(t, m.Options().SetDefaultSndInfo(sctp.DefaultSndInfo{Stream: 5}))
	_, err = m.Connect(context.Background(), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	_, err = m.WriteTo([]byte("x"), l.Addr())
	require.ErrorIs(t, err, syscall.EINVAL)
	require.ErrorContains(t, err, "stream 5 of an association with 5")
}
