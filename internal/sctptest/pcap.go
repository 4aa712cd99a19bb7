package sctptest

import (
	"encoding/binary"
	"os"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
)

// Packets returns the packets from or to a port that have come since the last call and that
// nobody has looked at, with their IP headers. A packet is here before its receiver has it.
func (w *Wire) Packets(port uint16) [][]byte {
	w.t.Helper()
	raw, err := w.conn.SyscallConn()
	require.NoError(w.t, err)
	var packets [][]byte
	var end error
	b := make([]byte, 64<<10)
	err = raw.Control(func(fd uintptr) {
		for {
			n, err := receiveNow(fd, b)
			if err != nil {
				end = err
				return
			}
			header := int(b[0]&15) * 4
			if n < header+12 {
				continue
			}
			if p := b[header:n]; binary.BigEndian.Uint16(p) == port || binary.BigEndian.Uint16(p[2:]) == port {
				packets = append(packets, append([]byte(nil), b[:n]...))
			}
		}
	})
	require.NoError(w.t, err)
	require.ErrorIs(w.t, end, syscall.EAGAIN)
	return packets
}

// WritePcap writes packets of IPv4 into a file that tshark reads.
func WritePcap(name string, packets [][]byte) error {
	const magic, major, minor, linkTypeRaw = 0xa1b2c3d4, 2, 4, 101
	b := binary.LittleEndian.AppendUint32(nil, magic)
	b = binary.LittleEndian.AppendUint16(b, major)
	b = binary.LittleEndian.AppendUint16(b, minor)
	for _, v := range []uint32{0, 0, 64 << 10, linkTypeRaw} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	now := uint32(time.Now().Unix())
	for i, p := range packets {
		for _, v := range []uint32{now, uint32(i), uint32(len(p)), uint32(len(p))} { // in order; when is not known
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		b = append(b, p...)
	}
	return os.WriteFile(name, b, 0o644)
}
