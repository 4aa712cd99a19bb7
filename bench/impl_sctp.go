//go:build linux

package main

import (
	"context"
	"io"
	"net"
	"net/netip"

	"github.com/netsctp/sctp"
)

// sctpNet is this package as a net.Conn, with Read and Write.
var sctpNet = netImpl{
	func(address string) (net.Listener, error) { return sctp.Listen("sctp4", address) },
	func(address string) (net.Conn, error) { return sctp.Dial("sctp4", address) },
}

// sent is what each message is sent with, by every implementation of SCTP.
var sent = sctp.SndInfo{Stream: 3, PPID: 60}

// A messageImpl is this package with ReadMsg and WriteMsg.
type messageImpl struct {
	lc sctp.ListenConfig
	d  sctp.Dialer

	accepted func(*sctp.Conn) error // nil for nothing to do
}

func (im messageImpl) listen() (listener, error) {
	l, err := im.lc.Listen(context.Background(), "sctp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return messageListener{l.(*sctp.Listener), im.accepted}, nil
}

func (im messageImpl) dial(addr netip.AddrPort) (conn, error) {
	c, err := im.d.DialSCTP(context.Background(), "sctp4", nil, sctp.AddrFrom(addr.Port(), addr.Addr()))
	if err != nil {
		return nil, err
	}
	return messageConn{c}, nil
}

type messageListener struct {
	l        *sctp.Listener
	accepted func(*sctp.Conn) error
}

func (l messageListener) accept() (conn, error) {
	c, err := l.l.AcceptSCTP()
	if err == nil && l.accepted != nil {
		err = l.accepted(c)
	}
	if err != nil {
		return nil, err
	}
	return messageConn{c}, nil
}

func (l messageListener) addr() netip.AddrPort { return l.l.Addr().(*sctp.Addr).AddrPort() }
func (l messageListener) close() error         { return l.l.Close() }

type messageConn struct{ c *sctp.Conn }

func (c messageConn) read(b []byte) error {
	m, err := c.c.ReadMsg(b)
	if err != nil {
		return err
	}
	if len(m.Data) != len(b) || !m.EOR || m.Info.PPID != sent.PPID {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (c messageConn) write(b []byte) error {
	_, err := c.c.WriteMsg(b, &sent)
	return err
}

func (c messageConn) close() error { return c.c.Close() }
