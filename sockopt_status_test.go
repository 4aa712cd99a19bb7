package sctp_test

import (
	"io"
	"math"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestOptionsStatusAndAddrs(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, sctp.StateEstablished, st.State)
	require.NotZero(t, st.Assoc)
	require.NotZero(t, st.FragPoint)
	require.NotZero(t, st.PeerRwnd)
	primary, err := client.Options().PeerAddrInfo(server.LocalAddr().(*sctp.Addr).AddrPort())
	require.NoError(t, err)
	require.Equal(t, primary, st.Primary)
	require.Equal(t, st.Assoc, primary.Assoc)
	require.Equal(t, server.LocalAddr().(*sctp.Addr).AddrPort(), primary.Addr)
	require.Equal(t, sctp.PathActive, primary.State)
	require.GreaterOrEqual(t, primary.RTO, 200*time.Millisecond)
	require.NotZero(t, primary.Cwnd)
	require.Greater(t, primary.MTU, st.FragPoint)
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
	for _, o := range []sctp.Options{l.Options(), client.Options()} {
		_, err = o.PeerAddrInfo(netip.MustParseAddrPort("127.0.0.9:9"))
		requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_GET_PEER_ADDR_INFO: invalid argument (no such path or association)")
		_, err = o.PeerAddrInfo(anyPath)
		requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_GET_PEER_ADDR_INFO")
	}
	_, err = l.Options().AssocStats()
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_GET_ASSOC_STATS")
	require.NoError(t, l.Close())
	_, err = l.Options().RTOInfo()
	require.ErrorIs(t, err, net.ErrClosed)
}

func TestOptionsAssocStats(t *testing.T) {
	client, server := sctptest.Pair(t)
	const ordered, unordered = 5, 3
	for i := range ordered + unordered {
		_, err := client.WriteMsg([]byte("m"), &sctp.SndInfo{Unordered: i >= ordered})
		require.NoError(t, err)
		_, err = server.Read(make([]byte, 10))
		require.NoError(t, err)
	}
	sctptest.Eventually(t, func() bool {
		st, err := client.Options().Status()
		return err == nil && st.UnackedData == 0
	}, "an acknowledgement")
	out, err := client.Options().AssocStats()
	require.NoError(t, err)
	in, err := server.Options().AssocStats()
	require.NoError(t, err)
	require.Equal(t, uint64(ordered), out.OutOrderedChunks)
	require.Equal(t, uint64(unordered), out.OutUnorderedChunks)
	require.Equal(t, uint64(ordered), in.InOrderedChunks)
	require.Equal(t, uint64(unordered), in.InUnorderedChunks)
	require.Zero(t, out.InOrderedChunks+out.InUnorderedChunks+in.OutOrderedChunks+in.OutUnorderedChunks)
	require.GreaterOrEqual(t, out.OutPackets, uint64(ordered+unordered))
	require.GreaterOrEqual(t, in.InPackets, uint64(ordered+unordered))
	require.NotZero(t, in.OutSACKs)
	require.NotZero(t, out.InSACKs)
	require.NotZero(t, out.OutCtrl) // COOKIE ECHO
	require.NotZero(t, out.InCtrl)  // COOKIE ACK
	require.Zero(t, out.OutOfSeqTSNs+out.GapCount+in.OutOfSeqTSNs+in.GapCount)
	require.Equal(t, server.LocalAddr().(*sctp.Addr).AddrPort(), out.ObsMaxRTOAddr)
}

