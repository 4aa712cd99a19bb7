package sctp

import "github.com/netsctp/sctp/internal/sys"

// AssocID names an association (sctp_assoc_t). On a one-to-many socket it tells
// one from the other; a [Conn] is one association, and there it is information only.
type AssocID int32

// Associations that are none, or several; see [Options.Assoc].
const (
	FutureAssoc  AssocID = sys.SCTP_FUTURE_ASSOC  // those that come
	CurrentAssoc AssocID = sys.SCTP_CURRENT_ASSOC // those that are there (Linux 5.1)
	AllAssoc     AssocID = sys.SCTP_ALL_ASSOC     // both (Linux 5.1)
)
