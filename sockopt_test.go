package sctp_test

import (
	"math"
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

// roundTrip sets an option to each of the values and gets it back.
func roundTrip[T any](set func(sctp.Options, T) error, get func(sctp.Options) (T, error), values ...T) func(*testing.T, sctp.Options) {
	return func(t *testing.T, o sctp.Options) {
		for _, v := range values {
			require.NoError(t, set(o, v))
			got, err := get(o)
			require.NoError(t, err)
			require.Equal(t, v, got)
		}
	}
}

// Options that read back as they were set, wherever they are set.
var optionRoundTrips = []struct {
	name string
	run  func(*testing.T, sctp.Options)
}{
	{"NoDelay", roundTrip(sctp.Options.SetNoDelay, sctp.Options.NoDelay, true, false)},
	{"AdaptationLayer", roundTrip(sctp.Options.SetAdaptationLayer, sctp.Options.AdaptationLayer, 0x01020304, math.MaxUint32, 0)},
	{"DisableFragments", roundTrip(sctp.Options.SetDisableFragments, sctp.Options.DisableFragments, true, false)},
	{"DelayedSACK", roundTrip(sctp.Options.SetDelayedSACK, sctp.Options.DelayedSACK,
		sctp.SACKInfo{Delay: 100 * time.Millisecond, Freq: 3}, sctp.SACKInfo{Delay: 500 * time.Millisecond, Freq: 2})},
	{"FragmentInterleave", roundTrip(sctp.Options.SetFragmentInterleave, sctp.Options.FragmentInterleave, true, false)},
	{"PartialDeliveryPoint", roundTrip(sctp.Options.SetPartialDeliveryPoint, sctp.Options.PartialDeliveryPoint, 4096, 0)},
	{"MaxBurst", roundTrip(sctp.Options.SetMaxBurst, sctp.Options.MaxBurst, 7, 0)},
	{"Context", roundTrip(sctp.Options.SetContext, sctp.Options.Context, 0x01020304, math.MaxUint32, 0)},
	{"DefaultSndInfo", roundTrip(sctp.Options.SetDefaultSndInfo, sctp.Options.DefaultSndInfo,
		sctp.DefaultSndInfo{Stream: 3, PPID: 60, Context: 9, Unordered: true}, sctp.DefaultSndInfo{PPID: 46}, sctp.DefaultSndInfo{})},
	{"DefaultPRInfo", roundTrip(sctp.Options.SetDefaultPRInfo, sctp.Options.DefaultPRInfo,
		sctp.PRInfo{Policy: sctp.PRTTL, TTL: 1500 * time.Millisecond}, sctp.PRInfo{Policy: sctp.PRRTX, Value: 4},
		sctp.PRInfo{Policy: sctp.PRRTX}, sctp.PRInfo{Policy: sctp.PRPrio, Value: math.MaxUint32}, sctp.PRInfo{})},
	{"ExposePotentiallyFailedState", roundTrip(sctp.Options.SetExposePotentiallyFailedState, sctp.Options.ExposePotentiallyFailedState,
		sctp.PFExposeDisable, sctp.PFExposeEnable, sctp.PFExposeUnset)},
}

func TestOptionsRoundTrip(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, tt := range optionRoundTrips {
			t.Run(tt.name, func(t *testing.T) { tt.run(t, o) })
		}
	})
}

