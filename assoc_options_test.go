package sctp_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// oneToMany returns the Options of a one-to-many socket and the ids of its n
// associations, whose streams can be changed and whose DATA is authenticated.
func oneToMany(t *testing.T, n int) (sctp.Options, []sctp.AssocID) {
	t.Helper()
	control := func(network, address string, c syscall.RawConn) error {
		if err := reconfigControl(network, address, c); err != nil {
			return err
		}
		return authControl(network, address, c)
	}
	var addrs [][]byte
	for range n {
		l := sctptest.Listen(t, sctp.ListenConfig{Control: control}, "sctp4", "127.0.0.1:0")
		addrs = append(addrs, sys.AppendSockaddr(nil, sys.AF_INET, l.Addr().(*sctp.Addr).AddrPort()))
	}
	raw, err := sctptest.RawSocket(t, sys.AF_INET, sys.SOCK_SEQPACKET, sys.IPPROTO_SCTP).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, control("", "", raw))
	var list struct {
		n   uint32
		ids [8]sctp.AssocID
	}
	require.NoError(t, raw.Control(func(fd uintptr) {
		for _, a := range addrs {
			_, errno := sys.Connectx(fd, a)
			require.Zero(t, errno)
		}
		_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_GET_ASSOC_ID_LIST, sys.Bytes(&list))
		require.Zero(t, errno)
	}))
	require.Equal(t, uint32(n), list.n)
	return sctp.NewOptions(raw), list.ids[:n]
}

// On a one-to-many socket an option is that of the association which Assoc names.
func TestOptionsAssocNamesTheAssociation(t *testing.T) {
	future, ids := oneToMany(t, 2)
	o, other := future.Assoc(ids[0]), future.Assoc(ids[1])

	require.NoError(t, o.AddStreams(0, 3))
	for want, o := range map[uint16]sctp.Options{13: o, 10: other} {
		st, err := o.Status()
		require.NoError(t, err)
		require.Equal(t, want, st.OutStreams)
	}
	for _, request := range []func() error{
		func() error { return o.ResetStreams(false, true, 1) },
		func() error { return o.ResetAssoc() },
	} {
		var err error
		sctptest.Eventually(t, func() bool {
			err = request()
			return !errors.Is(err, syscall.EINPROGRESS)
		}, "one request after the other")
		require.NoError(t, err)
	}

	require.NoError(t, o.SetEnableStreamReset(sctp.EnableResetAssoc))
	require.NoError(t, o.SetStreamScheduler(sctp.SchedPrio))
	require.NoError(t, o.SetStreamSchedulerValue(3, 7))
	require.NoError(t, o.SetAuthKey(sctp.AuthKey{ID: 9, Key: []byte("nine")}))
	require.NoError(t, o.SetAuthActiveKey(9))
	for _, tt := range []struct {
		o         sctp.Options
		enable    sctp.EnableStreamReset
		scheduler sctp.Scheduler
		key       uint16
	}{{o, sctp.EnableResetAssoc, sctp.SchedPrio, 9}, {other, enableAll, sctp.SchedFCFS, 1}, {future, enableAll, sctp.SchedFCFS, 1}} {
		enable, err := tt.o.EnableStreamReset()
		require.NoError(t, err)
		require.Equal(t, tt.enable, enable)
		scheduler, err := tt.o.StreamScheduler()
		require.NoError(t, err)
		require.Equal(t, tt.scheduler, scheduler)
		key, err := tt.o.AuthActiveKey()
		require.NoError(t, err)
		require.Equal(t, tt.key, key)
		chunks, err := tt.o.LocalAuthChunks()
		require.NoError(t, err)
		require.Equal(t, []uint8{0}, chunks)
	}
	require.NoError(t, other.SetStreamScheduler(sctp.SchedPrio))
	for want, o := range map[uint16]sctp.Options{7: o, 0: other} {
		v, err := o.StreamSchedulerValue(3)
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	require.NoError(t, o.SetAuthActiveKey(1))
	require.NoError(t, o.DeactivateAuthKey(9))
	require.NoError(t, o.DeleteAuthKey(9))
	for _, o := range []sctp.Options{o, other} {
		chunks, err := o.PeerAuthChunks()
		require.NoError(t, err)
		require.Equal(t, []uint8{0}, chunks)
		_, err = o.PRAssocStatus(sctp.PRAll)
		require.NoError(t, err)
		_, err = o.PRStreamStatus(2, sctp.PRAll)
		require.NoError(t, err)
	}

	require.NoError(t, future.Assoc(sctp.AllAssoc).SetStreamScheduler(sctp.SchedRR))
	for _, o := range []sctp.Options{o, other, future} {
		scheduler, err := o.StreamScheduler()
		require.NoError(t, err)
		require.Equal(t, sctp.SchedRR, scheduler)
	}
}

func TestOptionsAssocThatThereIsNot(t *testing.T) {
	future, ids := oneToMany(t, 1)
	o := future.Assoc(ids[0] + 1000)
	for name, call := range map[string]func() error{
		"SCTP_PR_SUPPORTED":           func() error { _, err := o.PRSupported(); return err },
		"SCTP_PR_ASSOC_STATUS":        func() error { _, err := o.PRAssocStatus(sctp.PRAll); return err },
		"SCTP_PR_STREAM_STATUS":       func() error { _, err := o.PRStreamStatus(0, sctp.PRAll); return err },
		"SCTP_RECONFIG_SUPPORTED":     func() error { return o.SetReconfigSupported(true) },
		"SCTP_ENABLE_STREAM_RESET":    func() error { return o.SetEnableStreamReset(0) },
		"SCTP_RESET_STREAMS":          func() error { return o.ResetStreams(true, true) },
		"SCTP_RESET_ASSOC":            func() error { return o.ResetAssoc() },
		"SCTP_ADD_STREAMS":            func() error { return o.AddStreams(1, 1) },
		"SCTP_STREAM_SCHEDULER":       func() error { return o.SetStreamScheduler(sctp.SchedRR) },
		"SCTP_STREAM_SCHEDULER_VALUE": func() error { return o.SetStreamSchedulerValue(1, 1) },
		"SCTP_INTERLEAVING_SUPPORTED": func() error { _, err := o.InterleavingSupported(); return err },
		"SCTP_AUTH_SUPPORTED":         func() error { return o.SetAuthSupported(true) },
		"SCTP_AUTH_KEY":               func() error { return o.SetAuthKey(sctp.AuthKey{ID: 1, Key: []byte("k")}) },
		"SCTP_AUTH_ACTIVE_KEY":        func() error { return o.SetAuthActiveKey(1) },
		"SCTP_AUTH_DEACTIVATE_KEY":    func() error { return o.DeactivateAuthKey(2) },
		"SCTP_AUTH_DELETE_KEY":        func() error { return o.DeleteAuthKey(2) },
		"SCTP_PEER_AUTH_CHUNKS":       func() error { _, err := o.PeerAuthChunks(); return err },
		"SCTP_LOCAL_AUTH_CHUNKS":      func() error { _, err := o.LocalAuthChunks(); return err },
	} {
		requireOptionError(t, call(), syscall.EINVAL, "sockopt "+name)
	}
}
