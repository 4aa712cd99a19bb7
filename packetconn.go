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

// AssocID is the number of an association on its socket (sctp_assoc_t). On a one-to-many
// socket it tells the associations apart; a [Conn] has only one.
type AssocID int32

// These stand for no association, or for several, in [Options.Assoc].
const (
	FutureAssoc  AssocID = 0 // SCTP_FUTURE_ASSOC: later associations
	CurrentAssoc AssocID = 1 // SCTP_CURRENT_ASSOC: existing associations (Linux 5.1)
	AllAssoc     AssocID = 2 // SCTP_ALL_ASSOC: both (Linux 5.1)
)

// MultiConn is a one-to-many socket (RFC 6458 section 3): many associations on one port,
// told apart by their AssocID. It is a [net.PacketConn] whose packets are messages.
//
// It accepts associations from peers, unless [MultiConn.SetListening] forbids it, and sets
// up its own with Connect, StartConnect, or the first message to an address. If an
// association ends, the others go on; the AssocChange event tells. Multiple goroutines may
// use a MultiConn at the same time.
//
// All associations share the socket's buffers, with these consequences:
//
//   - While nobody reads, no association receives.
//   - With net.sctp.sndbuf_policy=0, the kernel's default, a peer that takes nothing can fill the send buffer, and then nothing can be sent to the others. A write without a deadline waits for [ListenConfig.StallTimeout], and then returns a [*StalledError] that names the association: abort it, or give it a socket of its own with PeelOff. With net.sctp.sndbuf_policy=1 each association has a send buffer of its own, and a stalled one concerns only those who write to it: use that for thousands of associations.
//   - With net.sctp.rcvbuf_policy=0, the kernel's default, the beginnings of long messages of several peers can fill the receive buffer and leave no room for the end of any. Then Linux drops what comes, and nothing can be read until SetReadBuffer enlarges it. Make it large enough for a window of each peer that sends long messages at the same time, or use net.sctp.rcvbuf_policy=1, which gives each association a buffer of its own.
//   - Closing the socket with unread input aborts all associations; [MultiConn.Shutdown] does not.
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

// ReadFrom reads one message into b, and returns its length and the address that it came
// from, an *Addr with one IP. It drops what b is too short for, and skips events. If an
// association could not be set up that WriteTo asked for, ReadFrom returns a
// [*MessageError] and the peer's address; unlike a UDP socket's loop, which ends at the
// first error, one over a MultiConn goes on after that. Of messages that come in pieces it
// keeps four times len(b) at most, or 1 MiB: of one for which there was no room beside
// others it returns a MessageError with EMSGSIZE.
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
// Message.Info.Assoc is the association. Message.Addr is the address that a message came
// from; for an event it is the peer's primary address.
//
// Message.EOR is false if the message goes on, because b was too short or because the
// kernel delivers a long message in pieces. Pieces of messages of different associations
// may alternate: Info.Assoc tells them apart, and one association's messages wait until
// the current one has ended. With I-DATA (RFC 8260) pieces of different streams alternate
// too: Info.Stream and Info.Unordered tell to which message a piece belongs, and for
// unordered messages Info.SSN, which the kernel does not report on big-endian machines.
// [MultiConn.Messages] assembles them.
//
// If the peer gives up a message of which ReadMsg has returned a part, ReadMsg returns the
// PartialDelivery event if that is subscribed to, and otherwise a [*MessageError] with
// EBADMSG that names the message. The same error comes for each such message if the
// association ends and AssocChange is not subscribed to. If an association could not be
// set up that StartConnect, or the first message to an address, asked for, ReadMsg returns
// the AssocChange event if that is subscribed to, and otherwise a [*MessageError] over an
// [*AssocError]. Other associations are not affected.
//
// If a peer restarts after a part of a message was read, Linux holds back everything that
// the association brings later, and reports nothing. It arrives only if the association is
// lost, after the error or event that says that the message was given up; if the peer
// shuts down, it never does. If the rest of a message is overdue, abort the association.
func (m *MultiConn) ReadMsg(b []byte) (msg Message, err error) {
	if m.s == nil {
		return msg, sys.EINVAL
	}
	err = m.s.rd.readMsg(b, &msg)
	return msg, m.readError(err)
}

