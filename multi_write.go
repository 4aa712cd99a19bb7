package sctp

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// stallLimit is how long a write without a deadline waits while associations take nothing,
// if nothing else was said.
const stallLimit = 5 * time.Second

// A multiWriter is the write operation of a one-to-many socket. Writers do not wait for
// each other: each tries by itself, and those that find no room wait together.
type multiWriter struct {
	s        *socket
	family   int
	limit    time.Duration // ListenConfig.StallTimeout
	deadline deadline
	pool     sync.Pool // of *sendOp

	search   sync.Mutex
	smallest AssocID   // what smallestWindow has found
	found    time.Time // and when

	queue    roomQueue
	mu       sync.Mutex
	watching bool
	watcher  *os.File      // the descriptor of the watch
	gone     chan struct{} // closed with the socket
}

func (w *multiWriter) init(s *socket, family int) {
	w.s, w.family, w.limit = s, family, stallLimit
	w.gone = make(chan struct{})
	w.pool.New = func() any { return newSendOp(s) }
}

// WriteTo sends b as one message to addr, an *Addr, with the defaults of
// [Options.SetDefaultSndInfo]. If the socket has no association with addr it begins to set
// one up, and does not wait for it; several IPs in addr are one multihomed peer, and an
// unspecified IP is the host itself. If the peer refuses at once, as one on the same host
// mostly does, WriteTo fails with ECONNREFUSED. If the set-up fails later, a read returns
// the error, see [MultiConn.ReadMsg], and the SendFailed event returns the messages.
func (m *MultiConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	if m.s == nil {
		return 0, sys.EINVAL
	}
	a, ok := addr.(*Addr)
	if !ok || a == nil || len(a.IPs) == 0 {
		if ok {
			addr = optionalAddr(a)
		}
		return 0, m.writeError(addr, invalidError("WriteTo needs an *sctp.Addr with an IP, not %T", addr))
	}
	op := m.wr.newOp()
	defer m.wr.put(op)
	op.data = payload{b: b}
	err, to := m.checkWrite(op), m.reachable(a)
	if err == nil {
		err = m.writeTo(op, to.AddrPort(), to, nil)
	}
	if err != nil {
		return 0, m.writeError(a, err)
	}
	return len(b), nil
}

// WriteMsg sends b as one message to the association info.Assoc or, if Assoc is zero, to
// the peer at info.Addr; if the socket has no association with that address, it sets one
// up as WriteTo does. If both are set, Addr must be a path of the association, which the
// message takes. (If such a message waits for room, and meanwhile the association ends and
// the same peer sets up another, the message may go to the new one.) [MultiConn.WriteAll]
// sends to all associations.
//
// WriteMsg fails with EDESTADDRREQ if info is nil or has neither, with ENOTCONN if the
// socket has no such association or is shutting it down, with EMSGSIZE if the message does
// not fit into the send buffer, and with EINVAL if b is empty. If there is no room in the
// send buffer WriteMsg waits until the write deadline; without a deadline it waits for
// [ListenConfig.StallTimeout], and then returns a [*StalledError].
func (m *MultiConn) WriteMsg(b []byte, info *SndInfo) (int, error) {
	return m.writeMsg(payload{b: b}, info)
}

// WriteMsgParts is WriteMsg for a message that lies in several slices, such as a header
// and a body: it sends their bytes, one slice after the other, as one message. It takes
// 1024 slices at most, and does not change them.
func (m *MultiConn) WriteMsgParts(parts [][]byte, info *SndInfo) (int, error) {
	return m.writeMsg(payload{parts: parts}, info)
}

func (m *MultiConn) writeMsg(data payload, info *SndInfo) (int, error) {
	if m.s == nil {
		return 0, sys.EINVAL
	}
	op := m.wr.newOp()
	defer m.wr.put(op)
	op.data = data
	if err := m.write(op, info); err != nil {
		return 0, m.writeError(nil, err)
	}
	return data.size(), nil
}

// write sends op's message as info says.
func (m *MultiConn) write(op *sendOp, info *SndInfo) error {
	switch err := m.checkWrite(op); {
	case err != nil:
		return err
	case info == nil || info.Assoc == FutureAssoc && !info.Addr.IsValid():
		return errNoDestination
	case info.Addr.IsValid():
		to := info.Addr
		if to.Addr().IsUnspecified() {
			to = m.reachable(AddrFrom(to.Port(), to.Addr())).AddrPort()
		}
		return m.writeTo(op, to, nil, info)
	default:
		return m.wr.send(op, netip.AddrPort{}, info)
	}
}