// What the package or the kernel refuses, wherever it is set.
var optionRefusals = []struct {
	name  string
	call  func(sctp.Options) error
	errno syscall.Errno
	text  string
}{
	{"DelayedSACK too long", func(o sctp.Options) error { return o.SetDelayedSACK(sctp.SACKInfo{Delay: 501 * time.Millisecond}) },
		syscall.EINVAL, "more than 500ms"},
	{"DelayedSACK negative", func(o sctp.Options) error { return o.SetDelayedSACK(sctp.SACKInfo{Delay: -1}) }, syscall.EINVAL, "out of range"},
	{"MaxSeg negative", func(o sctp.Options) error { return o.SetMaxSeg(-1) }, syscall.EINVAL, "SCTP_MAXSEG: -1 is not in the range"},
	{"MaxSeg too small", func(o sctp.Options) error { return o.SetMaxSeg(1) },
		syscall.EINVAL, "setsockopt SCTP_MAXSEG: invalid argument (not between the least and the greatest size of a chunk"},
	{"MaxSeg too large", func(o sctp.Options) error { return o.SetMaxSeg(65536) }, syscall.EINVAL, "setsockopt SCTP_MAXSEG"},
	{"MaxBurst negative", func(o sctp.Options) error { return o.SetMaxBurst(-1) }, syscall.EINVAL, "SCTP_MAX_BURST: -1"},
	{"PartialDeliveryPoint negative", func(o sctp.Options) error { return o.SetPartialDeliveryPoint(-1) }, syscall.EINVAL, "SCTP_PARTIAL_DELIVERY_POINT: -1"},
	{"PartialDeliveryPoint too large", func(o sctp.Options) error { return o.SetPartialDeliveryPoint(1 << 30) },
		syscall.EINVAL, "setsockopt SCTP_PARTIAL_DELIVERY_POINT: invalid argument (more than half of the receive buffer)"},
	{"DefaultPRInfo without TTL", func(o sctp.Options) error { return o.SetDefaultPRInfo(sctp.PRInfo{Policy: sctp.PRTTL}) }, syscall.EINVAL, "positive TTL"},
	{"DelayedSACK Freq", func(o sctp.Options) error { return o.SetDelayedSACK(sctp.SACKInfo{Freq: -1}) }, syscall.EINVAL, "SACKInfo.Freq: -1 is not in the range"},
	{"DefaultPRInfo TTL without policy", func(o sctp.Options) error { return o.SetDefaultPRInfo(sctp.PRInfo{TTL: time.Second}) }, syscall.EINVAL, "need a Policy"},
	{"DefaultPRInfo TTL of PRRTX", func(o sctp.Options) error {
		return o.SetDefaultPRInfo(sctp.PRInfo{Policy: sctp.PRRTX, TTL: time.Second})
	}, syscall.EINVAL, "TTL is of the policy PRTTL"},
	{"DefaultPRInfo unknown", func(o sctp.Options) error { return o.SetDefaultPRInfo(sctp.PRInfo{Policy: 1}) }, syscall.EINVAL, "unknown policy"},
	{"ExposePotentiallyFailedState unknown", func(o sctp.Options) error { return o.SetExposePotentiallyFailedState(3) },
		syscall.EINVAL, "setsockopt SCTP_EXPOSE_POTENTIALLY_FAILED_STATE"},
	{"AutoClose out of range", func(o sctp.Options) error { return o.SetAutoClose(-time.Second) }, syscall.EINVAL, "out of range"},
	{"AutoClose of a one-to-one socket", func(o sctp.Options) error { return o.SetAutoClose(time.Second) },
		syscall.EOPNOTSUPP, "setsockopt SCTP_AUTOCLOSE: operation not supported (for one-to-many sockets only)"},
	{"AutoClose got of a one-to-one socket", func(o sctp.Options) error { _, err := o.AutoClose(); return err },
		syscall.EOPNOTSUPP, "getsockopt SCTP_AUTOCLOSE: operation not supported (for one-to-many sockets only)"},
}

func TestOptionsRefuse(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, tt := range optionRefusals {
			t.Run(tt.name, func(t *testing.T) { requireOptionError(t, tt.call(o), tt.errno, tt.text) })
		}
	})
}

func TestOptionsDelayedSACKKeepsZeroFields(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		require.NoError(t, o.SetDelayedSACK(sctp.SACKInfo{Delay: 300 * time.Millisecond, Freq: 4}))
		for _, tt := range []struct{ set, want sctp.SACKInfo }{
			{sctp.SACKInfo{}, sctp.SACKInfo{Delay: 300 * time.Millisecond, Freq: 4}},
			{sctp.SACKInfo{Freq: 5}, sctp.SACKInfo{Delay: 300 * time.Millisecond, Freq: 5}},
			{sctp.SACKInfo{Delay: 400 * time.Millisecond}, sctp.SACKInfo{Delay: 400 * time.Millisecond, Freq: 5}},
			{sctp.SACKInfo{Freq: 1}, sctp.SACKInfo{Freq: 1}}, // none is delayed
			{sctp.SACKInfo{Delay: time.Nanosecond, Freq: 1}, sctp.SACKInfo{Freq: 1}},
		} {
			require.NoError(t, o.SetDelayedSACK(tt.set))
			got, err := o.DelayedSACK()
			require.NoError(t, err)
			require.Equal(t, tt.want, got, "after %+v", tt.set)
		}
	})
}
