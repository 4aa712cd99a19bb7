package sctp

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Dial connects to the address on the network "sctp", "sctp4" (IPv4 only) or
// "sctp6" (IPv6 only). The connection is a *[Conn].
//
// The address has the form "host:port", where host is a name or an IP address, in
// square brackets if it is IPv6. If a name has several addresses, Dial tries one
// after the other. "host1/host2:port" is one multihomed peer: each host gives one of
// its addresses, of which at least the first must answer. Without a host, or with an
// unspecified address, Dial connects to the local system.
//
// Dial uses a zero [Dialer]; see there for timeouts and options.
func Dial(network, address string) (net.Conn, error) {
	return new(Dialer).Dial(network, address)
}

// DialTimeout is Dial with a timeout, name resolution included.
func DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	return (&Dialer{Timeout: timeout}).Dial(network, address)
}

// DialSCTP connects to raddr, from laddr if it is not nil. Several IPs in raddr are
// one multihomed peer, several in laddr make the local end multihomed.
func DialSCTP(network string, laddr, raddr *Addr) (*Conn, error) {
	return new(Dialer).DialSCTP(context.Background(), network, laddr, raddr)
}

// A Dialer holds the options for connecting to an address. The zero value of each
// field means what Dial does without it. It is safe to call a Dialer's methods
// concurrently.
type Dialer struct {
	// Timeout limits how long a dial waits for the association to come up, over
	// all addresses that it tries. If zero, the kernel's own limit applies, which
	// is some minutes; see InitMsg.
	Timeout time.Duration

	// Deadline is the time after which dials fail. If zero, there is none; with
	// Timeout the earlier of the two holds.
	Deadline time.Time

	// LocalAddr is the address to dial from. If nil, or without IPs, the kernel
	// offers the peer all addresses that can serve as paths. If its port is zero,
	// the kernel chooses one.
	LocalAddr *Addr

	// Resolver resolves names. If nil, net.DefaultResolver does.
	Resolver *net.Resolver

	// InitMsg is what the association asks for. Zero fields mean the kernel's
	// defaults.
	InitMsg InitMsg

	// Events are those that ReadMsg and Messages return from the beginning; see
	// Conn.Subscribe.
	Events []EventType

	// ReadBuffer and WriteBuffer are the sizes of the socket's buffers in bytes
	// (SO_RCVBUF, SO_SNDBUF); the kernel doubles them. The first also decides the
	// receive window, which is fixed when the association is set up. If zero, the
	// system's defaults apply.
	ReadBuffer, WriteBuffer int

	// BindToDevice is the name of the network interface, such as "eth0", that the
	// association is to use alone (SO_BINDTODEVICE). If empty, it may use all. One
	// that does not exist is ENODEV.
	BindToDevice string

	// Netns is the path of the network namespace to open the socket in, such as
	// /run/netns/name or /proc/PID/ns/net. If empty, it is the one of the calling
	// thread. To enter another affects neither the calling goroutine nor others, but
	// takes CAP_SYS_ADMIN: without it the dial is EPERM. A path that is not there is
	// ENOENT, one of something else EINVAL.
	//
	// LocalAddr, BindToDevice and the address to dial mean that namespace's, the
	// zones of link-local addresses included; names are resolved here. The zones of
	// the Conn's addresses are interface numbers, as in "fe80::1%2", which is also
	// the form in which its methods take them.
	Netns string

	// Control, if not nil, is called with the socket before it is bound and
	// connected, after the fields above but Events were applied. The network is
	// "sctp4" or "sctp6", the address the peer's. See NewOptions.
	Control func(network, address string, c syscall.RawConn) error

	// ControlContext is Control with the dial's context. If it is not nil, Control
	// is not called.
	ControlContext func(ctx context.Context, network, address string, c syscall.RawConn) error
}

// Dial connects to the address; see [Dial].
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext connects to the address; see [Dial]. If ctx ends before the association
// is up, the dial fails and leaves nothing behind; afterwards ctx has no effect on
// the connection. The peer is told with an ABORT, if it has answered by then. Should it
// miss that, because the association is not quite up at its end, it learns when it
// sends a message or its next heartbeat.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	r := d.Resolver
	if r == nil {
		r = net.DefaultResolver
	}
	hosts, err := resolve(ctx, r, network, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	c, err := d.dialEach(ctx, network, d.LocalAddr, hosts.each())
	if err != nil {
		return nil, err // the nil interface
	}
	return c, nil
}

