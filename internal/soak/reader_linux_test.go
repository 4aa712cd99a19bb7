package soak_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A peer never reads. What is written to it comes to a bound and no further; the deadline
// ends the write, Abort the association.
func TestPeerNeverReads(t *testing.T) {
	const buffer = 64 << 10
	check := leaks(t)
	assocs, most := 0, 0
	rounds(t, 2, func(uint64) {
		for _, kind := range sctptest.Kinds {
			e, peer, l := sctptest.NewEnd(t, kind, sctptest.EndConfig{
				Own: sctp.ListenConfig{WriteBuffer: buffer}, Peer: sctp.ListenConfig{ReadBuffer: buffer},
			})
			require.NoError(t, e.SetWriteDeadline(time.Now().Add(sctptest.Wait)))
			taken, b := 0, make([]byte, 1000)
			parked := make(chan error, 1)
			go func() {
				for {
					n, err := e.WriteMsg(b, nil)
					if err != nil {
						parked <- err
						return
					}
					taken += n
				}
			}()
			if kind == sctptest.OneToMany {
				sctptest.AwaitNoRoom(t, 1)
			} else {
				sctptest.AwaitParked(t, 1)
			}
			require.NoError(t, e.SetWriteDeadline(time.Now()))
			require.ErrorIs(t, sctptest.Receive(t, parked), os.ErrDeadlineExceeded)
			// Both buffers, which the kernel doubles.
			require.LessOrEqual(t, taken, 4*buffer)
			most, assocs = max(most, taken), assocs+1
			require.NoError(t, abortAll(e))
			require.NoError(t, peer.Abort())
			if l != nil {
				require.NoError(t, l.Close())
			}
		}
	})
	check()
	report(t, "%d associations, at most %d bytes taken with buffers of %d", assocs, most, buffer)
}

// The reader is slower than the writer: messages of a byte, and long ones through a buffer
// of 1 KiB. All arrive, whole.
func TestSlowReader(t *testing.T) {
	for _, tt := range []struct {
		name     string
		messages int
		size     int
		buffer   int
	}{{"Tiny", 3000, 1, 16}, {"Long", 60, 64 << 10, 1 << 10}} {
		t.Run(tt.name, func(t *testing.T) {
			check := leaks(t)
			messages, pieces := 0, 0
			rounds(t, 3, func(seed uint64) {
				for _, kind := range sctptest.Kinds {
					e, peer, l := sctptest.NewEnd(t, kind, sctptest.EndConfig{Own: sctp.ListenConfig{ReadBuffer: 128 << 10}})
					require.NoError(t, e.SetDeadline(time.Now().Add(2*sctptest.Wait)))
					require.NoError(t, peer.SetDeadline(time.Now().Add(2*sctptest.Wait)))
					f := newFlow(seed, tt.messages, tt.size, 0)
					sent := make(chan error, 1)
					go func() { sent <- f.send(peer) }()
					n, err := f.receivePieces(e, tt.buffer)
					require.NoError(t, err)
					require.NoError(t, sctptest.Receive(t, sent))
					messages, pieces = messages+tt.messages, pieces+n
					require.NoError(t, peer.Close())
					require.NoError(t, e.Close())
					if l != nil {
						require.NoError(t, l.Close())
					}
				}
			})
			check()
			report(t, "%d messages of up to %d bytes in %d pieces of up to %d", messages, tt.size, pieces, tt.buffer)
		})
	}
}

// receivePieces reads all messages through a short buffer, and yields to the writer after
// each piece. It returns the number of pieces.
func (f *flow) receivePieces(e sctptest.End, size int) (pieces int, err error) {
	var whole, want []byte
	b := make([]byte, size)
	for f.got.Load() < int64(f.n) {
		m, err := e.ReadMsg(b)
		if err != nil {
			return pieces, fmt.Errorf("piece %d: %w", pieces, err)
		}
		pieces++
		whole = append(whole, m.Data...)
		if m.EOR {
			m.Data = whole
			if want, err = f.arrived(m, want); err != nil {
				return pieces, err
			}
			whole = whole[:0]
		}
		runtime.Gosched()
	}
	return pieces, nil
}