// ReadBatch reads messages and events as ReadMsg does, ms[i] into bufs[i], and returns how
// many. It waits for the first, and takes more that have arrived, as many as bufs and ms
// have room for at most. What Message.EOR says of ReadMsg is true of each.
//
// An error concerns what follows the messages that were read before: ReadBatch returns
// either messages or an error. If a buffer is empty ReadBatch fails with EINVAL.
func (m *MultiConn) ReadBatch(bufs [][]byte, ms []Message) (int, error) {
	if m.s == nil {
		return 0, sys.EINVAL
	}
	n, err := m.s.rd.readBatch(bufs, ms)
	return n, m.readError(err)
}

// Messages returns an iterator over the whole messages and the events of all associations,
// as [Conn.Messages] does. A [*MessageError] concerns one message or one association, and
// the iteration goes on after it.
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

// SetDeadline sets the read and write deadlines, as [net.PacketConn] specifies. A zero t
// means no deadline.
func (m *MultiConn) SetDeadline(t time.Time) error {
	if m.s == nil {
		return sys.EINVAL
	}
	if err := m.SetReadDeadline(t); err != nil {
		return err
	}
	return m.SetWriteDeadline(t)
}

// SetWriteDeadline sets the deadline for future writes and any write that is blocked now.
// A zero t means no deadline.
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

// SetLinger sets what Close does with data that peers have not acknowledged, as
// [Conn.SetLinger] does: if sec is 0, Close aborts all associations.
func (m *MultiConn) SetLinger(sec int) error {
	if m.s == nil {
		return sys.EINVAL
	}
	return m.s.opError("set", m.s.control(func(fd uintptr) error { return setLinger(fd, sec == 0) }))
}

// SetListening controls whether the socket accepts associations from peers. The default is
// true, unless [ListenConfig.DialOnly] is set.
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

// Assocs returns the associations of the socket, including those that are being set up or
// shut down (SCTP_GET_ASSOC_ID_LIST, RFC 6458 section 8.2.6).
func (m *MultiConn) Assocs() (ids []AssocID, err error) {
	if m.s == nil {
		return nil, sys.EINVAL
	}
	err = m.s.control(func(fd uintptr) error { ids, err = assocIDs(fd); return err })
	return ids, m.s.opError("get", err)
}

// Options returns the options of the socket, which apply to later associations.
// [Options.Assoc] selects one association.
func (m *MultiConn) Options() Options {
	m.sock().endpoint.untouched.Store(false)
	return Options{s: m.sock()}
}

// Close closes the socket and ends all of its associations as [Conn.Close] does: unread
// input of any of them aborts all. Blocked calls and all later ones return
// [net.ErrClosed].
func (m *MultiConn) Close() error {
	if m.s == nil {
		return sys.EINVAL
	}
	err := net.ErrClosed
	if m.s.markClosed(nil) {
		m.s.hold.mu.Lock() // a batch leaves SCTP_NODELAY on
		err = m.s.file.Close()
		m.s.hold.mu.Unlock()
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

// ListenMulti opens a one-to-many socket on laddr, and listens. A nil laddr means all
// addresses, and a port that the kernel chooses. See [ListenPacket].
func ListenMulti(network string, laddr *Addr) (*MultiConn, error) {
	return new(ListenConfig).ListenMulti(context.Background(), network, laddr)
}

// ListenPacket opens a one-to-many socket on the local address; see [ListenPacket]. The
// context limits the resolution of names only.
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
// f. The caller must close f; closing f does not affect the MultiConn, nor the other way
// round. See [FileConn].
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
