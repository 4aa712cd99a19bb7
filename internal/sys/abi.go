package sys

import (
	"encoding/binary"
	"net/netip"
	"unsafe"
)

// A Storage is a struct sockaddr_storage that holds a sockaddr_in or sockaddr_in6, or
// nothing.
type Storage [128]byte

// StorageOf returns the Storage of ap, which is empty if ap is not valid.
func StorageOf(ap netip.AddrPort) (s Storage) {
	if ap.IsValid() {
		AppendSockaddr(s[:0], AF_INET, ap)
	}
	return s
}

// Peer returns the address of a peer that s holds, the zero AddrPort if that is nothing.
func (s *Storage) Peer(z *Zones) netip.AddrPort {
	ap, _ := z.Peer(s[:])
	return ap
}

// A U32 is a 32-bit field of a packed struct that is not aligned.
type U32 [4]byte

// Get returns the field's value.
func (u U32) Get() uint32 { return binary.NativeEndian.Uint32(u[:]) }

// Set sets it.
func (u *U32) Set(v uint32) { binary.NativeEndian.PutUint32(u[:], v) }

// Structs of linux/sctp.h that are the same on every architecture: their fields are
// naturally aligned, or they are packed. In the header's order.
type (
	InitMsg struct { // sctp_initmsg
		NumOstreams, MaxInstreams, MaxAttempts, MaxInitTimeo uint16
	}

	SndInfo struct { // sctp_sndinfo
		SID, Flags    uint16
		PPID, Context uint32
		AssocID       int32
	}

	RcvInfo struct { // sctp_rcvinfo
		SID, SSN, Flags, _         uint16
		PPID, TSN, CumTSN, Context uint32
		AssocID                    int32
	}

	PRInfo struct { // sctp_prinfo
		Policy, _ uint16
		Value     uint32
	}

	AuthInfo struct { // sctp_authinfo
		KeyNumber uint16
	}

	RTOInfo struct { // sctp_rtoinfo
		AssocID           int32
		Initial, Max, Min uint32
	}

	AssocParams struct { // sctp_assocparams
		AssocID                         int32
		AsocMaxRxt, NumberPeerDests     uint16
		PeerRwnd, LocalRwnd, CookieLife uint32
	}

	Prim struct { // sctp_prim and sctp_setpeerprim
		AssocID int32
		Addr    Storage
	}

	PAddrParams struct { // sctp_paddrparams
		AssocID    int32
		Addr       Storage
		HBInterval uint32
		PathMaxRxt uint16
		PathMTU    U32
		SACKDelay  U32
		Flags      U32
		FlowLabel  U32
		DSCP, _    uint8
	}

	AuthKeyID struct { // sctp_authkeyid
		AssocID      int32
		KeyNumber, _ uint16
	}

	SACKInfo struct { // sctp_sack_info
		AssocID     int32
		Delay, Freq uint32
	}

	AssocValue struct { // sctp_assoc_value
		AssocID int32
		Value   uint32
	}

	StreamValue struct { // sctp_stream_value
		AssocID    int32
		SID, Value uint16
	}

	PAddrInfo struct { // sctp_paddrinfo
		AssocID              int32
		Addr                 Storage
		State                int32
		Cwnd, SRTT, RTO, MTU uint32
	}

	Status struct { // sctp_status
		AssocID               int32
		State                 int32
		Rwnd                  uint32
		UnackData, PendData   uint16
		InStreams, OutStreams uint16
		FragmentationPoint    uint32
		Primary               PAddrInfo
	}

	PRStatus struct { // sctp_prstatus
		AssocID                        int32
		SID, Policy                    uint16
		AbandonedUnsent, AbandonedSent uint64
	}

	DefaultPRInfo struct { // sctp_default_prinfo
		AssocID   int32
		Value     uint32
		Policy, _ uint16
	}

	AddStreams struct { // sctp_add_streams
		AssocID               int32
		InStreams, OutStreams uint16
	}

	EventSetting struct { // sctp_event
		AssocID int32
		Type    uint16
		On, _   uint8
	}
)

