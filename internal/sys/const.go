package sys

// Protocol and option level, linux/in.h.
const (
	IPPROTO_SCTP = 132
	SOL_SCTP     = IPPROTO_SCTP
)

// Socket style, RFC 6458 section 4.
const (
	SOCK_STREAM = 1 // one-to-one
)

// Socket options at level SOL_SCTP that the package uses, linux/sctp.h.
const (
	SCTP_RTOINFO                = 0
	SCTP_ASSOCINFO              = 1
	SCTP_INITMSG                = 2
	SCTP_NODELAY                = 3
	SCTP_DISABLE_FRAGMENTS      = 8
	SCTP_EVENTS                 = 11
	SCTP_I_WANT_MAPPED_V4_ADDR  = 12
	SCTP_STATUS                 = 14
	SCTP_RECVRCVINFO            = 32
	SCTP_DEFAULT_SNDINFO        = 34
	SCTP_SOCKOPT_BINDX_ADD      = 100
	SCTP_GET_PEER_ADDRS         = 108
	SCTP_GET_LOCAL_ADDRS        = 109
	SCTP_SOCKOPT_CONNECTX3      = 111
	SCTP_INTERLEAVING_SUPPORTED = 125
)

// Control message types, sctp_cmsg_t.
const (
	SCTP_SNDINFO = 2
	SCTP_RCVINFO = 3
	SCTP_PRINFO  = 5
)

// Flags of a message, sctp_sinfo_flags.
const (
	SCTP_UNORDERED        = 1 << 0
	SCTP_ADDR_OVER        = 1 << 1
	SCTP_SACK_IMMEDIATELY = 1 << 3
)

// Notification types, sctp_sn_type.
const (
	SCTP_ASSOC_CHANGE           = 0x8001
	SCTP_PEER_ADDR_CHANGE       = 0x8002
	SCTP_REMOTE_ERROR           = 0x8004
	SCTP_SHUTDOWN_EVENT         = 0x8005
	SCTP_PARTIAL_DELIVERY_EVENT = 0x8006
	SCTP_ADAPTATION_INDICATION  = 0x8007
	SCTP_AUTHENTICATION_EVENT   = 0x8008
	SCTP_SENDER_DRY_EVENT       = 0x8009
	SCTP_STREAM_RESET_EVENT     = 0x800a
	SCTP_ASSOC_RESET_EVENT      = 0x800b
	SCTP_STREAM_CHANGE_EVENT    = 0x800c
	SCTP_SEND_FAILED_EVENT      = 0x800d
)

// Association states in a SCTP_ASSOC_CHANGE, sctp_sac_state.
const (
	SCTP_COMM_UP = iota
	SCTP_COMM_LOST
	SCTP_RESTART
	SCTP_SHUTDOWN_COMP
	SCTP_CANT_STR_ASSOC
)

// Flags of a SCTP_SEND_FAILED_EVENT, and the DATA chunk flags that the kernel
// leaves in its snd_flags in place of the sender's.
const (
	SCTP_DATA_SENT = 1

	SCTP_DATA_UNORDERED = 0x04
)

// Message flags that recvmsg reports and sendmsg takes, linux/socket.h. They are
// repeated here because this file builds on every system.
const (
	MSG_EOR          = 0x80
	MSG_NOTIFICATION = 0x8000
)

// How to shut down, linux/net.h.
const (
	SHUT_RD = 0
	SHUT_WR = 1
)
