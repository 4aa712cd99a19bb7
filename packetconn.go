package sctp

import (
	"context"
	"encoding/binary"
	"iter"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// AssocID names an association (sctp_assoc_t). On a one-to-many socket it tells
// one from the other; a [Conn] is one association, and there it is information only.
type AssocID int32

// Associations that are none, or several; see [Options.Assoc].
const (
	FutureAssoc  AssocID = 0 // SCTP_FUTURE_ASSOC: those that come
	CurrentAssoc AssocID = 1 // SCTP_CURRENT_ASSOC: those that are there (Linux 5.1)
	AllAssoc     AssocID = 2 // SCTP_ALL_ASSOC: both (Linux 5.1)
)

// MultiConn is a one-to-many socket (RFC 6458 section 3): many associations on one
// port, told apart by their AssocID. It is a [net.PacketConn] whose packets are
// messages.
//
// It takes the associations that others set up, unless SetListening says otherwise, and
// sets up its own with Connect, StartConnect, or the first message to an address. An
// association that ends leaves the others alone: subscribe to AssocChange to learn of it.
// Several goroutines may use a MultiConn at the same time.
//
// All associations share the socket's buffers. While nobody reads, no association
// receives; and with the system's default, net.sctp.sndbuf_policy=0, a peer that takes
// nothing leaves no room to send for all others once the send buffer is full of what is
// meant for it. A write without a deadline then waits for [ListenConfig.StallTimeout], and
// returns a [*StalledError] that names the association: abort it, or give it a socket of its
// own with PeelOff. With
// net.sctp.sndbuf_policy=1 each association has a send buffer of that size, and one that
// is stalled concerns only those who write to it: thousands of associations need that.
//
// Likewise the receive buffer: with the system's default, net.sctp.rcvbuf_policy=0, the
// beginnings of long messages of several peers may fill it and leave no room for the end
// of any. Then Linux drops what comes, and nothing can be read until SetReadBuffer makes
// it larger. It should hold a window of each peer that sends long messages at the same
// time; or net.sctp.rcvbuf_policy=1 gives each association a buffer of that size.
//
// What is in the socket's receive queue when it is closed turns the end of all
// associations into an ABORT: [MultiConn.Shutdown] has no such exception.
type MultiConn struct {
	conn
	src manyAssocs
	wr  multiWriter
}

var (
	_ net.PacketConn = (*MultiConn)(nil)
	_ syscall.Conn   = (*MultiConn)(nil)
)

// newMultiConn makes a MultiConn of a one-to-many socket.
func newMultiConn(s *socket, family int) *MultiConn {
	m := &MultiConn{conn: conn{s}}
	s.many = true
	m.src.init(m)
	m.wr.init(s, family)
	s.rd.src = &m.src
	return m
}

// ReadFrom reads one message into b, and returns its length and where it came from, an
// *Addr with one IP. What b is too short for is dropped, events are skipped. If an
// association could not be set up that a WriteTo asked for, it returns the error, with
// the peer's address.
func (m *MultiConn) ReadFrom(b []byte) (n int, addr net.Addr, err error) {
	if m.s == nil {
		return 0, nil, sys.EINVAL
	}
	n, from, err := m.s.rd.readFrom(b)
	if err != nil {
		return 0, nil, m.readError(err)
	}
	return n, AddrFrom(from.Port(), from.Addr()), nil
}

// ReadMsg reads one message into b, or returns an event that was subscribed to.
// Message.Info.Assoc is the association, Message.Addr where it came from; for an event,
// the peer's primary address. Message.EOR is false if the message goes on: b was too
// short, or the kernel delivers a long message in pieces. Pieces of messages of
// different associations may alternate, and Info.Assoc tells them apart: the others of an
// association wait until the message has ended. With I-DATA (RFC 8260) those of different
// streams alternate too: then Info.Stream and Info.Unordered tell which message a piece
// belongs to, and of unordered ones Info.SSN, which on big-endian machines the kernel does
// not tell. [MultiConn.Messages] puts them together.
//
// If the peer gives up a message of which ReadMsg has returned a part, it returns the
// PartialDelivery event if that is subscribed to, and otherwise a [*MessageError] that is
// EBADMSG and says which message it was. So it does, for each such message, if the
// association ends and AssocChange is not subscribed to. If an association could not be set
// up that was asked for with StartConnect, or by the first message to an address, it returns
// the AssocChange event if that is subscribed to, and otherwise a [*MessageError] over an
// [*AssocError]. Other associations are not affected by either.
//
// If the peer restarts amid such a message, Linux holds back all that the association
// brings from then on, and tells nobody. That comes when the association is lost, after
// what says that the message was given up: if the rest of a message is overdue, Abort the
// association. If the peer shuts down, nothing comes of it any more.
func (m *MultiConn) ReadMsg(b []byte) (Message, error) {
	if m.s == nil {
		return Message{}, sys.EINVAL
	}
	msg, err := m.s.rd.readMsg(b)
	return msg, m.readError(err)
}

// Messages returns an iterator over the whole messages of all associations and the
// events, as [Conn.Messages] does. An error that concerns one message or one association is
// a [*MessageError], and does not end the iteration.
func (m *MultiConn) Messages(limit int) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if m.s == nil {
			yield(Message{}, sys.EINVAL)
			return
		}
		for msg, err := range m.s.rd.messages(limit) {
			if !yield(msg, m.readError(err)) {
				return
			}
		}
	}
}

