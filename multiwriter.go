package sctp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// stallLimit is how long a write waits while associations take nothing.
const stallLimit = 5 * time.Second

// A multiWriter is the write operation of a one-to-many socket. Writers do not wait for
// each other: each tries by itself, and those that find no room wait together.
type multiWriter struct {
	s        *socket
	family   int
	limit    time.Duration // stallLimit
	deadline deadline
	pool     sync.Pool // of *sendOp

	search   sync.Mutex
	smallest AssocID   // what smallestWindow has found
	found    time.Time // and when

	mu       sync.Mutex
	waiting  int           // writers without room
	retry    chan struct{} // closed to have them try again
	watching bool
	watcher  *os.File      // the descriptor of the watch
	gone     chan struct{} // closed with the socket
}

func (w *multiWriter) init(s *socket, family int) {
	w.s, w.family, w.limit = s, family, stallLimit
	w.retry, w.gone = make(chan struct{}), make(chan struct{})
	w.pool.New = func() any { return newSendOp() }
}

// WriteTo sends b as one message to addr, an *Addr, with the defaults of
// [Options.SetDefaultSndInfo]. If the socket has no association with addr one is set up,
// of which several IPs are one multihomed peer: WriteTo does not wait for that, and a
// failure is an error of a later read; see [MultiConn.ReadMsg]. An unspecified IP is the
// host itself.
func (m *MultiConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	a, ok := addr.(*Addr)
	if !ok || a == nil || len(a.IPs) == 0 {
		return 0, m.writeError(addr, invalidError("WriteTo needs an *sctp.Addr with an IP, not %T", addr))
	}
	op := m.wr.newOp()
	defer m.wr.put(op)
	err, to, up := m.checkWrite(b), m.reachable(a), true
	if err == nil {
		err = m.wr.checkFamily(to.IPs...)
	}
	if err == nil && m.wr.assocAt(op, to.AddrPort(), FutureAssoc) == FutureAssoc {
		up, err = m.setUp(op, to)
	}
	if err == nil && up {
		err = m.wr.send(op, b, to.AddrPort(), nil)
	}
	if err != nil {
		return 0, m.writeError(a, err)
	}
	return len(b), nil
}

// WriteMsg sends b as one message to the association info.Assoc, of which info.Addr, if it
// is given, must be a path; or to info.Addr if Assoc is zero: if the socket has no
// association with that address, one is set up, as WriteTo does. To AllAssoc it sends to
// each association that there is, one after the other, and returns the errors of those
// that failed, joined. A nil info names nobody, and is EDESTADDRREQ.
//
// A message too long for the send buffer is EMSGSIZE, an empty one EINVAL. An association
// that the socket does not have, or that is being shut down, is ENOTCONN. While there is
// no room in the send buffer WriteMsg waits, until the write deadline or for five seconds,
// with AllAssoc for all of them together; then it returns a [*StalledError].
func (m *MultiConn) WriteMsg(b []byte, info *SndInfo) (int, error) {
	op := m.wr.newOp()
	defer m.wr.put(op)
	err := m.checkWrite(b)
	switch {
	case err != nil:
	case info == nil || info.Assoc == FutureAssoc && !info.Addr.IsValid():
		err = errNoDestination
	case info.Assoc == CurrentAssoc:
		err = invalidError("CurrentAssoc is no association to write to: use AllAssoc")
	case info.Assoc == AllAssoc:
		err = m.writeAll(op, b, *info)
	case info.Addr.IsValid():
		to, up := info.Addr, true
		if to.Addr().IsUnspecified() {
			to = m.reachable(AddrFrom(to.Port(), to.Addr())).AddrPort()
		}
		err = m.wr.checkFamily(to.Addr())
		if id := info.Assoc; err == nil {
			switch at := m.wr.assocAt(op, to, id); {
			case id != FutureAssoc && at != id:
				err = m.wr.noPath(to, id)
			case at == FutureAssoc:
				up, err = m.setUp(op, AddrFrom(to.Port(), to.Addr()))
			}
		}
		if err == nil && up {
			err = m.wr.send(op, b, to, info)
		}
	default:
		err = m.wr.send(op, b, netip.AddrPort{}, info)
	}
	if err != nil {
		return 0, m.writeError(nil, err)
	}
	return len(b), nil
}

