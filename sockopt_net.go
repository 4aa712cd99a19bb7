package sctp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/netsctp/sctp/internal/sys"
)

// The options of sockets and of IP that SCTP knows.

// socketOption returns the option of level SOL_SOCKET.
func socketOption(num int, name string, hints ...hint) sockopt {
	return sockopt{level: sys.SOL_SOCKET, num: num, name: name, hints: hints}
}

const ipv6Only = "for IPv6 sockets only"

// ipv6Option returns the option of level IPPROTO_IPV6. On an IPv4 socket the kernel
// answers EOPNOTSUPP to who gets it and ENOPROTOOPT to who sets it.
func ipv6Option(num int, name string) sockopt {
	return sockopt{level: sys.IPPROTO_IPV6, num: num, name: name,
		hints: []hint{{sys.EOPNOTSUPP, ipv6Only}, {sys.ENOPROTOOPT, ipv6Only}}}
}

var optDomain = intOption(socketOption(sys.SO_DOMAIN, "SO_DOMAIN"), 0, 0)

var optReuseAddr = boolOption(socketOption(sys.SO_REUSEADDR, "SO_REUSEADDR"))

// ReuseAddr returns SO_REUSEADDR.
func (o Options) ReuseAddr() (bool, error) { return optReuseAddr.get(o) }

// SetReuseAddr sets SO_REUSEADDR: whether the socket may be bound to an address that
// associations of another socket still use. Call it in a Control function. The package
// sets it for Listeners and MultiConns.
func (o Options) SetReuseAddr(on bool) error { return optReuseAddr.set(o, on) }

var optPriority = intOption(socketOption(sys.SO_PRIORITY, "SO_PRIORITY",
	hint{sys.EPERM, "greater than 6 needs CAP_NET_ADMIN"}), 0, 1<<31-1)

// Priority returns SO_PRIORITY.
func (o Options) Priority() (int, error) { return optPriority.get(o) }

// SetPriority sets SO_PRIORITY: the priority of the socket's packets in the host's queues.
// It fails with EPERM if n is greater than 6 and the program lacks CAP_NET_ADMIN.
func (o Options) SetPriority(n int) error { return optPriority.set(o, n) }

var optDontRoute = boolOption(socketOption(sys.SO_DONTROUTE, "SO_DONTROUTE"))

// DontRoute returns SO_DONTROUTE.
func (o Options) DontRoute() (bool, error) { return optDontRoute.get(o) }

// SetDontRoute sets SO_DONTROUTE: whether the socket reaches only hosts on directly
// connected networks.
func (o Options) SetDontRoute(on bool) error { return optDontRoute.set(o, on) }

var (
	optReadBuffer  = intOption(socketOption(sys.SO_RCVBUF, "SO_RCVBUF"), 0, 1<<31-1)
	optWriteBuffer = intOption(socketOption(sys.SO_SNDBUF, "SO_SNDBUF"), 0, 1<<31-1)
)

// ReadBuffer returns SO_RCVBUF (RFC 6458 section 8.1.6) in bytes. The kernel reports twice
// what was set.
func (o Options) ReadBuffer() (int, error) { return optReadBuffer.get(o) }

// SetReadBuffer sets SO_RCVBUF (RFC 6458 section 8.1.6), as [Conn.SetReadBuffer] does.
func (o Options) SetReadBuffer(bytes int) error { return optReadBuffer.set(o, bytes) }

// WriteBuffer returns SO_SNDBUF (RFC 6458 section 8.1.7) in bytes. The kernel reports
// twice what was set.
func (o Options) WriteBuffer() (int, error) { return optWriteBuffer.get(o) }

// SetWriteBuffer sets SO_SNDBUF (RFC 6458 section 8.1.7), as [Conn.SetWriteBuffer] does.
func (o Options) SetWriteBuffer(bytes int) error { return optWriteBuffer.set(o, bytes) }

var (
	optTOS    = trafficOption(sockopt{level: sys.IPPROTO_IP, num: sys.IP_TOS, name: "IP_TOS"})
	optTClass = trafficOption(ipv6Option(sys.IPV6_TCLASS, "IPV6_TCLASS"))
)

