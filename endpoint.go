package sctp

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/netsctp/sctp/internal/sys"
)

// An inheritedOption is one that an accepted or peeled-off socket is to have from the
// socket that it comes from, and that the kernel does not hand on, or not before the
// newest.
type inheritedOption struct {
	level, num int

	// follows is set if what comes before it in the list may change it.
	follows bool

	own int64 // the bits of the value that each socket has by itself
}

// inheritedOptions are those of SCTP that belong to the endpoint, of which the kernel
// makes a new one with the system's defaults (sctp_sock_migrate), and those of sockets and
// IP that TCP hands on, and sctp_copy_sock does not. An association has negotiated the
// first by then; but what it may ask of its peer, and what it offers when the peer
// restarts, is up to the endpoint. IPV6_V6ONLY cannot be set on a socket that is bound.
var inheritedOptions = [...]inheritedOption{
	{level: sys.SOL_SCTP, num: sys.SCTP_PR_SUPPORTED}, {level: sys.SOL_SCTP, num: sys.SCTP_RECONFIG_SUPPORTED},
	{level: sys.SOL_SCTP, num: sys.SCTP_INTERLEAVING_SUPPORTED}, {level: sys.SOL_SCTP, num: sys.SCTP_ASCONF_SUPPORTED},
	{level: sys.SOL_SCTP, num: sys.SCTP_AUTH_SUPPORTED}, {level: sys.SOL_SCTP, num: sys.SCTP_ECN_SUPPORTED},
	{level: sys.IPPROTO_IP, num: sys.IP_TOS, own: 3},
	{level: sys.IPPROTO_IP, num: sys.IP_MTU_DISCOVER},
	{level: sys.IPPROTO_IP, num: sys.IP_RECVERR},
	{level: sys.IPPROTO_IP, num: sys.IP_RECVERR_RFC4884},
	{level: sys.IPPROTO_IP, num: sys.IP_FREEBIND},
	{level: sys.IPPROTO_IP, num: sys.IP_TRANSPARENT},
	{level: sys.IPPROTO_IP, num: sys.IP_MINTTL},
	{level: sys.IPPROTO_IP, num: sys.IP_UNICAST_IF},
	{level: sys.IPPROTO_IP, num: sys.IP_BIND_ADDRESS_NO_PORT},
	{level: sys.IPPROTO_IP, num: sys.IP_MULTICAST_LOOP},
	{level: sys.IPPROTO_IP, num: sys.IP_MULTICAST_ALL},
	{level: sys.IPPROTO_IP, num: sys.IP_RECVOPTS},
	{level: sys.IPPROTO_IP, num: sys.IP_RETOPTS},
	{level: sys.IPPROTO_IP, num: sys.IP_PKTINFO},
	{level: sys.IPPROTO_IP, num: sys.IP_RECVTTL},
	{level: sys.IPPROTO_IP, num: sys.IP_RECVTOS},
	{level: sys.IPPROTO_IP, num: sys.IP_PASSSEC},
	{level: sys.IPPROTO_IP, num: sys.IP_RECVORIGDSTADDR},
	{level: sys.IPPROTO_IP, num: sys.IP_CHECKSUM},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_UNICAST_HOPS},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_TCLASS, own: 3},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_MTU_DISCOVER},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVERR},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVERR_RFC4884},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_FREEBIND},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_TRANSPARENT},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_MINHOPCOUNT},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_UNICAST_IF},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_DONTFRAG},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_ADDR_PREFERENCES},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_AUTOFLOWLABEL},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_FLOWINFO},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_FLOWINFO_SEND},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_MULTICAST_LOOP},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_MULTICAST_ALL},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_ROUTER_ALERT_ISOLATE},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVPKTINFO},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVHOPLIMIT},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVHOPOPTS},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVRTHDR},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVDSTOPTS},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVPATHMTU},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVTCLASS},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVORIGDSTADDR},
	{level: sys.IPPROTO_IPV6, num: sys.IPV6_RECVFRAGSIZE},
	{level: sys.SOL_SOCKET, num: sys.SO_MARK},
	{level: sys.SOL_SOCKET, num: sys.SO_RCVLOWAT},
	{level: sys.SOL_SOCKET, num: sys.SO_REUSEPORT},
	{level: sys.SOL_SOCKET, num: sys.SO_BUSY_POLL},
	{level: sys.SOL_SOCKET, num: sys.SO_PREFER_BUSY_POLL},
	{level: sys.SOL_SOCKET, num: sys.SO_INCOMING_CPU},
	{level: sys.SOL_SOCKET, num: sys.SO_MAX_PACING_RATE},
	{level: sys.SOL_SOCKET, num: sys.SO_BUF_LOCK},
	{level: sys.SOL_SOCKET, num: sys.SO_TXREHASH},
	{level: sys.SOL_SOCKET, num: sys.SO_PRIORITY, follows: true}, // IP_TOS sets it
}

