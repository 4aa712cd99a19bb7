package sctp

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// toItself reports whether s is both ends of its association: the kernel has chosen
// the very port that was dialled, where nobody listens. Package net tries again too.
func (s *socket) toItself() bool {
	return s.laddr.Port == s.raddr.Port && len(s.raddr.IPs) > 0 && slices.Contains(s.laddr.IPs, s.raddr.IPs[0])
}

// dial binds and connects s.
func (s *socket) dial(ctx context.Context, fd uintptr, family int, laddr, raddr *Addr) error {
	if !laddr.isWildcard() || laddr.port() != 0 {
		if err := s.bind(fd, family, laddr); err != nil {
			return err
		}
	}
	raddr, err := s.zonesIn(fd, raddr)
	if err != nil {
		return err
	}
	if err := s.connect(fd, family, raddr); err != nil {
		return err
	}
	if s.assocAddrs(fd) { // a peer on this host has answered within the call
		if ctx.Err() != nil {
			return contextError(ctx)
		}
		return nil
	}
	if err := s.awaitUp(ctx, family, laddr, raddr); err != nil {
		return err
	}
	s.raddr = AddrFrom(raddr.Port, slices.Clone(raddr.IPs)...) // that of the caller stays its own
	s.readAddrs(fd)
	return nil
}

// connect starts the set-up of the association.
func (s *socket) connect(fd uintptr, family int, raddr *Addr) error {
	var few [4 * sys.SizeofSockaddrIn6]byte
	id, errno := sys.Connectx(fd, sys.AppendSockaddrs(few[:0], family, raddr.Port, raddr.IPs))
	s.assoc = AssocID(id)
	switch errno {
	case 0, sys.EINPROGRESS:
		return nil
	case sys.EAGAIN: // which would be a timeout
		return fmt.Errorf("no local port is free (net.ipv4.ip_local_port_range): %w", os.NewSyscallError("connect", sys.EADDRNOTAVAIL))
	}
	return syscallError("connect", errno)
}

// awaitUp waits until the set-up has come to an end. It asks for that under the poller, so
// that the end cannot be missed.
func (s *socket) awaitUp(ctx context.Context, family int, laddr, raddr *Addr) error {
	peer := sys.AppendSockaddr(nil, family, raddr.AddrPort())
	var wait *setUpWait
	var err error
	perr := s.raw.Write(func(fd uintptr) bool {
		var done bool
		if done, err = s.setUp(fd, peer); !done && wait == nil {
			wait = s.beginWait(ctx, laddr, raddr)
		}
		return done
	})
	var noRoute sys.Errno
	ended := ctx.Err() != nil
	if wait != nil {
		noRoute, ended = wait.route.stop(), !wait.stop()
	}
	switch {
	case ended:
		return contextError(ctx)
	case noRoute != 0 && perr != nil:
		return syscallError("connect", noRoute)
	case noRoute != 0: // it has come up all the same
		s.file.SetWriteDeadline(time.Time{})
	}
	if perr != nil {
		return s.pollError(perr)
	}
	return err
}

// A setUpWait interrupts a set-up that waits for the peer: when ctx ends, or when there is
// no route.
type setUpWait struct {
	stop  func() bool // of ctx
	route *routeCheck
}

func (s *socket) beginWait(ctx context.Context, laddr, raddr *Addr) *setUpWait {
	interrupt := func() { s.file.SetWriteDeadline(past) }
	return &setUpWait{context.AfterFunc(ctx, interrupt), s.checkRoute(laddr, raddr, interrupt)}
}

// firstMoment is how long a set-up takes before it is asked whether there is a route.
const firstMoment = 50 * time.Millisecond

// A routeCheck asks the kernel, when a set-up has taken more than a moment, whether there
// is a route to any address of the peer. SCTP sends INIT in vain for minutes if there is
// none.
type routeCheck struct {
	timer *time.Timer
	done  chan struct{}
	errno sys.Errno // valid when done is closed
}