// writeAll sends b to every association, one by one: the kernel's SCTP_SENDALL stops at
// the first that has no room, and does not tell which.
func (m *MultiConn) writeAll(op *sendOp, b []byte, info SndInfo) error {
	var ids []AssocID
	err := m.s.control(func(fd uintptr) (err error) { ids, err = assocIDs(fd); return err })
	for _, info.Assoc = range ids {
		e := m.wr.send(op, b, netip.AddrPort{}, &info)
		if _, ended := e.(*noAssocError); e == nil || ended {
			continue
		}
		if e == net.ErrClosed {
			return e
		}
		err = errors.Join(err, fmt.Errorf("association %d: %w", info.Assoc, e))
	}
	if err != nil {
		return &allError{err}
	}
	return nil
}

// An allError holds the errors of a message to all associations, joined.
type allError struct{ error }

func (e *allError) Unwrap() error { return e.error }

// Timeout reports whether one of them is a timeout, which a net.OpError asks its error
// itself.
func (e *allError) Timeout() bool {
	return errors.Is(e.error, os.ErrDeadlineExceeded) || errors.Is(e.error, sys.EAGAIN)
}

// checkWrite returns the error of a write that is not tried at all.
func (m *MultiConn) checkWrite(b []byte) error {
	switch {
	case m.s.closed.Load():
		return net.ErrClosed
	case m.wr.deadline.passed():
		return os.ErrDeadlineExceeded
	case len(b) == 0:
		return errNoData
	}
	return nil
}

func (m *MultiConn) writeError(addr net.Addr, err error) error {
	return &net.OpError{Op: "write", Net: m.s.network, Source: m.s.laddr, Addr: addr, Err: err}
}

// checkFamily returns an error if the socket cannot send to one of ips.
func (w *multiWriter) checkFamily(ips ...netip.Addr) error {
	for _, ip := range ips {
		switch ip := ip.Unmap(); {
		case !ip.IsValid():
			return &net.AddrError{Err: "invalid IP address", Addr: ip.String()}
		case ip.Is6() && w.family == sys.AF_INET:
			return &net.AddrError{Err: "non-IPv4 address", Addr: ip.String()}
		case ip.Is4() && w.s.network == "sctp6":
			return &net.AddrError{Err: "non-IPv6 address", Addr: ip.String()}
		}
	}
	return nil
}

// noPath says why a message for the association cannot be sent to a, which is not of it:
// the kernel would send to whoever has that address.
func (w *multiWriter) noPath(a netip.AddrPort, id AssocID) error {
	return w.s.control(func(fd uintptr) error {
		if _, errno := statusOf(fd, id); errno != 0 {
			return &noAssocError{id}
		}
		return invalidError("%v is no path of association %d", a, id)
	})
}

// setUp begins to set an association up with the peer at a, unless there is one. To the
// first message the kernel would do so by itself, but with no id until the peer has
// answered; and on an end point that offers I-DATA it would hold the thread until then.
// It reports whether there is anybody to send to: if the peer is on this host and refuses,
// it has answered by now, and a message would begin another set-up.
func (m *MultiConn) setUp(op *sendOp, a *Addr) (up bool, err error) {
	switch _, _, err := m.start(a, nil); {
	case errors.Is(err, sys.EISCONN), errors.Is(err, sys.EALREADY):
		return true, nil
	case err != nil:
		return false, explainPeeled(err)
	}
	return m.wr.assocAt(op, a.AddrPort(), FutureAssoc) != FutureAssoc || m.s.closed.Load(), nil
}

// send sends b to the address a, or to info's association if that is the zero AddrPort.
func (w *multiWriter) send(op *sendOp, b []byte, a netip.AddrPort, info *SndInfo) error {
	op.b, op.name, op.control = b, nil, op.msg.Control()
	var to AssocID
	if info != nil {
		to = info.Assoc
		var err error
		if op.control, err = info.encode(op.control); err != nil {
			return err
		}
	}
	if a.IsValid() {
		op.name = sys.AppendSockaddr(op.msg.Name(), w.family, a)
	}
	if err := w.try(op); err != nil || op.errno != sys.EAGAIN {
		return w.result(op, info, err)
	}
	if to == FutureAssoc && a.IsValid() {
		to = w.assocAt(op, a, FutureAssoc)
	}
	return w.result(op, info, w.wait(op, to))
}

// result returns what the caller is told.
func (w *multiWriter) result(op *sendOp, info *SndInfo, err error) error {
	if err != nil || op.errno == 0 {
		return err
	}
	id := FutureAssoc
	if info != nil {
		id = info.Assoc
	}
	switch op.errno {
	case sys.EPIPE, sys.ESHUTDOWN:
		return &noAssocError{id}
	case sys.EADDRNOTAVAIL:
		return explainPeeled(os.NewSyscallError("sendmsg", op.errno))
	}
	return explainSend(w.s, id, os.NewSyscallError("sendmsg", op.errno), len(op.b), info)
}
