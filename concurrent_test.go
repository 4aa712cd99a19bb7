package sctp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Promise 9: each writer's messages arrive whole, each reader gets whole pieces.
func TestPromise9ConcurrentWritersAndReaders(t *testing.T) {
	const writers, readers, count = 8, 4, 25
	for _, how := range []string{"ReadMsg", "Messages"} {
		t.Run(how, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			var ws sync.WaitGroup
			errs := make(chan error, writers+readers)
			for w := range writers {
				ws.Go(func() {
					for i := range count {
						// Some are one chunk, some many, some more than the window.
						b := pattern(8+(w*7919+i*104729)%70000, byte(w))
						binary.BigEndian.PutUint32(b, uint32(w))
						binary.BigEndian.PutUint32(b[4:], uint32(i))
						if _, err := client.WriteMsg(b, &sctp.SndInfo{Stream: uint16(w)}); err != nil {
							errs <- err
							return
						}
					}
				})
			}
			go func() { ws.Wait(); client.CloseWrite() }()

			var mu sync.Mutex
			seen := map[string]bool{}
			take := func(b []byte) error {
				if len(b) < 8 {
					return fmt.Errorf("message of %d bytes", len(b))
				}
				w, i := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
				want := pattern(8+(int(w)*7919+int(i)*104729)%70000, byte(w))
				if !bytes.Equal(b[8:], want[8:]) {
					return fmt.Errorf("message %d of writer %d is not whole: %d bytes of %d", i, w, len(b), len(want))
				}
				mu.Lock()
				defer mu.Unlock()
				seen[fmt.Sprint(w, i)] = true
				return nil
			}
			var rs sync.WaitGroup
			for range readers {
				rs.Go(func() {
					if how == "Messages" {
						for m, err := range server.Messages(1 << 20) {
							if err == nil {
								err = take(m.Data)
							}
							if err != nil {
								errs <- err
								return
							}
						}
						return
					}
					b := make([]byte, 100000)
					for {
						m, err := server.ReadMsg(b)
						if err == io.EOF {
							return
						}
						if err == nil && !m.EOR {
							err = errors.New("no end of record")
						}
						if err == nil {
							err = take(m.Data)
						}
						if err != nil {
							errs <- err
							return
						}
					}
				})
			}
			done := make(chan struct{})
			go func() { rs.Wait(); close(done) }()
			sctptest.Receive(t, done)
			select {
			case err := <-errs:
				t.Fatal(err)
			default:
			}
			require.Len(t, seen, writers*count)
		})
	}
}

// Long Writes of several goroutines do not mix either.
func TestPromise9ConcurrentWrites(t *testing.T) {
	const writers, size = 4, 200000
	client, server := sctptest.Pair(t)
	errs := make(chan error, writers)
	for w := range writers {
		go func() {
			_, err := client.Write(bytes.Repeat([]byte{byte(w)}, size))
			errs <- err
		}()
	}
	go func() {
		for range writers {
			<-errs
		}
		client.CloseWrite()
	}()
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	require.Len(t, got, writers*size)
	for i := 0; i < len(got); i += size {
		require.Equal(t, bytes.Repeat(got[i:i+1], size), got[i:i+size])
	}
}