// trafficOption returns the option of an octet of which the kernel keeps the last two
// bits, those of ECN, for itself.
func trafficOption(p sockopt) option[uint8, int32] {
	return option[uint8, int32]{
		sockopt: p,
		decode:  func(k *int32) uint8 { return uint8(*k) &^ 3 },
		encode: func(v uint8, k *int32) error {
			if v&3 != 0 {
				return invalidError("%s: %#x has bits of ECN, which are the kernel's", p.name, v)
			}
			*k = int32(v)
			return nil
		},
	}
}

// TOS returns IP_TOS, without the ECN bits.
func (o Options) TOS() (uint8, error) { return optTOS.get(o) }

// SetTOS sets IP_TOS: the type of service octet, a DSCP shifted left by 2, of IPv4 packets
// on paths without a DSCP of their own ([Options.SetDSCP]). It fails with EINVAL if one of
// the last two bits is set: those are ECN's and belong to the kernel.
func (o Options) SetTOS(tos uint8) error { return optTOS.set(o, tos) }

// TClass returns IPV6_TCLASS, without the ECN bits. It fails with EOPNOTSUPP on an IPv4
// socket.
func (o Options) TClass() (uint8, error) { return optTClass.get(o) }

// SetTClass sets IPV6_TCLASS: for IPv6 packets what [Options.SetTOS] is for IPv4 packets.
// It fails with ENOPROTOOPT on an IPv4 socket.
func (o Options) SetTClass(class uint8) error { return optTClass.set(o, class) }

var (
	optTTL  = intOption(sockopt{level: sys.IPPROTO_IP, num: sys.IP_TTL, name: "IP_TTL"}, 1, 255)
	optHops = intOption(ipv6Option(sys.IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS"), 1, 255)
)

// TTL returns IP_TTL or, on an IPv6 socket, IPV6_UNICAST_HOPS.
func (o Options) TTL() (int, error) {
	family, err := optDomain.get(o)
	switch {
	case err != nil:
		return 0, err
	case family == sys.AF_INET6:
		return optHops.get(o)
	}
	return optTTL.get(o)
}

// SetTTL sets the number of hops that packets may take, 1 to 255: IP_TTL and, on an IPv6
// socket, which may have IPv4 paths, also IPV6_UNICAST_HOPS.
func (o Options) SetTTL(n int) error {
	family, err := optDomain.get(o)
	if err == nil && family == sys.AF_INET6 {
		err = optHops.set(o, n)
	}
	if err != nil {
		return err
	}
	return optTTL.set(o, n)
}

var optV6Only = boolOption(ipv6Option(sys.IPV6_V6ONLY, "IPV6_V6ONLY"))

// V6Only returns IPV6_V6ONLY: whether an IPv6 socket has only IPv6 paths. The network
// "sctp6" sets it. It fails with EOPNOTSUPP on an IPv4 socket.
func (o Options) V6Only() (bool, error) { return optV6Only.get(o) }

var optBindToDevice = socketOption(sys.SO_BINDTODEVICE, "SO_BINDTODEVICE",
	hint{sys.EPERM, "needs CAP_NET_RAW"})

// BindToDevice returns SO_BINDTODEVICE: the name of the interface that the socket is bound
// to, or "" for none.
func (o Options) BindToDevice() (string, error) {
	b := make([]byte, sys.IFNAMSIZ)
	n, err := optBindToDevice.get(o, b)
	if err != nil {
		return "", err
	}
	name, _, _ := bytes.Cut(b[:min(n, len(b))], []byte{0})
	return string(name), nil
}

// SetBindToDevice sets SO_BINDTODEVICE: the interface that the socket's packets must use,
// or "" for any. It fails with ENODEV if there is no such interface, and with EPERM if the
// program lacks CAP_NET_RAW and the socket is bound to an interface already or the kernel
// is older than Linux 5.7.
func (o Options) SetBindToDevice(name string) error {
	return o.opError("set", o.control(func(fd uintptr) error { return bindToDevice(fd, name) }))
}

// bindToDevice sets SO_BINDTODEVICE. The kernel would cut a name that is too long.
func bindToDevice(fd uintptr, name string) error {
	if len(name) >= sys.IFNAMSIZ || strings.ContainsRune(name, 0) {
		return invalidError("SO_BINDTODEVICE: bad name of an interface, or not shorter than %d bytes: %q", sys.IFNAMSIZ, name)
	}
	err := optBindToDevice.setsockopt(fd, append([]byte(name), 0))
	if errors.Is(err, sys.ENODEV) {
		return fmt.Errorf("%w: %q", err, name)
	}
	return err
}
