package sctp

import (
	"context"
	"iter"
	"net"
	"os"
	"syscall"
	"time"
)

// Conn is one association on a one-to-one socket (RFC 6458 section 4): a
// [net.Conn] whose bytes travel in messages.
//
// Read and Write treat the messages as a stream of bytes; ReadMsg, WriteMsg and
// Messages see each with its stream, PPID and the events between them. Several
// goroutines may use a Conn at the same time; each call takes or gives whole
// pieces, and the messages of concurrent writers do not mix.
//
// How an association ends, and what the calls return from then on, for ever:
//
//	ending                       Read, ReadMsg                Write, WriteMsg
//	the peer shut down           data, then io.EOF            EPIPE
//	the peer aborted             data, then ECONNRESET        ECONNRESET
//	no answer any more           data, then ETIMEDOUT         ETIMEDOUT
//	protocol violation           data, then ECONNABORTED      ECONNABORTED
//	the peer restarted           ECONNRESET                   ECONNRESET, once a read has met it
//	own StartShutdown            data, then io.EOF            EPIPE
//	own Close, Shutdown, Abort   net.ErrClosed                net.ErrClosed
//
// The errors of an association that was lost contain an [*AssocError] with the
// cause, once a read has met it. If others share the socket, or SO_ERROR was taken
// through SyscallConn, a write may say ECONNRESET until a read has met the end. An
// association that was aborted before it was accepted is EPIPE to writes until then. A
// peer that closes, or whose process dies, with input left unread aborts.
// A restart is an error unless AssocChange is subscribed to and ReadMsg gets it:
// then the association goes on.
//
// If the peer restarts amid a message of which a part was read, Linux holds back all that
// comes from then on, and tells nobody: a read waits, up to its deadline, and returns
// ECONNRESET only when the new association ends, too. If the Conn was peeled off and the
// peer shuts down, not even that wakes a read that waits, but the next one returns it. So
// where peers may restart, set a read deadline.
type Conn struct{ conn }

var (
	_ net.Conn     = (*Conn)(nil)
	_ syscall.Conn = (*Conn)(nil)
)

// Read reads bytes of the messages in their order of arrival, whatever their
// stream, and skips events. It returns what there is, of one message at most; what
// b is too short for comes with the next call. It returns [io.EOF] when the peer has
// shut down.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.sock().rd.read(b)
	return n, c.sock().opError("read", err)
}

// ReadMsg reads one message into b, or returns an event that was subscribed to.
// Message.Data is the filled part of b. Message.EOR is false if the message goes
// on: b was too short, or the read deadline passed amid the message; the rest comes
// with the next call. When the association uses I-DATA (RFC 8260), EOR is false
// also for each piece in which the kernel delivers a long message, and pieces of
// messages of different streams may alternate.
//
// If the peer gives up a message of which a part was read already, the next call
// returns the PartialDelivery event if that is subscribed to, and otherwise a
// [*MessageError] that is EBADMSG; the association goes on with the next message.
//
// After io.EOF nothing else is returned: an event that comes later than the peer's
// SHUTDOWN, as the AssocChange at the very end may, is dropped.
//
// With an empty b it returns the zero Message and reads nothing.
func (c *Conn) ReadMsg(b []byte) (Message, error) {
	m, err := c.sock().rd.readMsg(b)
	return m, c.sock().opError("read", err)
}

// Messages returns an iterator over the whole messages and the events. It reads into a
// buffer of its own, which grows as messages need it: Data is valid until the next step.
//
// An error that is a [*MessageError] concerns one message, and the iteration goes on: a
// message longer than limit bytes is skipped and yields EMSGSIZE. With I-DATA (RFC 8260)
// several messages may be unfinished at a time: if they come to more than four times limit
// together, the longest is skipped in the same way. Any other error ends the iteration.
// [io.EOF] and one's own Close end it without being yielded; an iterator that begins after
// Close yields [net.ErrClosed].
//
// Nothing is lost between iterators, nor between them and ReadMsg and Read: after a deadline
// a new iterator goes on, and ReadMsg and Read return what an iterator has begun to put
// together, and then the rest. The rest of a message that ReadMsg or Read has begun is
// dropped by an iterator, and a message that the peer gives up is not shown by it at all.
func (c *Conn) Messages(limit int) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for m, err := range c.sock().rd.messages(limit) {
			if !yield(m, c.sock().opError("read", err)) {
				return
			}
		}
	}
}

