package sctp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsctp/sctp/internal/sys"
)

// BindAdd adds IPs, at the Conn's port, to the association's own addresses
// (SCTP_SOCKOPT_BINDX_ADD, RFC 6458 section 9.1) and asks the peer to use them as paths
// (ASCONF, RFC 5061). Either all are added or none.
//
// Both ends must have agreed on ASCONF when the association was set up: each end sets
// SCTP_ASCONF_SUPPORTED and SCTP_AUTH_SUPPORTED in its Control function (Linux 5.4), or
// has net.sctp.addip_enable and net.sctp.auth_enable. Without it BindAdd fails with
// EOPNOTSUPP, which is [errors.ErrUnsupported].
//
// BindAdd fails with EADDRNOTAVAIL if the system does not have an address, and with
// EADDRINUSE if the association has it already, if the peer has not confirmed its removal
// yet, or if another socket has it at the port, such as the listener of an accepted
// connection. An association that was dialled without LocalAddr, or accepted on the
// unspecified address, already has all addresses that can serve as paths: for others
// BindAdd fails with EINVAL.
//
// BindAdd does not wait for the peer, which gets a PeerAddrChange event with AddrAdded and
// AddrConfirmed for each path. A peer may refuse, as Linux mostly does if it is asked over
// IPv6 to take an IPv4 address; the association then goes on without that path. LocalAddr
// does not change; see [Options.LocalAddrs].
//
// On Linux 6.1 the peer's kernel panics (a NULL pointer in sctp_v4_addr_valid, from
// sctp_process_asconf) if it gets the request and messages behind it as one frame of several
// packets. That happens under load on lo and on virtual links with segmentation offload,
// such as veth, if ASCONF is not authenticated (net.sctp.addip_noauth_enable). There set
// gso_max_size of the link to its MTU.
func (c *Conn) BindAdd(ips ...netip.Addr) error {
	return c.Options().BindAdd(ips...)
}

// BindRemove removes IPs from the association's own addresses (SCTP_SOCKOPT_BINDX_REM, RFC
// 6458 section 9.1) and asks the peer to stop sending there (ASCONF, RFC 5061). Either all
// are removed or none.
//
// It fails with EOPNOTSUPP without ASCONF, as [Conn.BindAdd] does, with EBUSY for the last
// address, and with EADDRNOTAVAIL for an address that the association does not have.
//
// BindRemove does not wait for the peer. Until the peer has confirmed it
// [Options.LocalAddrs] may show the address. The peer gets a PeerAddrChange event with
// AddrRemoved.
func (c *Conn) BindRemove(ips ...netip.Addr) error {
	return c.Options().BindRemove(ips...)
}

// BindAdd adds IPs, at the Listener's port, to those that it listens on
// (SCTP_SOCKOPT_BINDX_ADD, RFC 6458 section 9.1), for later associations. Either all are
// added or none. It fails with EADDRNOTAVAIL if the system does not have an address, and
// with EINVAL if the Listener is bound to it already or listens on the unspecified
// address. Addr does not change; see [Options.LocalAddrs].
func (l *Listener) BindAdd(ips ...netip.Addr) error {
	return l.Options().BindAdd(ips...)
}

// BindRemove removes IPs from those that the Listener listens on (SCTP_SOCKOPT_BINDX_REM,
// RFC 6458 section 9.1), for later associations. Either all are removed or none. It fails
// with EBUSY for the last address, and with EINVAL for one that the Listener is not bound
// to.
func (l *Listener) BindRemove(ips ...netip.Addr) error {
	return l.Options().BindRemove(ips...)
}

// BindAdd adds IPs, at the MultiConn's port, to those that it is bound to
// (SCTP_SOCKOPT_BINDX_ADD, RFC 6458 section 9.1): for later associations, and for existing
// ones that have ASCONF (RFC 5061), whose peers are told. An existing association without
// ASCONF keeps its addresses. See [Listener.BindAdd] for the errors; besides it fails with
// EADDRINUSE while the peer of an association has not confirmed yet that an address was
// removed.
func (m *MultiConn) BindAdd(ips ...netip.Addr) error {
	return m.Options().BindAdd(ips...)
}

