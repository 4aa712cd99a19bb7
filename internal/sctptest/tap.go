package sctptest

import (
	"encoding/binary"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Tap sees the packets of all interfaces, of IPv4 and IPv6, with their headers.
type Tap struct {
	t *testing.T
	f *os.File
}

// NewTap returns a tap. It needs root.
func NewTap(t *testing.T) *Tap {
	t.Helper()
	NeedKernel(t)
	const afPacket, dgram, nonblock, ethPAll = 17, 2, 0x800, 3
	protocol := binary.NativeEndian.Uint16([]byte{0, ethPAll})
	f := RawSocket(t, afPacket, dgram|nonblock, int(protocol))
	require.NoError(t, f.SetReadDeadline(time.Now().Add(Wait)))
	return &Tap{t, f}
}

// Packet returns the first packet to a port, of SCTP or UDP, for which ok holds: its IP
// header, and what follows that, from the port it came from on.
func (tap *Tap) Packet(to uint16, ok func(ip, p []byte) bool) (ip, p []byte) {
	tap.t.Helper()
	b := make([]byte, 64<<10)
	for {
		n, err := tap.f.Read(b)
		require.NoError(tap.t, err)
		header := 40
		if n >= 20 && b[0]>>4 == 4 {
			header = int(b[0]&15) * 4
		}
		if n < header+16 {
			continue
		}
		ip, p = b[:header], b[header:n]
		if binary.BigEndian.Uint16(p[2:]) == to && ok(ip, p) {
			return ip, p
		}
	}
}