// ReadWhole reads one whole message of at most limit bytes, or an event, as a step of
// Messages does. It uses the capacity of b if the message fits, and makes a larger buffer
// otherwise: call it with the Data of the message before to use that again.
func (c *Conn) ReadWhole(b []byte, limit int) (Message, error) {
	b = b[:min(cap(b), max(limit, 0))]
	m, err := c.sock().rd.readWhole(&b, limit)
	return m, c.sock().opError("read", err)
}

// Write sends b on the default stream (see [Options.SetDefaultSndInfo]): as one
// message if it is at most 65536 bytes long and fits the send buffer, and cut into
// several otherwise. It returns when the kernel has taken all of b, which it
// delivers even if Close follows. If it fails, n bytes were taken.
func (c *Conn) Write(b []byte) (n int, err error) {
	n, err = c.sock().wr.write(b)
	return n, c.sock().opError("write", err)
}

// WriteMsg sends b as one message. A nil info means the socket's defaults; one that
// is not nil replaces them wholly, and is not retained. A message too long for the
// send buffer is EMSGSIZE: see [Conn.SetWriteBuffer]. An empty message is EINVAL,
// SCTP has none.
func (c *Conn) WriteMsg(b []byte, info *SndInfo) (n int, err error) {
	n, err = c.sock().wr.writeMsg(b, info)
	return n, c.sock().opError("write", err)
}

// RemoteAddr returns the peer's address, an *Addr with every path of the
// association at the time it was set up. It is shared by all invocations, so do not
// modify it.
func (c *Conn) RemoteAddr() net.Addr { return optionalAddr(c.sock().raddr) }

// AssocID returns the number of the association, which is that of its messages and events.
// It is zero if the association had ended before it was accepted.
func (c *Conn) AssocID() AssocID { return c.sock().assoc }

// SetDeadline sets the read and write deadlines, as [net.Conn] says. A zero t means
// none.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.sock().opError("set", c.sock().setDeadline(t, true, true))
}

// SetWriteDeadline sets the deadline of writes, those that wait included.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.sock().opError("set", c.sock().setWriteDeadline(t))
}

// SetLinger says what Close does with data that were written and not yet
// acknowledged. With sec == 0 Close aborts the association. Otherwise, which is the
// default, Close returns at once and the kernel goes on delivering: a positive sec
// does not limit that, since the kernel's SO_LINGER would block the thread.
// [Conn.Shutdown] waits, with a context.
func (c *Conn) SetLinger(sec int) error {
	return c.sock().opError("set", c.sock().control(func(fd uintptr) error { return setLinger(fd, sec == 0) }))
}

// Options returns the socket's options, which are this association's.
func (c *Conn) Options() Options { return Options{s: c.sock()} }

// CloseRead shuts down the reading side: what was received is still read, then
// io.EOF. What the peer sends from then on is acknowledged and dropped; the peer is
// not told.
func (c *Conn) CloseRead() error {
	return c.sock().opError("close", c.sock().closeRead())
}

// StartShutdown begins to shut the association down and does not wait: the kernel sends
// what was written, then a SHUTDOWN, which ends both directions. What the peer sent
// before is still read, then io.EOF; its later writes fail, and so do the Conn's own,
// with EPIPE. SCTP has no half-close, so this method does not have the name that net/http
// and proxies look for to close one direction.
func (c *Conn) StartShutdown() error {
	return c.sock().opError("shutdown", c.sock().startShutdown())
}

