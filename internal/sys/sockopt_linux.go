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

	// Options that a socket inherits.
	IP_MTU_DISCOVER           = unix.IP_MTU_DISCOVER
	IP_RECVERR                = unix.IP_RECVERR
	IP_RECVERR_RFC4884        = unix.IP_RECVERR_RFC4884
	IP_FREEBIND               = unix.IP_FREEBIND
	IP_TRANSPARENT            = unix.IP_TRANSPARENT
	IP_MINTTL                 = unix.IP_MINTTL
	IP_UNICAST_IF             = unix.IP_UNICAST_IF
	IP_BIND_ADDRESS_NO_PORT   = unix.IP_BIND_ADDRESS_NO_PORT
	IP_MULTICAST_LOOP         = unix.IP_MULTICAST_LOOP
	IP_MULTICAST_ALL          = unix.IP_MULTICAST_ALL
	IP_RECVOPTS               = unix.IP_RECVOPTS
	IP_RETOPTS                = unix.IP_RETOPTS
	IP_PKTINFO                = unix.IP_PKTINFO
	IP_RECVTTL                = unix.IP_RECVTTL
	IP_RECVTOS                = unix.IP_RECVTOS
	IP_PASSSEC                = unix.IP_PASSSEC
	IP_RECVORIGDSTADDR        = unix.IP_RECVORIGDSTADDR
	IP_CHECKSUM               = unix.IP_CHECKSUM
	IPV6_MTU_DISCOVER         = unix.IPV6_MTU_DISCOVER
	IPV6_RECVERR              = unix.IPV6_RECVERR
	IPV6_RECVERR_RFC4884      = unix.IPV6_RECVERR_RFC4884
	IPV6_FREEBIND             = unix.IPV6_FREEBIND
	IPV6_TRANSPARENT          = unix.IPV6_TRANSPARENT
	IPV6_MINHOPCOUNT          = unix.IPV6_MINHOPCOUNT
	IPV6_UNICAST_IF           = unix.IPV6_UNICAST_IF
	IPV6_DONTFRAG             = unix.IPV6_DONTFRAG
	IPV6_ADDR_PREFERENCES     = unix.IPV6_ADDR_PREFERENCES
	IPV6_AUTOFLOWLABEL        = unix.IPV6_AUTOFLOWLABEL
	IPV6_FLOWINFO             = 11
	IPV6_FLOWINFO_SEND        = 33
	IPV6_MULTICAST_LOOP       = unix.IPV6_MULTICAST_LOOP
	IPV6_MULTICAST_ALL        = unix.IPV6_MULTICAST_ALL
	IPV6_ROUTER_ALERT_ISOLATE = unix.IPV6_ROUTER_ALERT_ISOLATE
	IPV6_RECVPKTINFO          = unix.IPV6_RECVPKTINFO
	IPV6_RECVHOPLIMIT         = unix.IPV6_RECVHOPLIMIT
	IPV6_RECVHOPOPTS          = unix.IPV6_RECVHOPOPTS
	IPV6_RECVRTHDR            = unix.IPV6_RECVRTHDR
	IPV6_RECVDSTOPTS          = unix.IPV6_RECVDSTOPTS
	IPV6_RECVPATHMTU          = unix.IPV6_RECVPATHMTU
	IPV6_RECVTCLASS           = unix.IPV6_RECVTCLASS
	IPV6_RECVORIGDSTADDR      = unix.IPV6_RECVORIGDSTADDR
	IPV6_RECVFRAGSIZE         = unix.IPV6_RECVFRAGSIZE
	SO_MARK                   = unix.SO_MARK
	SO_RCVLOWAT               = unix.SO_RCVLOWAT
	SO_REUSEPORT              = unix.SO_REUSEPORT
	SO_BUSY_POLL              = unix.SO_BUSY_POLL
	SO_PREFER_BUSY_POLL       = unix.SO_PREFER_BUSY_POLL
	SO_INCOMING_CPU           = unix.SO_INCOMING_CPU
	SO_MAX_PACING_RATE        = unix.SO_MAX_PACING_RATE
	SO_BUF_LOCK               = unix.SO_BUF_LOCK
	SO_TXREHASH               = unix.SO_TXREHASH

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
