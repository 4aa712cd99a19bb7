package sctp

import (
	"net"
	"os"

	"github.com/netsctp/sctp/internal/sys"
)

// FileConn returns a *[Conn] that is a copy of the one-to-one association open in f. The
// caller must close f; closing f does not affect the Conn, nor the other way round. The
// two share the socket: it becomes non-blocking, and gets the package's defaults for
// reading. Its subscriptions to events stay, except that the Conn returns AssocChange,
// Shutdown and PartialDelivery only after a Subscribe of its own.
func FileConn(f *os.File) (net.Conn, error) {
	s, err := fileSocket(f, fileConn)
	if err == nil {
		s.control(func(fd uintptr) error {
			s.readAddrs(fd)
			st, _ := statusOf(fd, FutureAssoc)
			s.assoc = AssocID(st.AssocID)
			return nil
		})
		if s.raddr == nil {
			s.close()
			err = invalidError("the socket has no association")
		}
	}
	if err != nil {
		return nil, &net.OpError{Op: "file", Net: "file+net", Addr: fileAddr(f.Name()), Err: err}
	}
	return &Conn{conn{s}}, nil
}

// FileListener returns a *[Listener] that is a copy of the listener open in f. The caller
// must close f; closing f does not affect the Listener, nor the other way round.
func FileListener(f *os.File) (net.Listener, error) {
	s, err := fileSocket(f, fileListener)
	if err != nil {
		return nil, &net.OpError{Op: "file", Net: "file+net", Addr: fileAddr(f.Name()), Err: err}
	}
	s.control(func(fd uintptr) error {
		s.laddr = s.listenAddr(fd)
		return nil
	})
	return &Listener{s}, nil
}

// fileAddr is the address in errors about files, as package net has it.
type fileAddr string

func (fileAddr) Network() string  { return "file+net" }
func (f fileAddr) String() string { return string(f) }

// A fileKind is what a file is expected to be.
type fileKind int

const (
	fileConn fileKind = iota
	fileListener
	fileMany
)

// fileSocket makes a socket of a copy of f's descriptor, if that is what is expected.
func fileSocket(f *os.File, kind fileKind) (*socket, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	nfd, peeled := -1, false
	if e := raw.Control(func(fd uintptr) {
		if peeled, err = checkSocket(fd, kind); err != nil {
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
	if errno := sys.SetNonblock(nfd, true); errno != 0 {
		sys.Close(nfd)
		return nil, syscallError("fcntl", errno)
	}
	s, err := newSocket(nfd, "sctp")
	if err != nil {
		return nil, err
	}
	s.peeled = peeled
	s.lent.Store(true)
	if err := s.control(s.adopt); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// checkSocket returns an error unless fd is what is expected, and whether it was peeled
// off.
func checkSocket(fd uintptr, kind fileKind) (peeled bool, err error) {
	protocol, err := getInt(fd, sys.SOL_SOCKET, sys.SO_PROTOCOL, "SO_PROTOCOL")
	if err != nil {
		return false, err
	}
	style, err := getInt(fd, sys.SOL_SOCKET, sys.SO_TYPE, "SO_TYPE")
	if err != nil {
		return false, err
	}
	accepts, err := getInt(fd, sys.SOL_SOCKET, sys.SO_ACCEPTCONN, "SO_ACCEPTCONN")
	if err != nil {
		return false, err
	}
	// Only a socket that was peeled off has an association that needs no id.
	peeled = style == sys.SOCK_SEQPACKET && !gone(fd)
	many := style == sys.SOCK_SEQPACKET && !peeled
	switch {
	case protocol != sys.IPPROTO_SCTP:
		err = invalidError("not an SCTP socket")
	case kind == fileMany && !many:
		err = invalidError("not a one-to-many socket")
	case kind != fileMany && many:
		err = invalidError("not a one-to-one socket")
	case kind == fileListener && accepts == 0:
		err = invalidError("the socket does not listen")
	case kind == fileConn && accepts != 0:
		err = invalidError("the socket listens")
	}
	return peeled, err
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
