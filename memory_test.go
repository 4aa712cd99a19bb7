package sctp_test

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A memoryWriter is an end of an association that writes while the system has no memory
// for SCTP.
type memoryWriter struct {
	writeCloser
	write   func(b []byte) (int, error)
	options sctp.Options        // of the association
	waits   func()              // returns when a write waits
	limit   func(time.Duration) // limits how long a write waits; nil if nothing else does
	peer    *sctp.Conn
}

// A writeCloser is a Conn or a MultiConn.
type writeCloser interface {
	SetWriteDeadline(t time.Time) error
	Close() error
}

var memoryWriters = []struct {
	name string
	open func(t *testing.T) *memoryWriter
}{
	{"Conn", func(t *testing.T) *memoryWriter {
		client, server := sctptest.Pair(t)
		return &memoryWriter{
			client, client.Write, client.Options(),
			func() { sctptest.AwaitSleeping(t, 1) }, nil, server,
		}
	}},
	{"MultiConn", func(t *testing.T) *memoryWriter {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		connect := func(lc sctp.ListenConfig) (sctp.AssocID, *sctp.Conn) {
			l := sctptest.Listen(t, lc, "sctp4", "127.0.0.1:0")
			id, err := m.Connect(context.Background(), l.Addr().(*sctp.Addr))
			require.NoError(t, err)
			return id, sctptest.Accept(t, l)
		}
		id, peer := connect(sctp.ListenConfig{})
		// The peer of another association takes nothing, but that is not what others wait for.
		other, _ := connect(sctp.ListenConfig{ReadBuffer: 16 << 10})
		_, err := m.WriteMsg(make([]byte, 100<<10), &sctp.SndInfo{Assoc: other})
		require.NoError(t, err)
		sctptest.Eventually(t, func() bool {
			st, err := m.Options().Assoc(other).Status()
			return err == nil && st.PeerRwnd == 0 && st.UnackedData > 0
		}, "a full window")
		limit := func(d time.Duration) { sctp.SetStallLimit(m, d) }
		limit(time.Hour)
		return &memoryWriter{
			m, func(b []byte) (int, error) { return m.WriteMsg(b, &sctp.SndInfo{Assoc: id}) }, m.Options().Assoc(id),
			func() { awaitWriters(t, m, 1) }, limit, peer,
		}
	}},
}

// writes begins to write n messages. The socket may have some memory left: they are
// several. They are short, since a long one the kernel would take regardless.
func (w *memoryWriter) writes(n int) <-chan error {
	done := make(chan error, 1)
	go func() {
		for range n {
			if _, err := w.write(make([]byte, 100)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	return done
}

// While the system has no memory for SCTP the kernel refuses data, and does not tell
// when that changes. A write waits all the same, and goes on.
func TestPromise1WriteWaitsForTheSystemsMemory(t *testing.T) {
	sctptest.NeedKernel(t)
	sctptest.NeedTestBed(t, "takes SCTP's memory")
	// The kernel counts by the megabyte: others must hold some first.
	const others = 16
	for range others {
		other, _ := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{Control: sackAtOnce}, "sctp4", "127.0.0.1:0")
		go func() {
			for {
				if _, err := other.Write(make([]byte, 1400)); err != nil {
					return
				}
			}
		}()
	}
	sctptest.AwaitParked(t, others)
	var old string
	take := func(t *testing.T) { old = sctptest.SystemSysctl(t, "net/sctp/sctp_mem", "0 0 0") }
	restore := func(t *testing.T) { sctptest.SystemSysctl(t, "net/sctp/sctp_mem", old) }
	const n = 100
	for _, kind := range memoryWriters {
		for _, tt := range []struct {
			name string
			end  func(t *testing.T, w *memoryWriter, done <-chan error)
		}{
			{"GoesOn", func(t *testing.T, w *memoryWriter, done <-chan error) {
				restore(t)
				require.NoError(t, sctptest.Receive(t, done))
				_, err := io.ReadFull(w.peer, make([]byte, n*100))
				require.NoError(t, err)
			}},
			{"Deadline", func(t *testing.T, w *memoryWriter, done <-chan error) {
				require.NoError(t, w.SetWriteDeadline(time.Now()))
				require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
			}},
			{"Close", func(t *testing.T, w *memoryWriter, done <-chan error) {
				require.NoError(t, w.Close())
				require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
			}},
			// Nobody is to blame: the peer has acknowledged all that it was sent.
			{"Stalled", func(t *testing.T, w *memoryWriter, done <-chan error) {
				sctptest.Eventually(t, func() bool {
					st, err := w.options.Status()
					return err == nil && st.UnackedData == 0
				}, "acknowledgement of the data")
				require.NoError(t, w.SetWriteDeadline(time.Now()))
				require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
				require.NoError(t, w.SetWriteDeadline(time.Time{}))
				w.limit(50 * time.Millisecond)
				_, err := w.write(make([]byte, 100))
				requireStalled(t, err, 0)
				require.ErrorContains(t, err, "no memory to send for")
				w.limit(time.Hour)
				done = w.writes(n)
				w.waits()
				restore(t)
				require.NoError(t, sctptest.Receive(t, done))
			}},
		} {
			if kind.name == "Conn" && tt.name == "Stalled" {
				continue // nothing else limits how long its writes wait
			}
			t.Run(kind.name+"/"+tt.name, func(t *testing.T) {
				w := kind.open(t)
				take(t)
				defer restore(t)
				done := w.writes(n)
				w.waits()
				tt.end(t, w, done)
			})
		}
	}
}
