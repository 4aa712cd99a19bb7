package sctp_test

import (
	"errors"
	"math"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// optionUsers are where Options come from: f sets and gets there.
func forEachOptions(t *testing.T, f func(t *testing.T, o sctp.Options)) {
	client, server := sctptest.Pair(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	t.Run("Dialled", func(t *testing.T) { f(t, client.Options()) })
	t.Run("Accepted", func(t *testing.T) { f(t, server.Options()) })
	t.Run("Listener", func(t *testing.T) { f(t, l.Options()) })
	t.Run("Control", func(t *testing.T) {
		called := false
		sctptest.PairOf(t, sctp.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			called = true
			f(t, sctp.NewOptions(c))
			return nil
		}}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		require.True(t, called)
	})
}

// requireOptionError requires that err names the option.
func requireOptionError(t *testing.T, err error, errno syscall.Errno, text string) {
	t.Helper()
	require.ErrorIs(t, err, errno)
	require.ErrorContains(t, err, text)
	sctptest.OpError(t, err)
}

func TestOptionsRTOInfo(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		require.NoError(t, o.SetRTOInfo(sctp.RTOInfo{Initial: 2 * time.Second, Max: 9 * time.Second, Min: 400 * time.Millisecond}))
		v, err := o.RTOInfo()
		require.NoError(t, err)
		require.Equal(t, sctp.RTOInfo{Initial: 2 * time.Second, Max: 9 * time.Second, Min: 400 * time.Millisecond}, v)
		require.NoError(t, o.SetRTOInfo(sctp.RTOInfo{Initial: time.Second})) // the others stay
		v, err = o.RTOInfo()
		require.NoError(t, err)
		require.Equal(t, sctp.RTOInfo{Initial: time.Second, Max: 9 * time.Second, Min: 400 * time.Millisecond}, v)
		requireOptionError(t, o.SetRTOInfo(sctp.RTOInfo{Min: 10 * time.Second}), syscall.EINVAL, "setsockopt SCTP_RTOINFO")
		requireOptionError(t, o.SetRTOInfo(sctp.RTOInfo{Min: -1}), syscall.EINVAL, "out of range")
		requireOptionError(t, o.SetRTOInfo(sctp.RTOInfo{Max: math.MaxInt64}), syscall.EINVAL, "out of range")
	})
}

func TestOptionsAssocInfo(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		require.NoError(t, o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 4, CookieLife: 30 * time.Second}))
		v, err := o.AssocInfo()
		require.NoError(t, err)
		require.Equal(t, uint16(4), v.MaxRetrans)
		require.Equal(t, 30*time.Second, v.CookieLife)
		require.NoError(t, o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 3}))
		v, err = o.AssocInfo()
		require.NoError(t, err)
		require.Equal(t, uint16(3), v.MaxRetrans)
		require.Equal(t, 30*time.Second, v.CookieLife)
	})
}

func TestOptionsInitMsg(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		v, err := o.InitMsg()
		require.NoError(t, err)
		require.Equal(t, uint16(10), v.OutStreams)
		require.NoError(t, o.SetInitMsg(sctp.InitMsg{OutStreams: 20, MaxAttempts: 3}))
		v.OutStreams, v.MaxAttempts = 20, 3
		got, err := o.InitMsg()
		require.NoError(t, err)
		require.Equal(t, v, got)
		requireOptionError(t, o.SetInitMsg(sctp.InitMsg{MaxTimeout: 66 * time.Second}), syscall.EINVAL, "MaxTimeout")
	})
}

func TestOptionsSwitches(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, tt := range []struct {
			set func(bool) error
			get func() (bool, error)
		}{
			{o.SetNoDelay, o.NoDelay},
			{o.SetDisableFragments, o.DisableFragments},
		} {
			for _, on := range []bool{true, false} {
				require.NoError(t, tt.set(on))
				got, err := tt.get()
				require.NoError(t, err)
				require.Equal(t, on, got)
			}
		}
	})
}

func TestOptionsStatusAndAddrs(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, sctp.StateEstablished, st.State)
	require.NotZero(t, st.Assoc)
	require.NotZero(t, st.FragPoint)
	require.NotZero(t, st.PeerRwnd)
	peer, err := client.Options().PeerAddrs()
	require.NoError(t, err)
	require.Equal(t, server.LocalAddr().String(), peer.String())
	local, err := client.Options().LocalAddrs()
	require.NoError(t, err)
	require.Equal(t, client.LocalAddr().String(), local.String())

	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	_, err = l.Options().Status()
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_STATUS")
	_, err = l.Options().PeerAddrs()
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_GET_PEER_ADDRS")
	local, err = l.Options().LocalAddrs()
	require.NoError(t, err)
	require.Equal(t, l.Addr().String(), local.String())
	require.NoError(t, l.Close())
	_, err = l.Options().RTOInfo()
	require.ErrorIs(t, err, net.ErrClosed)
}

func TestConnBuffers(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{ReadBuffer: 20000}, "sctp4", "127.0.0.1:0")
	v, err := server.Options().AssocInfo()
	require.NoError(t, err)
	require.Equal(t, uint32(20000), v.LocalRwnd) // half of what the kernel makes of it
	require.NoError(t, client.SetWriteBuffer(10000))
	require.NoError(t, client.SetReadBuffer(10000))
	_, err = client.WriteMsg(make([]byte, 20001), nil)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.ErrorContains(t, err, "limit 20000")
	for _, bad := range []int{-1, math.MinInt32} {
		require.ErrorIs(t, client.SetWriteBuffer(bad), syscall.EINVAL)
		require.ErrorIs(t, client.SetReadBuffer(bad), syscall.EINVAL)
	}
	_, err = (&sctp.Dialer{WriteBuffer: -1}).Dial("sctp4", "127.0.0.1:1")
	require.ErrorIs(t, err, syscall.EINVAL)
	require.False(t, errors.Is(err, syscall.ECONNREFUSED))
}
