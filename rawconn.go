package sctp

import (
	"net"
	"syscall"

	"github.com/netsctp/sctp/internal/sys"
)

// A rawConn is what SyscallConn returns, and what a Control function gets: RawConn with the
// package's errors. Who calls it can do what he likes with the descriptor.
type rawConn struct{ s *socket }

var _ syscall.RawConn = rawConn{}

func (c rawConn) Control(f func(fd uintptr)) error {
	return c.call("raw-control", func() error { return c.s.raw.Control(f) })
}

func (c rawConn) Read(f func(fd uintptr) bool) error {
	return c.call("raw-read", func() error { return c.s.raw.Read(f) })
}

func (c rawConn) Write(f func(fd uintptr) bool) error {
	return c.call("raw-write", func() error {
		// As one of the writer's calls, so that what wakes the writer wakes nobody else.
		c.s.wr.mu.Lock()
		defer c.s.wr.mu.Unlock()
		if c.s.closed.Load() {
			return net.ErrClosed
		}
		return c.s.raw.Write(f)
	})
}

// A rawListener is that of a listener, which has nothing to read or write.
type rawListener struct{ rawConn }

func (l rawListener) Read(func(fd uintptr) bool) error {
	return l.s.opError("raw-read", sys.EINVAL)
}

func (l rawListener) Write(func(fd uintptr) bool) error {
	return l.s.opError("raw-write", sys.EINVAL)
}

func (c rawConn) call(op string, f func() error) error {
	c.s.lent.Store(true)
	err := error(net.ErrClosed)
	if !c.s.closed.Load() {
		if err = f(); err != nil {
			err = c.s.pollError(err)
		}
	}
	return c.s.opError(op, err)
}