// Close closes the connection. It returns at once; what Write and WriteMsg accepted
// is still delivered, in the background. As with TCP, input that was left unread
// turns the end into an ABORT, and what was not delivered yet is lost:
// [Conn.Shutdown] has no such exception. Calls that wait, and all later ones, a
// second Close included, return [net.ErrClosed].
func (c *Conn) Close() error { return c.sock().opError("close", c.sock().close()) }

// Abort closes the connection with an ABORT: the peer sees ECONNRESET, and data that
// were not delivered are lost. It also ends a Shutdown that waits, which then returns
// [net.ErrClosed]. The kernel takes no reason to tell the peer on one-to-one sockets.
func (c *Conn) Abort() error { return c.sock().opError("close", c.sock().abort()) }

// Shutdown closes the connection in good order: it sends what was written, discards
// what the peer still sends, waits until the peer has acknowledged the end, and
// closes. It returns nil if all that was written was delivered to the peer's kernel. If
// ctx ends first, Shutdown aborts the association and returns the error of ctx. All
// other calls return [net.ErrClosed] from the beginning.
func (c *Conn) Shutdown(ctx context.Context) error {
	return c.sock().opError("shutdown", c.sock().shutdownWait(ctx))
}

// A conn is what Conn and MultiConn share.
type conn struct{ s *socket }

// sock returns c's socket, or for the zero Conn or MultiConn noSocket.
func (c *conn) sock() *socket {
	if c.s == nil {
		return noSocket
	}
	return c.s
}

// LocalAddr returns the local address, an *Addr with every IP: of a Conn those of the
// association when it was set up, of a MultiConn those that it was bound to at first. It
// is shared by all invocations, so do not modify it.
func (c *conn) LocalAddr() net.Addr { return optionalAddr(c.sock().laddr) }

// SetReadDeadline sets the deadline of reads, those that wait included.
func (c *conn) SetReadDeadline(t time.Time) error {
	return c.sock().opError("set", c.sock().setReadDeadline(t))
}

// SetNoDelay says whether small messages are sent at once (SCTP_NODELAY, RFC 6458
// section 8.1.5). It is on by default, as with package net's TCP.
func (c *conn) SetNoDelay(noDelay bool) error { return Options{s: c.sock()}.SetNoDelay(noDelay) }

// SetReadBuffer sets the size of the receive buffer in bytes (SO_RCVBUF). The window
// that an association offers to its peer is fixed when it is set up: to change that,
// use the ReadBuffer of [Dialer] or [ListenConfig].
func (c *conn) SetReadBuffer(bytes int) error { return Options{s: c.sock()}.SetReadBuffer(bytes) }

// SetWriteBuffer sets the size of the send buffer in bytes (SO_SNDBUF). The kernel
// doubles it, up to net.core.wmem_max. It bounds the length of a message, and the
// sum of what is sent and not acknowledged, where a short message counts for about
// 1 KB.
func (c *conn) SetWriteBuffer(bytes int) error { return Options{s: c.sock()}.SetWriteBuffer(bytes) }

// File returns a copy of the socket as an *os.File. It is the caller's to close; closing
// the connection does not affect it, nor the other way round. The two share the socket and
// its state: the descriptor is non-blocking, and a read(2) returns the bytes of the events
// that the package needs, among the data. To hand the socket to another program, use
// [Conn.Detach]; to make another Conn of it, [FileConn].
func (c *conn) File() (*os.File, error) {
	c.sock().endpoint.untouched.Store(false)
	f, err := c.sock().dup()
	return f, c.sock().opError("file", err)
}

// SyscallConn returns a raw connection, as [net.TCPConn.SyscallConn] does. Data read
// and SO_ERROR taken through it are lost to the connection; a Conn still learns from the
// kernel's events how the association ended.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if c.sock().closed.Load() {
		return nil, c.sock().opError("raw-control", net.ErrClosed)
	}
	c.sock().endpoint.untouched.Store(false)
	return rawConn{c.sock()}, nil
}