// ReadWhole reads one whole message of at most limit bytes, or an event; see
// [Conn.ReadWhole].
func (m *MultiConn) ReadWhole(b []byte, limit int) (Message, error) {
	if m.s == nil {
		return Message{}, sys.EINVAL
	}
	b = b[:min(cap(b), max(limit, 0))]
	msg, err := m.s.rd.readWhole(&b, limit)
	return msg, m.readError(err)
}

// readError wraps an error of reading, with the peer's address where it concerns one.
func (m *MultiConn) readError(err error) error {
	e := m.s.opError("read", err)
	if one, ok := err.(*MessageError); ok && one.Addr.IsValid() {
		e.(*net.OpError).Addr = AddrFrom(one.Addr.Port(), one.Addr.Addr())
	}
	return e
}

// SetDeadline sets the read and write deadlines, as [net.PacketConn] says. A zero t
// means none.
func (m *MultiConn) SetDeadline(t time.Time) error {
	if m.s == nil {
		return sys.EINVAL
	}
	if err := m.SetReadDeadline(t); err != nil {
		return err
	}
	return m.SetWriteDeadline(t)
}

// SetWriteDeadline sets the deadline of writes, those that wait included.
func (m *MultiConn) SetWriteDeadline(t time.Time) error {
	if m.s == nil {
		return sys.EINVAL
	}
	err := m.s.setWriteDeadline(t) // for a Write of SyscallConn
	if err == nil {
		m.wr.deadline.set(t)
	}
	return m.s.opError("set", err)
}

// SetLinger says what Close does with data that were written and not yet acknowledged, as
// [Conn.SetLinger] does: with sec == 0 Close aborts all associations.
func (m *MultiConn) SetLinger(sec int) error {
	if m.s == nil {
		return sys.EINVAL
	}
	return m.s.opError("set", m.s.control(func(fd uintptr) error { return setLinger(fd, sec == 0) }))
}

// SetListening says whether the socket takes associations that others set up. It does
// from the beginning.
func (m *MultiConn) SetListening(on bool) error {
	if m.s == nil {
		return sys.EINVAL
	}
	return m.s.opError("set", m.s.control(func(fd uintptr) error {
		backlog := 0
		if on {
			backlog = 1 // to a one-to-many socket any number is the same
		}
		return syscallError("listen", sys.Listen(int(fd), backlog))
	}))
}

