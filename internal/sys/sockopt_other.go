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

	// Options that a socket inherits.
	IP_MTU_DISCOVER           = -1
	IP_RECVERR                = -1
	IP_RECVERR_RFC4884        = -1
	IP_FREEBIND               = -1
	IP_TRANSPARENT            = -1
	IP_MINTTL                 = -1
	IP_UNICAST_IF             = -1
	IP_BIND_ADDRESS_NO_PORT   = -1
	IP_MULTICAST_LOOP         = -1
	IP_MULTICAST_ALL          = -1
	IP_RECVOPTS               = -1
	IP_RETOPTS                = -1
	IP_PKTINFO                = -1
	IP_RECVTTL                = -1
	IP_RECVTOS                = -1
	IP_PASSSEC                = -1
	IP_RECVORIGDSTADDR        = -1
	IP_CHECKSUM               = -1
	IPV6_MTU_DISCOVER         = -1
	IPV6_RECVERR              = -1
	IPV6_RECVERR_RFC4884      = -1
	IPV6_FREEBIND             = -1
	IPV6_TRANSPARENT          = -1
	IPV6_MINHOPCOUNT          = -1
	IPV6_UNICAST_IF           = -1
	IPV6_DONTFRAG             = -1
	IPV6_ADDR_PREFERENCES     = -1
	IPV6_AUTOFLOWLABEL        = -1
	IPV6_FLOWINFO             = -1
	IPV6_FLOWINFO_SEND        = -1
	IPV6_MULTICAST_LOOP       = -1
	IPV6_MULTICAST_ALL        = -1
	IPV6_ROUTER_ALERT_ISOLATE = -1
	IPV6_RECVPKTINFO          = -1
	IPV6_RECVHOPLIMIT         = -1
	IPV6_RECVHOPOPTS          = -1
	IPV6_RECVRTHDR            = -1
	IPV6_RECVDSTOPTS          = -1
	IPV6_RECVPATHMTU          = -1
	IPV6_RECVTCLASS           = -1
	IPV6_RECVORIGDSTADDR      = -1
	IPV6_RECVFRAGSIZE         = -1
	SO_MARK                   = -1
	SO_RCVLOWAT               = -1
	SO_REUSEPORT              = -1
	SO_BUSY_POLL              = -1
	SO_PREFER_BUSY_POLL       = -1
	SO_INCOMING_CPU           = -1
	SO_MAX_PACING_RATE        = -1
	SO_BUF_LOCK               = -1
	SO_TXREHASH               = -1

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
