package sctp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

var optionValueNames = []struct {
	value fmt.Stringer
	want  string
}{
	{sctp.PFExposeUnset, "unset"},
	{sctp.PFExposeDisable, "disable"},
	{sctp.PFExposeEnable, "enable"},
	{sctp.PFExpose(3), "PFExpose(3)"},
	{sctp.PFExpose(1<<32 - 1), "PFExpose(4294967295)"},
	{sctp.PathInactive, "inactive"},
	{sctp.PathPF, "potentially failed"},
	{sctp.PathActive, "active"},
	{sctp.PathUnconfirmed, "unconfirmed"},
	{sctp.PathState(4), "PathState(4)"},
	{sctp.PathState(-1), "PathState(-1)"},
	{sctp.StateEmpty, "empty"},
	{sctp.StateEstablished, "established"},
	{sctp.StateShutdownAckSent, "shutdown ack sent"},
	{sctp.AssocState(9), "AssocState(9)"},
	{sctp.AssocState(-1), "AssocState(-1)"},
}

func TestOptionsValueNames(t *testing.T) {
	for _, tt := range optionValueNames {
		require.Equal(t, tt.want, tt.value.String())
	}
}
