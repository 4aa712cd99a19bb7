package promises_test

import (
	"context"
	"crypto/sha256"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// everyCall is what must fail with net.ErrClosed once an end is closed.
var everyCall = []call{
	{"SetDeadline", func(e sctptest.End) error { return e.SetDeadline(time.Time{}) }},
	{"SetReadDeadline", func(e sctptest.End) error { return e.SetReadDeadline(time.Time{}) }},
	{"SetWriteDeadline", func(e sctptest.End) error { return e.SetWriteDeadline(time.Time{}) }},
	{"SetNoDelay", func(e sctptest.End) error { return e.SetNoDelay(true) }},
	{"SetReadBuffer", func(e sctptest.End) error { return e.SetReadBuffer(1 << 16) }},
	{"SetWriteBuffer", func(e sctptest.End) error { return e.SetWriteBuffer(1 << 16) }},
	{"Subscribe", func(e sctptest.End) error { return e.Subscribe(sctp.EventShutdown) }},
	{"Unsubscribe", func(e sctptest.End) error { return e.Unsubscribe(sctp.EventShutdown) }},
	{"File", func(e sctptest.End) error { _, err := e.File(); return err }},
	{"SyscallConn", func(e sctptest.End) error { _, err := e.SyscallConn(); return err }},
	{"Options", func(e sctptest.End) error { _, err := e.Options().Status(); return err }},
	{"SetOptions", func(e sctptest.End) error { return e.Options().SetNoDelay(true) }},
	{"PeerAddrs", func(e sctptest.End) error { _, err := e.Options().PeerAddrs(); return err }},
	{"Shutdown", func(e sctptest.End) error { return e.Shutdown(context.Background()) }},
	{"Abort", func(e sctptest.End) error { return e.Abort() }},
	{"Close", func(e sctptest.End) error { return e.Close() }},
}

// everyConnCall is what only a Conn has.
var everyConnCall = []struct {
	name string
	do   func(c *sctp.Conn) error
}{
	{"ReadNothing", func(c *sctp.Conn) error { _, err := c.Read(nil); return err }},
	{"WriteNothing", func(c *sctp.Conn) error { _, err := c.Write(nil); return err }},
	{"SetLinger", func(c *sctp.Conn) error { return c.SetLinger(0) }},
	{"CloseRead", func(c *sctp.Conn) error { return c.CloseRead() }},
	{"StartShutdown", func(c *sctp.Conn) error { return c.StartShutdown() }},
}

// everyMultiCall is what only a MultiConn has.
var everyMultiCall = []struct {
	name string
	do   func(m *sctptest.Member) error
}{
	{"ReadFromNothing", func(m *sctptest.Member) error { _, _, err := m.ReadFrom(nil); return err }},
	{"Connect", func(m *sctptest.Member) error {
		_, err := m.Connect(context.Background(), m.LocalAddr().(*sctp.Addr))
		return err
	}},
	{"StartConnect", func(m *sctptest.Member) error { _, err := m.StartConnect(m.LocalAddr().(*sctp.Addr)); return err }},
	{"PeelOff", func(m *sctptest.Member) error { _, err := m.PeelOff(m.ID); return err }},
	{"Assocs", func(m *sctptest.Member) error { _, err := m.Assocs(); return err }},
	{"SetListening", func(m *sctptest.Member) error { return m.SetListening(true) }},
	{"SubscribeAssoc", func(m *sctptest.Member) error { return m.SubscribeAssoc(m.ID, sctp.EventShutdown) }},
	{"SocketOptions", func(m *sctptest.Member) error { _, err := m.MultiConn.Options().RTOInfo(); return err }},
}

// callsOf returns all calls of an end of the kind.
func callsOf(kind string) []call {
	calls := append(append(reads(kind), writes(kind)...), everyCall...)
	if kind == sctptest.OneToMany {
		for _, c := range everyMultiCall {
			calls = append(calls, call{c.name, func(e sctptest.End) error { return c.do(e.(*sctptest.Member)) }})
		}
		return calls
	}
	for _, c := range everyConnCall {
		calls = append(calls, call{c.name, func(e sctptest.End) error { return c.do(e.(*sctp.Conn)) }})
	}
	return calls
}

// Promises 5 and 7: closed is closed for all calls, for ever, and the addresses stay.
func TestPromise5Closed(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		hows := []call{{"Close", sctptest.End.Close}}
		if kind != sctptest.OneToMany { // there the association ends, and not the socket
			hows = append(hows,
				call{"Abort", sctptest.End.Abort},
				call{"Shutdown", func(e sctptest.End) error { return e.Shutdown(context.Background()) }})
		}
		for _, how := range hows {
			t.Run(how.name, func(t *testing.T) {
				check := sctptest.Leaks(t)
				self, peer, l := sctptest.NewEnd(t, kind, sctptest.EndConfig{})
				raw, err := self.SyscallConn()
				require.NoError(t, err)
				local := self.LocalAddr()
				require.NotNil(t, local)
				text := local.String()
				read := make(chan struct{})
				go func() { defer close(read); io.Copy(io.Discard, peer) }()
				var waiting []<-chan error
				for _, c := range reads(kind) {
					waiting = append(waiting, c.run(self))
				}
				sctptest.AwaitParked(t, 2) // the peer, and one that the others wait for
				require.NoError(t, how.do(self))
				for _, done := range waiting {
					require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
				}
				for range 2 {
					for _, c := range callsOf(kind) {
						err := c.do(self)
						require.ErrorIs(t, err, net.ErrClosed, c.name)
						sctptest.OpError(t, err)
					}
				}
				require.ErrorIs(t, raw.Control(func(uintptr) { t.Error("called") }), net.ErrClosed)
				require.ErrorIs(t, raw.Read(func(uintptr) bool { t.Error("called"); return true }), net.ErrClosed)
				require.ErrorIs(t, raw.Write(func(uintptr) bool { t.Error("called"); return true }), net.ErrClosed)
				require.Same(t, local, self.LocalAddr())
				require.Equal(t, text, self.LocalAddr().String())
				if c, ok := self.(*sctp.Conn); ok {
					require.Equal(t, peer.LocalAddr().String(), c.RemoteAddr().String())
				}
				sctptest.Receive(t, read)
				require.NoError(t, peer.Close())
				require.NoError(t, l.Close())
				check()
			})
		}
	})
}

