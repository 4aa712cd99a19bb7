package sctp

import (
	"encoding/binary"
	"net"
	"syscall"
	"time"
)

// sndRcvInfoSize is the size of an SndRcvInfo in memory.
const sndRcvInfoSize = 32

// SCTPSndRcvInfoWrappedConn is a connection whose messages have an SndRcvInfo in front, in
// the machine's memory layout.
type SCTPSndRcvInfoWrappedConn struct {
	conn *SCTPConn
}

// NewSCTPSndRcvInfoWrappedConn wraps conn, and subscribes it to SCTP_EVENT_DATA_IO.
func NewSCTPSndRcvInfoWrappedConn(conn *SCTPConn) *SCTPSndRcvInfoWrappedConn {
	conn.SubscribeEvents(SCTP_EVENT_DATA_IO)
	return &SCTPSndRcvInfoWrappedConn{conn}
}

// Write sends what follows the SndRcvInfo at the beginning of b.
func (c *SCTPSndRcvInfoWrappedConn) Write(b []byte) (int, error) {
	if len(b) < sndRcvInfoSize {
		return 0, syscall.EINVAL
	}
	e := binary.NativeEndian
	n, err := c.conn.SCTPWrite(b[sndRcvInfoSize:], &SndRcvInfo{
		Stream: e.Uint16(b), SSN: e.Uint16(b[2:]), Flags: e.Uint16(b[4:]),
		PPID: e.Uint32(b[8:]), Context: e.Uint32(b[12:]), TTL: e.Uint32(b[16:]),
		TSN: e.Uint32(b[20:]), CumTSN: e.Uint32(b[24:]), AssocID: int32(e.Uint32(b[28:])),
	})
	return n + sndRcvInfoSize, err
}

// Read reads a message behind its SndRcvInfo, which is zero for a notification.
func (c *SCTPSndRcvInfoWrappedConn) Read(b []byte) (int, error) {
	if len(b) < sndRcvInfoSize {
		return 0, syscall.EINVAL
	}
	n, info, err := c.conn.SCTPRead(b[sndRcvInfoSize:])
	if err != nil {
		return n, err
	}
	if info == nil {
		info = new(SndRcvInfo)
	}
	e := binary.NativeEndian
	e.PutUint16(b, info.Stream)
	e.PutUint16(b[2:], info.SSN)
	e.PutUint16(b[4:], info.Flags)
	e.PutUint16(b[6:], 0)
	for i, v := range []uint32{info.PPID, info.Context, info.TTL, info.TSN, info.CumTSN, uint32(info.AssocID)} {
		e.PutUint32(b[8+4*i:], v)
	}
	return n + sndRcvInfoSize, nil
}

func (c *SCTPSndRcvInfoWrappedConn) Close() error         { return c.conn.Close() }
func (c *SCTPSndRcvInfoWrappedConn) LocalAddr() net.Addr  { return c.conn.LocalAddr() }
func (c *SCTPSndRcvInfoWrappedConn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

func (c *SCTPSndRcvInfoWrappedConn) SetDeadline(t time.Time) error { return c.conn.SetDeadline(t) }

func (c *SCTPSndRcvInfoWrappedConn) SetReadDeadline(t time.Time) error {
	return c.conn.SetReadDeadline(t)
}

func (c *SCTPSndRcvInfoWrappedConn) SetWriteDeadline(t time.Time) error {
	return c.conn.SetWriteDeadline(t)
}

func (c *SCTPSndRcvInfoWrappedConn) SetWriteBuffer(bytes int) error {
	return c.conn.SetWriteBuffer(bytes)
}

func (c *SCTPSndRcvInfoWrappedConn) GetWriteBuffer() (int, error) { return c.conn.GetWriteBuffer() }
func (c *SCTPSndRcvInfoWrappedConn) SetReadBuffer(bytes int) error {
	return c.conn.SetReadBuffer(bytes)
}
func (c *SCTPSndRcvInfoWrappedConn) GetReadBuffer() (int, error) { return c.conn.GetReadBuffer() }
