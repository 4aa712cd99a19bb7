package sctp

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"github.com/netsctp/sctp/internal/sys"
)

// A setup says how to make a socket, in the order in which it is applied.
type setup struct {
	network string
	netns   string
	family  int
	v6only  bool
	listen  bool
	many    bool // a one-to-many socket
	device  string

	readBuffer, writeBuffer int
	initMsg                 InitMsg
	control                 func(ctx context.Context, network, address string, c syscall.RawConn) error
	address                 *Addr // what control is told
	events                  []EventType
}

// open makes a socket that is neither bound nor connected: the package's defaults,
// buffers, InitMsg, Control, Events. It returns its descriptor besides, for the calls that
// follow before anybody else has the socket.
func open(ctx context.Context, p *setup) (*socket, uintptr, error) {
	nfd, err := p.socket()
	if err != nil {
		return nil, 0, err
	}
	s, err := newSocket(nfd, p.network)
	if err != nil {
		return nil, 0, err
	}
	fd := uintptr(nfd)
	if p.netns != "" {
		s.elsewhere()
	}
	if p.listen {
		s.endpoint.remember(fd)
	}
	if err := p.apply(ctx, s, fd); err != nil {
		s.close()
		return nil, 0, err
	}
	return s, fd, nil
}

// socket opens the descriptor, in the network namespace that it is to be in.
func (p *setup) socket() (fd int, err error) {
	style := sys.SOCK_STREAM
	if p.many {
		style = sys.SOCK_SEQPACKET
	}
	var errno sys.Errno
	if p.netns == "" {
		fd, errno = sys.Socket(p.family, style)
	} else if fd, errno, err = socketIn(p.netns, p.family, style); err != nil {
		return -1, err
	}
	if errno != 0 {
		return -1, socketError(errno)
	}
	return fd, nil
}

func (p *setup) apply(ctx context.Context, s *socket, fd uintptr) error {
	bits, err := eventBits(p.events)
	if err != nil {
		return err
	}
	if err := p.defaults(fd); err != nil {
		return err
	}
	if p.initMsg != (InitMsg{}) {
		if err := optInitMsg.apply(fd, p.initMsg); err != nil {
			return err
		}
	}
	if p.control != nil {
		s.endpoint.untouched.Store(false)
		network := "sctp4"
		if p.family == sys.AF_INET6 {
			network = "sctp6"
		}
		if err := p.control(ctx, network, p.address.String(), rawConn{s}); err != nil {
			return err
		}
	}
	return s.events.init(fd, bits)
}

// defaults sets what every socket of the package has.
func (p *setup) defaults(fd uintptr) error {
	v6only := 0
	if p.v6only {
		v6only = 1
	}
	for _, o := range []struct {
		on          bool
		level, name int
		text        string
		value       int
	}{
		{p.family == sys.AF_INET6, sys.IPPROTO_IPV6, sys.IPV6_V6ONLY, "IPV6_V6ONLY", v6only},
		{p.listen, sys.SOL_SOCKET, sys.SO_REUSEADDR, "SO_REUSEADDR", 1},
		{true, sys.SOL_SCTP, sys.SCTP_NODELAY, "SCTP_NODELAY", 1},
		{true, sys.SOL_SCTP, sys.SCTP_RECVRCVINFO, "SCTP_RECVRCVINFO", 1},
		{p.family == sys.AF_INET6, sys.SOL_SCTP, sys.SCTP_I_WANT_MAPPED_V4_ADDR, "SCTP_I_WANT_MAPPED_V4_ADDR", 0},
		{p.many, sys.SOL_SCTP, sys.SCTP_FRAGMENT_INTERLEAVE, "SCTP_FRAGMENT_INTERLEAVE", 1},
	} {
		if o.on {
			if err := setInt(fd, o.level, o.name, o.text, o.value); err != nil {
				return err
			}
		}
	}
	if p.device != "" {
		if err := bindToDevice(fd, p.device); err != nil {
			return err
		}
	}
	if p.readBuffer != 0 {
		if err := optReadBuffer.apply(fd, p.readBuffer); err != nil {
			return err
		}
	}
	if p.writeBuffer != 0 {
		return optWriteBuffer.apply(fd, p.writeBuffer)
	}
	return nil
}

