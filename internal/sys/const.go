package sys

// Protocol and option level, linux/in.h.
const (
	IPPROTO_SCTP = 132
	SOL_SCTP     = IPPROTO_SCTP
)

// Associations that are none, or several.
const (
	SCTP_FUTURE_ASSOC  = 0
	SCTP_CURRENT_ASSOC = 1
	SCTP_ALL_ASSOC     = 2
)

// Socket options at level SOL_SCTP that the package uses, linux/sctp.h.
const (
	SCTP_RTOINFO                         = 0
	SCTP_ASSOCINFO                       = 1
	SCTP_INITMSG                         = 2
	SCTP_NODELAY                         = 3
	SCTP_AUTOCLOSE                       = 4
	SCTP_SET_PEER_PRIMARY_ADDR           = 5
	SCTP_PRIMARY_ADDR                    = 6
	SCTP_ADAPTATION_LAYER                = 7
	SCTP_DISABLE_FRAGMENTS               = 8
	SCTP_PEER_ADDR_PARAMS                = 9
	SCTP_EVENTS                          = 11
	SCTP_I_WANT_MAPPED_V4_ADDR           = 12
	SCTP_MAXSEG                          = 13
	SCTP_STATUS                          = 14
	SCTP_GET_PEER_ADDR_INFO              = 15
	SCTP_DELAYED_SACK                    = 16
	SCTP_CONTEXT                         = 17
	SCTP_FRAGMENT_INTERLEAVE             = 18
	SCTP_PARTIAL_DELIVERY_POINT          = 19
	SCTP_MAX_BURST                       = 20
	SCTP_AUTH_CHUNK                      = 21
	SCTP_HMAC_IDENT                      = 22
	SCTP_AUTH_KEY                        = 23
	SCTP_AUTH_ACTIVE_KEY                 = 24
	SCTP_AUTH_DELETE_KEY                 = 25
	SCTP_PEER_AUTH_CHUNKS                = 26
	SCTP_LOCAL_AUTH_CHUNKS               = 27
	SCTP_GET_ASSOC_NUMBER                = 28
	SCTP_GET_ASSOC_ID_LIST               = 29
	SCTP_AUTO_ASCONF                     = 30
	SCTP_PEER_ADDR_THLDS                 = 31
	SCTP_RECVRCVINFO                     = 32
	SCTP_DEFAULT_SNDINFO                 = 34
	SCTP_AUTH_DEACTIVATE_KEY             = 35
	SCTP_REUSE_PORT                      = 36
	SCTP_PEER_ADDR_THLDS_V2              = 37
	SCTP_SOCKOPT_BINDX_ADD               = 100
	SCTP_SOCKOPT_BINDX_REM               = 101
	SCTP_GET_PEER_ADDRS                  = 108
	SCTP_GET_LOCAL_ADDRS                 = 109
	SCTP_SOCKOPT_CONNECTX3               = 111
	SCTP_GET_ASSOC_STATS                 = 112
	SCTP_PR_SUPPORTED                    = 113
	SCTP_DEFAULT_PRINFO                  = 114
	SCTP_PR_ASSOC_STATUS                 = 115
	SCTP_PR_STREAM_STATUS                = 116
	SCTP_RECONFIG_SUPPORTED              = 117
	SCTP_ENABLE_STREAM_RESET             = 118
	SCTP_RESET_STREAMS                   = 119
	SCTP_RESET_ASSOC                     = 120
	SCTP_ADD_STREAMS                     = 121
	SCTP_SOCKOPT_PEELOFF_FLAGS           = 122
	SCTP_STREAM_SCHEDULER                = 123
	SCTP_STREAM_SCHEDULER_VALUE          = 124
	SCTP_INTERLEAVING_SUPPORTED          = 125
	SCTP_EVENT                           = 127
	SCTP_ASCONF_SUPPORTED                = 128
	SCTP_AUTH_SUPPORTED                  = 129
	SCTP_ECN_SUPPORTED                   = 130
	SCTP_EXPOSE_POTENTIALLY_FAILED_STATE = 131
	SCTP_REMOTE_UDP_ENCAPS_PORT          = 132
	SCTP_PLPMTUD_PROBE_INTERVAL          = 133
)

// Control message types, sctp_cmsg_t.
const (
	SCTP_SNDINFO   = 2
	SCTP_RCVINFO   = 3
	SCTP_PRINFO    = 5
	SCTP_AUTHINFO  = 6
	SCTP_DSTADDRV4 = 7
)