// Structs whose sockaddr_storage, aligned to a pointer, makes their layout depend on
// the kernel's word size: here as a 64-bit kernel has them, but for padding at the end.
// They go through GetsockoptWide and SetsockoptWide.
type (
	PAddrThlds struct { // sctp_paddrthlds
		AssocID, _             int32
		Addr                   Storage
		PathMaxRxt, PathPFThld uint16
	}

	PAddrThldsV2 struct { // sctp_paddrthlds_v2
		AssocID, _                         int32
		Addr                               Storage
		PathMaxRxt, PathPFThld, PathCPThld uint16
	}

	UDPEncaps struct { // sctp_udpencaps
		AssocID, _ int32
		Addr       Storage
		Port       uint16 // in network order
	}

	ProbeInterval struct { // sctp_probeinterval
		AssocID, _ int32
		Addr       Storage
		Interval   uint32
	}

	AssocStats struct { // sctp_assoc_stats
		AssocID, _                                               int32
		ObsRTOAddr                                               Storage
		MaxRTO, ISACKs, OSACKs, OPackets, IPackets, RtxChunks    uint64
		OutOfSeqTSNs, IDupChunks, GapCnt                         uint64
		OUODChunks, IUODChunks, ODChunks, IDChunks, OCtrl, ICtrl uint64
	}
)

// ConnectxArg is what SCTP_SOCKOPT_CONNECTX3 takes. A 64-bit kernel converts that of a
// 32-bit program.
type ConnectxArg struct { // sctp_getaddrs_old
	AssocID int32
	Size    int32 // of the packed addresses, in bytes
	Addrs   *byte
}

// What SCTP_SOCKOPT_PEELOFF_FLAGS takes.
type (
	PeelOffArg struct { // sctp_peeloff_arg_t
		AssocID, SD int32
	}

	PeelOffFlagsArg struct { // sctp_peeloff_flags_arg_t
		Arg   PeelOffArg
		Flags uint32
	}
)

// Notifications, linux/sctp.h.
type (
	NotificationHeader struct { // the start of every member of sctp_notification
		Type, Flags uint16
		Length      uint32
	}

	AssocChange struct { // sctp_assoc_change; sac_info follows
		NotificationHeader
		State, Error, OutboundStreams, InboundStreams uint16 // Error is in network order
		AssocID                                       int32
	}

	PAddrChange struct { // sctp_paddr_change
		NotificationHeader
		Addr         Storage
		State, Error int32
		AssocID      int32
	}

	RemoteError struct { // sctp_remote_error; the cause's value follows
		NotificationHeader
		Error, _ uint16 // in network order
		AssocID  int32
	}

	ShutdownEvent struct { // sctp_shutdown_event
		NotificationHeader
		AssocID int32
	}

	AdaptationEvent struct { // sctp_adaptation_event
		NotificationHeader
		Indication uint32
		AssocID    int32
	}

	PDAPIEvent struct { // sctp_pdapi_event
		NotificationHeader
		Indication  uint32
		AssocID     int32
		Stream, Seq uint32
	}

	AuthKeyEvent struct { // sctp_authkey_event
		NotificationHeader
		KeyNumber, AltKeyNumber uint16
		Indication              uint32
		AssocID                 int32
	}

	SenderDryEvent struct { // sctp_sender_dry_event
		NotificationHeader
		AssocID int32
	}

	StreamResetEvent struct { // sctp_stream_reset_event; the streams follow
		NotificationHeader
		AssocID int32
	}

	AssocResetEvent struct { // sctp_assoc_reset_event
		NotificationHeader
		AssocID             int32
		LocalTSN, RemoteTSN uint32
	}

	StreamChangeEvent struct { // sctp_stream_change_event
		NotificationHeader
		AssocID               int32
		InStreams, OutStreams uint16
	}

	SendFailedEvent struct { // sctp_send_failed_event; the data follow
		NotificationHeader
		Error   uint32 // a 16-bit cause in network order, in a 32-bit word
		Info    SndInfo
		AssocID int32
	}
)

// Bytes returns the memory of *v.
func Bytes[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v))
}

// Decode copies the T at the start of b and returns it with the bytes behind it.
// It reports false when b is too short.
func Decode[T any](b []byte) (v T, rest []byte, ok bool) {
	n := int(unsafe.Sizeof(v))
	if len(b) < n {
		return v, nil, false
	}
	copy(Bytes(&v), b)
	return v, b[n:], true
}

// Ntohs converts a 16-bit value that the kernel left in network order.
func Ntohs(v uint16) uint16 {
	b := *(*[2]byte)(unsafe.Pointer(&v))
	return binary.BigEndian.Uint16(b[:])
}

// Ntohl converts a 32-bit value that the kernel left in network order.
func Ntohl(v uint32) uint32 {
	b := *(*[4]byte)(unsafe.Pointer(&v))
	return binary.BigEndian.Uint32(b[:])
}

// Htonl is the inverse of Ntohl.
func Htonl(v uint32) uint32 { return Ntohl(v) }

// Htons is the inverse of Ntohs.
func Htons(v uint16) uint16 { return Ntohs(v) }