// An endpoint is what a listener or a one-to-many socket knows of its inheritedOptions.
type endpoint struct {
	// untouched is set as long as nobody can have changed the options: then there is
	// nothing to hand on.
	untouched atomic.Bool

	once  sync.Once
	fresh *optionValues // those of a new socket
}

// optionValues are those of the inheritedOptions, unknownValue where the kernel or the
// socket does not know the option.
type optionValues [len(inheritedOptions)]int64

const unknownValue = math.MinInt64

// remember takes the options of a new socket for the defaults.
func (e *endpoint) remember(fd uintptr) {
	e.once.Do(func() { e.fresh = readInherited(fd) })
	e.untouched.Store(true)
}

// learn takes those of another new socket, where fd is one that somebody else made.
func (e *endpoint) learn(fd uintptr) {
	e.fresh = new(optionValues)
	for i := range e.fresh {
		e.fresh[i] = unknownValue
	}
	family, err := getInt(fd, sys.SOL_SOCKET, sys.SO_DOMAIN, "SO_DOMAIN")
	if err != nil {
		return
	}
	if nfd, errno := sys.Socket(family, sys.SOCK_STREAM); errno == 0 {
		e.fresh = readInherited(uintptr(nfd))
		sys.Close(nfd)
	}
}

func readInherited(fd uintptr) *optionValues {
	v := new(optionValues)
	for i, o := range inheritedOptions {
		v[i] = o.get(fd)
	}
	return v
}

func (o inheritedOption) get(fd uintptr) int64 {
	var k sys.AssocValue
	b := sys.Bytes(&k)
	if o.level != sys.SOL_SCTP {
		b = sys.Bytes(&k.AssocID)
	}
	switch _, errno := sys.Getsockopt(fd, o.level, o.num, b); {
	case errno != 0:
		return unknownValue
	case o.level != sys.SOL_SCTP:
		return int64(k.AssocID)
	}
	return int64(k.Value)
}

func (o inheritedOption) set(fd uintptr, v int64) {
	if o.level == sys.SOL_SCTP {
		sys.Setsockopt(fd, o.level, o.num, sys.Bytes(&sys.AssocValue{Value: uint32(v)}))
		return
	}
	n := int32(v)
	sys.Setsockopt(fd, o.level, o.num, sys.Bytes(&n))
}

// handOn sets what is not the default on the accepted or peeled-off socket s too. An
// option that the kernel does not take for s is no reason to lose the association.
func (e *endpoint) handOn(l, s *socket) {
	if e.untouched.Load() {
		return
	}
	var v *optionValues
	err := l.control(func(fd uintptr) error {
		e.once.Do(func() { e.learn(fd) })
		v = readInherited(fd)
		return nil
	})
	if err != nil {
		return
	}
	s.control(func(fd uintptr) error {
		handed := false
		for i, o := range inheritedOptions {
			if v[i] != unknownValue && (v[i]&^o.own != e.fresh[i]&^o.own || handed && o.follows) {
				value := v[i]
				if o.own != 0 {
					value = v[i]&^o.own | o.get(fd)&o.own
				}
				o.set(fd, value)
				handed = true
			}
		}
		return nil
	})
}
