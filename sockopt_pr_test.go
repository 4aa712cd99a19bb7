package sctp_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// requireOffer requires of a switch whose value an association keeps from its set-up
// that it can be set for later associations, and that an association shows was.
func requireOffer(t *testing.T, o sctp.Options, get func() (bool, error), set func(bool) error, was bool) {
	t.Helper()
	_, err := o.Status()
	hasAssoc := err == nil
	for _, on := range []bool{true, false, true} {
		require.NoError(t, set(on))
		got, err := get()
		require.NoError(t, err)
		if hasAssoc {
			require.Equal(t, was, got)
		} else {
			require.Equal(t, on, got)
		}
	}
}

func TestOptionsPRSupported(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) { requireOffer(t, o, o.PRSupported, o.SetPRSupported, true) })
}

// Without partial reliability no message is given up, however short its life.
func TestOptionsPRSupportedIsNegotiated(t *testing.T) {
	client, server := stalledPairOf(t, sctptest.ShortTimers, func(_, _ string, c syscall.RawConn) error {
		return sctp.NewOptions(c).SetPRSupported(false)
	})
	for _, c := range []*sctp.Conn{client.Conn, server} {
		on, err := c.Options().PRSupported()
		require.NoError(t, err)
		require.False(t, on)
	}
	require.NoError(t, client.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	require.NoError(t, client.ns.Loopback(false))
	_, err := client.WriteMsg([]byte("kept"), &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRRTX}})
	require.NoError(t, err)
	sctptest.Eventually(t, func() bool {
		st, err := client.Options().Status()
		return err == nil && st.UnackedData == 1
	}, "the message is under way")
	client.resume(t)
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "kept", string(m.Data))
}

func TestOptionsPRStatusCountsWhatWasSent(t *testing.T) {
	client, server := stalledPair(t)
	o := client.Options()
	require.NoError(t, client.Subscribe(sctp.EventSendFailed))
	require.NoError(t, o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	require.NoError(t, client.ns.Loopback(false))
	for _, info := range []sctp.SndInfo{
		// What has not been sent by then, on a slow machine, counts as unsent.
		{Stream: 3, PR: sctp.PRInfo{Policy: sctp.PRTTL, TTL: 300 * time.Millisecond}},
		{Stream: 4, PR: sctp.PRInfo{Policy: sctp.PRRTX}},
	} {
		_, err := client.WriteMsg(make([]byte, 5000), &info) // several chunks
		require.NoError(t, err)
		sctptest.Eventually(t, func() bool {
			v, err := o.PRStreamStatus(info.Stream, info.PR.Policy)
			return err == nil && v.AbandonedSent == 1
		}, "the message is given up")
	}
	for _, tt := range []struct {
		stream uint16
		policy sctp.PRPolicy
		want   uint64
		assoc  uint64
	}{
		{3, sctp.PRTTL, 1, 1},
		{3, sctp.PRRTX, 0, 1},
		{3, sctp.PRPrio, 0, 0},
		{3, sctp.PRAll, 1, 2},
		{4, sctp.PRTTL, 0, 1},
		{4, sctp.PRRTX, 1, 1},
		{5, sctp.PRAll, 0, 2},
	} {
		v, err := o.PRStreamStatus(tt.stream, tt.policy)
		require.NoError(t, err)
		require.Equal(t, sctp.PRStatus{AbandonedSent: tt.want}, v, "stream %d, %v", tt.stream, tt.policy)
		v, err = o.PRAssocStatus(tt.policy)
		require.NoError(t, err)
		require.Equal(t, sctp.PRStatus{AbandonedSent: tt.assoc}, v, "%v", tt.policy)
	}

	// A SendFailed tells only of what was not sent any more, as on a slow machine the end of
	// a message.
	client.resume(t)
	requireArrives(t, client.Conn, server, "question", nil)
	_, err := server.WriteMsg([]byte("answer"), nil)
	require.NoError(t, err)
	for {
		m, err := client.ReadMsg(make([]byte, 100))
		require.NoError(t, err)
		if m.Event == nil {
			require.Equal(t, "answer", string(m.Data))
			break
		}
		require.IsType(t, &sctp.SendFailed{}, m.Event)
	}
}

// Where the send buffer is full, a message makes way for one of more importance.
func TestOptionsPRStatusCountsWhatWasNotSent(t *testing.T) {
	client, _ := stalledPair(t)
	writeStalled(t, client, make([]byte, 100000))
	for _, tt := range []struct {
		stream uint16
		size   int
		prio   uint32
	}{{1, 1000, 1}, {2, 100000, 10}, {3, 300000, 1}} {
		_, err := client.WriteMsg(make([]byte, tt.size), &sctp.SndInfo{Stream: tt.stream, PR: sctp.PRInfo{Policy: sctp.PRPrio, Value: tt.prio}})
		require.NoError(t, err)
	}
	v, err := client.Options().PRAssocStatus(sctp.PRPrio)
	require.NoError(t, err)
	require.Greater(t, v.AbandonedUnsent, uint64(1)) // chunks
	require.Zero(t, v.AbandonedSent)
	for stream, want := range []sctp.PRStatus{1: {}, 2: v, 3: {}} {
		got, err := client.Options().PRStreamStatus(uint16(stream), sctp.PRPrio)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestOptionsPRStatusRefuses(t *testing.T) {
	client, _ := sctptest.Pair(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	for _, tt := range []struct {
		o      sctp.Options
		stream uint16
		policy sctp.PRPolicy
	}{
		{client.Options(), 0, sctp.PRNone},
		{client.Options(), 0, sctp.PRAll | sctp.PRTTL},
		{client.Options(), 0, 0x40},
		{l.Options(), 0, sctp.PRTTL},
	} {
		_, err := tt.o.PRAssocStatus(tt.policy)
		requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_PR_ASSOC_STATUS")
		_, err = tt.o.PRStreamStatus(tt.stream, tt.policy)
		requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_PR_STREAM_STATUS")
	}
	_, err := client.Options().PRStreamStatus(10, sctp.PRTTL)
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_PR_STREAM_STATUS")
	_, err = client.WriteMsg([]byte("x"), &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRAll}})
	requireOptionError(t, err, syscall.EINVAL, "unknown policy")
}

// The kernel would forget the policy, and keep the value as a lifetime.
func TestOptionsSetDefaultSndInfoKeepsTheDefaultPRInfo(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, want := range []sctp.PRInfo{
			{},
			{Policy: sctp.PRTTL, TTL: time.Second},
			{Policy: sctp.PRRTX, Value: 3},
			{Policy: sctp.PRRTX},
		} {
			require.NoError(t, o.SetDefaultPRInfo(want))
			require.NoError(t, o.SetDefaultSndInfo(sctp.DefaultSndInfo{Stream: 1, PPID: 60}))
			got, err := o.DefaultPRInfo()
			require.NoError(t, err)
			require.Equal(t, want, got)
			info, err := o.DefaultSndInfo()
			require.NoError(t, err)
			require.Equal(t, sctp.DefaultSndInfo{Stream: 1, PPID: 60}, info)
		}
	})
}