// BindRemove removes IPs from those that the MultiConn is bound to
// (SCTP_SOCKOPT_BINDX_REM, RFC 6458 section 9.1), for the same associations as BindAdd.
// See [Listener.BindRemove] for the errors.
func (m *MultiConn) BindRemove(ips ...netip.Addr) error {
	return m.Options().BindRemove(ips...)
}

// BindAdd adds IPs to those that the socket is bound to (SCTP_SOCKOPT_BINDX_ADD, RFC 6458
// section 9.1), as [Conn.BindAdd], [Listener.BindAdd] and [MultiConn.BindAdd] do. With
// [NewOptions] it also works on a descriptor that other code has made: at the port that it
// is bound to, or if it is not bound, at one that the kernel chooses. It is of no use in a
// Control function, after which the package binds the socket itself.
func (o Options) BindAdd(ips ...netip.Addr) error {
	add := optBindAdd.setsockopt
	if s := o.s; s != nil {
		add = s.endpointBindAdd
		if s.raddr != nil {
			add = s.assocBindAdd
		}
	}
	return o.opError("bind", o.bindx(add, ips))
}

// BindRemove removes IPs from those that the socket is bound to (SCTP_SOCKOPT_BINDX_REM,
// RFC 6458 section 9.1), as [Conn.BindRemove], [Listener.BindRemove] and
// [MultiConn.BindRemove] do.
func (o Options) BindRemove(ips ...netip.Addr) error {
	if s := o.s; s != nil && s.raddr != nil {
		return o.opError("bind", o.bindx(s.assocBindRemove, ips))
	}
	return o.opError("bind", o.bindx(optBindRemove.setsockopt, ips))
}

var (
	optBindAdd = sctpOption(sys.SCTP_SOCKOPT_BINDX_ADD, "SCTP_SOCKOPT_BINDX_ADD",
		hint{sys.EINVAL, "bound already, bound to the unspecified address, or not of the socket's family"})
	optBindRemove = sctpOption(sys.SCTP_SOCKOPT_BINDX_REM, "SCTP_SOCKOPT_BINDX_REM",
		hint{sys.EINVAL, "not bound"},
		hint{sys.EBUSY, "the last address, or bound to the unspecified one"})
)

var errNoASCONF = fmt.Errorf("%w (the ends have not agreed on ASCONF: both need SCTP_ASCONF_SUPPORTED and SCTP_AUTH_SUPPORTED before the association)",
	syscallError("bindx", sys.EOPNOTSUPP))

// bindx calls f with the list of ips that bindx takes.
func (o Options) bindx(f func(fd uintptr, list []byte) error, ips []netip.Addr) error {
	if len(ips) == 0 {
		return invalidError("no address")
	}
	for i, ip := range ips {
		switch ip = ip.Unmap(); {
		case !ip.IsValid(), ip.IsUnspecified():
			return invalidError("address %v", ip)
		case ip.Is6() && ip.IsLinkLocalUnicast() && ip.Zone() == "":
			return invalidError("link-local address %v without a zone", ip)
		case slices.ContainsFunc(ips[:i], func(other netip.Addr) bool { return other.Unmap() == ip }):
			return invalidError("address %v twice", ip)
		}
	}
	return o.control(func(fd uintptr) error {
		zones := o.zones()
		sa, _ := sys.Getsockname(fd)
		bound, _ := zones.Local(sa)
		a, err := zonesIn(zones, fd, AddrFrom(bound.Port(), ips...))
		if err != nil {
			return err
		}
		return f(fd, sys.AppendSockaddrs(nil, 0, a.Port, a.IPs))
	})
}

