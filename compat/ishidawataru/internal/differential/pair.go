//go:build linux

package main

import (
	"net"
	"syscall"

	"github.com/ishidawataru/sctp"
)

// resolved returns what "10.0.0.1/10.1.0.1:3868" says.
func resolved(s string) *sctp.SCTPAddr {
	a, err := sctp.ResolveSCTPAddr("sctp", s)
	must(err)
	return a
}

// listening returns a listener and its address.
func listening(cfg sctp.SocketConfig, address string) (*sctp.SCTPListener, *sctp.SCTPAddr) {
	ln, err := cfg.Listen("sctp", resolved(address))
	must(err)
	return ln, ln.Addr().(*sctp.SCTPAddr)
}

// pair returns both ends of an association, of which the server's listener is closed.
func pair(client, server sctp.SocketConfig) (c, s *sctp.SCTPConn) {
	ln, addr := listening(server, "127.0.0.1:0")
	c, err := client.Dial("sctp", nil, addr)
	must(err)
	s, err = ln.AcceptSCTP()
	must(err)
	must(ln.Close())
	return c, s
}

// aborting returns a connection whose peer is a plain socket, and a function that makes the
// peer abort.
func aborting(cfg sctp.SocketConfig) (c *sctp.SCTPConn, abort func()) {
	fd := socket(syscall.SOCK_STREAM)
	must(sctp.SCTPBind(fd, loopback(0), sctp.SCTP_BINDX_ADD_ADDR))
	must(syscall.Listen(fd, 1))
	c, err := cfg.Dial("sctp", nil, sctp.NewSCTPConn(fd, nil).LocalAddr().(*sctp.SCTPAddr))
	must(err)
	peer, _, err := syscall.Accept(fd)
	must(err)
	must(syscall.Close(fd))
	return c, func() {
		must(syscall.SetsockoptLinger(peer, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}))
		must(syscall.Close(peer))
	}
}

// descriptor returns the number of a socket's descriptor.
func descriptor(c interface {
	SyscallConn() (syscall.RawConn, error)
}) int {
	rc, err := c.SyscallConn()
	must(err)
	fd := -1
	must(rc.Control(func(f uintptr) { fd = int(f) }))
	return fd
}

// withInfo lets a connection's reads return an SndRcvInfo.
func withInfo(c *sctp.SCTPConn) { must(c.SubscribeEvents(sctp.SCTP_EVENT_DATA_IO)) }

// message reads a message and returns it with its SndRcvInfo.
func message(c *sctp.SCTPConn) []any {
	b := make([]byte, 1000)
	n, info, err := c.SCTPRead(b)
	return results(n, b[:max(n, 0)], info, err)
}

// loopback is 127.0.0.1 and a port.
func loopback(port int) *sctp.SCTPAddr {
	return &sctp.SCTPAddr{IPAddrs: []net.IPAddr{{IP: net.IPv4(127, 0, 0, 1)}}, Port: port}
}
