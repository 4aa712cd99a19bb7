package multihome_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// endpointOptions are other values than the system's defaults.
var endpointOptions = map[int]uint32{
	sys.SCTP_PR_SUPPORTED: 0, sys.SCTP_RECONFIG_SUPPORTED: 1,
	sys.SCTP_ASCONF_SUPPORTED: 1, sys.SCTP_AUTH_SUPPORTED: 1, sys.SCTP_ECN_SUPPORTED: 0,
}

func setEndpoint(_, _ string, c syscall.RawConn) error {
	for option, value := range endpointOptions {
		if err := setAssocValue(c, option, value); err != nil {
			return err
		}
	}
	return nil
}

// acceptedEndpoint returns the endpoint options of a socket that l accepts. While the
// association lives the kernel tells what was negotiated.
func acceptedEndpoint(t *testing.T, l *sctp.Listener) map[int]uint32 {
	t.Helper()
	client, server := sctptest.Connect(t, sctp.Dialer{}, l)
	require.NoError(t, client.Abort())
	sctptest.AwaitEnd(t, server)
	raw, err := server.SyscallConn()
	require.NoError(t, err)
	got := map[int]uint32{}
	require.NoError(t, raw.Control(func(fd uintptr) {
		for option := range endpointOptions {
			var k sys.AssocValue
			if _, errno := sys.Getsockopt(fd, sys.SOL_SCTP, option, sys.Bytes(&k)); errno == 0 {
				got[option] = k.Value
			}
		}
	}))
	return got
}

func TestListenerHandsOnEndpointOptions(t *testing.T) {
	plain := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	defaults := acceptedEndpoint(t, plain)
	require.Len(t, defaults, len(endpointOptions))
	for option, value := range endpointOptions {
		require.NotEqual(t, value, defaults[option], "option %d: not what the test needs", option)
	}
	t.Run("Control", func(t *testing.T) {
		l := sctptest.Listen(t, sctp.ListenConfig{Control: setEndpoint}, "sctp4", "127.0.0.1:0")
		require.Equal(t, endpointOptions, acceptedEndpoint(t, l))
		f, err := l.File()
		require.NoError(t, err)
		defer f.Close()
		fl, err := sctp.FileListener(f)
		require.NoError(t, err)
		defer fl.Close()
		require.NoError(t, l.Close())
		require.Equal(t, endpointOptions, acceptedEndpoint(t, fl.(*sctp.Listener)), "a copy of the listener")
	})
	t.Run("Later", func(t *testing.T) {
		raw, err := plain.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, setEndpoint("", "", raw))
		require.Equal(t, endpointOptions, acceptedEndpoint(t, plain))
		for option, value := range defaults {
			require.NoError(t, setAssocValue(raw, option, value))
		}
		require.Equal(t, defaults, acceptedEndpoint(t, plain))
	})
	t.Run("OldKernel", func(t *testing.T) {
		l := sctptest.Listen(t, sctp.ListenConfig{Control: setEndpoint}, "sctp4", "127.0.0.1:0")
		c, err := sctp.Dial("sctp4", l.Addr().String())
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, sctptest.WithoutOption(t, sys.SCTP_ASCONF_SUPPORTED, func() error {
			s, err := l.Accept()
			if err == nil {
				s.Close()
			}
			return err
		}))
	})
}
