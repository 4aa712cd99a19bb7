//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/bench/internal/result"
)

// The columns of batches.
const (
	inCMore   = "C, MSG_MORE"
	inCNagle  = "C, Nagle"
	oursBatch = "ReadBatch/WriteBatch"
)

// A batchLoad is messages that go so many at a time, each batch with an echo or not.
type batchLoad struct {
	size, count int
	echoed      bool
}

func (l batchLoad) String() string {
	how := "stream"
	if l.echoed {
		how = "round trip"
	}
	return fmt.Sprintf("%s, %d × %s", how, l.count, sizeName(l.size))
}

// batches send messages in batches; the figure is the cost of a message.
func batches(scale int) (ms []measurement) {
	for _, l := range []batchLoad{
		{64, 32, false}, {200, 32, false}, {200, 8, false}, {200, 2, false}, {1200, 32, false}, {1200, 3, false},
		{4000, 3, false}, {16 << 10, 3, false}, {64, 32, true}, {200, 32, true}, {200, 2, true}, {1200, 3, true},
	} {
		n := min(10000/l.count, 32<<20/l.size/l.count) * scale
		add := func(impl string, f func() (time.Duration, error)) {
			ms = append(ms, measurement{
				row: result.Row{Case: l.String(), Impl: impl, Unit: result.Micros},
				run: func() (float64, error) {
					d, err := f()
					return micros(n*l.count, d), err
				},
			})
		}
		for how, impl := range []string{inC, inCMore, inCNagle} { // as peer.c numbers them
			add(impl, func() (time.Duration, error) { return l.inC(how, n) })
		}
		add(ours, func() (time.Duration, error) { return l.inGo(oneByOne{}, n) })
		add(oursBatch, func() (time.Duration, error) { return l.inGo(inBatches{}, n) })
	}
	return ms
}

func (l batchLoad) inC(how, n int) (time.Duration, error) {
	echoed := 0
	if l.echoed {
		echoed = 1
	}
	return runPeer("batch", l.size, l.count, how, echoed, n)
}

// A batcher reads and writes count messages.
type batcher interface {
	read(e *batchEnd, count int) error
	write(e *batchEnd) error
}

// A batchEnd is an end of the association, with its messages.
type batchEnd struct {
	c     *sctp.Conn
	bufs  [][]byte
	infos []sctp.SndInfo
	ms    []sctp.Message
}

func newBatchEnd(c conn, l batchLoad) *batchEnd {
	e := &batchEnd{c: c.(messageConn).c, ms: make([]sctp.Message, l.count), infos: slices.Repeat([]sctp.SndInfo{sent}, l.count)}
	for range l.count {
		e.bufs = append(e.bufs, make([]byte, l.size))
	}
	return e
}

type oneByOne struct{}

func (oneByOne) read(e *batchEnd, count int) error {
	for range count {
		m, err := e.c.ReadMsg(e.bufs[0])
		if err := e.check(m, err); err != nil {
			return err
		}
	}
	return nil
}

func (oneByOne) write(e *batchEnd) error {
	for i, b := range e.bufs {
		if _, err := e.c.WriteMsg(b, &e.infos[i]); err != nil {
			return err
		}
	}
	return nil
}

type inBatches struct{}

func (inBatches) read(e *batchEnd, count int) error {
	for count > 0 {
		n, err := e.c.ReadBatch(e.bufs[:min(count, len(e.bufs))], e.ms)
		if err != nil {
			return err
		}
		for _, m := range e.ms[:n] {
			if err := e.check(m, nil); err != nil {
				return err
			}
		}
		count -= n
	}
	return nil
}

func (inBatches) write(e *batchEnd) error {
	_, err := e.c.WriteBatch(e.bufs, e.infos)
	return err
}

func (e *batchEnd) check(m sctp.Message, err error) error {
	if err != nil {
		return err
	}
	if len(m.Data) != len(e.bufs[0]) || !m.EOR || m.Info.PPID != sent.PPID {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (l batchLoad) inGo(how batcher, n int) (time.Duration, error) {
	clients, servers, err := pairs(messageImpl{}, 1)
	if err != nil {
		return 0, err
	}
	client, server := newBatchEnd(clients[0], l), newBatchEnd(servers[0], l)
	runs := []int{n / 10, n} // the first warms up
	served := make(chan error, 1)
	go func() { served <- l.serve(how, server, runs) }()
	var d time.Duration
	for _, n := range runs {
		start := time.Now()
		for range n {
			if err := how.write(client); err != nil {
				return 0, err
			}
			if !l.echoed {
				continue
			}
			if err := how.read(client, l.count); err != nil {
				return 0, err
			}
		}
		if err := how.read(client, 1); err != nil {
			return 0, err
		}
		d = time.Since(start)
	}
	return d, errors.Join(<-served, client.c.Close(), server.c.Close())
}

// serve takes the batches of each run, echoes them if need be, and says when it has all.
func (l batchLoad) serve(how batcher, e *batchEnd, runs []int) error {
	for _, n := range runs {
		if l.echoed {
			for range n {
				if err := errors.Join(how.read(e, l.count), how.write(e)); err != nil {
					return err
				}
			}
		} else if err := how.read(e, n*l.count); err != nil {
			return err
		}
		if _, err := e.c.WriteMsg(e.bufs[0], &sent); err != nil {
			return err
		}
	}
	return nil
}
