//go:build !linux

package sys

// Stand-ins with Linux's numbers for most architectures.
const (
	SOL_SOCKET        = 1
	SO_ERROR          = 4
	SO_TYPE           = 3
	SO_DOMAIN         = 39
	SO_PROTOCOL       = 38
	SO_ACCEPTCONN     = 30
	SO_REUSEADDR      = 2
	SO_DONTROUTE      = 5
	SO_PRIORITY       = 12
	SO_SNDBUF         = 7
	SO_RCVBUF         = 8
	SO_LINGER         = 13
	SO_BINDTODEVICE   = 25
	IPPROTO_IP        = 0
	IP_TOS            = 1
	IP_TTL            = 2
	IPPROTO_IPV6      = 41
	IPV6_UNICAST_HOPS = 16
	IPV6_V6ONLY       = 26
	IPV6_TCLASS       = 67

	IFNAMSIZ = 16
)

// Socket style.
const (
	SOCK_STREAM    = 1
	SOCK_SEQPACKET = 5
)

// What Poll reports.
const (
	PollOut   = 0x4
	PollRdhup = 0x2000
	PollErr   = 0x8
)