func TestPRPolicyString(t *testing.T) {
	for p, want := range map[sctp.PRPolicy]string{
		sctp.PRNone: "none", sctp.PRTTL: "ttl", sctp.PRRTX: "rtx", sctp.PRPrio: "prio", sctp.PRAll: "all", 0x40: "PRPolicy(0x40)",
	} {
		require.Equal(t, want, p.String())
	}
}

// With a limit of no retransmission Linux gives a message up that needs several round
// trips, although nothing is lost: it takes a chunk that is being acknowledged for one
// that would have to be sent again (sctp_check_transmitted in outqueue.c).
func TestConnMessageGivenUpWithNothingLost(t *testing.T) {
	givenUp(t, sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRRTX}}, 60*time.Millisecond)
}

// The lifetime of a message ends when all that was sent of it has arrived, since the
// receiver acknowledges late. Linux drops the rest, and does not tell the receiver.
func TestConnMessageExpiresWithAllAcknowledged(t *testing.T) {
	for _, unordered := range []bool{false, true} {
		t.Run(fmt.Sprintf("unordered=%v", unordered), func(t *testing.T) {
			client, server := givenUp(t, sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRTTL}, Unordered: unordered}, 60*time.Millisecond)
			_, err := client.WriteMsg([]byte("next"), nil)
			require.NoError(t, err)
			_, err = client.WriteMsg([]byte("other"), &sctp.SndInfo{Stream: 1})
			require.NoError(t, err)
			want := []string{"next", "other"}
			if !unordered {
				want = want[1:] // what follows in the stream is lost with it
			}
			b := make([]byte, 50000)
			for _, text := range want {
				m, err := server.ReadMsg(b)
				require.NoError(t, err)
				require.Equal(t, text, string(m.Data))
			}
			sctptest.Eventually(t, func() bool {
				st, err := client.Options().Status()
				return err == nil && st.UnackedData == 0
			}, "acknowledgement of all")
			done := make(chan error, 1)
			go func() { _, err := server.ReadMsg(b); done <- err }()
			sctptest.AwaitParked(t, 1)
			require.NoError(t, server.SetReadDeadline(time.Now()))
			require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
		})
	}
}

// givenUp returns an association whose client has given a message up, of which it had sent
// a part, before the server acknowledged that. On a machine that is too slow for ttl it
// takes a longer one.
func givenUp(t *testing.T, info sctp.SndInfo, ttl time.Duration) (client stalledConn, server *sctp.Conn) {
	t.Helper()
	client, server = stalledPairOf(t, nil, control(func(o sctp.Options) error {
		return o.SetDelayedSACK(sctp.SACKInfo{Delay: 3 * ttl, Freq: 1000})
	}))
	require.NoError(t, client.Subscribe(sctp.EventSendFailed))
	if info.PR.Policy == sctp.PRTTL {
		info.PR.TTL = ttl
	}
	_, err := client.WriteMsg(pattern(30000, 1), &info)
	require.NoError(t, err)
	ev := nextEvent[*sctp.SendFailed](t, client.Conn)
	require.Len(t, ev.Data, 30000)
	if !ev.Sent {
		return givenUp(t, info, 2*ttl)
	}
	return client, server
}
