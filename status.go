package sctp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// AssocState is the state of an association (enum sctp_sstat_state).
type AssocState int32

const (
	StateEmpty AssocState = iota
	StateClosed
	StateCookieWait
	StateCookieEchoed
	StateEstablished
	StateShutdownPending
	StateShutdownSent
	StateShutdownReceived
	StateShutdownAckSent
)

var assocStateNames = [...]string{
	StateEmpty:            "empty",
	StateClosed:           "closed",
	StateCookieWait:       "cookie wait",
	StateCookieEchoed:     "cookie echoed",
	StateEstablished:      "established",
	StateShutdownPending:  "shutdown pending",
	StateShutdownSent:     "shutdown sent",
	StateShutdownReceived: "shutdown received",
	StateShutdownAckSent:  "shutdown ack sent",
}

// String returns the RFC's name of s, in lower case.
func (s AssocState) String() string {
	if s >= 0 && int(s) < len(assocStateNames) {
		return assocStateNames[s]
	}
	return fmt.Sprintf("AssocState(%d)", int32(s))
}

// PathState is the state of a path (enum sctp_spinfo_state).
type PathState int32

const (
	PathInactive    PathState = 0 // SCTP_INACTIVE: it has failed
	PathPF          PathState = 1 // SCTP_PF: it has potentially failed (RFC 7829)
	PathActive      PathState = 2 // SCTP_ACTIVE: it works
	PathUnconfirmed PathState = 3 // SCTP_UNCONFIRMED: the peer has not answered on it yet
)

var pathStateNames = [...]string{
	PathInactive:    "inactive",
	PathPF:          "potentially failed",
	PathActive:      "active",
	PathUnconfirmed: "unconfirmed",
}

// String returns the RFC's name of s, in lower case.
func (s PathState) String() string {
	if s >= 0 && int(s) < len(pathStateNames) {
		return pathStateNames[s]
	}
	return fmt.Sprintf("PathState(%d)", int32(s))
}

// PeerAddrInfo is the state of a path (struct sctp_paddrinfo). It has no smoothed round-trip
// time (SRTT): Linux gives that in ticks of a clock whose rate it does not tell. The RTO
// follows it.
type PeerAddrInfo struct {
	Assoc AssocID
	Addr  netip.AddrPort
	State PathState
	Cwnd  int           // congestion window in bytes
	RTO   time.Duration // retransmission timeout
	MTU   int           // path MTU in bytes
}

// Status is the state of an association (struct sctp_status).
type Status struct {
	Assoc                 AssocID
	State                 AssocState
	PeerRwnd              int    // the peer's receive window in bytes
	UnackedData           int    // DATA chunks sent and not acknowledged
	PendingData           int    // DATA chunks received and not yet deliverable
	InStreams, OutStreams uint16 // as both ends agreed
	FragPoint             int    // bytes of a message that fit a packet
	Primary               PeerAddrInfo
}

var optStatus = option[sys.Status, sys.Status]{sockopt: sctpOption(sys.SCTP_STATUS, "SCTP_STATUS"), assoc: true}

// Status returns SCTP_STATUS (RFC 6458 section 8.2.1). Without an association it is
// EINVAL.
func (o Options) Status() (Status, error) {
	k, err := optStatus.read(o, sys.Status{})
	if err != nil {
		return Status{}, err
	}
	return Status{
		Assoc: AssocID(k.AssocID), State: AssocState(k.State), PeerRwnd: size(k.Rwnd),
		UnackedData: int(k.UnackData), PendingData: int(k.PendData), InStreams: k.InStreams, OutStreams: k.OutStreams,
		FragPoint: size(k.FragmentationPoint), Primary: decodePeerAddrInfo(&k.Primary, o.zones()),
	}, nil
}

var optPeerAddrInfo = option[sys.PAddrInfo, sys.PAddrInfo]{
	sockopt: sctpOption(sys.SCTP_GET_PEER_ADDR_INFO, "SCTP_GET_PEER_ADDR_INFO", noPathErr,
		hint{sys.EACCES, "the path has potentially failed, which SetExposePotentiallyFailedState hides"}), assoc: true,
}

