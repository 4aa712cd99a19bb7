package sctp

import (
	"fmt"
	"os"

	"github.com/netsctp/sctp/internal/sys"
)

// PeelOff gives an association a socket of its own, and returns it as a Conn
// (SCTP_SOCKOPT_PEELOFF_FLAGS, RFC 6458 section 9.2). The MultiConn forgets the
// association. Messages and events of it that were not read yet come from the Conn. What
// Messages or ReadFrom had read of a message that goes on comes first, as a piece without
// EOR.
//
// The Conn has the options and subscriptions of the association, and the buffer sizes and
// the rest of the MultiConn's socket. The kernel does not hand on the support of AUTH,
// ASCONF, stream reconfiguration, interleaving, ECN and partial reliability; PeelOff does.
//
// While ReadMsg has returned a part of one of the association's messages, but not the end,
// PeelOff is EBUSY: the end would come from the Conn. So it is amid a message that is too
// long for Messages, and while a Connect waits for the association. The rest of a message
// that ReadFrom has cut is dropped by the Conn. An association that the socket does not
// have is ENOTCONN. If the socket belongs to another network namespace than the calling
// thread, PeelOff enters that for a moment, which takes CAP_NET_ADMIN and CAP_SYS_ADMIN.
// It needs Linux 4.13.
func (m *MultiConn) PeelOff(id AssocID) (*Conn, error) {
	c, err := m.peelOff(id)
	if err != nil {
		return nil, m.s.opError("peeloff", err)
	}
	return c, nil
}

func (m *MultiConn) peelOff(id AssocID) (*Conn, error) {
	rd := &m.s.rd
	rd.queue.Lock()
	defer rd.queue.Unlock()
	if err := rd.open.peelable(id); err != nil {
		return nil, err
	}
	if m.src.waits(id) {
		return nil, fmt.Errorf("Connect waits for association %d: %w", id, sys.EBUSY)
	}
	nfd := -1
	err := m.s.control(func(fd uintptr) (err error) {
		nfd, err = peelOffFD(fd, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	s, err := newSocket(nfd, m.s.network)
	if err != nil {
		return nil, err
	}
	s.peeled = true
	s.events.inherit(&m.s.events)
	s.events.wants = m.s.events.of(id)
	m.s.events.forget(id)
	s.events.setUp = s.events.wants&EventAssocChange.bit() != 0
	rd.open.moveTo(&s.rd.open, id)
	m.src.left(id)
	m.s.endpoint.handOn(m.s, s)
	s.namespaceOf(m.s)
	s.readAddrs()
	if s.raddr == nil {
		s.raddr = &Addr{} // it has ended meanwhile
	}
	m.wr.wake()
	return &Conn{conn{s}}, nil
}

var optPeelOff = sctpOption(sys.SCTP_SOCKOPT_PEELOFF_FLAGS, "SCTP_SOCKOPT_PEELOFF_FLAGS", needsLinux("4.13"))

// peelOffFD returns the descriptor of an association that was peeled off. The kernel
// wants the calling thread to be in the socket's network namespace.
func peelOffFD(fd uintptr, id AssocID) (int, error) {
	nfd, errno := sys.PeelOff(fd, int32(id))
	if errno == sys.EINVAL {
		if _, e := statusOf(fd, id); e != 0 {
			return -1, &noAssocError{id}
		}
		call, e := sys.InNetnsOf(fd, func() { nfd, errno = sys.PeelOff(fd, int32(id)) })
		if e != 0 {
			return -1, fmt.Errorf("%w (the socket is in another network namespace)", os.NewSyscallError(call, e))
		}
	}
	return nfd, optPeelOff.error("getsockopt", errno)
}