// A path on which acknowledgements are missing is potentially failed first, which may be
// hidden, and then inactive.
func TestOptionsPotentiallyFailedPath(t *testing.T) {
	client, server := stalledPair(t)
	path := server.LocalAddr().(*sctp.Addr).AddrPort()
	o := client.Options()
	require.NoError(t, o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	require.NoError(t, o.SetPeerAddrThlds(path, sctp.PeerAddrThlds{PathMaxRxt: 1000, PFThld: 1, PSThld: math.MaxUint16}))
	require.NoError(t, client.ns.Loopback(false))
	_, err := client.Write([]byte("m"))
	require.NoError(t, err)
	awaitState := func(want sctp.PathState) {
		t.Helper()
		sctptest.Eventually(t, func() bool {
			info, err := o.PeerAddrInfo(path)
			return err == nil && info.State == want
		}, want.String())
	}
	awaitState(sctp.PathPF)
	require.NoError(t, o.SetExposePotentiallyFailedState(sctp.PFExposeDisable))
	_, err = o.PeerAddrInfo(path)
	requireOptionError(t, err, syscall.EACCES,
		"getsockopt SCTP_GET_PEER_ADDR_INFO: permission denied (the path has potentially failed, which SetExposePotentiallyFailedState hides)")
	require.NoError(t, o.SetExposePotentiallyFailedState(sctp.PFExposeEnable))
	awaitState(sctp.PathPF)
	require.NoError(t, o.SetPeerAddrThlds(path, sctp.PeerAddrThlds{PathMaxRxt: 1, PFThld: 1, PSThld: math.MaxUint16}))
	awaitState(sctp.PathInactive)
}

// A one-to-many socket has options of its own, for later associations, and of each
// association.
func TestOptionsOfOneToMany(t *testing.T) {
	f, p := sctptest.ListenMany(t)
	pc, err := sctp.FilePacketConn(f)
	require.NoError(t, err)
	multi := pc.(*sctp.MultiConn)
	t.Cleanup(func() { multi.Close() })
	o := multi.Options()
	requireIDs := func(n int) (ids []sctp.AssocID) {
		t.Helper()
		sctptest.Eventually(t, func() bool { // the last may still lack its COOKIE ACK
			ids, err = multi.Assocs()
			return err == nil && len(ids) == n
		}, "associations")
		for _, id := range ids {
			st, err := o.Assoc(id).Status()
			require.NoError(t, err)
			require.Equal(t, id, st.Assoc)
		}
		return ids
	}
	requireIDs(0)
	for range 20 { // more than the first list has room for
		c, err := sctp.Dial("sctp4", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), p).String())
		require.NoError(t, err)
		t.Cleanup(func() { c.(*sctp.Conn).Abort() })
	}
	ids := requireIDs(20)

	for _, tt := range []struct {
		name string
		set  func(o sctp.Options) error
		get  func(o sctp.Options) (any, error)
	}{
		{"RTOInfo", func(o sctp.Options) error { return o.SetRTOInfo(sctp.RTOInfo{Max: 7 * time.Second}) },
			func(o sctp.Options) (any, error) { return o.RTOInfo() }},
		{"AssocInfo", func(o sctp.Options) error { return o.SetAssocInfo(sctp.AssocInfo{CookieLife: 9 * time.Second}) },
			func(o sctp.Options) (any, error) { v, err := o.AssocInfo(); return v.CookieLife, err }},
		{"MaxSeg", func(o sctp.Options) error { return o.SetMaxSeg(600) },
			func(o sctp.Options) (any, error) { return o.MaxSeg() }},
		{"DelayedSACK", func(o sctp.Options) error { return o.SetDelayedSACK(sctp.SACKInfo{Freq: 7}) },
			func(o sctp.Options) (any, error) { return o.DelayedSACK() }},
		{"MaxBurst", func(o sctp.Options) error { return o.SetMaxBurst(9) },
			func(o sctp.Options) (any, error) { return o.MaxBurst() }},
		{"Context", func(o sctp.Options) error { return o.SetContext(9) },
			func(o sctp.Options) (any, error) { return o.Context() }},
		{"DefaultSndInfo", func(o sctp.Options) error { return o.SetDefaultSndInfo(sctp.DefaultSndInfo{PPID: 60}) },
			func(o sctp.Options) (any, error) { return o.DefaultSndInfo() }},
		{"DefaultPRInfo", func(o sctp.Options) error {
			return o.SetDefaultPRInfo(sctp.PRInfo{Policy: sctp.PRTTL, TTL: time.Second})
		}, func(o sctp.Options) (any, error) { return o.DefaultPRInfo() }},
		{"PeerAddrParams", func(o sctp.Options) error {
			return o.SetPeerAddrParams(anyPath, sctp.PeerAddrParams{PathMaxRxt: 9})
		}, func(o sctp.Options) (any, error) { v, err := o.PeerAddrParams(anyPath); return v.PathMaxRxt, err }},
		{"DSCP", func(o sctp.Options) error { return o.SetDSCP(anyPath, 46) },
			func(o sctp.Options) (any, error) { return o.DSCP(anyPath) }},
		{"PeerAddrThlds", func(o sctp.Options) error {
			return o.SetPeerAddrThlds(anyPath, sctp.PeerAddrThlds{PathMaxRxt: 3, PFThld: 1, PSThld: 2})
		}, func(o sctp.Options) (any, error) { return o.PeerAddrThlds(anyPath) }},
		{"RemoteUDPEncapsPort", func(o sctp.Options) error { return o.SetRemoteUDPEncapsPort(anyPath, 9899) },
			func(o sctp.Options) (any, error) { return o.RemoteUDPEncapsPort(anyPath) }},
		{"PLPMTUDProbeInterval", func(o sctp.Options) error { return o.SetPLPMTUDProbeInterval(anyPath, time.Minute) },
			func(o sctp.Options) (any, error) { return o.PLPMTUDProbeInterval(anyPath) }},
		{"ExposePotentiallyFailedState", func(o sctp.Options) error { return o.SetExposePotentiallyFailedState(sctp.PFExposeEnable) },
			func(o sctp.Options) (any, error) { return o.ExposePotentiallyFailedState() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !hasOption(t, tt.name, func() error { _, err := tt.get(o); return err }) {
				return
			}
			get := func(id sctp.AssocID) any {
				v, err := tt.get(o.Assoc(id))
				require.NoError(t, err)
				return v
			}
			future, other := get(sctp.FutureAssoc), get(ids[1])
			require.NoError(t, tt.set(o.Assoc(ids[0])))
			require.NotEqual(t, other, get(ids[0]))
			require.Equal(t, other, get(ids[1]))
			require.Equal(t, future, get(sctp.FutureAssoc))
			require.NoError(t, tt.set(o))
			require.NotEqual(t, future, get(sctp.FutureAssoc))
			require.Equal(t, other, get(ids[1]))
			_, err := tt.get(o.Assoc(math.MaxInt32))
			require.ErrorIs(t, err, syscall.EINVAL)
			require.ErrorIs(t, tt.set(o.Assoc(math.MaxInt32)), syscall.EINVAL)
		})
	}
	requireOptionError(t, o.SetReusePort(true), syscall.EOPNOTSUPP, "(for one-to-one sockets only)")
}

func TestOptionsAutoClose(t *testing.T) {
	t.Parallel()
	f, p := sctptest.ListenMany(t)
	pc, err := sctp.FilePacketConn(f)
	require.NoError(t, err)
	multi := pc.(*sctp.MultiConn)
	t.Cleanup(func() { multi.Close() })
	o := multi.Options()
	roundTrip(sctp.Options.SetAutoClose, sctp.Options.AutoClose, time.Hour, 0)(t, o)
	require.NoError(t, o.SetAutoClose(time.Nanosecond)) // rounded up to 1 s
	got, err := o.AutoClose()
	require.NoError(t, err)
	require.Equal(t, time.Second, got)
	requireOptionError(t, o.SetAutoClose(math.MaxInt64), syscall.EINVAL, "out of range")

	c, err := sctp.Dial("sctp4", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), p).String())
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}
