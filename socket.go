package sctp

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// A socket is a descriptor on the runtime's poller: a call that would block parks its
// goroutine there, and holds no thread.
type socket struct {
	file    *os.File
	raw     syscall.RawConn
	network string
	laddr   *Addr
	raddr   *Addr   // nil for a listener
	assoc   AssocID // of a Conn

	// closed is set before the descriptor is closed. os.File's RawConn reports use
	// after Close with an error that is neither os.ErrClosed nor net.ErrClosed, and
	// Shutdown needs the descriptor for a while after its callers have lost it.
	closed atomic.Bool

	// writeClosed is set when either end has shut the association down: writes are
	// EPIPE, and the end that follows is no failure.
	writeClosed atomic.Bool

	// readClosed is set by CloseRead: what comes is dropped, amid a message too.
	readClosed atomic.Bool

	// acceptedDead is set if the association had ended before it was accepted. Then
	// the kernel has reported the error to the listener.
	acceptedDead bool

	// peeled is set if the association came from a one-to-many socket: then shutdown(2)
	// does nothing but close this end of the descriptor.
	peeled bool

	// many is set for a one-to-many socket.
	many bool

	// lent is set when others may have the descriptor: what they have read from the queue,
	// and what they have set, the package does not know.
	lent atomic.Bool

	// lifetimes is set when somebody may have set a default lifetime of messages.
	lifetimes atomic.Bool

	// end says why the association was lost; nil while it was not, or ended in good
	// order.
	end atomic.Pointer[loss]

	// deadlines is held to set a deadline, so that it is set before the socket is
	// closed or not at all: Shutdown interrupts with deadlines, and so does wakeWriter.
	deadlines sync.Mutex

	// writeDeadline is the owner's. It is guarded by deadlines, as are the following.
	writeDeadline time.Time

	// writeWaits is set while the writer may be parked, and writeWoken from when
	// wakeWriter has replaced the owner's deadline until the writer restores it.
	writeWaits, writeWoken bool

	// endShutdown ends the Shutdown that has closed the socket. It is guarded by
	// deadlines.
	endShutdown context.CancelFunc

	zones *sys.Zones // of the socket's network namespace

	// singleRemote is set on a listener whose connections show one address of the peer.
	singleRemote bool

	endpoint endpoint
	events   subscription
	hold     hold
	one      oneAssoc // the source of rd, unless many is set
	rd       reader
	wr       writer
}

// noSocket is the socket of a zero Conn, Listener or MultiConn: closed, and the errors of its
// calls are EINVAL.
var noSocket = newNoSocket()

func newNoSocket() *socket {
	s := &socket{zones: sys.Here}
	s.closed.Store(true)
	s.one.s = s
	s.rd.init(s, &s.one)
	s.wr.init(s)
	return s
}

// newSocket makes a socket of fd, which it owns from then on.
func newSocket(fd int, network string) (*socket, error) {
	s := &socket{file: os.NewFile(uintptr(fd), network), network: network, zones: sys.Here}
	raw, err := s.file.SyscallConn()
	if err != nil {
		s.file.Close()
		return nil, err
	}
	if err := s.file.SetDeadline(time.Time{}); err != nil {
		// The poller has refused the descriptor, and NewFile does not say so.
		s.file.Close()
		return nil, err
	}
	s.raw = raw
	s.one.s = s
	s.rd.init(s, &s.one)
	s.wr.init(s)
	return s, nil
}

// control calls f with the descriptor, unless s is closed.
func (s *socket) control(f func(fd uintptr) error) error {
	if s.closed.Load() {
		return net.ErrClosed
	}
	var err error
	if e := s.raw.Control(func(fd uintptr) { err = f(fd) }); e != nil {
		return s.pollError(e)
	}
	return err
}

// inheritLifetimes takes over what l, whose association s has, may have as default lifetime.
func (s *socket) inheritLifetimes(l *socket) { s.lifetimes.Store(l.lifetimes.Load() || l.lent.Load()) }

// hasLifetimes reports whether messages may have a lifetime that nobody has given them.
func (s *socket) hasLifetimes() bool { return s.lifetimes.Load() || s.lent.Load() }

// pollError translates an error of the poller.
func (s *socket) pollError(err error) error {
	switch {
	case s.closed.Load():
		return net.ErrClosed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	}
	return err
}

// markClosed marks s closed, and reports whether it was not before. A Shutdown leaves
// the function that ends it.
func (s *socket) markClosed(endShutdown context.CancelFunc) bool {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if s.closed.Swap(true) {
		return false
	}
	s.endShutdown = endShutdown
	return true
}

// shutdownEnded says that Abort has no Shutdown to end any more.
func (s *socket) shutdownEnded() {
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	s.endShutdown = nil
}

// close marks s closed and closes the descriptor, once.
func (s *socket) close() error {
	if !s.markClosed(nil) {
		return net.ErrClosed
	}
	return s.file.Close()
}

// abort closes the descriptor so that the kernel sends an ABORT.
func (s *socket) abort() error {
	if s.markClosed(nil) {
		return s.abortFile()
	}
	s.deadlines.Lock()
	defer s.deadlines.Unlock()
	if s.endShutdown == nil {
		return net.ErrClosed
	}
	s.endShutdown()
	s.endShutdown = nil
	return nil
}

// abortFile aborts after s was marked closed.
func (s *socket) abortFile() error {
	var err error
	s.raw.Control(func(fd uintptr) { err = setLinger(fd, true) })
	if cerr := s.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// dup returns a new file of the same socket.
func (s *socket) dup() (*os.File, error) {
	nfd := -1
	err := s.control(func(fd uintptr) error {
		var errno sys.Errno
		nfd, errno = sys.Dup(fd)
		return syscallError("fcntl", errno)
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(nfd), s.network), nil
}

// setLinger sets SO_LINGER to what makes close abort, or to its default. There is
// nothing in between: with a time the kernel would block close.
func setLinger(fd uintptr, abort bool) error {
	var l struct{ onoff, linger int32 } // struct linger
	if abort {
		l.onoff = 1
	}
	return syscallError("setsockopt SO_LINGER", sys.Setsockopt(fd, sys.SOL_SOCKET, sys.SO_LINGER, sys.Bytes(&l)))
}

// setInt sets an option that is an int.
func setInt(fd uintptr, level, name int, text string, v int) error {
	n := int32(v)
	if errno := sys.Setsockopt(fd, level, name, sys.Bytes(&n)); errno != 0 {
		return os.NewSyscallError("setsockopt "+text, errno)
	}
	return nil
}

// getInt reads an option that is an int.
func getInt(fd uintptr, level, name int, text string) (int, error) {
	var n int32
	if _, errno := sys.Getsockopt(fd, level, name, sys.Bytes(&n)); errno != 0 {
		return 0, os.NewSyscallError("getsockopt "+text, errno)
	}
	return int(n), nil
}
