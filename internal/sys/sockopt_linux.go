package sys

import "golang.org/x/sys/unix"

// Options of other levels that the package uses; their numbers differ between
// architectures.
const (
	SOL_SOCKET        = unix.SOL_SOCKET
	SO_ERROR          = unix.SO_ERROR
	SO_TYPE           = unix.SO_TYPE
	SO_DOMAIN         = unix.SO_DOMAIN
	SO_PROTOCOL       = unix.SO_PROTOCOL
	SO_ACCEPTCONN     = unix.SO_ACCEPTCONN
	SO_REUSEADDR      = unix.SO_REUSEADDR
	SO_DONTROUTE      = unix.SO_DONTROUTE
	SO_PRIORITY       = unix.SO_PRIORITY
	SO_SNDBUF         = unix.SO_SNDBUF
	SO_RCVBUF         = unix.SO_RCVBUF
	SO_LINGER         = unix.SO_LINGER
	SO_BINDTODEVICE   = unix.SO_BINDTODEVICE
	IPPROTO_IP        = unix.IPPROTO_IP
	IP_TOS            = unix.IP_TOS
	IP_TTL            = unix.IP_TTL
	IPPROTO_IPV6      = unix.IPPROTO_IPV6
	IPV6_UNICAST_HOPS = unix.IPV6_UNICAST_HOPS
	IPV6_V6ONLY       = unix.IPV6_V6ONLY
	IPV6_TCLASS       = unix.IPV6_TCLASS

	IFNAMSIZ = unix.IFNAMSIZ // with the 0 at the end
)

// Socket style, RFC 6458 section 4; MIPS has its own number for the first.
const (
	SOCK_STREAM    = unix.SOCK_STREAM    // one-to-one
	SOCK_SEQPACKET = unix.SOCK_SEQPACKET // one-to-many
)

// What Poll reports.
const (
	PollOut   = unix.POLLOUT
	PollRdhup = unix.POLLRDHUP
	PollErr   = unix.POLLERR
)
