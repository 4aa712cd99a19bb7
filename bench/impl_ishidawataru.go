//go:build linux

package main

import (
	"io"
	"net"
	"net/netip"
	"syscall"

	"github.com/ishidawataru/sctp"
)

// An ishidawataruImpl is github.com/ishidawataru/sctp with SCTPRead and SCTPWrite, and a
// SndRcvInfo with each message. Its sockets block.
type ishidawataruImpl struct{}

// 10 streams are the kernel's default, and that of the other implementations; its own
// would be 65,535.
var ishidawataruInit = sctp.InitMsg{NumOstreams: 10, MaxInstreams: 10}

var ishidawataruNet = netImpl{
	func(address string) (net.Listener, error) {
		addr, err := sctp.ResolveSCTPAddr("sctp4", address)
		if err != nil {
			return nil, err
		}
		l, err := sctp.ListenSCTPExt("sctp4", addr, ishidawataruInit)
		if err != nil {
			return nil, err
		}
		return l, noDelay(l) // what it accepts inherits that
	},
	func(address string) (net.Conn, error) {
		addr, err := sctp.ResolveSCTPAddr("sctp4", address)
		if err != nil {
			return nil, err
		}
		c, err := sctp.DialSCTPExt("sctp4", nil, addr, ishidawataruInit)
		if err != nil {
			return nil, err
		}
		return c, noDelay(c)
	},
}

func noDelay(c syscall.Conn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_SCTP, sctp.SCTP_NODELAY, 1) })
	return err
}

func (ishidawataruImpl) listen() (listener, error) {
	l, err := ishidawataruNet.listenNet("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return ishidawataruListener{l.(*sctp.SCTPListener)}, nil
}

func (ishidawataruImpl) dial(addr netip.AddrPort) (conn, error) {
	c, err := ishidawataruNet.dialNet(addr.String())
	if err != nil {
		return nil, err
	}
	return newIshidawataruConn(c.(*sctp.SCTPConn))
}

type ishidawataruListener struct{ l *sctp.SCTPListener }

func (l ishidawataruListener) accept() (conn, error) {
	c, err := l.l.AcceptSCTP()
	if err != nil {
		return nil, err
	}
	return newIshidawataruConn(c)
}

func (l ishidawataruListener) addr() netip.AddrPort {
	return netip.MustParseAddrPort(l.l.Addr().String())
}

func (l ishidawataruListener) close() error { return l.l.Close() }

type ishidawataruConn struct {
	c    *sctp.SCTPConn
	info *sctp.SndRcvInfo
}

func newIshidawataruConn(c *sctp.SCTPConn) (conn, error) {
	if err := c.SubscribeEvents(sctp.SCTP_EVENT_DATA_IO); err != nil {
		return nil, err
	}
	return ishidawataruConn{c, &sctp.SndRcvInfo{Stream: sent.Stream, PPID: sent.PPID}}, nil
}

func (c ishidawataruConn) read(b []byte) error {
	for len(b) > 0 {
		n, info, err := c.c.SCTPRead(b)
		if err != nil {
			return err
		}
		if info == nil || info.PPID != sent.PPID {
			return io.ErrUnexpectedEOF
		}
		b = b[n:]
	}
	return nil
}

func (c ishidawataruConn) write(b []byte) error {
	_, err := c.c.SCTPWrite(b, c.info)
	return err
}

func (c ishidawataruConn) close() error { return c.c.Close() }
