package sctp

// What the tests of the package see of its inside.
var (
	DecodeEvent = decodeEvent
	AbortReason = abortReason
	NetnsError  = netnsError
)
