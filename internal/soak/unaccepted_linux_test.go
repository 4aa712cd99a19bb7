package soak_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// counter returns a counter of /proc/net/sctp/snmp.
func counter(t *testing.T, name string) int {
	t.Helper()
	b, err := os.ReadFile("/proc/thread-self/net/sctp/snmp")
	require.NoError(t, err)
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Fields(line); len(f) == 2 && f[0] == name {
			n, err := strconv.Atoi(f[1])
			require.NoError(t, err)
			return n
		}
	}
	t.Fatal("no " + name + " in /proc/net/sctp/snmp")
	return 0
}

// A waitingRoom is a listener that does not accept, with those who have dialled it and sent
// one message each.
type waitingRoom struct {
	l     *sctp.Listener
	peers []*sctp.Conn
}

// newWaitingRoom lets peers dial and send, one after the other. Their RTOs are 50 ms up to
// maxRTO.
func newWaitingRoom(t *testing.T, peers, size int, maxRTO string) *waitingRoom {
	t.Helper()
	sctptest.Sysctl(t, "net/sctp/rto_max", maxRTO)
	w := &waitingRoom{l: sctptest.Listen(t, sctp.ListenConfig{ReadBuffer: 32 << 10}, "sctp4", "127.0.0.1:0")}
	for range peers {
		nc, err := sctp.DialTimeout("sctp4", w.l.Addr().String(), sctptest.Wait)
		require.NoError(t, err)
		t.Cleanup(func() { nc.(*sctp.Conn).Abort() })
		w.peers = append(w.peers, nc.(*sctp.Conn))
		_, err = nc.Write(make([]byte, size))
		require.NoError(t, err)
	}
	return w
}

// counts returns of how many peers the message was acknowledged, how many wait for that, and
// how many associations have ended.
func (w *waitingRoom) counts(t *testing.T) (acked, pending, ended int) {
	t.Helper()
	for _, c := range w.peers {
		switch st, err := c.Options().Status(); {
		case err != nil:
			require.ErrorIs(t, err, syscall.EINVAL)
			ended++
		case st.UnackedData > 0:
			pending++
		default:
			acked++
		}
	}
	return acked, pending, ended
}

// charges returns what each association takes of the listener's buffer, in their order, and
// the buffer's size, in bytes.
func (w *waitingRoom) charges(t *testing.T) (each []int, buffer int) {
	t.Helper()
	const localPort, rxQueue = 11, 8 // columns; the last is rcvbuf
	port := strconv.Itoa(int(w.l.Addr().(*sctp.Addr).Port))
	for _, line := range sctptest.AssocLines(t, w.l.Addr().(*sctp.Addr).Port) {
		f := strings.Fields(line)
		if f[localPort] != port {
			continue
		}
		n, err := strconv.Atoi(f[rxQueue])
		require.NoError(t, err)
		each = append(each, n)
		buffer, err = strconv.Atoi(f[len(f)-1])
		require.NoError(t, err)
	}
	return each, buffer
}

// accept accepts all, requires that whole of them return their message and the others an
// error, and ends them.
func (w *waitingRoom) accept(t *testing.T, size, whole int) {
	t.Helper()
	var accepted []*sctp.Conn
	for range w.peers {
		accepted = append(accepted, sctptest.Accept(t, w.l))
	}
	got := 0
	for _, c := range accepted {
		require.NoError(t, c.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		b := make([]byte, size+1)
		if n, err := c.Read(b); err == nil {
			require.Equal(t, size, n)
			got++
		} else {
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}
	}
	require.Equal(t, whole, got)
	for _, c := range append(accepted, w.peers...) {
		require.NoError(t, c.Abort())
	}
	require.NoError(t, w.l.Close())
	noAssocs(t, nil)
}

// What waits to be accepted shares the receive buffer of the listener: all associations
// together get no more than it holds. What the others send is dropped, though their windows
// are open, and sent again until something is accepted. Heartbeats, which are answered,
// keep these associations on newer kernels, but Linux sends none for 200 ms after it has sent data: where the
// RTO never gets that long, the retransmissions end them. With rcvbuf_policy 1 each has the
// whole buffer.
func TestUnaccepted(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	const (
		peers, size, maxRetrans = 80, 200, 10
		shortRTO, longRTO       = "100", "1000"
		again                   = "SctpT3Retransmits"
	)
	for _, v := range [][2]string{
		{"rto_min", "50"}, {"rto_initial", "50"}, {"association_max_retrans", strconv.Itoa(maxRetrans)},
	} {
		sctptest.Sysctl(t, "net/sctp/"+v[0], v[1])
	}
	check := leaks(t)

	start := counter(t, again)
	w := newWaitingRoom(t, peers, size, longRTO)
	acked, pending, _ := w.counts(t)
	require.NotZero(t, pending)
	each, buffer := w.charges(t)
	require.Len(t, each, peers)
	silent, full, sum := each[0], each[0], 0
	for _, n := range each {
		silent, full, sum = min(silent, n), max(full, n), sum+n
	}
	require.GreaterOrEqual(t, sum, buffer, "no room for another message")
	require.Less(t, (acked-1)*full+silent, buffer, "room for the last")
	// So many would end them all, if nothing was answered. On Linux 5.10 the answers to
	// heartbeats do not keep them.
	var ended int
	sctptest.Eventually(t, func() bool {
		_, _, ended = w.counts(t)
		return counter(t, again)-start > 2*maxRetrans*pending || ended == pending
	}, "retransmissions")
	sentAgain := counter(t, again) - start
	if ended > 0 {
		require.True(t, sctptest.OlderLinux(t, "6.1"), "%d have ended", ended)
		w.accept(t, size, acked)
	} else {
		w.accept(t, size, peers)
	}

	w = newWaitingRoom(t, peers, size, shortRTO)
	acked3, pending3, ended3 := w.counts(t)
	require.Equal(t, []int{acked, pending}, []int{acked3, pending3 + ended3})
	for _, c := range w.peers[acked:] {
		require.NoError(t, c.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		_, err := c.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ETIMEDOUT)
	}
	w.accept(t, size, acked)

	sctptest.Sysctl(t, "net/sctp/rcvbuf_policy", "1")
	w = newWaitingRoom(t, peers, size, longRTO)
	sctptest.Eventually(t, func() bool { acked, _, _ := w.counts(t); return acked == peers }, "all acknowledged")
	w.accept(t, size, peers)
	check()
	report(t, "%d associations with a message of %d bytes each, not accepted, at a buffer of %d, of which a silent one takes %d and another %d: %d acknowledged; the messages of %d sent %d times again, and delivered when accepted, or with an RTO of at most %s ms ETIMEDOUT; with rcvbuf_policy 1 all acknowledged",
		peers, size, buffer, silent, full, acked, pending, sentAgain, shortRTO)
}
