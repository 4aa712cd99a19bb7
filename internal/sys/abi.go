package sys

import (
	"encoding/binary"
	"unsafe"
)

// Structs of linux/sctp.h whose fields are all naturally aligned, so that the
// same Go struct is the kernel's on every architecture. In the header's order.
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

	RTOInfo struct { // sctp_rtoinfo
		AssocID           int32
		Initial, Max, Min uint32
	}

	AssocParams struct { // sctp_assocparams
		AssocID                         int32
		AsocMaxRxt, NumberPeerDests     uint16
		PeerRwnd, LocalRwnd, CookieLife uint32
	}

	AssocValue struct { // sctp_assoc_value
		AssocID int32
		Value   uint32
	}

	// Status is sctp_status, its embedded sctp_paddrinfo spread out: that one is
	// packed, and lies at offset 24.
	Status struct {
		AssocID                  int32
		State                    int32
		Rwnd                     uint32
		UnackData, PendData      uint16
		InStreams, OutStreams    uint16
		FragmentationPoint       uint32
		PrimaryAssocID           int32
		PrimaryAddr              [SizeofSockaddrStorage]byte
		PrimaryState             int32
		PrimaryCwnd, PrimarySRTT uint32
		PrimaryRTO, PrimaryMTU   uint32
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

	ShutdownEvent struct { // sctp_shutdown_event
		NotificationHeader
		AssocID int32
	}

	PDAPIEvent struct { // sctp_pdapi_event
		NotificationHeader
		Indication  uint32
		AssocID     int32
		Stream, Seq uint32
	}

	SendFailedEvent struct { // sctp_send_failed_event; the data follow
		NotificationHeader
		Error   uint32 // a 16-bit cause in network order, in a 32-bit word
		Info    SndInfo
		AssocID int32
	}
)

// SizeofSockaddrStorage is the size of struct sockaddr_storage.
const SizeofSockaddrStorage = 128

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
func Ntohs(v uint16) uint16 { return binary.BigEndian.Uint16(Bytes(&v)) }

// Ntohl converts a 32-bit value that the kernel left in network order.
func Ntohl(v uint32) uint32 { return binary.BigEndian.Uint32(Bytes(&v)) }

// Htonl is the inverse of Ntohl.
func Htonl(v uint32) uint32 { return Ntohl(v) }