// bind binds s to a: the first address with bind, the others with bindx, at the port
// that the first has got.
func (s *socket) bind(fd uintptr, family int, a *Addr) error {
	a, err := s.zonesIn(fd, a)
	if err != nil {
		return err
	}
	first := netip.AddrPortFrom(netip.Addr{}, a.port())
	if !a.isWildcard() {
		first = a.AddrPort()
	}
	if errno := sys.Bind(int(fd), sys.AppendSockaddr(nil, family, first)); errno != 0 {
		return syscallError("bind", errno)
	}
	if a == nil || len(a.IPs) < 2 {
		return nil
	}
	more := sys.AppendSockaddrs(nil, family, a.Port, a.IPs[1:])
	return syscallError("bindx", sys.Setsockopt(fd, sys.SOL_SCTP, sys.SCTP_SOCKOPT_BINDX_ADD, more))
}

// readAddrs reads the addresses of the association. Where it has died already, what
// the socket knows stays.
func (s *socket) readAddrs(fd uintptr) {
	if !s.assocAddrs(fd) && s.laddr == nil {
		s.laddr = s.sockname(fd)
	}
}

// assocAddrs reads the addresses of the association, and reports whether it is up: the
// kernel does not tell before that, and not after the end.
func (s *socket) assocAddrs(fd uintptr) bool {
	raddr, err := s.addrs(fd, &optPeerAddrs, 0)
	if err != nil || len(raddr.IPs) == 0 {
		return false
	}
	s.raddr = raddr
	// Any id but zero asks for the association's list.
	laddr, err := s.addrs(fd, &optLocalAddrs, 1)
	if err != nil || len(laddr.IPs) == 0 {
		return false
	}
	s.laddr = laddr
	return true
}

// sockname returns the address that fd is bound to, the first if there are several.
func (s *socket) sockname(fd uintptr) *Addr {
	sa, _ := sys.Getsockname(fd)
	ap, n := s.zones.Local(sa)
	if n == 0 {
		return &Addr{}
	}
	return AddrFrom(ap.Port(), ap.Addr())
}

// anyIs6 reports whether a has an IPv6 address.
func anyIs6(a *Addr) bool {
	return a != nil && slices.ContainsFunc(a.IPs, netip.Addr.Is6)
}

// sameFamily reports whether an IP of a and one of b are of the same family.
func sameFamily(a, b *Addr) bool {
	return slices.ContainsFunc(a.IPs, func(x netip.Addr) bool {
		return slices.ContainsFunc(b.IPs, func(y netip.Addr) bool { return x.Unmap().Is4() == y.Unmap().Is4() })
	})
}

// familyOf returns the address family of a socket for network that has the given
// addresses at its ends: IPv6 if one of them is, since such a socket takes IPv4
// addresses too.
func familyOf(network string, as ...*Addr) (int, error) {
	if _, err := checkNetwork(network); err != nil {
		return 0, err
	}
	family := sys.AF_INET
	if network == "sctp6" {
		family = sys.AF_INET6
	}
	for _, a := range as {
		if a == nil {
			continue
		}
		for _, ip := range a.IPs {
			ip = ip.Unmap()
			switch {
			case !ip.IsValid():
				return 0, &net.AddrError{Err: "invalid IP address", Addr: a.String()}
			case network == "sctp4" && ip.Is6():
				return 0, &net.AddrError{Err: "non-IPv4 address", Addr: a.String()}
			case network == "sctp6" && ip.Is4() && !ip.IsUnspecified(): // which is :: there
				return 0, &net.AddrError{Err: "non-IPv6 address", Addr: a.String()}
			case ip.Is6():
				family = sys.AF_INET6
			}
		}
	}
	return family, nil
}