// Assocs returns the associations of the socket, those that are being set up or shut down
// included (SCTP_GET_ASSOC_ID_LIST, RFC 6458 section 8.2.6).
func (m *MultiConn) Assocs() (ids []AssocID, err error) {
	if m.s == nil {
		return nil, sys.EINVAL
	}
	err = m.s.control(func(fd uintptr) error { ids, err = assocIDs(fd); return err })
	return ids, m.s.opError("get", err)
}

// Options returns the options of the socket: the defaults of future associations. Those
// of one association are behind [Options.Assoc].
func (m *MultiConn) Options() Options {
	m.sock().endpoint.untouched.Store(false)
	return Options{s: m.sock()}
}

// Close closes the socket and ends all of its associations, as [Conn.Close] does: input
// of any one of them that was left unread aborts all. Calls that wait, and all later
// ones, return [net.ErrClosed].
func (m *MultiConn) Close() error {
	if m.s == nil {
		return sys.EINVAL
	}
	err := m.s.close()
	if err != net.ErrClosed {
		m.src.closed()
		m.wr.closed()
	}
	return m.s.opError("close", err)
}

// ListenPacket opens a one-to-many socket on the local address, and listens. The
// connection is a *[MultiConn]. See [Listen] for the networks and the form of the address.
func ListenPacket(network, address string) (net.PacketConn, error) {
	return new(ListenConfig).ListenPacket(context.Background(), network, address)
}

// ListenMulti opens a one-to-many socket on laddr, and listens; nil means all addresses
// and a port that the kernel chooses. See [ListenPacket].
func ListenMulti(network string, laddr *Addr) (*MultiConn, error) {
	return new(ListenConfig).ListenMulti(context.Background(), network, laddr)
}

// ListenPacket opens a one-to-many socket on the local address; see [ListenPacket]. The
// context is for the resolution of names.
func (lc *ListenConfig) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	hosts, err := resolve(ctx, net.DefaultResolver, network, address, opListen)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	m, err := lc.ListenMulti(ctx, network, hosts.first())
	if err != nil {
		return nil, err // the nil interface
	}
	return m, nil
}

// ListenMulti opens a one-to-many socket on laddr; see [ListenMulti].
func (lc *ListenConfig) ListenMulti(ctx context.Context, network string, laddr *Addr) (*MultiConn, error) {
	if laddr == nil {
		laddr = &Addr{}
	}
	s, family, err := lc.listen(ctx, network, laddr, true)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: laddr, Err: err}
	}
	m := newMultiConn(s, family)
	if lc.StallTimeout != 0 {
		m.wr.limit = lc.StallTimeout
	}
	return m, nil
}

// FilePacketConn returns a *[MultiConn] that is a copy of the one-to-many socket open in
// f. It is the caller's responsibility to close f; closing f does not affect the
// MultiConn, nor the other way round. See [FileConn].
func FilePacketConn(f *os.File) (net.PacketConn, error) {
	s, err := fileSocket(f, fileMany)
	if err != nil {
		return nil, &net.OpError{Op: "file", Net: "file+net", Addr: fileAddr(f.Name()), Err: err}
	}
	family := sys.AF_INET
	s.control(func(fd uintptr) error {
		s.laddr = s.listenAddr(fd)
		if sa, errno := sys.Getsockname(fd); errno == 0 && len(sa) >= 2 {
			family = int(binary.NativeEndian.Uint16(sa))
		}
		// Without it a message that comes in pieces would hold the events of others.
		if n, err := getInt(fd, sys.SOL_SCTP, sys.SCTP_FRAGMENT_INTERLEAVE, "SCTP_FRAGMENT_INTERLEAVE"); err == nil && n == 0 {
			setInt(fd, sys.SOL_SCTP, sys.SCTP_FRAGMENT_INTERLEAVE, "SCTP_FRAGMENT_INTERLEAVE", 1)
		}
		return nil
	})
	s.events.setUp = true
	return newMultiConn(s, family), nil
}
