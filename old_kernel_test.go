package sctp_test

import (
	"math"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// laterOptions are the versions of Linux with which options came that the oldest kernel of
// make kernels lacks.
var laterOptions = map[string]string{"RemoteUDPEncapsPort": "5.11", "PLPMTUDProbeInterval": "5.14"}

// hasOption reports whether the kernel has an option, which get asks for.
func hasOption(t *testing.T, name string, get func() error) bool {
	t.Helper()
	version := laterOptions[name]
	return version == "" || sctptest.NeedLinux(t, version, get)
}

// A kernel that does not know an option says so, and which one does. A newer kernel is
// made to say it; an older one does by itself.
func TestOptionsOfAnOlderKernel(t *testing.T) {
	client, _ := sctptest.PairOf(t, sctp.Dialer{Control: authControl}, sctp.ListenConfig{Control: authControl}, "sctp4", "127.0.0.1:0")
	o := client.Options()
	get := func(_ any, err error) error { return err }
	for _, tt := range []struct {
		num  int
		want string
		call func() error
	}{
		{3, "setsockopt SCTP_NODELAY", func() error { return o.SetNoDelay(true) }},
		{9, "getsockopt SCTP_PEER_ADDR_PARAMS: protocol not available (needs Linux 4.19)", func() error { return get(o.DSCP(anyPath)) }},
		{36, "getsockopt SCTP_REUSE_PORT: protocol not available (needs Linux 4.19)", func() error { return get(o.ReusePort()) }},
		{37, "setsockopt SCTP_PEER_ADDR_THLDS_V2: protocol not available (needs Linux 5.5)", func() error {
			return o.SetPeerAddrThlds(anyPath, sctp.PeerAddrThlds{PathMaxRxt: 5, PFThld: 1, PSThld: 1})
		}},
		{128, "setsockopt SCTP_ASCONF_SUPPORTED: protocol not available (needs Linux 5.4)", func() error { return o.SetASCONFSupported(true) }},
		{128, "getsockopt SCTP_ASCONF_SUPPORTED: protocol not available (needs Linux 5.4)", func() error { return get(o.ASCONFSupported()) }},
		{130, "setsockopt SCTP_ECN_SUPPORTED: protocol not available (needs Linux 5.4)", func() error { return o.SetECNSupported(true) }},
		{130, "getsockopt SCTP_ECN_SUPPORTED: protocol not available (needs Linux 5.4)", func() error { return get(o.ECNSupported()) }},
		{131, "setsockopt SCTP_EXPOSE_POTENTIALLY_FAILED_STATE: protocol not available (needs Linux 5.5)", func() error {
			return o.SetExposePotentiallyFailedState(sctp.PFExposeEnable)
		}},
		{131, "getsockopt SCTP_EXPOSE_POTENTIALLY_FAILED_STATE: protocol not available (needs Linux 5.5)", func() error {
			return get(o.ExposePotentiallyFailedState())
		}},
		{132, "setsockopt SCTP_REMOTE_UDP_ENCAPS_PORT: protocol not available (needs Linux 5.11)", func() error { return o.SetRemoteUDPEncapsPort(anyPath, 9899) }},
		{132, "getsockopt SCTP_REMOTE_UDP_ENCAPS_PORT: protocol not available (needs Linux 5.11)", func() error { return get(o.RemoteUDPEncapsPort(anyPath)) }},
		{133, "setsockopt SCTP_PLPMTUD_PROBE_INTERVAL: protocol not available (needs Linux 5.14)", func() error { return o.SetPLPMTUDProbeInterval(anyPath, 0) }},
		{133, "getsockopt SCTP_PLPMTUD_PROBE_INTERVAL: protocol not available (needs Linux 5.14)", func() error { return get(o.PLPMTUDProbeInterval(anyPath)) }},
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
		if _, since, ok := strings.Cut(tt.want, "needs Linux "); ok {
			sctptest.NeedLinux(t, strings.TrimSuffix(since, ")"), tt.call)
		} else {
			require.NoError(t, tt.call())
		}
	}
}

// Before Linux 5.5 there is no PSThld: paths stay primary.
func TestOptionsPeerAddrThldsOfAnOlderKernel(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		want := sctp.PeerAddrThlds{PathMaxRxt: 4, PFThld: 2, PSThld: math.MaxUint16}
		var older sctp.PeerAddrThlds
		require.NoError(t, sctptest.WithoutOption(t, 37, func() (err error) {
			if err = o.SetPeerAddrThlds(anyPath, want); err == nil {
				older, err = o.PeerAddrThlds(anyPath)
			}
			return err
		}))
		require.Equal(t, want, older)
		got, err := o.PeerAddrThlds(anyPath)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestMultiConnPeelOffOnAnOlderKernel(t *testing.T) {
	m, _, id, _ := multiPair(t)
	err := sctptest.WithoutOption(t, sys.SCTP_SOCKOPT_PEELOFF_FLAGS, func() error {
		_, err := m.PeelOff(id)
		return err
	})
	require.ErrorIs(t, err, syscall.ENOPROTOOPT)
	require.ErrorContains(t, err, "getsockopt SCTP_SOCKOPT_PEELOFF_FLAGS: protocol not available (needs Linux 4.13)")
	c, err := m.PeelOff(id)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}
