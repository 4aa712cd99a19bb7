package sctp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

var causeTests = []struct {
	cause sctp.Cause
	code  uint16
	name  string
}{
	{0, 0, "no cause given"},
	{sctp.CauseInvalidStream, 1, "invalid stream identifier"},
	{sctp.CauseMissingParam, 2, "missing mandatory parameter"},
	{sctp.CauseStaleCookie, 3, "stale cookie"},
	{sctp.CauseOutOfResource, 4, "out of resource"},
	{sctp.CauseUnresolvableAddr, 5, "unresolvable address"},
	{sctp.CauseUnknownChunk, 6, "unrecognized chunk type"},
	{sctp.CauseInvalidParam, 7, "invalid mandatory parameter"},
	{sctp.CauseUnknownParam, 8, "unrecognized parameters"},
	{sctp.CauseNoUserData, 9, "no user data"},
	{sctp.CauseCookieInShutdown, 10, "cookie received while shutting down"},
	{sctp.CauseRestartNewAddr, 11, "restart of an association with new addresses"},
	{sctp.CauseUserAbort, 12, "user initiated abort"},
	{sctp.CauseProtocolViolation, 13, "protocol violation"},
	{sctp.CauseDeleteLastAddr, 0xa0, "request to delete the last remaining IP address"},
	{sctp.CauseResourceShortage, 0xa1, "operation refused due to resource shortage"},
	{sctp.CauseDeleteSourceAddr, 0xa2, "request to delete the source IP address"},
	{sctp.CauseIllegalASCONFAck, 0xa3, "association aborted due to an illegal ASCONF-ACK"},
	{sctp.CauseNoAuthorization, 0xa4, "request refused, no authorization"},
	{sctp.CauseUnsupportedHMAC, 0x105, "unsupported HMAC identifier"},
}

func TestCauseNamesAndExplanations(t *testing.T) {
	seen := map[string]bool{}
	for _, tt := range causeTests {
		require.Equal(t, tt.code, uint16(tt.cause), tt.name)
		require.Equal(t, tt.name, tt.cause.String())
		text := tt.cause.Explanation()
		require.NotEmpty(t, text, tt.name)
		require.NotEqual(t, tt.name, text)
		require.False(t, seen[text], text)
		seen[text] = true
	}
	for _, unknown := range []sctp.Cause{14, 0x9f, 0xa5, 0x104, 0x106, 0xffff} {
		require.Empty(t, unknown.Explanation())
	}
	require.Equal(t, "cause 14", sctp.Cause(14).String())
}