// assocBindAdd adds the addresses of list to the association. Where the association
// cannot change, the kernel changes the endpoint alone, and reports nothing.
func (s *socket) assocBindAdd(fd uintptr, list []byte) error {
	ips, has, err := s.assocBound(fd, list)
	if err != nil {
		return err
	}
	for _, ip := range ips {
		if slices.Contains(has, ip) {
			return fmt.Errorf("%v: %w", ip, syscallError("bindx", sys.EADDRINUSE))
		}
	}
	if !allowASCONF(fd) {
		return errNoASCONF
	}
	if err := optBindAdd.setsockopt(fd, list); err != nil {
		return err
	}
	_, has, err = s.assocBound(fd, list)
	if err == nil && slices.ContainsFunc(ips, func(ip netip.Addr) bool { return !slices.Contains(has, ip) }) {
		err = errNoASCONF
	}
	if err != nil {
		optBindRemove.setsockopt(fd, list)
	}
	return err
}

// endpointBindAdd adds the addresses of list to a socket of many associations, or of none.
// One whose peer has not confirmed that an address is gone still has it: the kernel would
// leave that association out, without a word and for good.
func (s *socket) endpointBindAdd(fd uintptr, list []byte) error {
	ips, _ := s.zones.Locals(list, len(list))
	if own, err := s.addrs(fd, &optLocalAddrs, FutureAssoc); err == nil {
		ips = slices.DeleteFunc(ips, func(ip netip.Addr) bool { return slices.Contains(own.IPs, ip) }) // the kernel refuses
	}
	ids, _ := assocIDs(fd) // EOPNOTSUPP for a listener
	for _, id := range ids {
		k := sys.AssocValue{AssocID: int32(id)}
		if _, err := optASCONFSupported.getsockopt(fd, sys.Bytes(&k)); err != nil || k.Value == 0 {
			continue // it keeps what it has
		}
		has, err := s.addrs(fd, &optLocalAddrs, id)
		if err != nil {
			continue // it has ended
		}
		for _, ip := range ips {
			if slices.Contains(has.IPs, ip) {
				return fmt.Errorf("%v: %w (the peer of association %d has not confirmed yet that it was removed)",
					ip, syscallError("bindx", sys.EADDRINUSE), id)
			}
		}
	}
	return optBindAdd.setsockopt(fd, list)
}

// assocBindRemove removes the addresses of list from the association.
func (s *socket) assocBindRemove(fd uintptr, list []byte) error {
	ips, has, err := s.assocBound(fd, list)
	if err != nil {
		return err
	}
	for _, ip := range ips {
		if !slices.Contains(has, ip) {
			return fmt.Errorf("%v: %w", ip, syscallError("bindx", sys.EADDRNOTAVAIL))
		}
	}
	if len(ips) == len(has) {
		return optBindRemove.error("setsockopt", sys.EBUSY)
	}
	if !allowASCONF(fd) {
		return errNoASCONF
	}
	return optBindRemove.setsockopt(fd, list)
}

// assocBound returns the addresses of list, and those of the association, in the same
// form.
func (s *socket) assocBound(fd uintptr, list []byte) (ips, has []netip.Addr, err error) {
	ips, _ = s.zones.Locals(list, len(list))
	a, err := s.addrs(fd, &optLocalAddrs, sys.SCTP_CURRENT_ASSOC) // any id but zero
	if err != nil {
		return nil, nil, err
	}
	return ips, a.IPs, nil
}

// allowASCONF reports whether the association of fd may have ASCONF, and lets the
// endpoint use it if so: one that was not there when the ends agreed, since the socket
// was peeled off or accepted by others, has the system's default. Before Linux 5.4 the
// kernel does not tell.
func allowASCONF(fd uintptr) bool {
	var k sys.AssocValue
	_, err := optASCONFSupported.getsockopt(fd, sys.Bytes(&k))
	if err != nil {
		return errors.Is(err, sys.ENOPROTOOPT)
	}
	if k.Value != 0 {
		optASCONFSupported.setsockopt(fd, sys.Bytes(&sys.AssocValue{Value: 1}))
	}
	return k.Value != 0
}
