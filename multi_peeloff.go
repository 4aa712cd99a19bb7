package sctp

import (
	"fmt"
	"net/netip"
	"os"

	"github.com/netsctp/sctp/internal/sys"
)

// PeelOff gives an association a socket of its own, and returns it as a Conn
// (SCTP_SOCKOPT_PEELOFF_FLAGS, RFC 6458 section 9.2). The MultiConn forgets the
// association. Unread messages and events of it come from the Conn. If Messages or
// ReadFrom has collected a part of a message, the Conn returns that part first, without
// EOR.
//
// The Conn inherits the association's options and subscriptions, and the socket's buffer
// sizes and other options. The kernel does not pass on the support of AUTH, ASCONF, stream
// reconfiguration, interleaving, ECN and partial reliability; PeelOff does.
//
// PeelOff fails with ENOTCONN if the socket has no such association; with EBUSY while a
// Connect waits for it, or after ReadMsg has returned a part of one of its messages and
// not yet the end, which would come from the Conn; and with EMFILE or ENFILE without a
// free descriptor. In these cases the association stays. If another thread of the program
// takes the last descriptor at that very moment, Linux ends the association without a
// word: the error then contains an [*AssocError], and the next read returns an AssocChange
// if that is subscribed to. A read that is already blocked does so when something else
// arrives.
//
// The Conn drops the rest of a message that was too long for Messages, or that ReadFrom
// has cut. If the socket belongs to another network namespace than the calling thread,
// PeelOff enters it for a moment, which needs CAP_NET_ADMIN and CAP_SYS_ADMIN. PeelOff
// needs Linux 4.13.
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
	m.s.hold.mu.RLock() // the Conn gets SCTP_NODELAY as it is
	defer m.s.hold.mu.RUnlock()
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
	m.wr.queue.all()
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
	s.inheritLifetimes(m.s)
	s.events.wants = wants
	s.events.setUp = s.events.wants&EventAssocChange.bit() != 0
	begun.moveTo(&s.rd.open, FutureAssoc)
	m.s.endpoint.handOn(m.s, s)
	s.namespaceOf(m.s)
	s.readAddrs(uintptr(nfd))
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
