package soak_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// streams is how many streams a flow uses: the kernel's default is 10.
const streams = 8

// A flow is what one end sends to the other: messages that follow from a seed. Each is
// known by its PPID, so that even one of a single byte is.
type flow struct {
	seed      uint64
	n         int // messages
	size      int // of the longest
	unordered int // percentage of them
	base      uint32

	next [streams]int // of each stream's ordered messages the one that is due
	seen []bool
	got  atomic.Int64
}

func newFlow(seed uint64, n, size, unordered int) *flow {
	f := &flow{seed: seed, n: n, size: size, unordered: unordered, base: random(seed, 0).Uint32(), seen: make([]bool, n)}
	for s := range f.next {
		f.next[s] = f.after(s, -1)
	}
	return f
}

// info returns how message i is sent, and its length.
func (f *flow) info(i int) (sctp.SndInfo, int) {
	r := random(f.seed, uint64(i)+1)
	info := sctp.SndInfo{Stream: uint16(r.IntN(streams)), PPID: f.base + uint32(i), Unordered: r.IntN(100) < f.unordered}
	size := 1 + r.IntN(f.size)
	if i == 0 {
		size = f.size
	}
	return info, size
}

// message returns message i, in b if that is long enough.
func (f *flow) message(i int, b []byte) ([]byte, sctp.SndInfo) {
	info, size := f.info(i)
	if cap(b) < size {
		b = make([]byte, size)
	}
	b = b[:size]
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], f.seed)
	binary.BigEndian.PutUint64(key[8:], uint64(i))
	rand.NewChaCha8(key).Read(b)
	return b, info
}

// after returns the ordered message of a stream that follows message i.
func (f *flow) after(stream, i int) int {
	for i++; i < f.n; i++ {
		if info, _ := f.info(i); int(info.Stream) == stream && !info.Unordered {
			return i
		}
	}
	return f.n
}

// send writes all messages.
func (f *flow) send(e sctptest.End) error {
	var b []byte
	for i := range f.n {
		var info sctp.SndInfo
		b, info = f.message(i, b)
		if _, err := e.WriteMsg(b, &info); err != nil {
			return fmt.Errorf("write %d: %w", i, err)
		}
	}
	return nil
}

// receive reads until all messages have come.
func (f *flow) receive(e sctptest.End) error {
	var want []byte
	for m, err := range e.Messages(f.size) {
		if err != nil {
			return fmt.Errorf("read after %d of %d messages: %w", f.got.Load(), f.n, err)
		}
		if want, err = f.arrived(m, want); err != nil {
			return err
		}
		if f.got.Load() == int64(f.n) {
			return nil
		}
	}
	return fmt.Errorf("the end after %d of %d messages", f.got.Load(), f.n)
}

// arrived checks a message: it is whole, as it was sent, in its order, and came once.
func (f *flow) arrived(m sctp.Message, want []byte) ([]byte, error) {
	i := int(m.Info.PPID - f.base)
	if i >= f.n || m.Event != nil || !m.EOR {
		return want, fmt.Errorf("nothing that was sent: %d bytes, %+v", len(m.Data), m.Info)
	}
	want, info := f.message(i, want)
	switch {
	case f.seen[i]:
		return want, fmt.Errorf("message %d came twice", i)
	case m.Info.Stream != info.Stream || m.Info.Unordered != info.Unordered:
		return want, fmt.Errorf("message %d is %+v, not %+v", i, m.Info, info)
	case !bytes.Equal(m.Data, want):
		return want, fmt.Errorf("message %d has %d bytes, which are not the %d that were sent", i, len(m.Data), len(want))
	case !info.Unordered && i != f.next[info.Stream]:
		return want, fmt.Errorf("message %d of stream %d came before %d", i, info.Stream, f.next[info.Stream])
	}
	f.seen[i] = true
	if !info.Unordered {
		f.next[info.Stream] = f.after(int(info.Stream), i)
	}
	f.got.Add(1)
	return want, nil
}
