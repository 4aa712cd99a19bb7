package sctp

import (
	"context"
	"iter"
	"net"
	"os"
	"syscall"
	"time"
)

// Conn is one association on a one-to-one socket (RFC 6458 section 4): a [net.Conn] whose
// bytes travel in messages.
//
// Read and Write treat the messages as a stream of bytes. ReadMsg, WriteMsg and Messages
// handle each message with its stream and PPID, and the events between messages. Multiple
// goroutines may use a Conn at the same time: the messages of concurrent writers do not
// mix, and each reader gets whole pieces.
//
// This table lists what the calls return after an association has ended, from then on:
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
// If the association was lost, the error contains an [*AssocError]. It has the peer's
// cause once a read has met the end.
//
// A peer that closes with unread input sends an ABORT, and you get ECONNRESET. So does a
// peer whose process dies with unread input.
//
// A restart of the peer is an error unless AssocChange is subscribed to and ReadMsg
// returns that event: then the association goes on. If the peer restarts after a part of a
// message was read, Linux holds back everything that comes later and reports nothing: a
// read waits until its deadline, and returns ECONNRESET only when the new association ends
// too. So set a read deadline where peers may restart. On a peeled-off Conn not even the
// peer's shutdown wakes such a read; the next read returns the error.
//
// In two cases a write returns a less exact error until a read has met the end: ECONNRESET
// if SO_ERROR was taken through SyscallConn or by another owner of the socket, and EPIPE if
// the association was aborted before it was accepted.
type Conn struct{ conn }

var (
	_ net.Conn     = (*Conn)(nil)
	_ syscall.Conn = (*Conn)(nil)
)

// Read reads bytes of the messages in their order of arrival, whatever their stream, and
// skips events. It returns bytes of one message at most; if b is too short for it, the
// next call returns the rest. It returns [io.EOF] after the peer has shut down.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.sock().rd.read(b)
	return n, c.sock().opError("read", err)
}

// ReadMsg reads one message into b, or returns an event that was subscribed to.
// Message.Data is the filled part of b. Message.EOR is false if the message goes on,
// because b was too short or because the read deadline passed amid the message; the next
// call returns the rest. When the association uses I-DATA (RFC 8260), EOR is also false
// for each piece in which the kernel delivers a long message, and pieces of messages of
// different streams may alternate.
//
// If the peer gives up a message of which a part was read, the next call returns the
// PartialDelivery event if that is subscribed to, and otherwise a [*MessageError] with
// EBADMSG. The association goes on with the next message.
//
// After io.EOF ReadMsg returns nothing else: an event that arrives after the peer's
// SHUTDOWN, such as the last AssocChange, is dropped.
//
// If b is empty ReadMsg returns the zero Message and reads nothing.
func (c *Conn) ReadMsg(b []byte) (m Message, err error) {
	s := c.sock()
	err = s.rd.readMsg(b, &m)
	return m, s.opError("read", err)
}

// ReadBatch reads messages and events as ReadMsg does, ms[i] into bufs[i], and returns how
// many. It waits for the first, and takes more that have arrived, as many as bufs and ms
// have room for at most. It waits also for the rest of a message that has arrived in part.
//
// An error concerns what follows the messages that were read before: ReadBatch returns
// either messages or an error. If a buffer is empty ReadBatch fails with EINVAL.
func (c *Conn) ReadBatch(bufs [][]byte, ms []Message) (n int, err error) {
	n, err = c.sock().rd.readBatch(bufs, ms)
	return n, c.sock().opError("read", err)
}

// Messages returns an iterator over whole messages and events. It reads into a buffer of
// its own, which grows as needed: Data is valid until the next step.
//
// A [*MessageError] concerns one message, and the iteration goes on after it. A message
// longer than limit bytes is skipped and yields one with EMSGSIZE. With I-DATA (RFC 8260)
// several messages may be unfinished at a time: if together they exceed four times limit,
// the longest is skipped in the same way. Any other error ends the iteration. [io.EOF] and
// the program's own Close end it without being yielded; an iterator that starts after
// Close yields [net.ErrClosed].
//
// Nothing is lost between iterators, ReadMsg and Read. After a deadline a new iterator
// continues, and ReadMsg and Read first return what an iterator has collected of a
// message. But an iterator drops the rest of a message that ReadMsg or Read has begun, and
// does not show a message that the peer gives up.
func (c *Conn) Messages(limit int) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for m, err := range c.sock().rd.messages(limit) {
			if !yield(m, c.sock().opError("read", err)) {
				return
			}
		}
	}
}

