package sctp_test

import (
	"errors"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// The list of a Listener is that of the associations it accepts, whose own sockets
// know nothing of it.
func TestOptionsAuthChunks(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	require.NoError(t, l.Options().SetAuthSupported(true))
	for _, chunk := range []uint8{1, 2, 14, 15} {
		requireOptionError(t, l.Options().AddAuthChunk(chunk), syscall.EINVAL, "setsockopt SCTP_AUTH_CHUNK")
	}
	for _, chunk := range []uint8{0, 193, 0} {
		require.NoError(t, l.Options().AddAuthChunk(chunk))
	}
	chunks, err := l.Options().LocalAuthChunks()
	require.NoError(t, err)
	require.Equal(t, []uint8{0, 193}, chunks)
	_, err = l.Options().PeerAuthChunks()
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_PEER_AUTH_CHUNKS")
	client, server := sctptest.Connect(t, sctp.Dialer{Control: authControl}, l)
	chunks, err = client.Options().PeerAuthChunks()
	require.NoError(t, err)
	require.Equal(t, []uint8{0, 193}, chunks)
	chunks, err = server.Options().PeerAuthChunks()
	require.NoError(t, err)
	require.Equal(t, []uint8{0}, chunks)
	require.NoError(t, server.Options().AddAuthChunk(193), "AUTH is on as on the listener")
	require.NoError(t, server.Options().SetAuthSupported(false))
	requireOptionError(t, server.Options().AddAuthChunk(0), syscall.EACCES, "AUTH is off")
}

func TestOptionsHMACIdent(t *testing.T) {
	w := sctptest.NewWire(t)
	both := func(ids ...sctp.HMAC) func(network, address string, c syscall.RawConn) error {
		return func(network, address string, c syscall.RawConn) error {
			return errors.Join(authControl(network, address, c), sctp.NewOptions(c).SetHMACIdent(ids...))
		}
	}
	for _, ids := range [][]sctp.HMAC{{sctp.HMACSHA1}, {sctp.HMACSHA256, sctp.HMACSHA1}} {
		l := sctptest.Listen(t, sctp.ListenConfig{Control: both(ids...)}, "sctp4", "127.0.0.1:0")
		got, err := l.Options().HMACIdent()
		require.NoError(t, err)
		require.Equal(t, ids, got)
		client, server := sctptest.Connect(t, sctp.Dialer{Control: authControl}, l)
		requireArrives(t, client, server, "hashed", nil)
		require.Equal(t, authChunk{key: 1, hmac: uint16(ids[0])}, *authOf(t, w, client, server, "hashed"))
	}
	l := sctptest.Listen(t, sctp.ListenConfig{Control: authControl}, "sctp4", "127.0.0.1:0")
	got, err := l.Options().HMACIdent()
	require.NoError(t, err)
	require.Equal(t, []sctp.HMAC{sctp.HMACSHA1}, got)
	for _, tt := range []struct {
		ids   []sctp.HMAC
		errno syscall.Errno
	}{
		{nil, syscall.EINVAL},
		{[]sctp.HMAC{sctp.HMACSHA256}, syscall.EINVAL},
		{slices.Repeat([]sctp.HMAC{sctp.HMACSHA1}, 5), syscall.EINVAL},
		{[]sctp.HMAC{sctp.HMACSHA1, 2}, syscall.EOPNOTSUPP},
		{[]sctp.HMAC{9}, syscall.EOPNOTSUPP},
	} {
		requireOptionError(t, l.Options().SetHMACIdent(tt.ids...), tt.errno, "setsockopt SCTP_HMAC_IDENT")
	}
}

func TestHMACString(t *testing.T) {
	for h, want := range map[sctp.HMAC]string{sctp.HMACSHA1: "SHA-1", sctp.HMACSHA256: "SHA-256", 2: "HMAC(2)"} {
		require.Equal(t, want, h.String())
	}
}
