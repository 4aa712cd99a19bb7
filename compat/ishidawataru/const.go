package sctp

const (
	SOL_SCTP = 132

	SCTP_BINDX_ADD_ADDR = 0x01
	SCTP_BINDX_REM_ADDR = 0x02

	MSG_NOTIFICATION = 0x8000
)

// The socket options.
const (
	SCTP_RTOINFO               = 0
	SCTP_ASSOCINFO             = 1
	SCTP_INITMSG               = 2
	SCTP_NODELAY               = 3
	SCTP_AUTOCLOSE             = 4
	SCTP_SET_PEER_PRIMARY_ADDR = 5
	SCTP_PRIMARY_ADDR          = 6
	SCTP_ADAPTATION_LAYER      = 7
	SCTP_DISABLE_FRAGMENTS     = 8
	SCTP_PEER_ADDR_PARAMS      = 9
	SCTP_DEFAULT_SENT_PARAM    = 10
	SCTP_EVENTS                = 11
	SCTP_I_WANT_MAPPED_V4_ADDR = 12
	SCTP_MAXSEG                = 13
	SCTP_STATUS                = 14
	SCTP_GET_PEER_ADDR_INFO    = 15
	SCTP_DELAYED_ACK_TIME      = 16
	SCTP_DELAYED_ACK           = SCTP_DELAYED_ACK_TIME
	SCTP_DELAYED_SACK          = SCTP_DELAYED_ACK_TIME

	SCTP_SOCKOPT_BINDX_ADD = 100
	SCTP_SOCKOPT_BINDX_REM = 101
	SCTP_SOCKOPT_PEELOFF   = 102
	SCTP_GET_PEER_ADDRS    = 108
	SCTP_GET_LOCAL_ADDRS   = 109
	SCTP_SOCKOPT_CONNECTX  = 110
	SCTP_SOCKOPT_CONNECTX3 = 111
)

// The flags of SubscribeEvents: bit n is field n of EventSubscribe.
const (
	SCTP_EVENT_DATA_IO          = 1 << 0
	SCTP_EVENT_ASSOCIATION      = 1 << 1
	SCTP_EVENT_ADDRESS          = 1 << 2
	SCTP_EVENT_SEND_FAILURE     = 1 << 3
	SCTP_EVENT_PEER_ERROR       = 1 << 4
	SCTP_EVENT_SHUTDOWN         = 1 << 5
	SCTP_EVENT_PARTIAL_DELIVERY = 1 << 6
	SCTP_EVENT_ADAPTATION_LAYER = 1 << 7
	SCTP_EVENT_AUTHENTICATION   = 1 << 8
	SCTP_EVENT_SENDER_DRY       = 1 << 9

	SCTP_EVENT_ALL = 1<<10 - 1
)

// SCTPNotificationType is the Type of a NotificationHeader.
type SCTPNotificationType int

const (
	SCTP_SN_TYPE_BASE              SCTPNotificationType = 0x8000
	SCTP_ASSOC_CHANGE              SCTPNotificationType = 0x8001
	SCTP_PEER_ADDR_CHANGE          SCTPNotificationType = 0x8002
	SCTP_SEND_FAILED               SCTPNotificationType = 0x8003
	SCTP_REMOTE_ERROR              SCTPNotificationType = 0x8004
	SCTP_SHUTDOWN_EVENT            SCTPNotificationType = 0x8005
	SCTP_PARTIAL_DELIVERY_EVENT    SCTPNotificationType = 0x8006
	SCTP_ADAPTATION_INDICATION     SCTPNotificationType = 0x8007
	SCTP_AUTHENTICATION_INDICATION SCTPNotificationType = 0x8008
	SCTP_SENDER_DRY_EVENT          SCTPNotificationType = 0x8009
)

// The types of control messages.
const (
	SCTP_CMSG_INIT    = 0
	SCTP_CMSG_SNDRCV  = 1
	SCTP_CMSG_SNDINFO = 2
	SCTP_CMSG_RCVINFO = 3
	SCTP_CMSG_NXTINFO = 4
)

// The Flags of SndRcvInfo. SCTP_EOF is the kernel's: the incumbent's, 1<<4, does nothing.
const (
	SCTP_UNORDERED        = 1 << 0
	SCTP_ADDR_OVER        = 1 << 1
	SCTP_ABORT            = 1 << 2
	SCTP_SACK_IMMEDIATELY = 1 << 3
	SCTP_EOF              = 0x200
)

const SCTP_MAX_STREAM = 0xffff

// PeerState is the State of a PeerAddrinfo. The values are the kernel's: the incumbent's
// constants had others than GetStatus returned.
type PeerState int32

const (
	SCTP_INACTIVE    PeerState = 0
	SCTP_ACTIVE      PeerState = 2
	SCTP_UNCONFIRMED PeerState = 3
)

// StatusState is the State of a Status. The values are the kernel's: the incumbent's
// constants had others than GetStatus returned. An association is never SCTP_BOUND nor
// SCTP_LISTEN.
type StatusState int32

const (
	SCTP_LISTEN            StatusState = -2
	SCTP_BOUND             StatusState = -1
	SCTP_CLOSED            StatusState = 1
	SCTP_COOKIE_WAIT       StatusState = 2
	SCTP_COOKIE_ECHOED     StatusState = 3
	SCTP_ESTABLISHED       StatusState = 4
	SCTP_SHUTDOWN_PENDING  StatusState = 5
	SCTP_SHUTDOWN_SENT     StatusState = 6
	SCTP_SHUTDOWN_RECEIVED StatusState = 7
	SCTP_SHUTDOWN_ACK_SENT StatusState = 8
)

// SCTPState is the state in a struct sctp_assoc_change.
type SCTPState uint16

const (
	SCTP_COMM_UP        SCTPState = 0
	SCTP_COMM_LOST      SCTPState = 1
	SCTP_RESTART        SCTPState = 2
	SCTP_SHUTDOWN_COMP  SCTPState = 3
	SCTP_CANT_STR_ASSOC SCTPState = 4
)
