//go:build !linux

package sys

// Stand-ins with Linux's numbers for most architectures.
const (
	SOL_SOCKET      = 1
	SO_ERROR        = 4
	SO_TYPE         = 3
	SO_PROTOCOL     = 38
	SO_ACCEPTCONN   = 30
	SO_REUSEADDR    = 2
	SO_SNDBUF       = 7
	SO_RCVBUF       = 8
	SO_LINGER       = 13
	SO_BINDTODEVICE = 25
	IPPROTO_IPV6    = 41
	IPV6_V6ONLY     = 26

	IFNAMSIZ = 16
)

// What Poll reports.
const (
	PollOut   = 0x4
	PollRdhup = 0x2000
)
