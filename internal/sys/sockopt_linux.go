package sys

import "golang.org/x/sys/unix"

// Options of other levels that the package uses; their numbers differ between
// architectures.
const (
	SOL_SOCKET      = unix.SOL_SOCKET
	SO_ERROR        = unix.SO_ERROR
	SO_TYPE         = unix.SO_TYPE
	SO_PROTOCOL     = unix.SO_PROTOCOL
	SO_ACCEPTCONN   = unix.SO_ACCEPTCONN
	SO_REUSEADDR    = unix.SO_REUSEADDR
	SO_SNDBUF       = unix.SO_SNDBUF
	SO_RCVBUF       = unix.SO_RCVBUF
	SO_LINGER       = unix.SO_LINGER
	SO_BINDTODEVICE = unix.SO_BINDTODEVICE
	IPPROTO_IPV6    = unix.IPPROTO_IPV6
	IPV6_V6ONLY     = unix.IPV6_V6ONLY

	IFNAMSIZ = unix.IFNAMSIZ // with the 0 at the end
)

// What Poll reports.
const (
	PollOut   = unix.POLLOUT
	PollRdhup = unix.POLLRDHUP
)