// writeTo sends op's message to the address a. If there is no association with it, and info
// names none, it begins to set one up with peer, which is a if it is nil.
func (m *MultiConn) writeTo(op *sendOp, a netip.AddrPort, peer *Addr, info *SndInfo) error {
	if peer != nil {
		if err := m.wr.checkFamily(peer.IPs...); err != nil {
			return err
		}
	} else if err := m.wr.checkFamily(a.Addr()); err != nil {
		return err
	}
	err := m.wr.send(op, a, info)
	if err == nil || op.errno != sys.EINVAL {
		return err
	}
	if info != nil && info.Assoc != FutureAssoc { // it has ended between step's two calls
		if m.wr.assocAt(a) == FutureAssoc {
			return &noAssocError{info.Assoc}
		}
		return err
	}
	id := m.wr.assocAt(a)
	if id == FutureAssoc {
		op.endHold()
		if peer == nil {
			peer = AddrFrom(a.Port(), a.Addr())
		}
		switch id, _, err = m.start(peer, nil, true); {
		case errors.Is(err, sys.EISCONN), errors.Is(err, sys.EALREADY): // by somebody else, by now
			id = m.wr.assocAt(a)
		case err != nil:
			return explainInUse(err)
		}
	}
	if info == nil {
		err = m.wr.sendDefault(op, id) // which also a Linux without SCTP_DSTADDRV4 takes, before 4.17
	} else if err = m.wr.send(op, a, info); err != nil && op.errno == sys.EINVAL && m.wr.assocAt(a) == FutureAssoc {
		err = &noAssocError{id}
	}
	if _, ended := err.(*noAssocError); ended {
		m.src.left(id) // it is told here
	}
	return err
}

// checkWrite returns the error of a write that is not tried at all.
func (m *MultiConn) checkWrite(op *sendOp) error {
	switch {
	case m.s.closed.Load():
		return net.ErrClosed
	case m.wr.deadline.passed():
		return os.ErrDeadlineExceeded
	}
	return op.data.check(op.data.size())
}

func (m *MultiConn) writeError(addr net.Addr, err error) error {
	return &net.OpError{Op: "write", Net: m.s.network, Source: m.s.laddr, Addr: addr, Err: err}
}

// reachable returns the peers that a stands for, which the socket's family can be.
func (w *multiWriter) reachable(a *Addr) []*Addr {
	network := w.s.network
	if w.family == sys.AF_INET {
		network = "sctp4"
	}
	return reachable(network, w.s.laddr, a)
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

// send sends op's message to the address a, or to info's association if that is the zero
// AddrPort.
func (w *multiWriter) send(op *sendOp, a netip.AddrPort, info *SndInfo) error {
	op.begin()
	var to AssocID
	if info != nil {
		to = info.Assoc
		if err := info.addTo(&op.msg, w.s.hasLifetimes()); err != nil {
			return err
		}
	}
	if a.IsValid() {
		op.sendTo(a, w.family)
		if to != FutureAssoc {
			op.path, op.assoc = a, to
		}
	}
	err := w.try(op)
	if err == nil && op.errno == sys.EAGAIN {
		if to == FutureAssoc {
			to = w.assocAt(a)
		}
		err = w.wait(op, to)
	}
	return w.result(op, to, info, err)
}

// sendDefault sends op's message to an association, with the association's defaults: without a
// SCTP_SNDINFO the kernel would not know which one is meant.
func (w *multiWriter) sendDefault(op *sendOp, id AssocID) error {
	snd := sys.SndInfo{AssocID: int32(id)}
	err := w.s.control(func(fd uintptr) error {
		_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_DEFAULT_SNDINFO, sys.Bytes(&snd))
		if errno == sys.EINVAL {
			return &noAssocError{id}
		}
		return syscallError("getsockopt SCTP_DEFAULT_SNDINFO", errno)
	})
	if err != nil {
		return err
	}
	op.begin()
	*sys.AddCmsg[sys.SndInfo](&op.msg, sys.SCTP_SNDINFO) = snd
	if err = w.try(op); err == nil && op.errno == sys.EAGAIN {
		err = w.wait(op, id)
	}
	return w.result(op, id, nil, err)
}

// result returns what the caller is told of a message to the association.
func (w *multiWriter) result(op *sendOp, id AssocID, info *SndInfo, err error) error {
	if err != nil || op.errno == 0 {
		return err
	}
	switch op.errno {
	case sys.EPIPE, sys.ESHUTDOWN:
		return &noAssocError{id}
	case sys.ENOTCONN:
		return w.noPath(op.path, id)
	case sys.EADDRNOTAVAIL:
		return explainInUse(os.NewSyscallError("sendmsg", op.errno))
	}
	return explainSend(w.s, id, os.NewSyscallError("sendmsg", op.errno), op.data.size(), info)
}
