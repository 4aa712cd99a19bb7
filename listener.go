package sctp

import (
	"net"
	"os"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// Listener is a one-to-one socket that listens for associations: a [net.Listener].
type Listener struct{ s *socket }

var (
	_ net.Listener = (*Listener)(nil)
	_ syscall.Conn = (*Listener)(nil)
)

// sock returns l's socket, or for the zero Listener noSocket.
func (l *Listener) sock() *socket {
	if l.s == nil {
		return noSocket
	}
	return l.s
}

// Accept waits for the next association and returns it as a *[Conn]. An association that
// has already ended is returned too, with the data that came before. Keep calling Accept:
// until an association is accepted and closed, Linux lets no new one come up from the same
// address and port of the peer, whose Dial waits in vain.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptSCTP()
	if err != nil {
		return nil, err // the nil interface
	}
	return c, nil
}

// AcceptSCTP is Accept with a *Conn as its result.
func (l *Listener) AcceptSCTP() (*Conn, error) {
	c, err := l.sock().accept()
	if err != nil {
		return nil, l.sock().opError("accept", err)
	}
	return c, nil
}

// Close stops listening. Associations that were not accepted are shut down, or all aborted
// if one of them has sent data. Blocked and later calls to Accept return [net.ErrClosed].
func (l *Listener) Close() error { return l.sock().opError("close", l.sock().close()) }

// Addr returns the address that the Listener listens on, an *Addr with every IP, or with
// the unspecified one if it is bound to that: "[::]:port" or "0.0.0.0:port". All calls
// return the same Addr, so do not modify it.
func (l *Listener) Addr() net.Addr { return optionalAddr(l.sock().laddr) }

// SetDeadline sets the deadline for future calls to Accept and any that is blocked now. A
// zero t means no deadline.
func (l *Listener) SetDeadline(t time.Time) error {
	return l.sock().opError("set", l.sock().setReadDeadline(t))
}

// Options returns the options of the socket, which accepted connections inherit.
func (l *Listener) Options() Options {
	l.sock().endpoint.untouched.Store(false)
	return Options{s: l.sock()}
}

// File returns a copy of the socket as an *os.File. The caller must close it. The two
// share the socket: it listens until both are closed.
func (l *Listener) File() (*os.File, error) {
	l.sock().endpoint.untouched.Store(false)
	l.sock().lent.Store(true)
	f, err := l.sock().dup()
	return f, l.sock().opError("file", err)
}

// SyscallConn returns a raw connection, as [net.TCPListener.SyscallConn] does. Its Read
// and Write fail with EINVAL.
func (l *Listener) SyscallConn() (syscall.RawConn, error) {
	if l.sock().closed.Load() {
		return nil, l.sock().opError("raw-control", net.ErrClosed)
	}
	l.sock().endpoint.untouched.Store(false)
	return rawListener{rawConn{l.sock()}}, nil
}

// accept implements AcceptSCTP.
func (s *socket) accept() (*Conn, error) {
	if s.closed.Load() {
		return nil, net.ErrClosed
	}
	a := new(acceptance)
	if err := s.raw.Read(a.try); err != nil {
		return nil, s.pollError(err)
	}
	if a.errno != 0 {
		return nil, os.NewSyscallError("accept4", a.errno)
	}
	return newConn(a.fd, s, a.peer[:])
}

// An acceptance is what one call of accept has got.
type acceptance struct {
	fd    int
	errno sys.Errno
	peer  [sys.SizeofSockaddrIn6]byte
}

// try reports whether it has got anything but EAGAIN.
func (a *acceptance) try(fd uintptr) bool {
	for {
		a.fd, a.errno = sys.Accept(fd, &a.peer)
		if a.errno != sys.EINTR && a.errno != sys.ECONNABORTED {
			return a.errno != sys.EAGAIN
		}
	}
}

// newConn makes a Conn of a descriptor that l accepted from the peer at the socket
// address sa.
func newConn(fd int, l *socket, sa []byte) (*Conn, error) {
	s, err := newSocket(fd, l.network)
	if err != nil {
		return nil, err
	}
	s.namespaceOf(l)
	s.events.inherit(&l.events)
	s.inheritLifetimes(l)
	l.endpoint.handOn(l, s)
	nfd := uintptr(fd) // nobody else has s yet
	if s.readAddrs(nfd); s.raddr == nil {
		peer, _ := s.zones.Peer(sa)
		s.raddr = AddrFrom(peer.Port(), peer.Addr())
	}
	if l.singleRemote {
		s.raddr = AddrFrom(s.raddr.Port, s.raddr.IPs[0]) // the peer may have named thousands
	}
	st, errno := statusOf(nfd, FutureAssoc)
	s.assoc, s.acceptedDead = AssocID(st.AssocID), errno == sys.EINVAL
	return &Conn{conn{s}}, nil
}