// What was written arrives, although Close follows at once.
func TestPromise5CloseDeliversInTheBackground(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		for _, linger := range []int{-1, 1, 60} {
			self, peer := pair(t, kind)
			if c, ok := self.(*sctp.Conn); ok {
				require.NoError(t, c.SetLinger(linger))
			}
			want := pattern(150000, 5) // the peer's window is smaller
			for _, b := range [][]byte{want[:60000], want[60000:]} {
				_, err := self.WriteMsg(b, nil)
				require.NoError(t, err)
			}
			require.NoError(t, self.Close())
			require.NoError(t, peer.SetDeadline(time.Now().Add(sctptest.Wait)))
			got, err := io.ReadAll(peer)
			require.NoError(t, err)
			require.Equal(t, sha256.Sum256(want), sha256.Sum256(got))
		}
	})
}

// Input left unread turns Close into an ABORT.
func TestPromise5CloseWithUnreadInput(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind string) {
		self, peer := pair(t, kind)
		_, err := peer.Write([]byte("unread"))
		require.NoError(t, err)
		sctptest.Eventually(t, func() bool {
			st, err := peer.Options().Status()
			return err == nil && st.UnackedData == 0
		}, "acknowledgement")
		require.NoError(t, self.Close())
		require.NoError(t, peer.SetDeadline(time.Now().Add(sctptest.Wait)))
		_, err = peer.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}
