package sctp

import (
	"sync/atomic"

	"github.com/netsctp/sctp/internal/sys"
)

// endpointOptions belong to the endpoint and not to the socket: what an endpoint
// offers to its peers. The kernel gives an accepted socket a new endpoint, with the
// system's defaults (sctp_sock_migrate). An association has negotiated these by then;
// but what it may ask of its peer, and what it offers when the peer restarts, is up to
// the endpoint. Each is a sctp_assoc_value.
var endpointOptions = [...]int{
	sys.SCTP_PR_SUPPORTED, sys.SCTP_RECONFIG_SUPPORTED, sys.SCTP_INTERLEAVING_SUPPORTED,
	sys.SCTP_ASCONF_SUPPORTED, sys.SCTP_AUTH_SUPPORTED, sys.SCTP_ECN_SUPPORTED,
}

// An endpoint is what a listener knows of its endpoint options, to hand them on.
type endpoint struct {
	// untouched is set as long as nobody can have changed the options: then there is
	// nothing to hand on.
	untouched atomic.Bool

	fresh *endpointValues // the system's defaults, nil if not known
}

// endpointValues are those of the endpointOptions, -1 where the kernel does not know
// the option.
type endpointValues [len(endpointOptions)]int64

// remember takes the options of a new socket for the defaults.
func (e *endpoint) remember(fd uintptr) error {
	v := readEndpoint(fd)
	e.fresh = &v
	e.untouched.Store(true)
	return nil
}

func readEndpoint(fd uintptr) (v endpointValues) {
	for i, num := range endpointOptions {
		var k sys.AssocValue
		v[i] = -1
		if _, errno := sys.Getsockopt(fd, sys.SOL_SCTP, num, sys.Bytes(&k)); errno == 0 {
			v[i] = int64(k.Value)
		}
	}
	return v
}

// handOn sets what is not the default on the accepted socket s too. An option that
// the kernel does not take for s is no reason to lose the association.
func (e *endpoint) handOn(l, s *socket) {
	if e.untouched.Load() {
		return
	}
	var v endpointValues
	err := l.control(func(fd uintptr) error {
		v = readEndpoint(fd)
		return nil
	})
	if err != nil {
		return
	}
	s.control(func(fd uintptr) error {
		for i, num := range endpointOptions {
			if v[i] >= 0 && (e.fresh == nil || v[i] != e.fresh[i]) {
				sys.Setsockopt(fd, sys.SOL_SCTP, num, sys.Bytes(&sys.AssocValue{Value: uint32(v[i])}))
			}
		}
		return nil
	})
}
