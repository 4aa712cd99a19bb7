package sctp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// authControl is a Control function for associations whose DATA chunks are
// authenticated, with the keys 1, which is active, and 2.
func authControl(_, _ string, c syscall.RawConn) error {
	o := sctp.NewOptions(c)
	return errors.Join(
		o.SetAuthSupported(true),
		o.AddAuthChunk(0), // DATA
		o.SetAuthKey(sctp.AuthKey{ID: 1, Key: []byte("one")}),
		o.SetAuthKey(sctp.AuthKey{ID: 2, Key: []byte("two")}),
		o.SetAuthActiveKey(1),
	)
}

// An authChunk is what a packet says of its authentication.
type authChunk struct{ key, hmac uint16 }

// authOf returns the AUTH chunk before the DATA chunk with text, in the first packet
// from one port to another that has it; nil if there is none.
func authOf(t *testing.T, w *sctptest.Wire, from, to *sctp.Conn, text string) (auth *authChunk) {
	t.Helper()
	w.Packet(port(from), port(to), func(p []byte) bool {
		auth = nil
		for p = p[12:]; len(p) >= 8; {
			chunk := p[:min(int(binary.BigEndian.Uint16(p[2:])), len(p))]
			switch {
			case len(chunk) < 8:
				return false
			case chunk[0] == 15: // AUTH
				auth = &authChunk{binary.BigEndian.Uint16(chunk[4:]), binary.BigEndian.Uint16(chunk[6:])}
			case chunk[0] == 0 && bytes.HasSuffix(chunk, []byte(text)): // DATA
				return true
			}
			p = p[min((len(chunk)+3)&^3, len(p)):]
		}
		return false
	})
	return auth
}

// requireArrives sends text and requires that it comes out at the other end.
func requireArrives(t *testing.T, from, to *sctp.Conn, text string, info *sctp.SndInfo) {
	t.Helper()
	_, err := from.WriteMsg([]byte(text), info)
	require.NoError(t, err)
	m, err := to.ReadMsg(make([]byte, 100))
	require.NoError(t, err)
	require.Equal(t, text, string(m.Data))
}

// A chunk type is authenticated that the receiver listed, with the sender's key.
func TestConnDataIsAuthenticated(t *testing.T) {
	w := sctptest.NewWire(t)
	client, server := sctptest.PairOf(t, sctp.Dialer{Control: authControl}, sctp.ListenConfig{Control: authControl}, "sctp4", "127.0.0.1:0")
	requireArrives(t, client, server, "active", nil)
	requireArrives(t, client, server, "chosen", &sctp.SndInfo{AuthKey: 2})
	requireArrives(t, client, server, "active again", &sctp.SndInfo{Stream: 1})
	require.NoError(t, client.Options().SetAuthActiveKey(2))
	requireArrives(t, client, server, "rotated", nil)
	requireArrives(t, server, client, "the other way", nil)
	for _, tt := range []struct {
		text string
		key  uint16
	}{{"active", 1}, {"chosen", 2}, {"active again", 1}, {"rotated", 2}} {
		auth := authOf(t, w, client, server, tt.text)
		require.NotNil(t, auth, tt.text)
		require.Equal(t, tt.key, auth.key, tt.text)
	}
	require.Equal(t, uint16(1), authOf(t, w, server, client, "the other way").key)

	for _, c := range []*sctp.Conn{client, server} {
		on, err := c.Options().AuthSupported()
		require.NoError(t, err)
		require.True(t, on)
		for _, chunks := range []func() ([]uint8, error){c.Options().PeerAuthChunks, c.Options().LocalAuthChunks} {
			got, err := chunks()
			require.NoError(t, err)
			require.Equal(t, []uint8{0}, got)
		}
	}
	key, err := client.Options().AuthActiveKey()
	require.NoError(t, err)
	require.Equal(t, uint16(2), key)
}

