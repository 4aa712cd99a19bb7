package hub_test

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/netsctp/sctp"
)

const (
	streams    = 4
	headerSize = 16
	longSize   = 5000 // several packets
	maxSize    = 64 << 10
)

// A label is what a message says of itself.
type label struct {
	spoke  int
	epoch  uint16 // 1 once the spoke has begun anew
	stream uint16
	seq    uint32 // in the stream, since the epoch began
}

// encode returns the message of l. Every sixteenth is long.
func (l label) encode(b []byte) []byte {
	size := headerSize + (l.spoke*7+int(l.seq)*31)%400
	if (l.spoke+int(l.seq))%16 == 0 {
		size = longSize
	}
	return l.encodeSize(b, size)
}

// encodeSize returns a message of l with size bytes.
func (l label) encodeSize(b []byte, size int) []byte {
	b = binary.BigEndian.AppendUint32(b[:0], uint32(l.spoke))
	b = binary.BigEndian.AppendUint16(b, l.epoch)
	b = binary.BigEndian.AppendUint16(b, l.stream)
	b = binary.BigEndian.AppendUint32(b, l.seq)
	b = binary.BigEndian.AppendUint32(b, uint32(size))
	for len(b) < size {
		b = append(b, byte(l.seq))
	}
	return b
}

// decode returns the label of a message, which must be whole.
func decode(m sctp.Message) (label, error) {
	b := m.Data
	if len(b) < headerSize || binary.BigEndian.Uint32(b[12:]) != uint32(len(b)) || !m.EOR {
		return label{}, fmt.Errorf("a message of %d bytes is broken: %x", len(b), b[:min(len(b), headerSize)])
	}
	l := label{
		spoke: int(binary.BigEndian.Uint32(b)), epoch: binary.BigEndian.Uint16(b[4:]),
		stream: binary.BigEndian.Uint16(b[6:]), seq: binary.BigEndian.Uint32(b[8:]),
	}
	for _, c := range b[headerSize:] {
		if c != byte(l.seq) {
			return l, fmt.Errorf("message %+v is damaged", l)
		}
	}
	if l.stream != m.Info.Stream || l.stream >= streams {
		return l, fmt.Errorf("message %+v came on stream %d", l, m.Info.Stream)
	}
	return l, nil
}

// A count numbers messages by their stream.
type count [streams]uint32

// next returns the label of the message that follows.
func (c *count) next(spoke int, epoch uint16) label {
	stream := uint16(c.total() % streams)
	l := label{spoke: spoke, epoch: epoch, stream: stream, seq: c[stream]}
	return l
}

// add counts a message that was accepted.
func (c *count) add(l label) { c[l.stream]++ }

func (c *count) total() int {
	n := 0
	for _, v := range c {
		n += int(v)
	}
	return n
}

// An account is what one end of an association has read in one epoch: of each stream the
// messages first to next, in order. Any number may be the first if it does not begin at 0.
type account struct {
	spoke int
	epoch uint16

	mu          sync.Mutex
	first, next count
	begun       [streams]bool
	ended       bool
}

func newAccount(spoke int, epoch uint16) *account {
	a := &account{spoke: spoke, epoch: epoch}
	for i := range a.begun {
		a.begun[i] = true
	}
	return a
}

// newSequel returns the account of what follows another, whose end is not known yet.
func newSequel(spoke int, epoch uint16) *account { return &account{spoke: spoke, epoch: epoch} }

// take counts a message that was read. It is an error if the message is not the one that
// must come.
func (a *account) take(l label) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case l.spoke != a.spoke:
		return fmt.Errorf("message %+v came to spoke %d", l, a.spoke)
	case a.ended || l.epoch != a.epoch:
		return fmt.Errorf("message %+v came after the end of epoch %d, ended %v", l, a.epoch, a.ended)
	case !a.begun[l.stream]:
		a.begun[l.stream] = true
		a.first[l.stream], a.next[l.stream] = l.seq, l.seq
	case l.seq != a.next[l.stream]:
		return fmt.Errorf("message %+v came in place of number %d", l, a.next[l.stream])
	}
	a.next[l.stream]++
	return nil
}

// end says that nothing more may come.
func (a *account) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
}

// read returns the numbers that would have come next.
func (a *account) read() count {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.next
}

// follows returns an error if a does not begin where before ended, or with gap after it.
func (a *account) follows(before *account, gap bool) error {
	for i, next := range before.read() {
		if !a.begun[i] {
			a.first[i], a.next[i] = next, next
		}
		if a.first[i] != next && !(gap && a.first[i] > next) {
			return fmt.Errorf("spoke %d, stream %d: %d messages were read, then number %d", a.spoke, i, next, a.first[i])
		}
	}
	return nil
}

// whole returns an error if not all that was sent was read.
func (a *account) whole(sent count) error {
	if got := a.read(); got != sent {
		return fmt.Errorf("spoke %d: %d messages were accepted, %d were read (%v)", a.spoke, sent, got, a.ended)
	}
	return nil
}

// prefix returns an error if more was read than was sent.
func (a *account) prefix(sent count) error {
	for i, n := range a.read() {
		if n > sent[i] {
			return fmt.Errorf("spoke %d, stream %d: %d messages were accepted, %d were read", a.spoke, i, sent[i], n)
		}
	}
	return nil
}
