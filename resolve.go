package sctp

import (
	"context"
	"net"
	"net/netip"
	"slices"
)

// A candidates value is what an address resolved to: the addresses of each of its
// hosts, in the order in which the resolver prefers them.
type candidates struct {
	hosts [][]netip.Addr
	port  uint16
}

// first returns the first address of each host.
func (c candidates) first() *Addr {
	a := &Addr{Port: c.port}
	for _, ips := range c.hosts {
		i := max(0, slices.IndexFunc(ips, netip.Addr.Is4))
		a.IPs = append(a.IPs, ips[i])
	}
	return a
}

// each returns the peers to try one after the other: all addresses of a single
// host, one multihomed peer for several.
func (c candidates) each() []*Addr {
	if len(c.hosts) != 1 {
		return []*Addr{c.first()}
	}
	var as []*Addr
	for _, ip := range c.hosts[0] {
		as = append(as, &Addr{IPs: []netip.Addr{ip}, Port: c.port})
	}
	return as
}

// checkNetwork returns the IP network that a resolver knows for network.
func checkNetwork(network string) (ipNetwork string, err error) {
	switch network {
	case "sctp":
		return "ip", nil
	case "sctp4":
		return "ip4", nil
	case "sctp6":
		return "ip6", nil
	}
	return "", net.UnknownNetworkError(network)
}

// A resolveOp says what an address is for.
type resolveOp bool

const (
	opDial   resolveOp = false
	opListen resolveOp = true // the address "" is ":0"
)

// resolve resolves the hosts and the port of address.
func resolve(ctx context.Context, r *net.Resolver, network, address string, op resolveOp) (candidates, error) {
	var c candidates
	if address == "" {
		if op == opDial {
			return c, &net.AddrError{Err: "missing address"}
		}
		address = ":0"
	}
	ipNetwork, err := checkNetwork(network)
	if err != nil {
		return c, err
	}
	hosts, service, err := splitHosts(address)
	if err != nil {
		return c, err
	}
	port, err := r.LookupPort(ctx, "tcp", service)
	if err != nil {
		return c, err
	}
	c.port = uint16(port)
	for _, h := range hosts {
		if ip, err := netip.ParseAddr(h); err == nil && ip.IsUnspecified() && op == opDial {
			c.hosts = append(c.hosts, []netip.Addr{ip}) // the local system, on any network
			continue
		}
		ips, err := lookup(ctx, r, ipNetwork, h)
		if err != nil {
			return c, err
		}
		c.hosts = append(c.hosts, ips)
	}
	return c, nil
}

// lookup returns the addresses of a name or a literal that network allows.
func lookup(ctx context.Context, r *net.Resolver, network, host string) ([]netip.Addr, error) {
	ips := []netip.Addr{{}}
	var err error
	if ips[0], err = netip.ParseAddr(host); err != nil {
		if ips, err = r.LookupNetIP(ctx, network, host); err != nil {
			return nil, err
		}
	}
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	ips = slices.DeleteFunc(ips, func(ip netip.Addr) bool {
		return network == "ip4" && !ip.Is4() || network == "ip6" && !ip.Is6()
	})
	if len(ips) == 0 {
		return nil, &net.AddrError{Err: "no suitable address found", Addr: host}
	}
	return ips, nil
}