// Nothing is authenticated that nobody asked for.
func TestConnDataIsNotAuthenticatedUnasked(t *testing.T) {
	w := sctptest.NewWire(t)
	client, server := sctptest.PairOf(t, sctp.Dialer{Control: authControl}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	requireArrives(t, client, server, "plain", &sctp.SndInfo{AuthKey: 9})
	require.Nil(t, authOf(t, w, client, server, "plain"))
	on, err := client.Options().AuthSupported()
	require.NoError(t, err)
	require.False(t, on)
}

// Without a key of its own an association has the empty key 0.
func TestConnDataIsAuthenticatedWithoutAKey(t *testing.T) {
	w := sctptest.NewWire(t)
	control := func(_, _ string, c syscall.RawConn) error {
		return errors.Join(sctp.NewOptions(c).SetAuthSupported(true), sctp.NewOptions(c).AddAuthChunk(0))
	}
	client, server := sctptest.PairOf(t, sctp.Dialer{Control: control}, sctp.ListenConfig{Control: control}, "sctp4", "127.0.0.1:0")
	requireArrives(t, client, server, "keyless", nil)
	require.Equal(t, authChunk{key: 0, hmac: uint16(sctp.HMACSHA1)}, *authOf(t, w, client, server, "keyless"))
}

// What comes with a key that the receiver does not have does not arrive, until it has.
func TestConnDataOfAForeignKeyIsDropped(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(receiver sctp.Options) error
	}{
		{"Wrong", func(o sctp.Options) error { return o.SetAuthKey(sctp.AuthKey{ID: 2, Key: []byte("wrong")}) }},
		{"Deleted", func(o sctp.Options) error { return o.DeleteAuthKey(2) }},
		{"Deactivated", func(o sctp.Options) error { return o.DeactivateAuthKey(2) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := sctptest.NewWire(t)
			control := func(network, address string, c syscall.RawConn) error {
				return errors.Join(authControl(network, address, c), sctptest.ShortTimers(network, address, c),
					sctp.NewOptions(c).SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
			}
			client, server := sctptest.PairOf(t, sctp.Dialer{Control: control}, sctp.ListenConfig{Control: authControl}, "sctp4", "127.0.0.1:0")
			require.NoError(t, tt.spoil(server.Options()))
			_, err := client.WriteMsg([]byte("dropped"), &sctp.SndInfo{AuthKey: 2})
			require.NoError(t, err)
			for range 3 { // it is sent again
				require.Equal(t, uint16(2), authOf(t, w, client, server, "dropped").key)
			}
			st, err := client.Options().Status()
			require.NoError(t, err)
			require.Equal(t, 1, st.UnackedData)
			require.NoError(t, server.Options().SetAuthKey(sctp.AuthKey{ID: 2, Key: []byte("two")}))
			m, err := server.ReadMsg(make([]byte, 100))
			require.NoError(t, err)
			require.Equal(t, "dropped", string(m.Data))
		})
	}
}

func TestOptionsAuthKeysOfAnAssociation(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{Control: authControl}, sctp.ListenConfig{Control: authControl}, "sctp4", "127.0.0.1:0")
	for _, c := range []*sctp.Conn{client, server} {
		o := c.Options()
		key, err := o.AuthActiveKey()
		require.NoError(t, err)
		require.Equal(t, uint16(1), key)
		require.NoError(t, o.SetAuthKey(sctp.AuthKey{ID: 3, Key: bytes.Repeat([]byte{7}, 65535)}))
		require.NoError(t, o.SetAuthActiveKey(3))
		require.NoError(t, o.SetAuthActiveKey(0)) // the empty key is always there
		require.NoError(t, o.DeleteAuthKey(3))
		requireOptionError(t, o.SetAuthActiveKey(3), syscall.EINVAL, "no such key")
		requireOptionError(t, o.DeleteAuthKey(3), syscall.EINVAL, "setsockopt SCTP_AUTH_DELETE_KEY")
		requireOptionError(t, o.DeactivateAuthKey(3), syscall.EINVAL, "setsockopt SCTP_AUTH_DEACTIVATE_KEY")
		requireOptionError(t, o.DeleteAuthKey(0), syscall.EINVAL, "the active one")
		requireOptionError(t, o.DeactivateAuthKey(0), syscall.EINVAL, "the active one")
		require.NoError(t, c.Subscribe(sctp.EventAuthentication))
		require.NoError(t, o.DeactivateAuthKey(1))
		awaitEvent(t, c, sctp.EventAuthentication)
		requireOptionError(t, o.SetAuthActiveKey(1), syscall.EINVAL, "deactivated")
		require.NoError(t, o.DeleteAuthKey(1))
	}
	_, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{AuthKey: 3})
	requireOptionError(t, err, syscall.EINVAL, "no AUTH key 3")
	_, err = client.WriteMsg([]byte("with key 2"), &sctp.SndInfo{AuthKey: 2})
	require.NoError(t, err)
	awaitEvent(t, server, sctp.EventAuthentication) // not the receiver's active key
	m, err := server.ReadMsg(make([]byte, 100))
	require.NoError(t, err)
	require.Equal(t, "with key 2", string(m.Data))
}

func TestOptionsAuthSupported(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) { requireOffer(t, o, o.AuthSupported, o.SetAuthSupported, false) })
}

func TestOptionsAuthIsOff(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for name, call := range map[string]func() error{
			"setsockopt SCTP_AUTH_CHUNK":          func() error { return o.AddAuthChunk(0) },
			"setsockopt SCTP_AUTH_KEY":            func() error { return o.SetAuthKey(sctp.AuthKey{ID: 1, Key: []byte("k")}) },
			"getsockopt SCTP_AUTH_ACTIVE_KEY":     func() error { _, err := o.AuthActiveKey(); return err },
			"setsockopt SCTP_AUTH_ACTIVE_KEY":     func() error { return o.SetAuthActiveKey(0) },
			"setsockopt SCTP_AUTH_DELETE_KEY":     func() error { return o.DeleteAuthKey(1) },
			"setsockopt SCTP_AUTH_DEACTIVATE_KEY": func() error { return o.DeactivateAuthKey(1) },
			"getsockopt SCTP_HMAC_IDENT":          func() error { _, err := o.HMACIdent(); return err },
			"setsockopt SCTP_HMAC_IDENT":          func() error { return o.SetHMACIdent(sctp.HMACSHA1) },
			"getsockopt SCTP_LOCAL_AUTH_CHUNKS":   func() error { _, err := o.LocalAuthChunks(); return err },
		} {
			err := call()
			requireOptionError(t, err, syscall.EACCES, name)
			require.ErrorContains(t, err, "Options.SetAuthSupported")
		}
	})
}

