package metrics

import (
	"errors"
	"net"
	"syscall"

	"github.com/netsctp/sctp"
)

// A sample is what the kernel says of an association.
type sample struct {
	known, ended bool // neither where the kernel did not answer
	status       sctp.Status
	stats        sctp.AssocStats
	paths        []sctp.PeerAddrInfo
}

// ask asks the kernel about the association of o.
func ask(o sctp.Options) (s sample) {
	var err error
	if s.status, err = o.Status(); err == nil {
		s.stats, err = o.AssocStats()
	}
	if err != nil {
		return sample{ended: errors.Is(err, syscall.EINVAL) || errors.Is(err, net.ErrClosed)}
	}
	s.known = true
	peers, err := o.PeerAddrs()
	if err != nil {
		return s // it has ended since
	}
	for _, addr := range peers.AddrPorts() {
		info, err := o.PeerAddrInfo(addr)
		switch {
		case errors.Is(err, syscall.EACCES): // with PFExposeDisable
			info = sctp.PeerAddrInfo{Addr: addr, State: sctp.PathPF}
		case err != nil:
			continue // the peer has removed it
		}
		s.paths = append(s.paths, info)
	}
	return s
}
