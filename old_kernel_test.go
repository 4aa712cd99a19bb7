package sctp_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// A kernel that does not know an option says so.
func TestOptionsOfAnOlderKernel(t *testing.T) {
	client, _ := sctptest.Pair(t)
	for _, tt := range []struct {
		num  int
		want string
		call func() error
	}{
		{3, "setsockopt SCTP_NODELAY", func() error { return client.Options().SetNoDelay(true) }},
	} {
		err := sctptest.WithoutOption(t, tt.num, tt.call)
		requireOptionError(t, err, syscall.ENOPROTOOPT, tt.want)
		require.NoError(t, tt.call())
	}
}