// A key's bytes are seen in no text, and not kept.
func TestAuthKeyIsSecret(t *testing.T) {
	k := sctp.AuthKey{ID: 7, Key: []byte("secret")}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "key", k, "p", &k)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "key", k, "p", &k)
	texts := []string{k.String(), k.GoString(), log.String(), fmt.Sprint([]sctp.AuthKey{k}), fmt.Sprintf("%+v", struct{ K sctp.AuthKey }{k})}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c"} {
		texts = append(texts, fmt.Sprintf(verb, k), fmt.Sprintf(verb, &k))
	}
	client, _ := sctptest.Pair(t)
	for _, bad := range []sctp.AuthKey{k, {ID: 7}, {ID: 7, Key: bytes.Repeat([]byte("secret"), 11000)}} {
		err := client.Options().SetAuthKey(bad)
		require.Error(t, err)
		texts = append(texts, fmt.Sprintf("AuthKey(7) %v %+v %#v", err, err, err))
	}
	for _, text := range texts {
		require.Contains(t, text, "AuthKey(7)")
		for _, leak := range []string{"secret", "736563726574", "115 101 99", "73 65 63", "0x73", "c2VjcmV0"} {
			require.NotContains(t, text, leak)
		}
	}

	var given []byte
	require.NoError(t, sctp.WithAuthKey(5, k, func(b []byte) error {
		require.Equal(t, "secret", string(b[8:]))
		given = b
		return nil
	}))
	require.Equal(t, make([]byte, 14), given)
	require.Equal(t, "secret", string(k.Key))
}

// Nothing that the package exports shows a key, after it was set.
func TestNothingShowsAnAuthKey(t *testing.T) {
	const secret = "a key that is seen"
	control := func(network, address string, c syscall.RawConn) error {
		return errors.Join(authControl(network, address, c), sctp.NewOptions(c).SetAuthKey(sctp.AuthKey{ID: 9, Key: []byte(secret)}))
	}
	d, lc := sctp.Dialer{Control: control}, sctp.ListenConfig{Control: control}
	client, server := sctptest.PairOf(t, d, lc, "sctp4", "127.0.0.1:0")
	m := sctptest.ListenMulti(t, lc, "sctp4", "127.0.0.1:0")
	values := []any{d, &d, lc, &lc, client, *client, server, m, client.LocalAddr(), client.Options(), m.Options(), sctp.AssocError{Err: syscall.EACCES}, sctp.StalledError{}, sctp.MessageError{Err: syscall.EACCES}}
	getters := 0
	for _, o := range []sctp.Options{client.Options(), m.Options(), {}} {
		v := reflect.ValueOf(o)
		for i := range v.NumMethod() {
			method, typ := v.Method(i), v.Method(i).Type()
			var args []reflect.Value
			for j := range typ.NumIn() {
				if !typ.IsVariadic() || j < typ.NumIn()-1 {
					args = append(args, reflect.Zero(typ.In(j)))
				}
			}
			for _, out := range method.Call(args) {
				values = append(values, out.Interface())
			}
			getters++
		}
	}
	require.Greater(t, getters, 100)
	require.NoError(t, client.Close())
	for _, k := range []sctp.AuthKey{{ID: 9, Key: []byte(secret)}, {ID: 9, Key: bytes.Repeat([]byte(secret), 5000)}} {
		values = append(values, k, &k, []sctp.AuthKey{k}, map[string]sctp.AuthKey{"k": k}, client.Options().SetAuthKey(k), sctp.Options{}.SetAuthKey(k))
	}
	for _, ev := range decodedEvents {
		values = append(values, ev.want)
	}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			text := fmt.Sprintf(verb, v)
			for _, leak := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%v", []byte(secret)), fmt.Sprintf("%#v", []byte(secret))} {
				require.NotContains(t, text, strings.Trim(leak, "[]{}"), "%T", v)
			}
		}
	}
}

func TestOptionsAuthKeyLength(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{Control: authControl}, "sctp4", "127.0.0.1:0")
	requireOptionError(t, l.Options().SetAuthKey(sctp.AuthKey{ID: 3}), syscall.EINVAL, "AUTH key 3 has 0 bytes")
	requireOptionError(t, l.Options().SetAuthKey(sctp.AuthKey{ID: 3, Key: make([]byte, 65536)}), syscall.EINVAL, "AUTH key 3 has 65536 bytes")
	require.NoError(t, l.Options().SetAuthKey(sctp.AuthKey{ID: 3, Key: make([]byte, 65535)}))
	require.NoError(t, l.Options().SetAuthKey(sctp.AuthKey{ID: 3, Key: []byte{0}}))
}