// Flags of a message, sctp_sinfo_flags.
const (
	SCTP_UNORDERED        = 1 << 0
	SCTP_ADDR_OVER        = 1 << 1
	SCTP_ABORT            = 1 << 2
	SCTP_SACK_IMMEDIATELY = 1 << 3
	SCTP_EOF              = 1 << 9 // MSG_FIN
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

// Policies of partial reliability.
const (
	SCTP_PR_SCTP_NONE = 0x00
	SCTP_PR_SCTP_TTL  = 0x10
	SCTP_PR_SCTP_RTX  = 0x20
	SCTP_PR_SCTP_PRIO = 0x30
	SCTP_PR_SCTP_ALL  = 0x80 // in the statistics
)

// Flags of a SCTP_PEER_ADDR_PARAMS, sctp_spp_flags.
const (
	SPP_HB_ENABLE         = 1 << 0
	SPP_HB_DISABLE        = 1 << 1
	SPP_HB_DEMAND         = 1 << 2
	SPP_PMTUD_ENABLE      = 1 << 3
	SPP_PMTUD_DISABLE     = 1 << 4
	SPP_SACKDELAY_ENABLE  = 1 << 5
	SPP_SACKDELAY_DISABLE = 1 << 6
	SPP_IPV6_FLOWLABEL    = 1 << 8
	SPP_DSCP              = 1 << 9
)

// What SCTP_ENABLE_STREAM_RESET lets the peer ask for.
const (
	SCTP_ENABLE_RESET_STREAM_REQ = 1 << iota
	SCTP_ENABLE_RESET_ASSOC_REQ
	SCTP_ENABLE_CHANGE_ASSOC_REQ
)

// Which streams SCTP_RESET_STREAMS resets.
const (
	SCTP_STREAM_RESET_INCOMING = 1 << iota
	SCTP_STREAM_RESET_OUTGOING
)

// Hash functions of SCTP_HMAC_IDENT.
const (
	SCTP_AUTH_HMAC_ID_SHA1   = 1
	SCTP_AUTH_HMAC_ID_SHA256 = 3
)

// Stream schedulers, sctp_sched_type.
const (
	SCTP_SS_FCFS = iota
	SCTP_SS_PRIO
	SCTP_SS_RR
	SCTP_SS_FC
	SCTP_SS_WFQ
)

// States of a path, sctp_spinfo_state.
const (
	SCTP_INACTIVE = iota
	SCTP_PF
	SCTP_ACTIVE
	SCTP_UNCONFIRMED
)

// Whether a path that may have failed is shown, sctp_pf_expose.
const (
	SCTP_PF_EXPOSE_UNSET = iota
	SCTP_PF_EXPOSE_DISABLE
	SCTP_PF_EXPOSE_ENABLE
)

// Association states in a SCTP_ASSOC_CHANGE, sctp_sac_state.
const (
	SCTP_COMM_UP = iota
	SCTP_COMM_LOST
	SCTP_RESTART
	SCTP_SHUTDOWN_COMP
	SCTP_CANT_STR_ASSOC
)

// What a SCTP_PEER_ADDR_CHANGE says of a path, sctp_spc_state.
const (
	SCTP_ADDR_AVAILABLE = iota
	SCTP_ADDR_UNREACHABLE
	SCTP_ADDR_REMOVED
	SCTP_ADDR_ADDED
	SCTP_ADDR_MADE_PRIM
	SCTP_ADDR_CONFIRMED
	SCTP_ADDR_POTENTIALLY_FAILED
)

// What a SCTP_AUTHENTICATION_EVENT says.
const (
	SCTP_AUTH_NEW_KEY = iota
	SCTP_AUTH_FREE_KEY
	SCTP_AUTH_NO_AUTH
)

// Flags of the SCTP_STREAM_RESET_EVENT; the last two also those of
// SCTP_ASSOC_RESET_EVENT and SCTP_STREAM_CHANGE_EVENT.
const (
	SCTP_STREAM_RESET_INCOMING_SSN = 1 << iota
	SCTP_STREAM_RESET_OUTGOING_SSN
	SCTP_STREAM_RESET_DENIED
	SCTP_STREAM_RESET_FAILED
)

// Flags of a SCTP_SEND_FAILED_EVENT, and the DATA chunk flags that the kernel
// leaves in its snd_flags in place of the sender's.
const (
	SCTP_DATA_SENT = 1

	SCTP_DATA_LAST_FRAG  = 0x01
	SCTP_DATA_FIRST_FRAG = 0x02
	SCTP_DATA_UNORDERED  = 0x04
)

// Message flags that recvmsg reports and sendmsg takes, linux/socket.h. They are
// repeated here because this file builds on every system.
const (
	MSG_CTRUNC       = 0x8
	MSG_EOR          = 0x80
	MSG_NOTIFICATION = 0x8000
)

// How to shut down, linux/net.h.
const (
	SHUT_RD = 0
	SHUT_WR = 1
)
