// Package promises_test keeps the promises of the package for every kind of association
// end: a Conn that was dialled, accepted or peeled off, and an association of a
// one-to-many socket. How associations end is in internal/endings.
package promises_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func forEachKind(t *testing.T, f func(t *testing.T, kind string)) {
	sctptest.NeedKernel(t)
	for _, kind := range sctptest.Kinds {
		t.Run(kind, func(t *testing.T) { f(t, kind) })
	}
}

// forEachKindAtOnce is forEachKind for tests that look at nothing but their own
// association.
func forEachKindAtOnce(t *testing.T, f func(t *testing.T, kind string)) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, kind string) {
		t.Parallel()
		f(t, kind)
	})
}

// pair returns an end of the kind, and its peer.
func pair(t *testing.T, kind string) (self sctptest.End, peer *sctp.Conn) {
	t.Helper()
	self, peer, _ = sctptest.NewEnd(t, kind, sctptest.EndConfig{})
	return self, peer
}

// pattern returns n bytes that differ from each other.
func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// A call is a method of an end.
type call struct {
	name string
	do   func(e sctptest.End) error
}

// run runs what the call does again and again until it fails.
func (c call) run(e sctptest.End) <-chan error {
	done := make(chan error, 1)
	go func() {
		for {
			err := c.do(e)
			var stalled *sctp.StalledError
			if err != nil && !errors.As(err, &stalled) {
				done <- err
				return
			}
		}
	}()
	return done
}

// reads returns the calls that wait for input.
func reads(kind string) []call {
	calls := []call{
		{"ReadMsg", func(e sctptest.End) error { _, err := e.ReadMsg(make([]byte, 1500)); return err }},
		{"Messages", func(e sctptest.End) (err error) {
			for _, err = range e.Messages(1500) {
			}
			return err
		}},
	}
	if kind == sctptest.OneToMany {
		return append(calls, call{"ReadFrom", func(e sctptest.End) error {
			_, _, err := e.(*sctptest.Member).ReadFrom(make([]byte, 1500))
			return err
		}})
	}
	return append(calls, call{"Read", func(e sctptest.End) error {
		_, err := e.(*sctp.Conn).Read(make([]byte, 1500))
		return err
	}})
}

// writes returns the calls that wait for room.
func writes(kind string) []call {
	b := make([]byte, 1000)
	calls := []call{{"WriteMsg", func(e sctptest.End) error { _, err := e.WriteMsg(b, &sctp.SndInfo{PPID: 60}); return err }}}
	if kind == sctptest.OneToMany {
		return append(calls,
			call{"WriteTo", func(e sctptest.End) error {
				m := e.(*sctptest.Member)
				_, err := m.WriteTo(b, m.Peer)
				return err
			}},
			call{"WriteAll", func(e sctptest.End) error {
				return e.(*sctptest.Member).MultiConn.WriteAll(b, nil)
			}})
	}
	return append(calls, call{"Write", func(e sctptest.End) error { _, err := e.(*sctp.Conn).Write(b); return err }})
}

// awaitWriters waits until n writes wait for room.
func awaitWriters(t *testing.T, kind string, n int) {
	t.Helper()
	if kind == sctptest.OneToMany {
		sctptest.AwaitNoRoom(t, n)
	} else {
		sctptest.AwaitParked(t, n)
	}
}
