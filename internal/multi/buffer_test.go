package multi_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// The beginnings of two peers' messages fill the receive buffer that all associations
// share, and either association has window left, so that Linux sees no need to deliver
// what it has of them (sctp_eat_data in sm_statefuns.c) and drops what would complete them
// (sctp_ulpevent_make_rcvmsg in ulpevent.c). A larger buffer ends that; with a buffer for
// each association it does not come to it.
func TestBeginningsFillASharedReceiveBuffer(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Unbundle(t)
	for _, shared := range []bool{true, false} {
		name, policy := "PerAssociation", "1"
		if shared {
			name, policy = "Shared", "0"
		}
		t.Run(name, func(t *testing.T) {
			sctptest.Sysctl(t, "net/sctp/rcvbuf_policy", policy)
			server, peers, want := beginnings(t)
			read := make(chan string)
			go func() {
				defer close(read)
				for b := make([]byte, 50000); ; {
					m, err := server.ReadMsg(b)
					if err != nil {
						return
					}
					read <- string(m.Data)
				}
			}()
			if shared {
				before := retransmitted(t, peers)
				sctptest.Eventually(t, func() bool {
					now := retransmitted(t, peers)
					return now[0] > before[0]+5 && now[1] > before[1]+5
				}, "retransmissions in vain")
				select {
				case m := <-read:
					t.Fatalf("a message of %d bytes came, or an error", len(m))
				default:
				}
				require.NoError(t, server.SetReadBuffer(200<<10))
			}
			for range peers {
				m := sctptest.Receive(t, read)
				require.True(t, want[m], "%d bytes are no message that was sent", len(m))
				delete(want, m)
			}
			require.NoError(t, server.Close())
			require.Empty(t, sctptest.Receive(t, read)) // closed
		})
	}
}

// beginnings returns a socket that holds the beginnings of a message of each of its two
// peers, want, and these peers, which send the ends again and again.
func beginnings(t *testing.T) (server *sctp.MultiConn, peers []*sctp.Conn, want map[string]bool) {
	t.Helper()
	const window = 40 << 10 // of each peer, and half of the buffer
	server = sctptest.ListenMulti(t, sctp.ListenConfig{ReadBuffer: window, Control: sackAtOnce}, "sctp4", "127.0.0.1:0")
	raw, err := server.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, systest.DropEnds(raw, true))
	for range 2 {
		c, err := (&sctp.Dialer{WriteBuffer: 1 << 20, Control: shortRTO}).Dial("sctp4", server.LocalAddr().String())
		require.NoError(t, err)
		t.Cleanup(func() { c.(*sctp.Conn).Abort() })
		peers = append(peers, c.(*sctp.Conn))
		_, err = c.Write([]byte("hello"))
		require.NoError(t, err)
		_, err = server.ReadMsg(make([]byte, 10)) // behind the event that says it is up
		require.NoError(t, err)
	}
	// A short message first: to read that gives its sender some window again after the
	// buffer is full. It tells, too, what the kernel takes for itself.
	_, err = peers[1].WriteMsg([]byte("x"), nil)
	require.NoError(t, err)
	short := awaitHeld(t, peers[1], func(n int) bool { return n > 1 })
	overhead := short - 1

	// The first fills its window but for two fragments, the second the rest of the buffer:
	// the last one is more than there is room for, and by more than the short message is.
	const size = 1000
	count := window/size - 2
	rest := 2*window + short - count*(size+overhead)
	count2 := rest/(1400+overhead) + 1
	size2 := (rest/count2 - overhead + 3) &^ 3
	want = map[string]bool{}
	for i, m := range []struct{ count, size, held int }{
		{count, size, count * (size + overhead)},
		{count2, size2, short + count2*(size2+overhead)},
	} {
		require.NoError(t, peers[i].Options().SetMaxSeg(m.size))
		b := message(i, 0, (m.count+1)*m.size)
		want[string(b)] = true
		_, err := peers[i].WriteMsg(b, &sctp.SndInfo{Stream: 1})
		require.NoError(t, err)
		awaitHeld(t, peers[i], func(n int) bool { return n == m.held })
	}
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "x", string(m.Data))
	require.NoError(t, systest.DropEnds(raw, false))
	return server, peers, want
}

// awaitHeld waits until what the kernel holds of c's messages at the other end is as it
// may be, and returns how much that is, with the overhead.
func awaitHeld(t *testing.T, c *sctp.Conn, may func(n int) bool) (n int) {
	t.Helper()
	port := strconv.Itoa(int(c.RemoteAddr().(*sctp.Addr).Port))
	sctptest.Eventually(t, func() bool {
		for _, line := range sctptest.AssocLines(t, c.LocalAddr().(*sctp.Addr).Port) {
			if fields := strings.Fields(line); fields[11] == port {
				var err error
				n, err = strconv.Atoi(fields[8])
				require.NoError(t, err)
			}
		}
		return may(n)
	}, "what is held")
	return n
}

// retransmitted returns how many chunks each of peers has sent again.
func retransmitted(t *testing.T, peers []*sctp.Conn) (counts []uint64) {
	t.Helper()
	for _, c := range peers {
		st, err := c.Options().AssocStats()
		require.NoError(t, err)
		counts = append(counts, st.RtxChunks)
	}
	return counts
}