// DialSCTP connects to raddr, from laddr if it is not nil and otherwise from
// d.LocalAddr; see [DialSCTP].
func (d *Dialer) DialSCTP(ctx context.Context, network string, laddr, raddr *Addr) (*Conn, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	if laddr == nil {
		laddr = d.LocalAddr
	}
	if raddr == nil {
		err := &net.AddrError{Err: "missing address"}
		return nil, &net.OpError{Op: "dial", Net: network, Source: optionalAddr(laddr), Err: err}
	}
	return d.dialEach(ctx, network, laddr, []*Addr{raddr})
}

// limit returns ctx with the dialer's own limits.
func (d *Dialer) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline := d.Deadline
	if d.Timeout != 0 {
		if t := time.Now().Add(d.Timeout); deadline.IsZero() || t.Before(deadline) {
			deadline = t
		}
	}
	if deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline)
}

// dialEach tries one peer after the other, each with a fair share of the time that
// is left, and returns the first error if none answers: if it can, of one that was tried.
func (d *Dialer) dialEach(ctx context.Context, network string, laddr *Addr, raddrs []*Addr) (*Conn, error) {
	var first error
	firstUnfit := false
	for i, raddr := range raddrs {
		c, err := d.dialShare(ctx, network, laddr, raddr, len(raddrs)-i)
		if err == nil {
			return c, nil
		}
		_, unfit := err.(*net.AddrError)
		if first == nil || firstUnfit && !unfit {
			firstUnfit = unfit
			first = &net.OpError{Op: "dial", Net: network, Source: optionalAddr(laddr), Addr: raddr, Err: err}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

// minShare is the least time that a peer gets before the next one is tried.
const minShare = 2 * time.Second

// dialShare dials one of n peers that are left.
func (d *Dialer) dialShare(ctx context.Context, network string, laddr, raddr *Addr, n int) (*Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && n > 1 {
		share := max(time.Until(deadline)/time.Duration(n), minShare)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	return d.dial(ctx, network, laddr, raddr)
}

// dial connects to one peer.
func (d *Dialer) dial(ctx context.Context, network string, laddr, raddr *Addr) (*Conn, error) {
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	if raddr.isWildcard() {
		raddr = AddrFrom(raddr.port(), loopback(network, laddr, raddr))
	}
	family, err := familyOf(network, laddr, raddr)
	if err != nil {
		return nil, err
	}
	if !laddr.isWildcard() && !sameFamily(laddr, raddr) {
		// The kernel would have no route, and would try in vain.
		return nil, &net.AddrError{Err: "no address of the family of " + raddr.String(), Addr: laddr.String()}
	}
	control := d.ControlContext
	if control == nil && d.Control != nil {
		control = func(_ context.Context, network, address string, c syscall.RawConn) error {
			return d.Control(network, address, c)
		}
	}
	p := setup{
		network: network, netns: d.Netns, family: family, v6only: network == "sctp6", device: d.BindToDevice,
		initMsg: d.InitMsg, events: d.Events, readBuffer: d.ReadBuffer, writeBuffer: d.WriteBuffer,
		control: control, address: raddr,
	}
	for tries := 3; ; tries-- {
		s, err := open(ctx, p)
		if err != nil {
			return nil, err
		}
		if err := s.dial(ctx, family, laddr, raddr); err != nil {
			s.abort()
			return nil, err
		}
		if tries == 1 || laddr.port() != 0 || !s.toItself() {
			return &Conn{conn{s}}, nil
		}
		s.abort()
	}
}

// loopback returns the address of the local system that fits.
func loopback(network string, laddr, raddr *Addr) netip.Addr {
	v6 := anyIs6(laddr)
	if raddr != nil && len(raddr.IPs) > 0 && laddr.isWildcard() && (v6 || laddr == nil || len(laddr.IPs) == 0) {
		v6 = anyIs6(raddr)
	}
	if network == "sctp6" || network == "sctp" && v6 {
		return netip.IPv6Loopback()
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// optionalAddr returns a as an interface that is nil if a is.
func optionalAddr(a *Addr) net.Addr {
	if a == nil {
		return nil
	}
	return a
}