// PeerAddrInfo returns SCTP_GET_PEER_ADDR_INFO (RFC 6458 section 8.2.2) of a path: of a
// one-to-many socket, without an association, of the one that has it. An unknown path is
// EINVAL; one that has potentially failed is EACCES with PFExposeDisable.
func (o Options) PeerAddrInfo(path netip.AddrPort) (PeerAddrInfo, error) {
	k, err := optPeerAddrInfo.read(o, sys.PAddrInfo{Addr: sys.StorageOf(path)})
	if err != nil {
		return PeerAddrInfo{}, err
	}
	return decodePeerAddrInfo(&k, o.zones()), nil
}

// decodePeerAddrInfo leaves the round-trip time out: the kernel gives it in ticks of a
// clock whose rate it does not tell.
func decodePeerAddrInfo(k *sys.PAddrInfo, z *sys.Zones) PeerAddrInfo {
	return PeerAddrInfo{
		Assoc: AssocID(k.AssocID), Addr: k.Addr.Peer(z), State: PathState(k.State),
		Cwnd: size(k.Cwnd), RTO: duration(k.RTO), MTU: size(k.MTU),
	}
}

// AssocStats counts what an association has done (struct sctp_assoc_stats).
type AssocStats struct {
	// ObsMaxRTOAddr is the path on which the RTO was greatest since the statistics
	// were last read, or, if it has not changed since, what it was then.
	ObsMaxRTOAddr netip.AddrPort

	OutSACKs, InSACKs                     uint64
	OutPackets, InPackets                 uint64
	RtxChunks                             uint64 // DATA chunks sent again
	OutOfSeqTSNs                          uint64 // DATA chunks received out of the window
	InDupChunks                           uint64 // DATA chunks received again
	GapCount                              uint64 // gaps that the peer reported
	OutUnorderedChunks, InUnorderedChunks uint64
	OutOrderedChunks, InOrderedChunks     uint64
	OutCtrl, InCtrl                       uint64 // control chunks
}

var optAssocStats = option[sys.AssocStats, sys.AssocStats]{
	sockopt: wideOption(sys.SCTP_GET_ASSOC_STATS, "SCTP_GET_ASSOC_STATS"), assoc: true,
}

// AssocStats returns SCTP_GET_ASSOC_STATS (Linux). Without an association it is EINVAL.
func (o Options) AssocStats() (AssocStats, error) {
	k, err := optAssocStats.read(o, sys.AssocStats{})
	if err != nil {
		return AssocStats{}, err
	}
	return AssocStats{
		ObsMaxRTOAddr: k.ObsRTOAddr.Peer(o.zones()),
		OutSACKs:      k.OSACKs, InSACKs: k.ISACKs, OutPackets: k.OPackets, InPackets: k.IPackets,
		RtxChunks: k.RtxChunks, OutOfSeqTSNs: k.OutOfSeqTSNs, InDupChunks: k.IDupChunks, GapCount: k.GapCnt,
		OutUnorderedChunks: k.OUODChunks, InUnorderedChunks: k.IUODChunks,
		OutOrderedChunks: k.ODChunks, InOrderedChunks: k.IDChunks, OutCtrl: k.OCtrl, InCtrl: k.ICtrl,
	}, nil
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

// An addrsOption lists addresses.
type addrsOption struct {
	sockopt
	decode func(z *sys.Zones, b []byte, n int) ([]netip.Addr, uint16)
}

var (
	optPeerAddrs  = addrsOption{sctpOption(sys.SCTP_GET_PEER_ADDRS, "SCTP_GET_PEER_ADDRS"), (*sys.Zones).Peers}
	optLocalAddrs = addrsOption{sctpOption(sys.SCTP_GET_LOCAL_ADDRS, "SCTP_GET_LOCAL_ADDRS"), (*sys.Zones).Locals}
)

// PeerAddrs returns the addresses of the association's peer as they are now
// (SCTP_GET_PEER_ADDRS, RFC 6458 section 9.3).
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
// buffer is too small for them.
func (p *addrsOption) list(fd uintptr, z *sys.Zones, assoc AssocID) (*Addr, error) {
	const header = 8 // struct sctp_getaddrs: assoc_id, addr_num
	for size := 512; ; size *= 2 {
		b := make([]byte, size)
		binary.NativeEndian.PutUint32(b, uint32(assoc))
		_, err := p.getsockopt(fd, b)
		switch {
		case errors.Is(err, sys.ENOMEM) && size < 1<<20:
			continue
		case err != nil:
			return nil, err
		}
		ips, port := p.decode(z, b[header:], int(int32(binary.NativeEndian.Uint32(b[4:]))))
		return &Addr{IPs: ips, Port: port}, nil
	}
}
