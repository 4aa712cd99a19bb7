package sctptest

import (
	"encoding/binary"
	"hash/crc32"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// A Wire sees the SCTP packets of IPv4 that come in, over the loopback interface as over
// others, and sends ones of its own.
type Wire struct {
	t    *testing.T
	conn *net.IPConn
}

// NewWire returns the wire. It needs root.
func NewWire(t *testing.T) *Wire {
	t.Helper()
	NeedKernel(t)
	conn, err := net.ListenIP("ip4:132", nil)
	require.NoError(t, err)
	// For what other tests send before anybody looks.
	forceReadBuffer(t, conn, 16<<20)
	require.NoError(t, conn.SetDeadline(time.Now().Add(Wait)))
	t.Cleanup(func() { conn.Close() })
	return &Wire{t, conn}
}

// Packet returns the first packet from one port to another for which ok holds.
func (w *Wire) Packet(from, to uint16, ok func(p []byte) bool) []byte {
	w.t.Helper()
	b := make([]byte, 64<<10)
	for {
		n, _, err := w.conn.ReadFrom(b) // unlike Read, it removes the IP header
		require.NoError(w.t, err)
		p := b[:n]
		if n > 12 && binary.BigEndian.Uint16(p) == from && binary.BigEndian.Uint16(p[2:]) == to && ok(p) {
			return p
		}
	}
}

// tag returns the verification tag of the packets from one port to another.
func (w *Wire) tag(from, to uint16) uint32 {
	w.t.Helper()
	tag := func(p []byte) uint32 { return binary.BigEndian.Uint32(p[4:]) }
	return tag(w.Packet(from, to, func(p []byte) bool { return tag(p) != 0 })) // an INIT has none
}

// send sends a packet with the chunks as they are, valid or not.
func (w *Wire) send(from, to uint16, tag uint32, chunks []byte) {
	w.t.Helper()
	p := binary.BigEndian.AppendUint16(nil, from)
	p = binary.BigEndian.AppendUint16(p, to)
	p = binary.BigEndian.AppendUint32(p, tag)
	p = append(p, 0, 0, 0, 0)
	p = append(p, chunks...)
	binary.LittleEndian.PutUint32(p[8:], crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)))
	_, err := w.conn.WriteTo(p, &net.IPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(w.t, err)
}

// Forge sends self a packet in the name of peer, with the chunks as they are, valid or
// not. The peer's tag is that of the packets that it sends in the meantime.
func (w *Wire) Forge(self, peer End, chunks ...byte) {
	w.t.Helper()
	from, to := peer.LocalAddr().(*sctp.Addr).Port, self.LocalAddr().(*sctp.Addr).Port
	w.send(from, to, w.tag(from, to), chunks)
}

// Violate sends self a packet in the name of peer that violates the protocol: a SACK
// too short to be one.
func (w *Wire) Violate(self, peer End) {
	w.t.Helper()
	w.Forge(self, peer, 3, 0, 0, 4) // type, flags, length
}
