package sctp

import (
	"context"
	"errors"
	"math"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// Listen announces on the local address. The network is "sctp", "sctp4" (IPv4 only) or
// "sctp6" (IPv6 only). The listener is a *[Listener].
//
// The address has the form "host:port" or, for a multihomed listener, "host1/host2:port".
// Each host is an IP address or a name, of which the first address is used. Without a
// host, or with an unspecified address, Listen uses all addresses of the local system: on
// the network "sctp" IPv6 and IPv4, if the system has both, and with "0.0.0.0" IPv4 only.
// If the port is "0" or empty the kernel chooses one: see [Listener.Addr].
//
// Listen uses a zero [ListenConfig].
func Listen(network, address string) (net.Listener, error) {
	return new(ListenConfig).Listen(context.Background(), network, address)
}

// ListenSCTP announces on laddr. A nil laddr means all addresses, and a port that the
// kernel chooses. See [Listen].
func ListenSCTP(network string, laddr *Addr) (*Listener, error) {
	return new(ListenConfig).ListenSCTP(context.Background(), network, laddr)
}

// ListenConfig holds the options for listening. The zero value of a field means the
// behaviour of Listen.
type ListenConfig struct {
	// Backlog is the number of associations that may wait to be accepted. The kernel
	// admits one more, and refuses those beyond. If zero, or greater, the system's
	// limit net.core.somaxconn applies. Fewer may have room for what they send; see
	// ReadBuffer.
	Backlog int

	// DialOnly makes ListenPacket and ListenMulti open a socket that accepts no
	// associations, for a MultiConn that only sets up its own; see
	// [MultiConn.SetListening]. Listen and ListenSCTP fail with EINVAL if it is set.
	DialOnly bool

	// InitMsg is what the associations ask for. Zero fields mean the kernel's
	// defaults.
	InitMsg InitMsg

	// Events are those that ReadMsg and Messages of accepted connections return from
	// the start; see [Conn.Subscribe].
	Events []EventType

	// ReadBuffer and WriteBuffer are the sizes of the buffers of each accepted
	// connection; see [Dialer].
	//
	// Those that wait to be accepted share one buffer of that size, the listener's. Each
	// takes about 768 bytes of it, and a short message about 230 more than its length:
	// Linux's default of 212992 has room for 177 that have sent 200 bytes. What others
	// send is dropped, and the peer sends it again after its RTO, a second or more, until
	// it is taken or the peer gives up. So accept without delay. With net.sctp.rcvbuf_policy=1, set before
	// Listen, each has a whole buffer.
	ReadBuffer, WriteBuffer int

	// SingleRemoteAddr limits the RemoteAddr of accepted connections to one IP: that
	// of the path on which the peer has set the association up. Its text is then
	// "host:port", as programs for TCP expect. Set it for net/http, which copies it to
	// Request.RemoteAddr, from where httputil.ReverseProxy forwards it. The association
	// still has all of its paths; [Options.PeerAddrs] lists them.
	SingleRemoteAddr bool

	// StallTimeout limits how long a write of a MultiConn without a write deadline
	// waits for room in the send buffer; see [StalledError]. If zero it is five
	// seconds; if negative there is no limit. Listen and ListenSCTP ignore it.
	StallTimeout time.Duration

	// BindToDevice is the name of the only network interface on which associations may
	// come in; see [Dialer].
	BindToDevice string

	// Netns is the path of the network namespace in which to open the socket; see
	// [Dialer].
	Netns string

	// Control, if not nil, is called with the socket before it is bound, after all
	// fields above except Events were applied. The network is "sctp4" or "sctp6", the
	// address is the one to listen on. See [NewOptions].
	//
	// Accepted connections, and those of PeelOff, inherit what it sets, as in package
	// net: also the support of AUTH, ASCONF, stream reconfiguration, interleaving, ECN
	// and partial reliability, and IP_TOS, SO_MARK and other options of sockets and IP,
	// which the kernel alone would reset to the system's defaults. The package sets
	// those when the connection is accepted: what the kernel sends before has the
	// defaults. Not inherited are IPV6_V6ONLY, and what needs a capability that the
	// program has given up.
	Control func(network, address string, c syscall.RawConn) error
}

// Listen announces on the local address; see [Listen]. The context limits the resolution
// of names only: it does not affect the listener.
func (lc *ListenConfig) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	hosts, err := resolve(ctx, net.DefaultResolver, network, address, opListen)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	l, err := lc.ListenSCTP(ctx, network, hosts.first())
	if err != nil {
		return nil, err // the nil interface
	}
	return l, nil
}

