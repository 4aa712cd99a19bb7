package soak_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// waits are calls that wait for what does not come.
var waits = []struct {
	name string
	call func(e sctptest.End) error
}{
	{"ReadMsg", func(e sctptest.End) error { _, err := e.ReadMsg(make([]byte, 10)); return err }},
	{"Messages", func(e sctptest.End) error {
		for _, err := range e.Messages(10) {
			return err
		}
		return net.ErrClosed // ends without being yielded
	}},
	{"ReadBatch", func(e sctptest.End) error {
		b := e.(interface {
			ReadBatch([][]byte, []sctp.Message) (int, error)
		})
		_, err := b.ReadBatch([][]byte{make([]byte, 10), make([]byte, 10)}, make([]sctp.Message, 2))
		return err
	}},
	{"WriteMsg", func(e sctptest.End) error {
		b := make([]byte, 1000)
		for {
			if _, err := e.WriteMsg(b, nil); err != nil {
				return err
			}
		}
	}},
}

// A deadline, a Close and an Abort race each call that waits. It returns, with the error
// of one that was there.
func TestRaces(t *testing.T) {
	const each = 4
	check := leaks(t)
	closed, expired := 0, 0
	rounds(t, 4, func(seed uint64) {
		r := random(seed, 20)
		for _, kind := range sctptest.Kinds {
			for _, w := range waits {
				for range each {
					e, peer, l := sctptest.NewEnd(t, kind, sctptest.EndConfig{Own: sctp.ListenConfig{WriteBuffer: 8 << 10}, Peer: sctp.ListenConfig{ReadBuffer: 8 << 10}})
					const calls = 3
					results := make(chan error, calls)
					for range calls {
						go func() { results <- w.call(e) }()
					}
					var racing sync.WaitGroup
					timeout := time.Duration(r.IntN(2000)) * time.Microsecond
					for _, f := range []func(){
						func() { e.SetDeadline(time.Now().Add(timeout)) },
						func() { e.Close() },
						func() { abortAll(e) },
					} {
						wait := r.IntN(2000)
						racing.Add(1)
						go func() {
							defer racing.Done()
							for range wait {
								// No event tells when the calls wait: the races shall come before and after.
								_ = e.LocalAddr()
							}
							f()
						}()
						if r.IntN(2) == 0 {
							racing.Wait()
						}
					}
					for range calls {
						switch err := sctptest.Receive(t, results); {
						case errors.Is(err, net.ErrClosed):
							closed++
						case errors.Is(err, os.ErrDeadlineExceeded):
							expired++
						default:
							require.NoError(t, err, "%s of %s", w.name, kind)
							t.Fatalf("%s of %s returned without an error", w.name, kind)
						}
					}
					racing.Wait()
					require.NoError(t, peer.Abort())
					if l != nil {
						require.NoError(t, l.Close())
					}
				}
			}
		}
	})
	check()
	report(t, "%d calls ended: %d with net.ErrClosed, %d with os.ErrDeadlineExceeded", closed+expired, closed, expired)
}

// A thousand goroutines use one Conn, half of them at each end of the echo, while signals
// rain. Each message comes back once.
func TestThousandGoroutines(t *testing.T) {
	const writers, readers, each = 500, 500, 4
	sctptest.NeedKernel(t)
	messages := 0
	t.Run("Signals", func(t *testing.T) {
		sctptest.Signals(t) // which leaves a goroutine of os/signal behind
		check := leaks(t)
		rounds(t, 4, func(uint64) {
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			c, s := sctptest.Connect(t, sctp.Dialer{}, l)
			require.NoError(t, l.Close())
			require.NoError(t, c.SetDeadline(time.Now().Add(2*sctptest.Wait)))
			echoed := make(chan error, 1)
			go func() {
				for m, err := range s.Messages(100) {
					if err != nil {
						echoed <- err
						return
					}
					if _, err := s.WriteMsg(m.Data, m.Info.Reply()); err != nil {
						echoed <- err
						return
					}
				}
				echoed <- nil
			}()
			results := make(chan error, writers+readers)
			seen := make([]atomic.Int32, writers*each)
			for w := range writers {
				go func() {
					var err error
					for i := range each {
						m := binary.BigEndian.AppendUint32(nil, uint32(w*each+i))
						if _, werr := c.WriteMsg(append(m, m...), &sctp.SndInfo{Stream: uint16(w % streams)}); werr != nil {
							err = werr
						}
					}
					results <- err
				}()
			}
			for range readers {
				go func() {
					results <- func() error {
						b := make([]byte, 100)
						for range writers * each / readers {
							m, err := c.ReadMsg(b)
							if err != nil {
								return err
							}
							if len(m.Data) != 8 || string(m.Data[:4]) != string(m.Data[4:]) {
								return fmt.Errorf("not a message: % x", m.Data)
							}
							seen[binary.BigEndian.Uint32(m.Data)].Add(1)
						}
						return nil
					}()
				}()
			}
			for range writers + readers {
				require.NoError(t, sctptest.Receive(t, results))
			}
			for i := range seen {
				require.EqualValues(t, 1, seen[i].Load(), "message %d", i)
			}
			messages += len(seen)
			require.NoError(t, c.Close())
			require.NoError(t, sctptest.Receive(t, echoed))
			require.NoError(t, s.Close())
		})
		check()
	})
	report(t, "%d goroutines on a Conn, %d messages there and back, each once", writers+readers, messages)
}
