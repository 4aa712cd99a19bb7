package sctp

import (
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"

	"github.com/netsctp/sctp/internal/sys"
)

// authOff says what the kernel's EACCES means for the options of AUTH.
var authOff = hint{sys.EACCES, "AUTH is off: it needs Options.SetAuthSupported in Control or net.sctp.auth_enable=1, at both ends"}

var optAuthSupported = assocBoolOption(sctpOption(sys.SCTP_AUTH_SUPPORTED, "SCTP_AUTH_SUPPORTED", needsLinux("5.4")))

// AuthSupported returns SCTP_AUTH_SUPPORTED (authenticated chunks, RFC 4895): for an
// association, whether both ends agreed on it; for another socket, whether later
// associations offer it. It needs Linux 5.4.
func (o Options) AuthSupported() (bool, error) { return optAuthSupported.get(o) }

// SetAuthSupported sets SCTP_AUTH_SUPPORTED (RFC 4895): whether later associations offer
// to authenticate chunks. The default is net.sctp.auth_enable, which is off. An
// association keeps what was agreed on when it was set up, so call this before the other
// AUTH options, in a Control function or on a Listener. It needs Linux 5.4.
func (o Options) SetAuthSupported(on bool) error { return optAuthSupported.set(o, on) }

var optAuthChunk = sctpOption(sys.SCTP_AUTH_CHUNK, "SCTP_AUTH_CHUNK", authOff)

// AddAuthChunk adds a chunk type to those that the peers of later associations must
// authenticate (SCTP_AUTH_CHUNK, RFC 6458 section 8.3.2): 0 is DATA, 64 is I-DATA, which
// needs both. Each end chooses what it wants authenticated. Call it in a Control function
// or on a Listener: existing associations do not change. It fails with EINVAL for INIT,
// INIT ACK, SHUTDOWN COMPLETE and AUTH, and with EACCES if AUTH is off.
func (o Options) AddAuthChunk(chunk uint8) error { return optAuthChunk.set(o, []byte{chunk}) }

// AuthKey is a key that both ends of an association share (struct sctp_authkey), with a
// number that they agreed on. Package fmt and log/slog print the number only. This does
// not hold for encoders such as encoding/json, nor for an AuthKey in an unexported field
// of another struct, whose methods package fmt cannot call.
type AuthKey struct {
	ID  uint16
	Key []byte // 1 to 65535 bytes
}

// String returns the key's number, as in "AuthKey(1)".
func (k AuthKey) String() string { return fmt.Sprintf("AuthKey(%d)", k.ID) }

// GoString returns what String does.
func (k AuthKey) GoString() string { return k.String() }

