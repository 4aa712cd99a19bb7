package sys

import "golang.org/x/sys/unix"

// Options of other levels that the package uses; their numbers differ between
// architectures.
const (
	SOL_SOCKET    = unix.SOL_SOCKET
	SO_ERROR      = unix.SO_ERROR
	SO_TYPE       = unix.SO_TYPE
	SO_PROTOCOL   = unix.SO_PROTOCOL
	SO_ACCEPTCONN = unix.SO_ACCEPTCONN
	SO_REUSEADDR  = unix.SO_REUSEADDR
	SO_SNDBUF     = unix.SO_SNDBUF
	SO_RCVBUF     = unix.SO_RCVBUF
	SO_LINGER     = unix.SO_LINGER
	IPPROTO_IPV6  = unix.IPPROTO_IPV6
	IPV6_V6ONLY   = unix.IPV6_V6ONLY
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
)