// ReadWhole reads one whole message of at most limit bytes, or an event: it is one step of
// Messages. It uses the capacity of b if the message fits, and allocates a larger buffer
// if not. Pass the previous message's Data to use its buffer again.
func (c *Conn) ReadWhole(b []byte, limit int) (Message, error) {
	b = b[:min(cap(b), max(limit, 0))]
	m, err := c.sock().rd.readWhole(&b, limit)
	return m, c.sock().opError("read", err)
}

// Write sends b on the default stream (see [Options.SetDefaultSndInfo]): as one message if
// b has at most 65536 bytes and fits into the send buffer, and otherwise as several. It
// returns when the kernel has taken all of b, which is delivered even if Close follows. If
// it fails, the kernel has taken n bytes.
func (c *Conn) Write(b []byte) (n int, err error) {
	n, err = c.sock().wr.write(b)
	return n, c.sock().opError("write", err)
}

// WriteMsg sends b as one message. If info is nil the socket's defaults apply; otherwise
// info replaces all of them, and is not retained. WriteMsg fails with EMSGSIZE if the
// message does not fit into the send buffer (see [Conn.SetWriteBuffer]), and with EINVAL
// if b is empty: SCTP has no empty messages.
func (c *Conn) WriteMsg(b []byte, info *SndInfo) (n int, err error) {
	n, err = c.sock().wr.writeMsg(b, nil, info)
	return n, c.sock().opError("write", err)
}

// WriteMsgParts is WriteMsg for a message that lies in several slices, such as a header
// and a body: it sends their bytes, one slice after the other, as one message. It takes
// 1024 slices at most, and does not change them.
func (c *Conn) WriteMsgParts(parts [][]byte, info *SndInfo) (n int, err error) {
	n, err = c.sock().wr.writeMsg(nil, parts, info)
	return n, c.sock().opError("write", err)
}

// WriteBatch sends each of bufs as one message, in their order, and returns how many it
// has sent: if that is less than all, with the error of the next one. If infos is nil the
// socket's defaults apply to all messages, otherwise infos[i] is the SndInfo of bufs[i].
// The messages of a batch follow each other without those of other writers between them.
//
// Linux bundles small messages of a batch into packets, which costs much less than to
// write them one by one: SCTP_NODELAY may be off until WriteBatch sends the last. If it
// fails amid the batch, messages that were sent before may wait for the peer's next
// acknowledgement. WriteBatch fails with EINVAL if infos has not as many elements as bufs.
func (c *Conn) WriteBatch(bufs [][]byte, infos []SndInfo) (n int, err error) {
	n, err = c.sock().wr.writeBatch(bufs, infos)
	return n, c.sock().opError("write", err)
}

// RemoteAddr returns the peer's address, an *Addr with every path of the association when
// it was set up. All calls return the same Addr, so do not modify it.
func (c *Conn) RemoteAddr() net.Addr { return optionalAddr(c.sock().raddr) }

// AssocID returns the number of the association, which its messages and events also carry.
// It is 0 if the association had ended before it was accepted.
func (c *Conn) AssocID() AssocID { return c.sock().assoc }

// SetDeadline sets the read and write deadlines, as [net.Conn] specifies. A zero t means
// no deadline.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.sock().opError("set", c.sock().setDeadline(t, true, true))
}

// SetWriteDeadline sets the deadline for future writes and any write that is blocked now.
// A zero t means no deadline.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.sock().opError("set", c.sock().setWriteDeadline(t))
}

// SetLinger sets what Close does with data that the peer has not acknowledged. If sec is
// 0, Close aborts the association. Otherwise, which is the default, Close returns at once
// and the kernel goes on delivering, for any positive sec too: the kernel's SO_LINGER
// would block the thread. To wait for delivery with a limit use [Conn.Shutdown].
func (c *Conn) SetLinger(sec int) error {
	return c.sock().opError("set", c.sock().control(func(fd uintptr) error { return setLinger(fd, sec == 0) }))
}

// Options returns the options of the association and its socket.
func (c *Conn) Options() Options { return Options{s: c.sock()} }

// CloseRead shuts down the reading side: reads return what has arrived, then io.EOF. What
// the peer sends later is acknowledged and dropped; the peer is not told.
func (c *Conn) CloseRead() error {
	return c.sock().opError("close", c.sock().closeRead())
}

