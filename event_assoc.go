package sctp

import (
	"fmt"
	"net/netip"
)

// AssocChange reports that an association was set up or has ended (SCTP_ASSOC_CHANGE, RFC
// 6458 section 6.1.1).
type AssocChange struct {
	Assoc AssocID
	State AssocChangeState

	// Cause says why the association was lost; it is 0 if the peer gave no cause.
	Cause Cause

	// InStreams and OutStreams are the counts that both ends agreed on. They are
	// set for AssocCommUp and AssocRestart.
	InStreams, OutStreams uint16

	// Info holds the error causes of the ABORT that ended the association, as the
	// peer sent them (RFC 9260 section 3.3.10). It is set for AssocCommLost, and only
	// if an ABORT from the peer was the reason.
	Info []byte
}

// AssocChangeState says what happened to an association (sctp_sac_state).
type AssocChangeState uint16

const (
	AssocCommUp       AssocChangeState = 0 // SCTP_COMM_UP: it is ready
	AssocCommLost     AssocChangeState = 1 // SCTP_COMM_LOST: it failed: ABORT, or no answer
	AssocRestart      AssocChangeState = 2 // SCTP_RESTART: the peer began anew
	AssocShutdownComp AssocChangeState = 3 // SCTP_SHUTDOWN_COMP: it ended in good order
	AssocCantStart    AssocChangeState = 4 // SCTP_CANT_STR_ASSOC: it could not be set up
)

var assocChangeNames = [...]string{
	AssocCommUp:       "communication up",
	AssocCommLost:     "communication lost",
	AssocRestart:      "restart",
	AssocShutdownComp: "shutdown complete",
	AssocCantStart:    "cannot start association",
}

// String returns what happened, in words.
func (s AssocChangeState) String() string {
	if int(s) < len(assocChangeNames) {
		return assocChangeNames[s]
	}
	return fmt.Sprintf("AssocChangeState(%d)", uint16(s))
}

// PeerAddrChange reports that the state of a path has changed (SCTP_PEER_ADDR_CHANGE, RFC
// 6458 section 6.1.2), while the association is established. AddrConfirmed comes for the
// paths that the peer has named in the set-up other than the one in use, and not for those
// that were dialled. AddrAdded, AddrRemoved and AddrMadePrim need Linux 5.5.
type PeerAddrChange struct {
	Assoc AssocID
	Addr  netip.AddrPort // of the peer
	State PeerAddrChangeState
}

// PeerAddrChangeState says what happened to a path (sctp_spc_state).
type PeerAddrChangeState uint32

const (
	AddrAvailable         PeerAddrChangeState = 0 // SCTP_ADDR_AVAILABLE: it can be reached again
	AddrUnreachable       PeerAddrChangeState = 1 // SCTP_ADDR_UNREACHABLE: too many packets to it were not answered
	AddrRemoved           PeerAddrChangeState = 2 // SCTP_ADDR_REMOVED: it is no longer part of the association
	AddrAdded             PeerAddrChangeState = 3 // SCTP_ADDR_ADDED: it has become part of the association
	AddrMadePrim          PeerAddrChangeState = 4 // SCTP_ADDR_MADE_PRIM: it has become the primary path
	AddrConfirmed         PeerAddrChangeState = 5 // SCTP_ADDR_CONFIRMED: it has answered a first heartbeat
	AddrPotentiallyFailed PeerAddrChangeState = 6 // SCTP_ADDR_POTENTIALLY_FAILED: RFC 7829; only where the kernel exposes that state, as it does not unless told
)

var peerAddrChangeNames = [...]string{
	AddrAvailable:         "available",
	AddrUnreachable:       "unreachable",
	AddrRemoved:           "removed",
	AddrAdded:             "added",
	AddrMadePrim:          "made primary",
	AddrConfirmed:         "confirmed",
	AddrPotentiallyFailed: "potentially failed",
}

// String returns what happened, in words.
func (s PeerAddrChangeState) String() string {
	if int64(s) < int64(len(peerAddrChangeNames)) {
		return peerAddrChangeNames[s]
	}
	return fmt.Sprintf("PeerAddrChangeState(%d)", uint32(s))
}

// RemoteError reports that the peer has found an error and has sent an ERROR chunk
// (SCTP_REMOTE_ERROR, RFC 6458 section 6.1.3). The association goes on. There is one event
// for each cause in the chunk.
type RemoteError struct {
	Assoc AssocID
	Cause Cause

	// Data is the value of the cause, as the peer sent it: without the code and the
	// length before it, and with its padding to a multiple of four bytes.
	Data []byte
}

// Shutdown reports that the peer has begun to shut the association down: it accepts no
// more messages (SCTP_SHUTDOWN_EVENT, RFC 6458 section 6.1.5).
type Shutdown struct{ Assoc AssocID }

// AdaptationIndication reports the adaptation layer indication of the peer
// (SCTP_ADAPTATION_INDICATION, RFC 6458 section 6.1.6; RFC 5061 section 4.2.6). It follows
// the AssocChange of the set-up, so subscribe before that. The kernel does not report an
// indication of 0, which is also the default.
type AdaptationIndication struct {
	Assoc      AssocID
	Indication uint32
}

// Authentication reports about the keys of an association (SCTP_AUTHENTICATION_EVENT, RFC
// 6458 section 6.1.8; RFC 4895). If authentication is off, as it is by default, it comes
// with AuthNoAuth for each association that is set up.
type Authentication struct {
	Assoc      AssocID
	Key        uint16 // the key's identifier; 0 for AuthNoAuth
	Indication AuthIndication
}

// AuthIndication says what happened to a key (auth_indication).
type AuthIndication uint32

const (
	AuthNewKey  AuthIndication = 0 // SCTP_AUTH_NEW_KEY: the peer used a key other than the active one
	AuthFreeKey AuthIndication = 1 // SCTP_AUTH_FREE_KEY: a key that was deactivated is not used any more
	AuthNoAuth  AuthIndication = 2 // SCTP_AUTH_NO_AUTH: the peer does not support authentication
)

var authIndicationNames = [...]string{
	AuthNewKey:  "new key",
	AuthFreeKey: "free key",
	AuthNoAuth:  "no authentication",
}

// String returns what happened, in words.
func (a AuthIndication) String() string {
	if int64(a) < int64(len(authIndicationNames)) {
		return authIndicationNames[a]
	}
	return fmt.Sprintf("AuthIndication(%d)", uint32(a))
}
