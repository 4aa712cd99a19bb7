package sctp

import (
	"net"
	"os"

	"github.com/netsctp/sctp/internal/sys"
)

// FileConn returns a *[Conn] that is a copy of the one-to-one association open in f.
// It is the caller's responsibility to close f; closing f does not affect the Conn,
// nor the other way round. The socket, which the two share, is made non-blocking, and
// gets the package's defaults for what belongs to reading. It keeps its subscriptions
// to events, but for AssocChange, Shutdown and PartialDelivery, which the Conn shows
// only after a Subscribe of its own.
func FileConn(f *os.File) (net.Conn, error) {
	s, err := fileSocket(f, false)
	if err == nil {
		s.readAddrs()
		if s.raddr == nil {
			s.close()
			err = invalidError("the socket has no association")
		}
	}
	if err != nil {
		return nil, &net.OpError{Op: "file", Net: "file+net", Addr: fileAddr(f.Name()), Err: err}
	}
	return &Conn{s}, nil
}

// FileListener returns a *[Listener] that is a copy of the listener open in f. It is
// the caller's responsibility to close f; closing f does not affect the Listener, nor
// the other way round.
func FileListener(f *os.File) (net.Listener, error) {
	s, err := fileSocket(f, true)
	if err != nil {
		return nil, &net.OpError{Op: "file", Net: "file+net", Addr: fileAddr(f.Name()), Err: err}
	}
	s.control(func(fd uintptr) error {
		s.laddr = listenAddr(fd)
		return nil
	})
	return &Listener{s}, nil
}

// fileAddr is the address in errors about files, as package net has it.
type fileAddr string

func (fileAddr) Network() string  { return "file+net" }
func (f fileAddr) String() string { return string(f) }

// fileSocket makes a socket of a copy of f's descriptor, if that is a one-to-one SCTP
// socket and listens or not, as wanted.
func fileSocket(f *os.File, listens bool) (*socket, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	nfd := -1
	if e := raw.Control(func(fd uintptr) {
		if err = checkSocket(fd, listens); err != nil {
			return
		}
		var errno sys.Errno
		nfd, errno = sys.Dup(fd)
		err = syscallError("fcntl", errno)
	}); e != nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if errno := sys.SetNonblock(nfd); errno != 0 {
		sys.Close(nfd)
		return nil, syscallError("fcntl", errno)
	}
	s, err := newSocket(nfd, "sctp")
	if err != nil {
		return nil, err
	}
	if err := s.control(s.adopt); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// checkSocket returns an error unless fd is what FileConn or FileListener is for.
func checkSocket(fd uintptr, listens bool) error {
	protocol, err := getInt(fd, sys.SOL_SOCKET, sys.SO_PROTOCOL, "SO_PROTOCOL")
	if err != nil {
		return err
	}
	style, err := getInt(fd, sys.SOL_SOCKET, sys.SO_TYPE, "SO_TYPE")
	if err != nil {
		return err
	}
	accepts, err := getInt(fd, sys.SOL_SOCKET, sys.SO_ACCEPTCONN, "SO_ACCEPTCONN")
	switch {
	case err != nil:
		return err
	case protocol != sys.IPPROTO_SCTP:
		return invalidError("not an SCTP socket")
	case style != sys.SOCK_STREAM:
		return invalidError("not a one-to-one socket")
	case listens && accepts == 0:
		return invalidError("the socket does not listen")
	case !listens && accepts != 0:
		return invalidError("the socket listens")
	}
	return nil
}

// adopt sets what reading needs on a socket that somebody else made.
func (s *socket) adopt(fd uintptr) error {
	if err := setInt(fd, sys.SOL_SCTP, sys.SCTP_RECVRCVINFO, "SCTP_RECVRCVINFO", 1); err != nil {
		return err
	}
	if err := setInt(fd, sys.SOL_SCTP, sys.SCTP_I_WANT_MAPPED_V4_ADDR, "SCTP_I_WANT_MAPPED_V4_ADDR", 0); err != nil {
		return err
	}
	return s.events.adopt(fd)
}
