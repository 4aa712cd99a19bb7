package sctp_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sys"
)

var assocErrors = []struct {
	err     sctp.AssocError
	text    string
	timeout bool
}{
	{sctp.AssocError{State: sctp.AssocCommLost, Err: os.NewSyscallError("recvmsg", syscall.ECONNRESET)},
		"recvmsg: " + syscall.ECONNRESET.Error(), false},
	{sctp.AssocError{State: sctp.AssocCommLost, Cause: sctp.CauseUserAbort, Reason: []byte("go \x1b[31maway"), Err: os.NewSyscallError("recvmsg", syscall.ECONNRESET)},
		"recvmsg: " + syscall.ECONNRESET.Error() + ` (user initiated abort: "go \x1b[31maway")`, false},
	{sctp.AssocError{State: sctp.AssocRestart, Err: os.NewSyscallError("sendmsg", syscall.ECONNRESET)},
		"sendmsg: " + syscall.ECONNRESET.Error() + " (the peer restarted)", false},
	{sctp.AssocError{State: sctp.AssocCantStart, Cause: sctp.CauseOutOfResource, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
		"connect: " + syscall.ECONNREFUSED.Error() + " (out of resource)", false},
}

func TestAssocError(t *testing.T) {
	for _, tt := range assocErrors {
		err := error(&net.OpError{Op: "read", Net: "sctp", Err: &tt.err})
		require.Equal(t, "read sctp: "+tt.text, err.Error())
		var ae *sctp.AssocError
		require.ErrorAs(t, err, &ae)
		var se *os.SyscallError
		require.ErrorAs(t, err, &se)
		require.ErrorIs(t, err, se.Err)
		require.Equal(t, tt.timeout, ae.Timeout())
	}
}

func TestStrings(t *testing.T) {
	for _, tt := range []struct {
		v    fmt.Stringer
		want string
	}{
		{sctp.CauseUserAbort, "user initiated abort"},
		{sctp.CauseProtocolViolation, "protocol violation"},
		{sctp.Cause(0), "no cause given"},
		{sctp.Cause(14), "cause 14"},
		{sctp.EventSendFailed, "SendFailed"},
		{sctp.EventType(0x8003), "EventType(0x8003)"},
		{sctp.AssocCommUp, "communication up"},
		{sctp.AssocCantStart, "cannot start association"},
		{sctp.AssocChangeState(5), "AssocChangeState(5)"},
		{sctp.PRNone, "none"}, {sctp.PRTTL, "ttl"}, {sctp.PRRTX, "rtx"}, {sctp.PRPrio, "prio"},
		{sctp.PRPolicy(1), "PRPolicy(0x1)"},
		{sctp.StateEstablished, "established"},
		{sctp.StateShutdownAckSent, "shutdown ack sent"},
		{sctp.AssocState(9), "AssocState(9)"},
		{sctp.AssocState(-1), "AssocState(-1)"},
	} {
		require.Equal(t, tt.want, tt.v.String())
	}
}

// Whoever has no right to enter a network namespace learns which one it takes.
func TestNetnsErrorHint(t *testing.T) {
	err := sctp.NetnsError("/run/netns/a", "setns", sys.EPERM)
	require.ErrorIs(t, err, sys.EPERM)
	require.ErrorContains(t, err, "network namespace /run/netns/a")
	require.ErrorContains(t, err, "it takes CAP_SYS_ADMIN")
}

// The peer's words can be long, and a byte of them four in the text.
func TestAssocErrorQuotesTheBeginning(t *testing.T) {
	err := &sctp.AssocError{Cause: sctp.CauseUserAbort, Reason: bytes.Repeat([]byte{0}, 60000), Err: syscall.ECONNRESET}
	require.Equal(t, "connection reset by peer (user initiated abort: \""+strings.Repeat(`\x00`, 256)+"\" and 59744 bytes)", err.Error())
	err.Reason = err.Reason[:256]
	require.Equal(t, "connection reset by peer (user initiated abort: \""+strings.Repeat(`\x00`, 256)+"\")", err.Error())
}
