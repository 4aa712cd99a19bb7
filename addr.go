package sctp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Addr is the address of an SCTP endpoint: a port, and the IP addresses at which it can be
// reached. With several it is multihomed, and each is a path of the association. No IPs
// mean the unspecified address: to listen on, every address of the host; to dial from,
// any; to dial to, the host itself. A nil *Addr means the same, except as the peer to
// dial, where it is an error.
//
// As in package net, only link-local IPv6 addresses have a zone. With the Netns of
// [Dialer] or [ListenConfig] the zone is the number of the interface. Linux does not
// report the zone of an address that was exchanged in the set-up of an association, other
// than the one that the peer used. A local address gets its zone if just one interface has
// the address, and a peer's if just one interface has link-local addresses at all.
// Otherwise it has no zone and cannot be dialled.
type Addr struct {
	IPs  []netip.Addr
	Port uint16
}

var _ net.Addr = (*Addr)(nil)

// AddrFrom returns the Addr with the given port and IPs.
func AddrFrom(port uint16, ips ...netip.Addr) *Addr {
	return &Addr{IPs: ips, Port: port}
}

// ParseAddr parses the text form of an Addr:
//
//	10.0.0.1:3868
//	10.0.0.1/10.1.0.1:3868
//	[fe80::1%eth0/2001:db8::1]:3868
//	[2001:db8::1]/[2001:db8::2]:3868
//	:3868
//
// The port is a decimal number, the addresses are literals: ParseAddr never
// resolves names. See [ResolveAddr].
func ParseAddr(s string) (*Addr, error) {
	hosts, service, err := splitHosts(s)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, &net.AddrError{Err: "invalid port", Addr: s}
	}
	a := &Addr{Port: uint16(port)}
	for _, h := range hosts {
		ip, err := netip.ParseAddr(h)
		if err != nil {
			return nil, &net.AddrError{Err: "invalid IP address", Addr: s}
		}
		a.IPs = append(a.IPs, ip.Unmap())
	}
	return a, nil
}

// MustParseAddr is [ParseAddr] for an address in the text of a program: it panics if s is
// not valid.
func MustParseAddr(s string) *Addr {
	a, err := ParseAddr(s)
	if err != nil {
		panic(err)
	}
	return a
}

// Equal reports whether a and b have the same port and the same IPs, in any order. An
// IPv4-mapped IPv6 address is the same as the IPv4 address. Nil is equal to the zero Addr.
func (a *Addr) Equal(b *Addr) bool {
	return a.port() == b.port() && a.hasAll(b) && b.hasAll(a)
}

// hasAll reports whether a has every IP of b.
func (a *Addr) hasAll(b *Addr) bool {
	if b == nil {
		return true
	}
	for _, ip := range b.IPs {
		if a == nil || !slices.ContainsFunc(a.IPs, func(other netip.Addr) bool { return other.Unmap() == ip.Unmap() }) {
			return false
		}
	}
	return true
}

// ResolveAddr returns the address of an SCTP endpoint. The network is "sctp", "sctp4" or
// "sctp6". The address has the form that [ParseAddr] takes, in which each host may also be
// a name, and the port a service of TCP's list, as SCTP has no list of its own. Of a
// name's addresses ResolveAddr uses the first, with IPv4 before IPv6. No host means the
// unspecified address.
//
// Each host between slashes is one path of one peer. Unlike ResolveAddr, [Dial] tries all
// addresses of a single name, one after the other.
func ResolveAddr(network, address string) (*Addr, error) {
	hosts, err := resolve(context.Background(), net.DefaultResolver, network, address, opListen)
	if err != nil {
		return nil, err
	}
	return hosts.first(), nil
}

// Network returns "sctp".
func (a *Addr) Network() string { return "sctp" }

// String returns the text form of a, which [ParseAddr] accepts.
func (a *Addr) String() string {
	if a == nil {
		return "<nil>"
	}
	var b strings.Builder
	v6 := slices.ContainsFunc(a.IPs, func(ip netip.Addr) bool { return !ip.Is4() })
	if v6 {
		b.WriteByte('[')
	}
	for i, ip := range a.IPs {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(ip.String())
	}
	if v6 {
		b.WriteByte(']')
	}
	b.WriteByte(':')
	b.WriteString(strconv.Itoa(int(a.Port)))
	return b.String()
}

// AddrPort returns the first IP and the port, as [net.TCPAddr.AddrPort] does. For a nil a
// it returns the zero AddrPort.
func (a *Addr) AddrPort() netip.AddrPort {
	if a == nil {
		return netip.AddrPort{}
	}
	if len(a.IPs) == 0 {
		return netip.AddrPortFrom(netip.Addr{}, a.Port)
	}
	return netip.AddrPortFrom(a.IPs[0], a.Port)
}

// AddrPorts returns each IP with the port: the address of every path.
func (a *Addr) AddrPorts() []netip.AddrPort {
	if a == nil {
		return nil
	}
	aps := make([]netip.AddrPort, len(a.IPs))
	for i, ip := range a.IPs {
		aps[i] = netip.AddrPortFrom(ip, a.Port)
	}
	return aps
}

// MarshalText returns the text form of a.
func (a *Addr) MarshalText() ([]byte, error) {
	if a == nil {
		return nil, errors.New("sctp: nil Addr has no text form")
	}
	return []byte(a.String()), nil
}

// UnmarshalText sets a to what [ParseAddr] returns for text.
func (a *Addr) UnmarshalText(text []byte) error {
	p, err := ParseAddr(string(text))
	if err != nil {
		return err
	}
	*a = *p
	return nil
}

// isWildcard reports whether a is the unspecified address.
func (a *Addr) isWildcard() bool {
	return a == nil || len(a.IPs) == 0 || len(a.IPs) == 1 && a.IPs[0].IsUnspecified()
}

// port returns the port of a, 0 for nil.
func (a *Addr) port() uint16 {
	if a == nil {
		return 0
	}
	return a.Port
}

// splitHosts splits "h1/h2:port", "[h1/h2]:port" or "[h1]/[h2]:port".
func splitHosts(address string) (hosts []string, port string, err error) {
	bad := func(why string) ([]string, string, error) {
		return nil, "", &net.AddrError{Err: why, Addr: address}
	}
	i := strings.LastIndexByte(address, ':')
	if i < 0 || i < strings.LastIndexByte(address, ']') {
		return bad("missing port in address")
	}
	list, port := address[:i], address[i+1:]
	if list == "" || list == "[]" {
		return nil, port, nil
	}
	grouped := false
	if inner, ok := unbracket(list); ok && !strings.ContainsAny(inner, "[]") {
		list, grouped = inner, true
	}
	for _, h := range strings.Split(list, "/") {
		inner, bracketed := unbracket(h)
		switch {
		case bracketed && !grouped:
			h = inner
		case !grouped && strings.Contains(h, ":"):
			return bad("too many colons in address")
		}
		if strings.ContainsAny(h, "[]") {
			return bad("unexpected bracket in address")
		}
		if h == "" {
			return bad("missing host in address")
		}
		hosts = append(hosts, h)
	}
	return hosts, port, nil
}

// unbracket returns what stands between [ and ].
func unbracket(s string) (string, bool) {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return s, false
	}
	return s[1 : len(s)-1], true
}
