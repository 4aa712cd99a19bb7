package sys

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// NoRoute returns why the socket fd cannot reach peer from local, which may be the zero
// Addr: the error with which a UDP socket of the same device and mark is refused a route.
// It returns 0 if there is a route, or where the question itself is refused. Nothing is
// sent. The calling thread must be in the network namespace of fd.
func NoRoute(fd uintptr, local, peer netip.Addr) Errno {
	family := AF_INET
	if peer.Unmap().Is6() {
		family = AF_INET6
	}
	udp, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(udp)
	device, err := unix.GetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE)
	if err != nil || device != "" && unix.SetsockoptString(udp, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, device) != nil {
		return 0
	}
	mark, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK)
	if err != nil || mark != 0 && unix.SetsockoptInt(udp, unix.SOL_SOCKET, unix.SO_MARK, mark) != nil {
		return 0
	}
	if local.IsValid() && Bind(udp, AppendSockaddr(nil, family, netip.AddrPortFrom(local, 0))) != 0 {
		return 0
	}
	const discard = 9 // any port will do
	errno := connect(udp, AppendSockaddr(nil, family, netip.AddrPortFrom(peer, discard)))
	switch errno {
	case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL:
		return errno
	}
	return 0
}
