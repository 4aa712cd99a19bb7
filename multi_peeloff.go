package sctp

import (
	"fmt"
	"net/netip"
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
// PeelOff is EBUSY: the end would come from the Conn. So it is while a Connect waits for the association. The rest of a message that is too long
// for Messages, or that ReadFrom has cut, is dropped by the Conn. An association that the socket does not
// have is ENOTCONN. Without a free descriptor PeelOff fails with EMFILE or ENFILE, and the
// association stays. If another thread of the program takes the last one in the very moment,
// Linux ends the association and tells nobody: then the error contains an [*AssocError], and
// the next read returns an AssocChange if that is subscribed to; a read that is waiting
// does so when something else arrives. If the socket belongs to another network namespace than the calling
// thread, PeelOff enters that for a moment, which takes CAP_NET_ADMIN and CAP_SYS_ADMIN.
// It needs Linux 4.13.
func (m *MultiConn) PeelOff(id AssocID) (*Conn, error) {
	if m.s == nil {
		return nil, sys.EINVAL
	}
	c, err := m.peelOff(id, spare)
	if err != nil {
		return nil, m.s.opError("peeloff", err)
	}
	return c, nil
}

// peelOff implements PeelOff. It calls reserve just before, to see that there is a
// descriptor to be had: the kernel looks for one when it has taken the association from the
// socket already.
func (m *MultiConn) peelOff(id AssocID, reserve func() error) (*Conn, error) {
	rd := &m.s.rd
	rd.queue.Lock()
	defer rd.queue.Unlock()
	if err := rd.open.peelable(id); err != nil {
		return nil, err
	}
	if m.src.waits(id) {
		return nil, fmt.Errorf("Connect waits for association %d: %w", id, sys.EBUSY)
	}
	nfd, moved := -1, false
	err := m.s.control(func(fd uintptr) error {
		if err := reserve(); err != nil {
			return err
		}
		var err error
		nfd, err = peelOffFD(fd, id)
		_, none := err.(*noAssocError)
		_, errno := statusOf(fd, id)
		moved = !none && errno != 0
		return err
	})
	if !moved {
		return nil, err
	}
	// The socket does not have it any more, whatever fails from here on.
	var begun unfinished
	rd.open.moveTo(&begun, id)
	wants := m.s.events.of(id)
	m.s.events.forget(id)
	m.src.left(id)
	m.wr.wake()
	var s *socket
	if err == nil {
		s, err = newSocket(nfd, m.s.network)
	}
	if err != nil {
		if wants&EventAssocChange.bit() != 0 {
			ev := &AssocChange{Assoc: id, State: AssocCommLost}
			rd.told = append(rd.told, result{m: eventMessage(ev, netip.AddrPort{})})
		}
		return nil, &AssocError{Assoc: id, State: AssocCommLost, Err: err}
	}
	s.peeled, s.assoc = true, id
	s.events.inherit(&m.s.events)
	s.events.wants = wants
	s.events.setUp = s.events.wants&EventAssocChange.bit() != 0
	begun.moveTo(&s.rd.open, FutureAssoc)
	m.s.endpoint.handOn(m.s, s)
	s.namespaceOf(m.s)
	s.readAddrs()
	if s.raddr == nil {
		s.raddr = &Addr{} // it has ended meanwhile
	}
	return &Conn{conn{s}}, nil
}

// spare returns an error if there is no descriptor to be had.
func spare() error {
	fd, errno := sys.Spare()
	if errno == 0 {
		sys.Close(fd)
	}
	return syscallError("eventfd2", errno)
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
