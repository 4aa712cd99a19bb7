// Package dialing_test sets associations up, in good order, refused, in vain and cancelled.
// It is a package of its own because that takes long.
package dialing_test

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// requireTimeout checks that err is how a dial fails when its own time is up.
func requireTimeout(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NotErrorIs(t, err, context.Canceled)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, "dial", oe.Op)
	require.True(t, oe.Timeout())
	require.ErrorContains(t, err, "i/o timeout")
}

func TestDialRefused(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, tt := range []struct{ network, host string }{
		{"sctp", "127.0.0.1:0"}, {"sctp4", "127.0.0.1:0"}, {"sctp6", "[::1]:0"}, {"sctp", "127.0.0.1/127.0.0.2:0"},
	} {
		addr := sctptest.FreeAddr(t, tt.network, tt.host)
		c, err := sctp.Dial(tt.network, addr.String())
		require.Equal(t, nil, c, "the nil interface")
		sctptest.RequireRefused(t, err)
		var oe *net.OpError
		require.ErrorAs(t, err, &oe)
		require.Equal(t, tt.network, oe.Net)
		require.Equal(t, addr.String(), oe.Addr.String())
		require.Nil(t, oe.Source)
		require.ErrorContains(t, err, "dial "+tt.network+" "+addr.String()+": connect: connection refused")

		sc, err := sctp.DialSCTP(tt.network, nil, addr)
		require.Nil(t, sc)
		sctptest.RequireRefused(t, err)
	}
}

func TestDialInVain(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	check := sctptest.Leaks(t)
	short := 50 * time.Millisecond
	for _, address := range []string{"192.0.2.2:9", "[2001:db8::2]:9", "192.0.2.2/192.0.2.3:9", "[fe80::2%hole]:9"} {
		c, err := sctp.DialTimeout("sctp", address, short)
		require.Equal(t, nil, c, "the nil interface")
		requireTimeout(t, err)

		_, err = (&sctp.Dialer{Deadline: time.Now().Add(short)}).Dial("sctp", address)
		requireTimeout(t, err)

		ctx, cancel := context.WithTimeout(context.Background(), short)
		_, err = new(sctp.Dialer).DialContext(ctx, "sctp", address)
		cancel()
		requireTimeout(t, err)

		raddr, err := sctp.ParseAddr(address)
		require.NoError(t, err)
		sc, err := (&sctp.Dialer{Timeout: short}).DialSCTP(context.Background(), "sctp", nil, raddr)
		require.Nil(t, sc)
		requireTimeout(t, err)
	}
	sctptest.NoAssocs(t, 9)
	check()
}

func TestDialEarliestLimitHolds(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	long, short := time.Hour, 50*time.Millisecond
	for _, tt := range []struct{ ctx, timeout, deadline time.Duration }{
		{long, long, short}, {long, short, long}, {short, long, long}, {-long, long, long}, {long, long, -long},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), tt.ctx)
		d := sctp.Dialer{Timeout: tt.timeout, Deadline: time.Now().Add(tt.deadline)}
		_, err := d.DialContext(ctx, "sctp", "192.0.2.2:9")
		cancel()
		requireTimeout(t, err)
	}
}

// The limit of the kernel is no deadline of anybody's.
func TestDialKernelsOwnLimit(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	sctptest.Sysctl(t, "net/sctp/rto_min", "10")
	sctptest.Sysctl(t, "net/sctp/rto_initial", "20")
	d := sctp.Dialer{InitMsg: sctp.InitMsg{MaxAttempts: 1, MaxTimeout: 20 * time.Millisecond}}
	c, err := d.Dial("sctp", "192.0.2.2:9")
	require.Equal(t, nil, c)
	require.ErrorIs(t, err, syscall.ETIMEDOUT)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	var ne net.Error
	require.ErrorAs(t, err, &ne)
	require.True(t, ne.Timeout())
	var ae *sctp.AssocError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, sctp.AssocCantStart, ae.State)
	require.ErrorContains(t, err, "connect: connection timed out")
	sctptest.NoAssocs(t, 9)
}