// checkRoute starts the check of a set-up from laddr to raddr. It calls interrupt if there
// is no route.
func (s *socket) checkRoute(laddr, raddr *Addr, interrupt func()) *routeCheck {
	c := &routeCheck{done: make(chan struct{})}
	c.timer = time.AfterFunc(firstMoment, func() {
		defer close(c.done)
		if c.errno = s.noRoute(laddr, raddr); c.errno != 0 {
			interrupt()
		}
	})
	return c
}

// stop ends the check, and returns what it has found: 0 is no reason to give up.
func (c *routeCheck) stop() sys.Errno {
	if c.timer.Stop() {
		return 0
	}
	<-c.done
	return c.errno
}

// noRoute returns why no address of raddr can be reached from laddr, or 0 if one can, or
// if that is not to be known.
func (s *socket) noRoute(laddr, raddr *Addr) (errno sys.Errno) {
	s.control(func(fd uintptr) error {
		locals := s.sources(fd, laddr)
		ask := func() { errno = sys.NoRoute(fd, locals, raddr.IPs) }
		if s.zones.Foreign() {
			sys.InNetnsOf(fd, ask) // or is refused
		} else {
			ask()
		}
		return nil
	})
	return errno
}

// sources returns the addresses that SCTP tries as the source of packets from laddr: if
// that is none in particular, first whatever the routing chooses, and then each of the
// system's, which rules of routing may ask for.
func (s *socket) sources(fd uintptr, laddr *Addr) []netip.Addr {
	if !laddr.isWildcard() {
		return laddr.IPs
	}
	locals := []netip.Addr{{}}
	if a, err := s.addrs(fd, &optLocalAddrs, FutureAssoc); err == nil {
		locals = append(locals, a.IPs...)
	}
	return locals
}

// setUp reports whether the set-up of the association with the peer at the address peer
// has come to an end, and how.
func (s *socket) setUp(fd uintptr, peer []byte) (done bool, err error) {
	p := sys.Poll(fd)
	switch {
	case p&sys.PollOut != 0: // it is up, or has been
		return true, nil
	case p&sys.PollErr == 0 || hasPeer(fd, peer):
		return false, nil // with IP_RECVERR a hint from the network is an error, too
	}
	errno := takeEnd(fd)
	if errno == 0 {
		errno = sys.ETIMEDOUT // an event may know better
	}
	return true, s.connectError(fd, errno)
}

// hasPeer reports whether the socket has an association with the address peer, or is
// setting one up: SCTP_STATUS does not tell while that lasts.
func hasPeer(fd uintptr, peer []byte) bool {
	var k sys.PAddrInfo
	copy(k.Addr[:], peer)
	_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_GET_PEER_ADDR_INFO, sys.Bytes(&k))
	return errno == 0 || errno == sys.EACCES // which is a path that has potentially failed
}

// connectError returns why the association could not be set up, with the peer's
// cause where the kernel tells one.
func (s *socket) connectError(fd uintptr, errno sys.Errno) error {
	s.rd.readEvents(fd)
	e := AssocError{State: AssocCantStart}
	if end := s.end.Load(); end != nil {
		e = end.AssocError
	}
	e.Err = os.NewSyscallError("connect", errno)
	if errno == sys.ECONNREFUSED && asconfAlone(fd) {
		e.Err = fmt.Errorf("%w (perhaps since this end offers ASCONF without AUTH: with net.sctp.addip_enable, set net.sctp.auth_enable at both ends, or net.sctp.addip_noauth_enable)", e.Err)
	}
	return &e
}

// asconfAlone reports whether fd offers ASCONF without AUTH. A Linux that offers ASCONF, too,
// refuses that without a cause (RFC 5061 section 4.2.7), as if nobody listened.
func asconfAlone(fd uintptr) bool {
	var asconf, auth sys.AssocValue
	_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_ASCONF_SUPPORTED, sys.Bytes(&asconf))
	_, errno2 := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_AUTH_SUPPORTED, sys.Bytes(&auth))
	return errno == 0 && errno2 == 0 && asconf.Value != 0 && auth.Value == 0
}
