package sctp

import (
	"net"
	"os"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// A conn is what Conn and MultiConn share.
type conn struct{ s *socket }

// LocalAddr returns the local address, an *Addr with every IP of the association
// at the time it was set up. It is shared by all invocations, so do not modify it.
func (c *conn) LocalAddr() net.Addr { return c.s.laddr }

// SetReadDeadline sets the deadline of reads, those that wait included.
func (c *conn) SetReadDeadline(t time.Time) error {
	return c.s.opError("set", c.s.setDeadline((*os.File).SetReadDeadline, t))
}

// SetNoDelay says whether small messages are sent at once (SCTP_NODELAY, RFC 6458
// section 8.1.5). It is on by default, as with package net's TCP.
func (c *conn) SetNoDelay(noDelay bool) error { return Options{s: c.s}.SetNoDelay(noDelay) }

// SetReadBuffer sets the size of the receive buffer in bytes (SO_RCVBUF). The window
// that an association offers to its peer is fixed when it is set up: to change that,
// use the ReadBuffer of [Dialer] or [ListenConfig].
func (c *conn) SetReadBuffer(bytes int) error {
	return c.s.opError("set", c.s.control(func(fd uintptr) error { return setBuffer(fd, sys.SO_RCVBUF, "SO_RCVBUF", bytes) }))
}

// SetWriteBuffer sets the size of the send buffer in bytes (SO_SNDBUF). The kernel
// doubles it, up to net.core.wmem_max. It bounds the length of a message, and the
// sum of what is sent and not acknowledged, where a short message counts for about
// 1 KB.
func (c *conn) SetWriteBuffer(bytes int) error {
	return c.s.opError("set", c.s.control(func(fd uintptr) error { return setBuffer(fd, sys.SO_SNDBUF, "SO_SNDBUF", bytes) }))
}

// File returns a copy of the socket as an *os.File. It is the caller's to close; the
// connection does not affect it, nor it the connection, but for the state of the
// socket that they share.
func (c *conn) File() (*os.File, error) {
	c.s.endpoint.untouched.Store(false)
	f, err := c.s.dup()
	return f, c.s.opError("file", err)
}

// SyscallConn returns a raw connection, as [net.TCPConn.SyscallConn] does. Data read
// and SO_ERROR taken through it are lost to the Conn, which still learns from the
// kernel's events how the association ended.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if c.s.closed.Load() {
		return nil, c.s.opError("raw-control", net.ErrClosed)
	}
	c.s.endpoint.untouched.Store(false)
	return rawConn{c.s}, nil
}
