package sctp

import (
	"context"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// SCTPListener accepts associations.
type SCTPListener struct {
	l                   *sctp.Listener
	closed              atomic.Bool
	notificationHandler NotificationHandler
	events              int // of what is accepted
}

// ListenSCTP listens on laddr, and offers 65535 outbound streams.
func ListenSCTP(net string, laddr *SCTPAddr) (*SCTPListener, error) {
	return ListenSCTPExt(net, laddr, InitMsg{NumOstreams: SCTP_MAX_STREAM})
}

// ListenSCTPExt listens on laddr with the given options.
func ListenSCTPExt(network string, laddr *SCTPAddr, options InitMsg) (*SCTPListener, error) {
	return listenSCTPExtConfig(network, laddr, options, nil, nil)
}

func listenSCTPExtConfig(name string, laddr *SCTPAddr, options InitMsg,
	control func(network, address string, c syscall.RawConn) error, handler NotificationHandler) (*SCTPListener, error) {
	a, err := laddr.addr(network(name))
	if err != nil {
		return nil, err
	}
	s := setUp{network: name, laddr: laddr, control: control}
	lc := sctp.ListenConfig{InitMsg: options.initMsg(), Control: s.run}
	l, err := lc.ListenSCTP(context.Background(), network(name), a)
	if err != nil {
		return nil, s.failed(err)
	}
	ln := &SCTPListener{l: l, notificationHandler: handler, events: s.events}
	if s.events != 0 {
		if err := ln.l.SetEvents(eventTypes(s.events)...); err != nil {
			l.Close()
			return nil, bare(err)
		}
	}
	return ln, nil
}

// FileListener returns a listener that is a copy of the one open in file, whose socket
// becomes non-blocking.
func FileListener(file *os.File) (*SCTPListener, error) {
	if rc, err := file.SyscallConn(); err != nil || rc.Control(func(uintptr) {}) != nil { // it is closed
		return nil, os.NewSyscallError("fcntl", syscall.EBADF)
	}
	l, err := sctp.FileListener(file)
	if err != nil {
		return nil, bare(err)
	}
	return &SCTPListener{l: l.(*sctp.Listener)}, nil
}

// AcceptSCTP waits for an association. With an error comes a connection that is closed,
// as the incumbent's callers expect.
func (ln *SCTPListener) AcceptSCTP() (*SCTPConn, error) {
	c, err := ln.l.AcceptSCTP()
	if err != nil {
		return &SCTPConn{fd: -1, closed: true, notificationHandler: ln.notificationHandler}, bare(err)
	}
	conn := newConn(c, ln.notificationHandler)
	conn.events = ln.events
	if ln.events&SCTP_EVENT_SEND_FAILURE != 0 {
		conn.SubscribeEvents(ln.events)
	}
	return conn, nil
}

// Accept is AcceptSCTP.
func (ln *SCTPListener) Accept() (net.Conn, error) { return ln.AcceptSCTP() }

// Close closes the listener. Accepts that wait, and later ones, return syscall.EBADF.
func (ln *SCTPListener) Close() error {
	ln.closed.Store(true)
	return bare(ln.l.Close())
}

// Addr returns the addresses that are listened on: of a wildcard, all that the system has.
func (ln *SCTPListener) Addr() net.Addr {
	a, err := ln.l.Options().LocalAddrs()
	if err != nil {
		a = ln.l.Addr().(*sctp.Addr)
	}
	return addrOf(a)
}

// SyscallConn returns the socket, or syscall.EINVAL after Close.
func (ln *SCTPListener) SyscallConn() (syscall.RawConn, error) {
	if ln.closed.Load() {
		return nil, syscall.EINVAL
	}
	rc, err := ln.l.SyscallConn()
	if err != nil {
		return nil, syscall.EINVAL
	}
	return rc, nil
}

// DialSCTP connects to raddr, from laddr if that is not nil, and asks for 65535 outbound
// streams.
func DialSCTP(net string, laddr, raddr *SCTPAddr) (*SCTPConn, error) {
	return DialSCTPExt(net, laddr, raddr, InitMsg{NumOstreams: SCTP_MAX_STREAM})
}

// DialSCTPExt connects to raddr with the given options.
func DialSCTPExt(network string, laddr, raddr *SCTPAddr, options InitMsg) (*SCTPConn, error) {
	return dialSCTPExtConfig(network, laddr, raddr, options, nil, nil)
}

func dialSCTPExtConfig(name string, laddr, raddr *SCTPAddr, options InitMsg,
	control func(network, address string, c syscall.RawConn) error, handler NotificationHandler) (*SCTPConn, error) {
	la, err := laddr.addr(network(name))
	if err != nil {
		return nil, err
	}
	ra, err := raddr.addr(network(name))
	if err != nil {
		return nil, err
	}
	if ra == nil {
		return nil, syscall.EINVAL
	}
	s := setUp{network: name, laddr: laddr, control: control}
	d := sctp.Dialer{InitMsg: options.initMsg(), Control: s.run}
	if control != nil {
		d.Events = []sctp.EventType{sctp.EventAssocChange} // it may subscribe to that of the set-up
	}
	c, err := d.DialSCTP(context.Background(), network(name), la, ra)
	if err != nil {
		return nil, s.failed(err)
	}
	conn := newConn(c, handler)
	if control != nil {
		if err := conn.SubscribeEvents(s.events); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

func (m InitMsg) initMsg() sctp.InitMsg {
	return sctp.InitMsg{
		OutStreams:   m.NumOstreams,
		MaxInStreams: m.MaxInstreams,
		MaxAttempts:  m.MaxAttempts,
		MaxTimeout:   time.Duration(m.MaxInitTimeout) * time.Millisecond,
	}
}

// A setUp calls the program's Control, with the address that the incumbent would give it.
type setUp struct {
	network string
	laddr   *SCTPAddr
	control func(network, address string, c syscall.RawConn) error

	err    error // the Control's own
	events int   // what it subscribed to: the package underneath subscribes after it
}

func (s *setUp) run(_, _ string, c syscall.RawConn) error {
	if s.control == nil {
		return nil
	}
	var address string
	if s.laddr != nil {
		address = s.laddr.String()
	}
	if s.err = s.control(s.network, address, c); s.err != nil {
		return s.err
	}
	return c.Control(func(fd uintptr) { s.events, _ = subscribedEvents(int(fd)) })
}

// failed returns the Control's error as it is.
func (s *setUp) failed(err error) error {
	if s.err != nil {
		return s.err
	}
	return bare(err)
}
