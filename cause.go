package sctp

import (
	"encoding/binary"
	"fmt"
)

// Cause is an SCTP error cause code, in host order: why an association ended, or
// what the peer found wrong (RFC 9260 section 3.3.10).
type Cause uint16

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

var causeNames = [...]string{
	0:                      "no cause given",
	CauseInvalidStream:     "invalid stream identifier",
	CauseMissingParam:      "missing mandatory parameter",
	CauseStaleCookie:       "stale cookie",
	CauseOutOfResource:     "out of resource",
	CauseUnresolvableAddr:  "unresolvable address",
	CauseUnknownChunk:      "unrecognized chunk type",
	CauseInvalidParam:      "invalid mandatory parameter",
	CauseUnknownParam:      "unrecognized parameters",
	CauseNoUserData:        "no user data",
	CauseCookieInShutdown:  "cookie received while shutting down",
	CauseRestartNewAddr:    "restart of an association with new addresses",
	CauseUserAbort:         "user initiated abort",
	CauseProtocolViolation: "protocol violation",
}

// String returns the RFC's name of c.
func (c Cause) String() string {
	if int(c) < len(causeNames) {
		return causeNames[c]
	}
	return fmt.Sprintf("cause %d", uint16(c))
}

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