// Format writes what String returns, for every verb.
func (k AuthKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// LogValue returns what String does, for package log/slog.
func (k AuthKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

var optAuthKey = sctpOption(sys.SCTP_AUTH_KEY, "SCTP_AUTH_KEY", authOff)

// SetAuthKey sets SCTP_AUTH_KEY (RFC 6458 section 8.3.3): it adds a key, or replaces the
// key of the same number. An association has the keys that were set in Control or on the
// Listener before it was set up, and those set on itself. Key 0 always exists. It is
// empty, and active until SetAuthActiveKey: chunks are then authenticated without a
// secret, which stops only blind attackers.
//
// The bytes of k.Key are not retained. SetAuthKey fails with EINVAL if the key is empty or
// too long, and with EACCES if AUTH is off.
func (o Options) SetAuthKey(k AuthKey) error {
	if len(k.Key) == 0 || len(k.Key) > 1<<16-1 {
		return o.opError("set", invalidError("AUTH key %d has %d bytes: it must have 1 to 65535", k.ID, len(k.Key)))
	}
	return withAuthKey(o.assoc, k, func(b []byte) error { return optAuthKey.set(o, b) })
}

// withAuthKey calls f with the struct sctp_authkey of k, and clears it.
func withAuthKey(assoc AssocID, k AuthKey, f func(b []byte) error) error {
	b := make([]byte, 8+len(k.Key))
	defer clear(b)
	binary.NativeEndian.PutUint32(b, uint32(assoc))
	binary.NativeEndian.PutUint16(b[4:], k.ID)
	binary.NativeEndian.PutUint16(b[6:], uint16(len(k.Key)))
	copy(b[8:], k.Key)
	return f(b)
}

var optAuthActiveKey = authKeyIDOption(sctpOption(sys.SCTP_AUTH_ACTIVE_KEY, "SCTP_AUTH_ACTIVE_KEY", authOff,
	hint{sys.EINVAL, "no such key, or it is deactivated, or no such association"}))

// AuthActiveKey returns SCTP_AUTH_ACTIVE_KEY (RFC 6458 section 8.1.18). It fails with
// EACCES if AUTH is off.
func (o Options) AuthActiveKey() (uint16, error) { return optAuthActiveKey.get(o) }

// SetAuthActiveKey sets SCTP_AUTH_ACTIVE_KEY (RFC 6458 section 8.1.18): the number of the
// key that authenticates what this end sends, from the next message on. The peer accepts
// any key that it has. In Control and on a Listener it applies to later associations. It
// fails with EINVAL if the key was not set or was deactivated, and with EACCES if AUTH is
// off.
func (o Options) SetAuthActiveKey(id uint16) error { return optAuthActiveKey.set(o, id) }

var optAuthDeactivateKey = authKeyIDOption(sctpOption(sys.SCTP_AUTH_DEACTIVATE_KEY, "SCTP_AUTH_DEACTIVATE_KEY", authOff,
	needsLinux("4.17"), hint{sys.EINVAL, "no such key, or it is the active one, or no such association"}))

// DeactivateAuthKey stops the use of a key for new messages (SCTP_AUTH_DEACTIVATE_KEY, RFC
// 6458 section 8.3.4). Retransmissions still use it. When all of its messages are
// acknowledged an [EventAuthentication] arrives, and the key can be deleted. Linux also
// drops what the peer sends with the key from now on: the peer must have stopped using it
// before. It fails with EINVAL for the active key and for one that was not set, and with
// EACCES if AUTH is off. It needs Linux 4.17.
func (o Options) DeactivateAuthKey(id uint16) error { return optAuthDeactivateKey.set(o, id) }

var optAuthDeleteKey = authKeyIDOption(sctpOption(sys.SCTP_AUTH_DELETE_KEY, "SCTP_AUTH_DELETE_KEY", authOff,
	hint{sys.EINVAL, "no such key, or it is the active one, or no such association"}))

// DeleteAuthKey removes a key (SCTP_AUTH_DELETE_KEY, RFC 6458 section 8.3.5) from the
// association or, on a Listener and in Control, from later ones. What the peer sends with
// it is dropped. It fails with EINVAL for the active key and for one that was not set, and
// with EACCES if AUTH is off.
func (o Options) DeleteAuthKey(id uint16) error { return optAuthDeleteKey.set(o, id) }

// authKeyIDOption returns an option of an sctp_authkeyid.
func authKeyIDOption(p sockopt) option[uint16, sys.AuthKeyID] {
	return option[uint16, sys.AuthKeyID]{
		sockopt: p, assoc: true,
		decode: func(k *sys.AuthKeyID) uint16 { return k.KeyNumber },
		encode: func(v uint16, k *sys.AuthKeyID) error { k.KeyNumber = v; return nil },
	}
}

// HMAC is a hash function of AUTH (RFC 4895 section 8).
type HMAC uint16

const (
	HMACSHA1   HMAC = 1 // SCTP_AUTH_HMAC_ID_SHA1
	HMACSHA256 HMAC = 3 // SCTP_AUTH_HMAC_ID_SHA256
)

// String returns "SHA-1" or "SHA-256".
func (h HMAC) String() string {
	switch h {
	case HMACSHA1:
		return "SHA-1"
	case HMACSHA256:
		return "SHA-256"
	}
	return fmt.Sprintf("HMAC(%d)", uint16(h))
}

var optHMACIdent = sctpOption(sys.SCTP_HMAC_IDENT, "SCTP_HMAC_IDENT", authOff,
	hint{sys.EINVAL, "the list must have HMACSHA1, and 4 functions at most"},
	hint{sys.EOPNOTSUPP, "no such hash function"})

// HMACIdent returns SCTP_HMAC_IDENT (RFC 6458 section 8.1.17): what later associations of
// the socket offer. It is not what an association agreed on: on an accepted Conn it is the
// default. It fails with EACCES if AUTH is off.
func (o Options) HMACIdent() ([]HMAC, error) {
	b := make([]byte, 4+2*256) // struct sctp_hmacalgo
	n, err := optHMACIdent.get(o, b)
	if err != nil {
		return nil, err
	}
	idents := b[min(n, 4):min(n, len(b))]
	ids := make([]HMAC, min(len(idents)/2, int(binary.NativeEndian.Uint32(b))))
	for i := range ids {
		ids[i] = HMAC(binary.NativeEndian.Uint16(idents[2*i:]))
	}
	return ids, nil
}

// SetHMACIdent sets SCTP_HMAC_IDENT (RFC 6458 section 8.1.17): the hash functions that the
// peers of later associations may use, the preferred one first. A peer takes the first
// that it knows. The default is SHA-1 alone, which RFC 4895 requires in the list. Call it
// in a Control function or on a Listener. It fails with EINVAL without SHA-1 or with more
// than 4 functions, with EOPNOTSUPP for an unknown function, and with EACCES if AUTH is
// off.
func (o Options) SetHMACIdent(ids ...HMAC) error {
	b := binary.NativeEndian.AppendUint32(nil, uint32(len(ids))) // struct sctp_hmacalgo
	for _, id := range ids {
		b = binary.NativeEndian.AppendUint16(b, uint16(id))
	}
	return optHMACIdent.set(o, b)
}

var optPeerAuthChunks = sctpOption(sys.SCTP_PEER_AUTH_CHUNKS, "SCTP_PEER_AUTH_CHUNKS", authOff)

// PeerAuthChunks returns SCTP_PEER_AUTH_CHUNKS (RFC 6458 section 8.2.3): the chunk types
// that the peer of an association wants authenticated. It fails with EINVAL without an
// association, and with EACCES without AUTH.
func (o Options) PeerAuthChunks() ([]uint8, error) { return optPeerAuthChunks.authChunks(o) }

var optLocalAuthChunks = sctpOption(sys.SCTP_LOCAL_AUTH_CHUNKS, "SCTP_LOCAL_AUTH_CHUNKS", authOff)

// LocalAuthChunks returns SCTP_LOCAL_AUTH_CHUNKS (RFC 6458 section 8.2.4): the chunk types
// that this end of an association wants authenticated, or that later associations will. It
// fails with EACCES without AUTH.
func (o Options) LocalAuthChunks() ([]uint8, error) { return optLocalAuthChunks.authChunks(o) }

// authChunks returns the chunk types of a struct sctp_authchunks. The kernel returns
// them as long as the peer's parameter was, or nothing.
func (p *sockopt) authChunks(o Options) ([]uint8, error) {
	const header = 8 // assoc_id, gauth_number_of_chunks
	b := make([]byte, header+1<<16)
	binary.NativeEndian.PutUint32(b, uint32(o.assoc))
	n, err := p.get(o, b)
	if err != nil {
		return nil, err
	}
	b = b[:min(n, len(b))]
	if len(b) < header {
		return nil, nil
	}
	count := binary.NativeEndian.Uint32(b[4:])
	return append([]uint8{}, b[header:min(len(b), header+int(min(count, 1<<16)))]...), nil
}
