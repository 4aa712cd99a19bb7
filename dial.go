package sctp

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Dial connects to the address on the network "sctp", "sctp4" (IPv4 only) or "sctp6" (IPv6
// only). The connection is a *[Conn].
//
// The address has the form "host:port", where host is a name or an IP address, in square
// brackets if it is IPv6. If a name has several addresses Dial tries them in order, as the
// fields of [Dialer] say.
//
// "host1/host2:port" is one multihomed peer: each host gives one of its addresses. The
// kernel tries them in turn. A refusal is final only if it comes from the first address;
// otherwise the first need not answer.
//
// Without a host, or with an unspecified address, Dial connects to the local system:
// without a host to 127.0.0.1, or ::1 on the network "sctp6"; with "::" to ::1 and, if
// that fails, to 127.0.0.1.
//
// Dial fails with ENETUNREACH, EHOSTUNREACH or EADDRNOTAVAIL if the system has no route to
// any address of the peer, with EADDRNOTAVAIL also if no local port is free, with
// ECONNREFUSED if the peer refuses, and with a timeout if nobody answers.
//
// Dial uses a zero [Dialer]; see there for timeouts and options.
func Dial(network, address string) (net.Conn, error) {
	return new(Dialer).Dial(network, address)
}

// DialTimeout is Dial with a timeout, name resolution included.
func DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	return (&Dialer{Timeout: timeout}).Dial(network, address)
}

// DialSCTP connects to raddr, from laddr if it is not nil. Several IPs in raddr are one
// multihomed peer; several in laddr make the local end multihomed.
func DialSCTP(network string, laddr, raddr *Addr) (*Conn, error) {
	return new(Dialer).DialSCTP(context.Background(), network, laddr, raddr)
}

// A Dialer holds the options for connecting to an address. The zero value of a field means
// the behaviour of Dial. Its methods may be called concurrently.
type Dialer struct {
	// Timeout limits the time of a dial, over all addresses that it tries. If zero, the
	// kernel's limit of some minutes (see InitMsg) applies to the last address of a
	// name, and each of the others gets 15 seconds.
	Timeout time.Duration

	// Deadline is the time at which dials fail. If zero there is none; if Timeout is
	// set too, the earlier of the two applies.
	Deadline time.Time

	// LocalAddr is the address to dial from. If it is nil or has no IPs, the kernel
	// offers the peer all addresses that can serve as paths. If its port is zero, the
	// kernel chooses one. After Close a port stays in use until the peer has
	// acknowledged the end, for minutes if it does not answer. Abort, Shutdown with a
	// context that ends, and SO_REUSEADDR set in Control free it.
	LocalAddr *Addr

	// FallbackDelay applies to a name with addresses of both families, IPv4 and IPv6:
	// how long to wait for those of its first address's family before those of the
	// other family are tried in parallel, as [net.Dialer] does (RFC 6555, "Happy
	// Eyeballs"). The first association that comes up is kept and the other is
	// aborted, whose peer may accept an association that has ended. If zero, the delay
	// is 300 ms. If it is negative, or if LocalAddr has a port, which two sockets
	// cannot share, all addresses are tried one after the other.
	FallbackDelay time.Duration

	// Resolver resolves names. If nil, net.DefaultResolver does.
	Resolver *net.Resolver

	// InitMsg is what the association asks for. Zero fields mean the kernel's
	// defaults.
	InitMsg InitMsg

	// Events are those that ReadMsg and Messages return from the start; see
	// [Conn.Subscribe].
	Events []EventType

	// ReadBuffer and WriteBuffer are the sizes of the socket's buffers in bytes
	// (SO_RCVBUF, SO_SNDBUF), which the kernel doubles. ReadBuffer also determines the
	// receive window, which is fixed when the association is set up. If zero, the
	// system's defaults apply.
	ReadBuffer, WriteBuffer int

	// BindToDevice is the name of the only network interface, such as "eth0", that the
	// association may use (SO_BINDTODEVICE). If empty, it may use all. The dial fails
	// with ENODEV if there is no such interface.
	BindToDevice string

	// Netns is the path of the network namespace in which to open the socket, such as
	// /run/netns/name or /proc/PID/ns/net. If empty, it is that of the calling thread.
	// (Addresses of two families are dialled on other threads, as in package net: a
	// thread that has entered a namespace should name it here, or set a negative
	// FallbackDelay.) Another namespace affects neither the calling goroutine nor
	// others. It needs CAP_SYS_ADMIN, without which the dial fails with EPERM; it
	// fails with ENOENT if there is no such path, and with EINVAL if the path is
	// something else.
	//
	// LocalAddr, BindToDevice and the address to dial belong to that namespace,
	// including the zones of link-local addresses; names are resolved in the
	// program's. In the Conn's addresses zones are interface numbers, as in
	// "fe80::1%2", and its methods accept them in this form.
	Netns string

	// Control, if not nil, is called with the socket before it is bound and connected,
	// after all fields above except Events were applied. The network is "sctp4" or
	// "sctp6", the address is the peer's. It is called once for each address that is
	// tried, and may be called concurrently. See [NewOptions].
	Control func(network, address string, c syscall.RawConn) error

	// ControlContext is Control with the dial's context. If it is not nil, Control
	// is not called.
	ControlContext func(ctx context.Context, network, address string, c syscall.RawConn) error
}

// Dial connects to the address; see [Dial].
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext connects to the address; see [Dial]. If ctx ends before the association is
// up, the dial fails and leaves nothing behind; afterwards ctx has no effect on the
// connection. A peer that has answered by then gets an ABORT. If it misses that, because
// the association is not quite up at its end, it learns of the end when it sends a message
// or its next heartbeat.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	r := d.Resolver
	if r == nil {
		r = net.DefaultResolver
	}
	hosts, err := resolve(ctx, r, network, address, opDial)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	var raddrs []*Addr
	for _, raddr := range hosts.each() {
		raddrs = append(raddrs, reachable(network, d.LocalAddr, raddr)...)
	}
	c, err := d.dialEach(ctx, network, d.LocalAddr, raddrs)
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
	return d.dialEach(ctx, network, laddr, reachable(network, laddr, raddr))
}

// limit returns ctx with the dialer's own limits, if there are any.
func (d *Dialer) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline := d.Deadline
	if d.Timeout != 0 {
		if t := time.Now().Add(d.Timeout); deadline.IsZero() || t.Before(deadline) {
			deadline = t
		}
	}
	if deadline.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline)
}

// dial connects to one peer.
func (d *Dialer) dial(ctx context.Context, network string, laddr, raddr *Addr) (*Conn, error) {
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	if slices.ContainsFunc(raddr.IPs, netip.Addr.IsUnspecified) { // reachable has left it
		return nil, &net.AddrError{Err: "unspecified address among others", Addr: raddr.String()}
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
		s, fd, err := open(ctx, &p)
		if err != nil {
			return nil, err
		}
		if err := s.dial(ctx, fd, family, laddr, raddr); err != nil {
			s.abort()
			return nil, err
		}
		if tries == 1 || laddr.port() != 0 || !s.toItself() {
			return &Conn{conn{s}}, nil
		}
		s.abort()
	}
}

// optionalAddr returns a as an interface that is nil if a is.
func optionalAddr(a *Addr) net.Addr {
	if a == nil {
		return nil
	}
	return a
}
