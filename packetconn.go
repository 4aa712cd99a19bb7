package sctp

// AssocID names an association (sctp_assoc_t). On a one-to-many socket it tells
// one from the other; a [Conn] is one association, and there it is information only.
type AssocID int32
