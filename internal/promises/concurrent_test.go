package promises_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// The messages of concurrent writers arrive whole, at concurrent readers.
func TestPromise9ConcurrentWritersAndReaders(t *testing.T) {
	forEachKindAtOnce(t, func(t *testing.T, kind string) {
		t.Run("Writers", func(t *testing.T) {
			self, peer := pair(t, kind)
			concurrent(t, self, peer, 4, readMessages)
		})
		t.Run("Messages", func(t *testing.T) {
			self, peer := pair(t, kind)
			concurrent(t, peer, self, 4, readMessages)
		})
		t.Run("ReadMsg", func(t *testing.T) {
			self, peer := pair(t, kind)
			readers := 4
			if kind == sctptest.OneToMany {
				readers = 1 // the parts of a message would come to several
			}
			concurrent(t, peer, self, readers, readMsgs)
		})
	})
}

// numbered returns the i-th message of writer w. Some are one chunk, some many, some more
// than the window.
func numbered(w, i int) []byte {
	b := pattern(8+(w*7919+i*104729)%70000, byte(w))
	binary.BigEndian.PutUint32(b, uint32(w))
	binary.BigEndian.PutUint32(b[4:], uint32(i))
	return b
}

// concurrent lets writers write to one end and readers read from the other, until they
// have all messages.
func concurrent(t *testing.T, to, from sctptest.End, readers int, read func(e sctptest.End, take func(b []byte) error) error) {
	const writers, count = 8, 4
	errs := make(chan error, writers+readers)
	for w := range writers {
		go func() {
			for i := range count {
				if _, err := to.WriteMsg(numbered(w, i), &sctp.SndInfo{Stream: uint16(w)}); err != nil {
					errs <- fmt.Errorf("writer %d: %w", w, err)
					return
				}
			}
		}()
	}
	var mu sync.Mutex
	seen := map[[2]uint32]bool{}
	take := func(b []byte) error {
		if len(b) < 8 {
			return fmt.Errorf("message of %d bytes", len(b))
		}
		w, i := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
		if w >= writers || i >= count || !bytes.Equal(b, numbered(int(w), int(i))) {
			return fmt.Errorf("message %d of writer %d is not whole: %d bytes", i, w, len(b))
		}
		mu.Lock()
		defer mu.Unlock()
		if seen[[2]uint32{w, i}] {
			return fmt.Errorf("message %d of writer %d comes twice", i, w)
		}
		if seen[[2]uint32{w, i}] = true; len(seen) == writers*count {
			errs <- nil
		}
		return nil
	}
	require.NoError(t, from.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	var rs sync.WaitGroup
	for range readers {
		rs.Add(1)
		go func() {
			defer rs.Done()
			if err := read(from, take); err != nil {
				errs <- err
			}
		}()
	}
	require.NoError(t, sctptest.Receive(t, errs))
	require.NoError(t, from.SetReadDeadline(time.Now())) // the readers wait for more
	done := make(chan struct{})
	go func() { rs.Wait(); close(done) }()
	sctptest.Receive(t, done)
	require.Len(t, seen, writers*count)
}

// readMessages reads until take or the read fails; it returns the error of take.
func readMessages(e sctptest.End, take func(b []byte) error) error {
	for m, err := range e.Messages(1 << 20) {
		if err != nil {
			return nil
		}
		if err := take(m.Data); err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

// readMsgs does so with ReadMsg. On a one-to-many socket it puts the parts together; on a
// Conn there are none.
func readMsgs(e sctptest.End, take func(b []byte) error) error {
	_, many := e.(*sctptest.Member)
	parts := map[uint16][]byte{}
	for b := make([]byte, 100000); ; {
		m, err := e.ReadMsg(b)
		if err != nil {
			return nil
		}
		if !m.EOR && !many {
			return fmt.Errorf("%d bytes, and no end of record", len(m.Data))
		}
		s := m.Info.Stream
		if parts[s] = append(parts[s], m.Data...); m.EOR {
			if err := take(parts[s]); err != nil {
				return err
			}
			parts[s] = nil
		}
	}
}
