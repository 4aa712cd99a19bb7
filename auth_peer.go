package sctp

import (
	"encoding/binary"
	"fmt"

	"github.com/netsctp/sctp/internal/sys"
)

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

// HMACIdent returns SCTP_HMAC_IDENT (RFC 6458 section 8.1.17): what later associations
// of the socket offer, not what was agreed on: on an accepted Conn it is the default.
// Where AUTH is off, it is EACCES.
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

// SetHMACIdent sets SCTP_HMAC_IDENT (RFC 6458 section 8.1.17): the hash functions that
// the peers of later associations may authenticate with, the preferred one first; a
// peer takes the first that it knows. The default is SHA-1 alone. Set it in a Control
// function, or on a Listener. RFC 4895 wants SHA-1 in the list: without it, or
// with more than 4, it is EINVAL; an unknown function is EOPNOTSUPP; where AUTH is off
// it is EACCES.
func (o Options) SetHMACIdent(ids ...HMAC) error {
	b := binary.NativeEndian.AppendUint32(nil, uint32(len(ids))) // struct sctp_hmacalgo
	for _, id := range ids {
		b = binary.NativeEndian.AppendUint16(b, uint16(id))
	}
	return optHMACIdent.set(o, b)
}

var optPeerAuthChunks = sctpOption(sys.SCTP_PEER_AUTH_CHUNKS, "SCTP_PEER_AUTH_CHUNKS", authOff)

// PeerAuthChunks returns SCTP_PEER_AUTH_CHUNKS (RFC 6458 section 8.2.3): the chunk types
// that the peer of an association wants authenticated. Without an association it is
// EINVAL, without AUTH EACCES.
func (o Options) PeerAuthChunks() ([]uint8, error) { return optPeerAuthChunks.authChunks(o) }

var optLocalAuthChunks = sctpOption(sys.SCTP_LOCAL_AUTH_CHUNKS, "SCTP_LOCAL_AUTH_CHUNKS", authOff)

// LocalAuthChunks returns SCTP_LOCAL_AUTH_CHUNKS (RFC 6458 section 8.2.4): the chunk
// types that this end of an association wants authenticated, or that those of later
// associations will. Without AUTH it is EACCES.
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
