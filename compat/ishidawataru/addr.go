package sctp

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"github.com/netsctp/sctp"
)

// SCTPAddr is an end of an association: a port with any number of addresses.
type SCTPAddr struct {
	IPAddrs []net.IPAddr
	Port    int
}

// Network returns "sctp".
func (a *SCTPAddr) Network() string { return "sctp" }

// String returns the addresses between slashes, then the port.
func (a *SCTPAddr) String() string {
	var hosts []string
	for _, ip := range a.IPAddrs {
		switch {
		case ip.IP.To4() != nil:
			hosts = append(hosts, ip.String())
		case ip.IP.To16() != nil:
			hosts = append(hosts, "["+ip.String()+"]")
		default:
			hosts = append(hosts, "")
		}
	}
	return strings.Join(hosts, "/") + ":" + strconv.Itoa(a.Port)
}

// ToRawSockAddrBuf returns the addresses as the kernel's struct sockaddr_in and
// sockaddr_in6, one behind the other. Without an address it is the wildcard of IPv4.
func (a *SCTPAddr) ToRawSockAddrBuf() []byte {
	ips := a.IPAddrs
	if len(ips) == 0 {
		ips = []net.IPAddr{{IP: net.IPv4zero}}
	}
	var b []byte
	for _, ip := range ips {
		ip4 := ip.IP.To4()
		if len(ip.IP) == 0 {
			ip4 = net.IPv4zero.To4()
		}
		if ip4 != nil {
			b = binary.NativeEndian.AppendUint16(b, syscall.AF_INET)
			b = binary.BigEndian.AppendUint16(b, uint16(a.Port))
			b = append(append(b, ip4...), make([]byte, 8)...)
			continue
		}
		var scope uint32
		if ifi, err := net.InterfaceByName(ip.Zone); err == nil {
			scope = uint32(ifi.Index)
		}
		b = binary.NativeEndian.AppendUint16(b, syscall.AF_INET6)
		b = binary.BigEndian.AppendUint16(b, uint16(a.Port))
		b = append(b, 0, 0, 0, 0)
		var ip16 [16]byte
		copy(ip16[:], ip.IP) // shorter ones, which are no addresses, too
		b = append(b, ip16[:]...)
		b = binary.NativeEndian.AppendUint32(b, scope)
	}
	return b
}

// ResolveSCTPAddr resolves "10.0.0.1/10.1.0.1:3868"; each name gives one address.
func ResolveSCTPAddr(network, addrs string) (*SCTPAddr, error) {
	switch network {
	case "", "sctp", "sctp4", "sctp6":
	default:
		return nil, fmt.Errorf("invalid net: %s", network)
	}
	tcp := "tcp" + strings.TrimPrefix(network, "sctp")
	elems := strings.Split(addrs, "/")
	last := len(elems) - 1
	var a SCTPAddr
	for i, e := range elems {
		if i < last {
			e += ":"
		}
		t, err := net.ResolveTCPAddr(tcp, e)
		if err != nil {
			return nil, err
		}
		a.IPAddrs = append(a.IPAddrs, net.IPAddr{IP: t.IP, Zone: t.Zone})
		a.Port = t.Port
	}
	if a.IPAddrs[last].IP == nil {
		a.IPAddrs = nil
	}
	return &a, nil
}

// network returns the package's name of what the incumbent took for a network: only the
// last letter counted.
func network(name string) string {
	if strings.HasSuffix(name, "4") || strings.HasSuffix(name, "6") {
		return "sctp" + name[len(name)-1:]
	}
	return "sctp"
}

// addr returns a for the package underneath. An address of length zero is the wildcard of
// IPv4, which the network "sctp6" has no place for.
func (a *SCTPAddr) addr(network string) (*sctp.Addr, error) {
	if a == nil {
		return nil, nil
	}
	if a.Port < 0 || a.Port > 65535 {
		return nil, syscall.EINVAL
	}
	b := &sctp.Addr{Port: uint16(a.Port)}
	for _, ip := range a.IPAddrs {
		if len(ip.IP) == 0 {
			ip.IP = net.IPv4zero
		}
		n, ok := netip.AddrFromSlice(ip.IP)
		if !ok {
			return nil, syscall.EINVAL
		}
		if n = n.Unmap(); n.Is4() && network == "sctp6" {
			return nil, syscall.EINVAL
		}
		b.IPs = append(b.IPs, n.WithZone(ip.Zone))
	}
	return b, nil
}

// addrOf is the inverse of addr.
func addrOf(b *sctp.Addr) *SCTPAddr {
	a := &SCTPAddr{Port: int(b.Port)}
	for _, ip := range b.IPs {
		a.IPAddrs = append(a.IPAddrs, net.IPAddr{IP: ip.AsSlice(), Zone: ip.Zone()})
	}
	return a
}