// ListenSCTP announces on laddr; see [ListenSCTP].
func (lc *ListenConfig) ListenSCTP(ctx context.Context, network string, laddr *Addr) (*Listener, error) {
	if laddr == nil {
		laddr = &Addr{}
	}
	s, _, err := lc.listen(ctx, network, laddr, false)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: laddr, Err: err}
	}
	s.singleRemote = lc.SingleRemoteAddr
	return &Listener{s}, nil
}

// listen opens a socket that listens, a one-to-many one if many is true, and returns it
// with its address family.
func (lc *ListenConfig) listen(ctx context.Context, network string, laddr *Addr, many bool) (*socket, int, error) {
	if lc.Backlog < 0 {
		return nil, 0, invalidError("negative Backlog %d", lc.Backlog)
	}
	if lc.DialOnly && !many {
		return nil, 0, invalidError("DialOnly is for one-to-many sockets")
	}
	backlog := lc.Backlog
	if backlog == 0 {
		backlog = math.MaxInt32 // the kernel takes the smaller of it and somaxconn
	}
	family, err := familyOf(network, laddr)
	if err != nil {
		return nil, 0, err
	}
	dual := network == "sctp" && laddr.isWildcard() && !hasUnspecified4(laddr)
	if dual {
		family = sys.AF_INET6
	}
	p := setup{
		network: network, netns: lc.Netns, family: family, v6only: network == "sctp6", listen: true, many: many, device: lc.BindToDevice,
		initMsg: lc.InitMsg, events: lc.Events, readBuffer: lc.ReadBuffer, writeBuffer: lc.WriteBuffer,
		address: laddr,
	}
	if lc.Control != nil {
		p.control = func(_ context.Context, network, address string, c syscall.RawConn) error {
			return lc.Control(network, address, c)
		}
	}
	s, fd, err := open(ctx, &p)
	if dual && errors.Is(err, sys.EAFNOSUPPORT) {
		// A system without IPv6.
		p.family = sys.AF_INET
		s, fd, err = open(ctx, &p)
	}
	if err != nil {
		return nil, 0, err
	}
	if err := s.listen(fd, p.family, laddr, backlog, !lc.DialOnly); err != nil {
		s.close()
		return nil, 0, err
	}
	s.events.setUp = s.events.setUp || many // of each association
	return s, p.family, nil
}

// listen binds s and, if on is true, makes it a listener.
func (s *socket) listen(fd uintptr, family int, laddr *Addr, backlog int, on bool) error {
	if err := s.bind(fd, family, laddr); err != nil {
		return err
	}
	if on {
		if errno := sys.Listen(int(fd), backlog); errno != 0 {
			return syscallError("listen", errno)
		}
	}
	s.laddr = s.listenAddr(fd)
	return nil
}

// listenAddr returns the addresses that a listener is bound to: the unspecified one,
// or all that it was given.
func (s *socket) listenAddr(fd uintptr) *Addr {
	a := s.sockname(fd)
	if a.isWildcard() {
		return a
	}
	if all, err := s.addrs(fd, &optLocalAddrs, 0); err == nil && len(all.IPs) > 0 {
		return all
	}
	return a
}

// hasUnspecified4 reports whether a is 0.0.0.0, and IPv4 is meant.
func hasUnspecified4(a *Addr) bool {
	return len(a.IPs) == 1 && a.IPs[0] == netip.IPv4Unspecified()
}
