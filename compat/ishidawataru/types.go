package sctp

import "syscall"

type SCTPAssocID int32

// NotificationHandler gets each notification whole, as the kernel gave it.
type NotificationHandler func([]byte) error

// EventSubscribe is the kernel's struct sctp_event_subscribe, as far as the
// SCTP_EVENT flags go.
type EventSubscribe struct {
	DataIO          uint8
	Association     uint8
	Address         uint8
	SendFailure     uint8
	PeerError       uint8
	Shutdown        uint8
	PartialDelivery uint8
	AdaptationLayer uint8
	Authentication  uint8
	SenderDry       uint8
}

// InitMsg is the kernel's struct sctp_initmsg. MaxInitTimeout is in milliseconds; a zero
// field leaves the kernel's default.
type InitMsg struct {
	NumOstreams    uint16
	MaxInstreams   uint16
	MaxAttempts    uint16
	MaxInitTimeout uint16
}

// SackTimer is the kernel's struct sctp_sack_info. SackDelay is in milliseconds.
type SackTimer struct {
	AssocID       SCTPAssocID
	SackDelay     uint32
	SackFrequency uint32
}

// PeerAddrinfo is the kernel's struct sctp_paddrinfo; Address is a struct
// sockaddr_storage.
type PeerAddrinfo struct {
	AssocID SCTPAssocID
	Address [128]byte
	State   PeerState
	CWND    uint32
	SRTT    uint32
	RTO     uint32
	MTU     uint32
}

// Status is the kernel's struct sctp_status.
type Status struct {
	AssocID            SCTPAssocID
	State              StatusState
	RWND               uint32
	Unackdata          uint16
	Penddata           uint16
	Instreams          uint16
	Ostreams           uint16
	FragmentationPoint uint32
	PrimaryPeerAddr    PeerAddrinfo
}

// SndRcvInfo is the kernel's struct sctp_sndrcvinfo, but for its PPID, which is in host
// order. TTL is in milliseconds; zero means that the message does not expire.
type SndRcvInfo struct {
	Stream  uint16
	SSN     uint16
	Flags   uint16
	_       uint16
	PPID    uint32
	Context uint32
	TTL     uint32
	TSN     uint32
	CumTSN  uint32
	AssocID int32
}

// SndInfo is the kernel's struct sctp_sndinfo.
type SndInfo struct {
	SID     uint16
	Flags   uint16
	PPID    uint32
	Context uint32
	AssocID int32
}

// GetAddrsOld is the kernel's struct sctp_getaddrs_old.
type GetAddrsOld struct {
	AssocID int32
	AddrNum int32
	Addrs   uintptr
}

// NotificationHeader is how each notification begins.
type NotificationHeader struct {
	Type   uint16
	Flags  uint16
	Length uint32
}

// SocketConfig has what is set before a socket is bound or connected.
type SocketConfig struct {
	// Control, if not nil, is called before the socket is bound or connected, with an
	// empty address where there is no local one. What it sets with SCTP_INITMSG stands.
	Control func(network, address string, c syscall.RawConn) error

	// NotificationHandler gets the notifications that reads meet. If it is nil, reads
	// return them.
	NotificationHandler NotificationHandler

	// InitMsg is what the association asks for when it is set up.
	InitMsg InitMsg
}

// Listen listens on laddr.
func (cfg *SocketConfig) Listen(net string, laddr *SCTPAddr) (*SCTPListener, error) {
	return listenSCTPExtConfig(net, laddr, cfg.InitMsg, cfg.Control, cfg.NotificationHandler)
}

// Dial connects to raddr, from laddr if that is not nil.
func (cfg *SocketConfig) Dial(net string, laddr, raddr *SCTPAddr) (*SCTPConn, error) {
	return dialSCTPExtConfig(net, laddr, raddr, cfg.InitMsg, cfg.Control, cfg.NotificationHandler)
}
