package sctp

import (
	"encoding/binary"
	"errors"

	"github.com/netsctp/sctp/internal/sys"
)

// An addrsOption lists addresses.
type addrsOption struct {
	sockopt
	peers bool // not the socket's own
}

var (
	optPeerAddrs  = addrsOption{sctpOption(sys.SCTP_GET_PEER_ADDRS, "SCTP_GET_PEER_ADDRS"), true}
	optLocalAddrs = addrsOption{sctpOption(sys.SCTP_GET_LOCAL_ADDRS, "SCTP_GET_LOCAL_ADDRS"), false}
)

// PeerAddrs returns SCTP_GET_PEER_ADDRS (RFC 6458 section 8.2 and 9.3): the peer's
// addresses as they are now, one for each path. It fails with EINVAL without an
// association.
func (o Options) PeerAddrs() (*Addr, error) { return o.addrs(&optPeerAddrs, o.assoc) }

// LocalAddrs returns the socket's own addresses as they are now: the association's
// if there is one, and of a socket that is bound to the unspecified address all of
// the host's (SCTP_GET_LOCAL_ADDRS, RFC 6458 section 9.5).
func (o Options) LocalAddrs() (*Addr, error) {
	id := o.assoc
	if id == FutureAssoc && o.s != nil && o.s.raddr != nil {
		id = CurrentAssoc // any but zero asks for the list of a Conn's association
	}
	return o.addrs(&optLocalAddrs, id)
}

func (o Options) addrs(p *addrsOption, assoc AssocID) (a *Addr, err error) {
	err = o.control(func(fd uintptr) error { a, err = p.list(fd, o.zones(), assoc); return err })
	return a, o.opError("get", err)
}

// addrs returns the addresses that p lists for the association.
func (s *socket) addrs(fd uintptr, p *addrsOption, assoc AssocID) (*Addr, error) {
	return p.list(fd, s.zones, assoc)
}

// list returns the addresses of fd's association. The kernel answers ENOMEM where the
// buffer is too small for them. It clears a buffer of its own of the same size, so that is
// at first what a few need.
func (p *addrsOption) list(fd uintptr, z *sys.Zones, assoc AssocID) (*Addr, error) {
	const header = 8 // struct sctp_getaddrs: assoc_id, addr_num
	var some [header + 4*sys.SizeofSockaddrIn6]byte
	for b := some[:]; ; b = make([]byte, 2*len(b)) {
		binary.NativeEndian.PutUint32(b, uint32(assoc))
		_, err := p.getsockopt(fd, b)
		switch {
		case errors.Is(err, sys.ENOMEM) && len(b) < 1<<20:
			continue
		case err != nil:
			return nil, err
		}
		a, n := new(Addr), int(int32(binary.NativeEndian.Uint32(b[4:])))
		if p.peers {
			a.IPs, a.Port = z.Peers(b[header:], n)
		} else {
			a.IPs, a.Port = z.Locals(b[header:], n)
		}
		return a, nil
	}
}

var optAssocIDs = sctpOption(sys.SCTP_GET_ASSOC_ID_LIST, "SCTP_GET_ASSOC_ID_LIST", oneToMany)

// assocIDs returns the associations of fd.
func assocIDs(fd uintptr) ([]AssocID, error) {
	const header = 4 // struct sctp_assoc_ids: gaids_number_of_ids
	for size := 256; ; size *= 2 {
		b := make([]byte, size)
		_, err := optAssocIDs.getsockopt(fd, b)
		switch {
		case errors.Is(err, sys.EINVAL) && size < 1<<24: // too small
			continue
		case err != nil:
			return nil, err
		}
		list := b[header:]
		var ids []AssocID
		for i := range min(int64(binary.NativeEndian.Uint32(b)), int64(len(list)/4)) {
			// One that somebody else begins with a message has no id at first.
			if id := AssocID(binary.NativeEndian.Uint32(list[4*i:])); id != FutureAssoc {
				ids = append(ids, id)
			}
		}
		return ids, nil
	}
}
