package soak_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// The chunks that a rawPeer knows (RFC 9260 section 3.2).
const (
	chunkData, chunkInit, chunkInitAck, chunkSACK, chunkAbort, chunkError, chunkCookieEcho, chunkCookieAck = 0, 1, 2, 3, 6, 9, 10, 11

	chunkIData = 64 // RFC 8260
)

// The flags of DATA and I-DATA.
const flagEnd, flagBegin, flagUnordered = 1, 2, 4

// A rawPeer is a peer in the first namespace of a network that sends what it likes. The
// kernel there knows nothing of it, and its ABORTs are lost if the network is silent.
type rawPeer struct {
	t    *testing.T
	conn *net.IPConn
	port uint16 // the server's

	// What its INITs offer.
	streams uint16 // 10 if 0
	params  []byte // optional parameters
}

func newRawPeer(t *testing.T, n *network, port uint16) *rawPeer {
	t.Helper()
	p := &rawPeer{t: t, port: port}
	require.NoError(t, n.one.Do(func() (err error) {
		p.conn, err = net.ListenIP("ip4:132", &net.IPAddr{IP: net.IPv4(10, 9, 0, 1)})
		return err
	}))
	raw, err := p.conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, 16<<20))
	}))
	t.Cleanup(func() { p.conn.Close() })
	return p
}

// send sends a packet with the chunks as they are.
func (p *rawPeer) send(from uint16, tag uint32, chunks ...byte) {
	p.t.Helper()
	b := binary.BigEndian.AppendUint16(nil, from)
	b = binary.BigEndian.AppendUint16(b, p.port)
	b = binary.BigEndian.AppendUint32(b, tag)
	b = append(append(b, 0, 0, 0, 0), chunks...)
	sctpChecksum(b)
	_, err := p.conn.WriteTo(b, &net.IPAddr{IP: net.IPv4(10, 9, 0, 2)})
	require.NoError(p.t, err)
}

// receive returns the next packet to a port, 0 for any, whose first chunk is of the type.
func (p *rawPeer) receive(port uint16, chunk byte) ([]byte, error) {
	b := make([]byte, 64<<10)
	for {
		n, _, err := p.conn.ReadFrom(b)
		if err != nil {
			return nil, err
		}
		if n >= 16 && b[12] == chunk && (port == 0 || binary.BigEndian.Uint16(b[2:]) == port) {
			return b[:n], nil
		}
		if n >= 16 && b[12] == chunkAbort && binary.BigEndian.Uint16(b[2:]) == port {
			return nil, errRefused
		}
	}
}

var errRefused = errors.New("the kernel has sent an ABORT")

// sendUntil sends a packet again and again, as long as the kernel may have no room for it,
// until done has something. That it returns.
func sendUntil[T any](p *rawPeer, done <-chan T, from uint16, tag uint32, chunks ...byte) (result T) {
	p.t.Helper()
	sctptest.Eventually(p.t, func() bool {
		p.send(from, tag, chunks...)
		select {
		case result = <-done:
			return true
		case <-time.After(10 * time.Millisecond):
			return false
		}
	}, "the kernel takes a packet")
	return result
}

// newChunk returns a chunk with its length, padded.
func newChunk(typ, flags byte, body ...byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{typ, flags}, uint16(4+len(body)))
	b = append(b, body...)
	return append(b, make([]byte, -len(b)&3)...)
}

// initChunk returns an INIT with 10 streams each way.
func initChunk(tag, tsn uint32) []byte { return newInit(tag, tsn, 10) }

// newInit returns an INIT with as many streams each way, and optional parameters.
func newInit(tag, tsn uint32, streams uint16, params ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, tag)
	b = binary.BigEndian.AppendUint32(b, 64<<10)
	b = binary.BigEndian.AppendUint16(b, streams)
	b = binary.BigEndian.AppendUint16(b, streams)
	return newChunk(chunkInit, 0, append(binary.BigEndian.AppendUint32(b, tsn), params...)...)
}

// newParam returns a parameter of an INIT, or an error cause, with its length, padded.
func newParam(typ uint16, value ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, typ)
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(b)&3)...)
}

// A handshake is an association as a rawPeer knows it.
type handshake struct {
	tag    uint32 // of what the peer sends
	tsn    uint32 // of its first DATA
	cookie []byte
}

// begin sends an INIT and returns what the kernel answers.
func (p *rawPeer) begin(port uint16, r *rand.Rand) (handshake, error) {
	p.t.Helper()
	h := handshake{tsn: r.Uint32()}
	streams := p.streams
	if streams == 0 {
		streams = 10
	}
	p.send(port, 0, newInit(r.Uint32()|1, h.tsn, streams, p.params...)...)
	require.NoError(p.t, p.conn.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	b, err := p.receive(port, chunkInitAck)
	if err != nil {
		return h, err
	}
	h.tag = binary.BigEndian.Uint32(b[16:])
	for params := b[12+20:]; len(params) >= 4; {
		typ, size := binary.BigEndian.Uint16(params), int(binary.BigEndian.Uint16(params[2:]))
		if size < 4 || size > len(params) {
			break
		}
		const stateCookie = 7
		if typ == stateCookie {
			h.cookie = append([]byte(nil), params[4:size]...)
		}
		params = params[min(len(params), (size+3)&^3):]
	}
	require.NotEmpty(p.t, h.cookie, "no cookie in % x", b)
	return h, nil
}

// associate makes an association.
func (p *rawPeer) associate(port uint16, r *rand.Rand) (handshake, error) {
	p.t.Helper()
	h, err := p.begin(port, r)
	if err != nil {
		return h, err
	}
	p.send(port, h.tag, newChunk(chunkCookieEcho, 0, h.cookie...)...)
	_, err = p.receive(port, chunkCookieAck)
	return h, err
}

// answers returns how many packets have come that begin with a chunk of the type, and come
// until there is silence.
func (p *rawPeer) answers(chunk byte) int {
	p.t.Helper()
	for n := 0; ; n++ {
		require.NoError(p.t, p.conn.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
		if _, err := p.receive(0, chunk); err != nil {
			require.ErrorIs(p.t, err, os.ErrDeadlineExceeded)
			return n
		}
	}
}

// dataChunk returns a whole message in a DATA chunk.
func dataChunk(tsn uint32, stream, ssn uint16, data []byte) []byte {
	return dataPiece(flagBegin|flagEnd, tsn, stream, ssn, data)
}

// dataPiece returns a DATA chunk with a piece of a message.
func dataPiece(flags byte, tsn uint32, stream, ssn uint16, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, tsn)
	b = binary.BigEndian.AppendUint16(b, stream)
	b = binary.BigEndian.AppendUint16(b, ssn)
	return newChunk(chunkData, flags, append(append(b, 0, 0, 0, 7), data...)...)
}

// iDataPiece returns an I-DATA chunk with a piece of a message, whose number among the
// pieces counts if it is not the first.
func iDataPiece(flags byte, tsn uint32, stream uint16, mid, number uint32, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, tsn)
	b = binary.BigEndian.AppendUint16(b, stream)
	b = binary.BigEndian.AppendUint32(append(b, 0, 0), mid)
	b = binary.BigEndian.AppendUint32(b, number) // of the first, it is the PPID
	return newChunk(chunkIData, flags, append(b, data...)...)
}
