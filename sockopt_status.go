package sctp

import (
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

// PeerAddrInfo is the state of a path (struct sctp_paddrinfo). It has no smoothed
// round-trip time (SRTT), which Linux reports in ticks of a clock of unknown rate. The RTO
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

// Status returns SCTP_STATUS (RFC 6458 section 8.2.1). It fails with EINVAL without an
// association.
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

// PeerAddrInfo returns SCTP_GET_PEER_ADDR_INFO (RFC 6458 section 8.2.2) of a path. On a
// one-to-many socket without [Options.Assoc] it is the path of whichever association has
// it. It fails with EINVAL if there is no such path, and with EACCES for one that has
// potentially failed under PFExposeDisable.
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

// AssocStats returns SCTP_GET_ASSOC_STATS (Linux). It fails with EINVAL without an
// association.
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
