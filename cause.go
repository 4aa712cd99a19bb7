package sctp

import (
	"encoding/binary"
	"fmt"
)

// Cause is an SCTP error cause code, in host order: why an association ended, or what the
// peer found wrong (RFC 9260 section 3.3.10). 0 means that none was given.
type Cause uint16

// The causes of RFC 9260 section 3.3.10.
const (
	CauseInvalidStream Cause = 1 + iota
	CauseMissingParam
	CauseStaleCookie
	CauseOutOfResource
	CauseUnresolvableAddr
	CauseUnknownChunk
	CauseInvalidParam
	CauseUnknownParam
	CauseNoUserData
	CauseCookieInShutdown
	CauseRestartNewAddr
	CauseUserAbort
	CauseProtocolViolation
)

// The causes of the change of addresses (ASCONF, RFC 5061 section 4.3).
const (
	CauseDeleteLastAddr Cause = 0xa0 + iota
	CauseResourceShortage
	CauseDeleteSourceAddr
	CauseIllegalASCONFAck
	CauseNoAuthorization
)

// CauseUnsupportedHMAC is the cause of authentication (RFC 4895 section 4.1).
const CauseUnsupportedHMAC Cause = 0x105

// causes has the RFCs' name of each cause, and what it means.
var causes = map[Cause]struct{ name, text string }{
	0: {"no cause given", "no cause was given"},
	CauseInvalidStream: {"invalid stream identifier",
		"a message came on a stream that does not exist"},
	CauseMissingParam: {"missing mandatory parameter",
		"an INIT or INIT ACK lacks parameters that it must have"},
	CauseStaleCookie: {"stale cookie",
		"a valid state cookie came after its lifetime"},
	CauseOutOfResource: {"out of resource",
		"the sender lacks the resources for the association"},
	CauseUnresolvableAddr: {"unresolvable address",
		"the sender cannot resolve an address parameter: it does not support the type of address"},
	CauseUnknownChunk: {"unrecognized chunk type",
		"a chunk came whose type the receiver does not know, and which asks to be reported"},
	CauseInvalidParam: {"invalid mandatory parameter",
		"a mandatory parameter of an INIT or INIT ACK has an invalid value"},
	CauseUnknownParam: {"unrecognized parameters",
		"an INIT ACK has optional parameters that the receiver does not know"},
	CauseNoUserData: {"no user data",
		"a DATA chunk came without data"},
	CauseCookieInShutdown: {"cookie received while shutting down",
		"a COOKIE ECHO came while the association was being shut down"},
	CauseRestartNewAddr: {"restart of an association with new addresses",
		"an INIT for an association that exists adds addresses that were not part of it"},
	CauseUserAbort: {"user initiated abort",
		"the program at the other end aborted the association"},
	CauseProtocolViolation: {"protocol violation",
		"a violation of the protocol was found that no other cause tells of"},
	CauseDeleteLastAddr: {"request to delete the last remaining IP address",
		"an ASCONF asks to delete the only address that is left"},
	CauseResourceShortage: {"operation refused due to resource shortage",
		"the receiver of an ASCONF lacks the resources for what it asks"},
	CauseDeleteSourceAddr: {"request to delete the source IP address",
		"an ASCONF asks to delete the address that it came from"},
	CauseIllegalASCONFAck: {"association aborted due to an illegal ASCONF-ACK",
		"an ASCONF-ACK came whose number is not that of a request"},
	CauseNoAuthorization: {"request refused, no authorization",
		"the receiver of an ASCONF does not permit what it asks"},
	CauseUnsupportedHMAC: {"unsupported HMAC identifier",
		"an AUTH chunk uses a hash function that the receiver did not offer"},
}

// String returns the RFC's name of c, or its number.
func (c Cause) String() string {
	if e, ok := causes[c]; ok {
		return e.name
	}
	return fmt.Sprintf("cause %d", uint16(c))
}

// Explanation returns what c means, in a sentence without a full stop, or "" if the
// package does not know c.
func (c Cause) Explanation() string { return causes[c].text }

// abortReason returns the upper layer's words of the first user-initiated abort
// among the error causes in b, which the peer sent: a 16-bit code, a 16-bit length
// that includes both, the value, padding to four bytes.
func abortReason(b []byte) []byte {
	for len(b) >= 4 {
		code, n := Cause(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:]))
		if n < 4 || n > len(b) {
			return nil
		}
		if code == CauseUserAbort && n > 4 {
			return b[4:n:n]
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return nil
}
