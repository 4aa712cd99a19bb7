//go:build linux

package main

import (
	"errors"
	"io"
	"net"
	"net/netip"
)

// An implementation of sockets that carry messages over 127.0.0.1, without Nagle's delay
// and with 10 streams.
type implementation interface {
	listen() (listener, error)
	dial(addr netip.AddrPort) (conn, error)
}

// A listener is where an implementation takes connections.
type listener interface {
	accept() (conn, error)
	addr() netip.AddrPort
	close() error
}

// A conn carries messages, each of a length that the reader knows.
type conn interface {
	// read fills b with a message: with a piece of the stream where there are none. At the
	// end it returns io.EOF.
	read(b []byte) error

	// write sends b as a message.
	write(b []byte) error

	close() error
}

// The names of the implementations, as the tables have them.
const (
	inC          = "C"
	inCEpoll     = "C epoll"
	bare         = "bare"
	ours         = "ReadMsg/WriteMsg"
	oursBytes    = "Read/Write"
	tcp          = "TCP"
	ishidawataru = "ishidawataru"
)

// A namedImpl has its name in the tables.
type namedImpl struct {
	name string
	implementation
}

// implementations are those in Go, in the order of the tables.
var implementations = []namedImpl{
	{bare, bareImpl{}},
	{ours, messageImpl{}},
	{oursBytes, sctpNet},
	{tcp, tcpNet},
	{ishidawataru, ishidawataruImpl{}},
}

// A netImpl is an implementation with the interfaces of package net.
type netImpl struct {
	listenNet func(address string) (net.Listener, error)
	dialNet   func(address string) (net.Conn, error)
}

var tcpNet = netImpl{
	func(address string) (net.Listener, error) { return net.Listen("tcp4", address) },
	func(address string) (net.Conn, error) { return net.Dial("tcp4", address) },
}

func (im netImpl) listen() (listener, error) {
	l, err := im.listenNet("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return netListener{l}, nil
}

func (im netImpl) dial(addr netip.AddrPort) (conn, error) {
	c, err := im.dialNet(addr.String())
	if err != nil {
		return nil, err
	}
	return netConn{c}, nil
}

type netListener struct{ l net.Listener }

func (l netListener) accept() (conn, error) {
	c, err := l.l.Accept()
	if err != nil {
		return nil, err
	}
	return netConn{c}, nil
}

func (l netListener) addr() netip.AddrPort { return netip.MustParseAddrPort(l.l.Addr().String()) }
func (l netListener) close() error         { return l.l.Close() }

type netConn struct{ c net.Conn }

func (c netConn) read(b []byte) error {
	_, err := io.ReadFull(c.c, b)
	return err
}

func (c netConn) write(b []byte) error {
	_, err := c.c.Write(b)
	return err
}

func (c netConn) close() error { return c.c.Close() }

// pairs sets up n connections, and returns both ends of each.
func pairs(im implementation, n int) (clients, servers []conn, err error) {
	l, err := im.listen()
	if err != nil {
		return nil, nil, err
	}
	defer l.close()
	for range n {
		accepted := make(chan error, 1)
		go func() {
			s, err := l.accept()
			servers = append(servers, s)
			accepted <- err
		}()
		c, err := im.dial(l.addr())
		if err != nil {
			return nil, nil, err
		}
		clients = append(clients, c)
		if err := <-accepted; err != nil {
			return nil, nil, err
		}
	}
	return clients, servers, nil
}

// echo sends back what comes in messages of a length, up to the end.
func echo(c conn, size int) error {
	b := make([]byte, size)
	for {
		if err := c.read(b); err == io.EOF {
			return c.close()
		} else if err != nil {
			return errors.Join(err, c.close())
		}
		if err := c.write(b); err != nil {
			return errors.Join(err, c.close())
		}
	}
}

// ask sends a message n times and waits for the echo each time.
func ask(c conn, b []byte, n int) error {
	for range n {
		if err := c.write(b); err != nil {
			return err
		}
		if err := c.read(b); err != nil {
			return err
		}
	}
	return nil
}