// StartShutdown begins to shut the association down and does not wait: the kernel sends
// what was written, then a SHUTDOWN, which ends both directions. Reads return what the
// peer sent before, then io.EOF. Later writes fail with EPIPE, at both ends. SCTP has no
// half-close: this is why the method is not called CloseWrite, for which net/http and
// proxies look to close one direction.
func (c *Conn) StartShutdown() error {
	return c.sock().opError("shutdown", c.sock().startShutdown())
}

// Close closes the connection and returns at once. The kernel still delivers what Write
// and WriteMsg have taken, in the background. As with TCP, unread input turns the end into
// an ABORT, and undelivered data is lost; [Conn.Shutdown] delivers it in any case. Blocked
// calls and all later ones, including a second Close, return [net.ErrClosed].
func (c *Conn) Close() error { return c.sock().opError("close", c.sock().close()) }

// Abort closes the connection with an ABORT: the peer gets ECONNRESET, and undelivered
// data is lost. It also ends a blocked Shutdown, which then returns [net.ErrClosed]. On
// one-to-one sockets the kernel cannot send a reason with it.
func (c *Conn) Abort() error { return c.sock().opError("close", c.sock().abort()) }

// Shutdown closes the connection gracefully: it sends what was written, discards what the
// peer still sends, waits until the peer has acknowledged the end, and closes. If it
// returns nil, everything that was written was delivered to the peer's kernel. If ctx ends
// first, Shutdown aborts the association and returns the error of ctx. As soon as it is
// called, all other calls return [net.ErrClosed].
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

// LocalAddr returns the local address, an *Addr with every IP: for a Conn, those of the
// association when it was set up; for a MultiConn, those that it was first bound to. All
// calls return the same Addr, so do not modify it.
func (c *conn) LocalAddr() net.Addr { return optionalAddr(c.sock().laddr) }

// SetReadDeadline sets the deadline for future reads and any read that is blocked now. A
// zero t means no deadline.
func (c *conn) SetReadDeadline(t time.Time) error {
	return c.sock().opError("set", c.sock().setReadDeadline(t))
}

// SetNoDelay controls whether small messages are sent at once (SCTP_NODELAY, RFC 6458
// section 8.1.5). The default is true, as for TCP in package net.
func (c *conn) SetNoDelay(noDelay bool) error { return Options{s: c.sock()}.SetNoDelay(noDelay) }

// SetReadBuffer sets the size of the receive buffer in bytes (SO_RCVBUF), which the kernel
// doubles, up to twice net.core.rmem_max. The window that an association offers to its peer
// is fixed when it is set up: to change it, use the ReadBuffer of [Dialer] or
// [ListenConfig].
//
// The window counts the bytes of messages, and the buffer what they take in memory, where a
// short message counts as about 1 KB. So a peer that sends short messages faster than they
// are read overruns the buffer though it keeps to the window: Linux drops them, and much of
// that comes again only when the peer's retransmission timer expires, after a second. A
// buffer that becomes larger when the association is there has room for them:
// SetReadBuffer(212992), which the kernel's own limit allows, for nearly all messages of
// 200 bytes that the window lets through, and a larger one for shorter messages.
func (c *conn) SetReadBuffer(bytes int) error { return Options{s: c.sock()}.SetReadBuffer(bytes) }

// SetWriteBuffer sets the size of the send buffer in bytes (SO_SNDBUF), which the kernel
// doubles, up to twice net.core.wmem_max. It limits the length of one message, and the sum
// of what was sent and is not acknowledged, in which a short message counts as about 1 KB.
func (c *conn) SetWriteBuffer(bytes int) error { return Options{s: c.sock()}.SetWriteBuffer(bytes) }

// File returns a copy of the socket as an *os.File. The caller must close it; closing the
// connection does not affect it, nor the other way round. The two share the socket and its
// state: the descriptor is non-blocking, and a read(2) also returns the bytes of the
// events that the package needs. To hand the socket to another program use [Conn.Detach];
// to make another Conn of it, [FileConn].
func (c *conn) File() (*os.File, error) {
	c.sock().endpoint.untouched.Store(false)
	c.sock().lent.Store(true)
	f, err := c.sock().dup()
	return f, c.sock().opError("file", err)
}

// SyscallConn returns a raw connection, as [net.TCPConn.SyscallConn] does. The connection
// does not see data that is read through it, nor a SO_ERROR that is taken through it; a
// Conn still learns from the kernel's events how the association ended.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if c.sock().closed.Load() {
		return nil, c.sock().opError("raw-control", net.ErrClosed)
	}
	c.sock().endpoint.untouched.Store(false)
	return rawConn{c.sock()}, nil
}
