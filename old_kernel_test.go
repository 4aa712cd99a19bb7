package sctp_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A kernel that does not know an option says so.
func TestOptionsOfAnOlderKernel(t *testing.T) {
	client, _ := sctptest.PairOf(t, sctp.Dialer{Control: authControl}, sctp.ListenConfig{Control: authControl}, "sctp4", "127.0.0.1:0")
	o := client.Options()
	for _, tt := range []struct {
		num  int
		want string
		call func() error
	}{
		{3, "setsockopt SCTP_NODELAY", func() error { return client.Options().SetNoDelay(true) }},
		{113, "setsockopt SCTP_PR_SUPPORTED", func() error { return o.SetPRSupported(true) }},
		{116, "needs Linux 4.12", func() error { _, err := o.PRStreamStatus(0, sctp.PRTTL); return err }},
		{117, "needs Linux 4.12", func() error { return o.SetReconfigSupported(true) }},
		{118, "needs Linux 4.11", func() error { return o.SetEnableStreamReset(sctp.EnableAddStreams) }},
		{123, "needs Linux 4.15", func() error { return o.SetStreamScheduler(sctp.SchedRR) }},
		{124, "needs Linux 4.15", func() error { return o.SetStreamSchedulerValue(1, 2) }},
		{125, "needs Linux 4.16", func() error { _, err := o.InterleavingSupported(); return err }},
		{129, "needs Linux 5.4", func() error { return o.SetAuthSupported(true) }},
		{35, "needs Linux 4.17", func() error { return o.DeactivateAuthKey(2) }},
	} {
		err := sctptest.WithoutOption(t, tt.num, tt.call)
		requireOptionError(t, err, syscall.ENOPROTOOPT, tt.want)
		require.NoError(t, tt.call())
	}
}
