package sctp

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

var _ net.Conn = (*SCTPConn)(nil)

// SCTPConn is an association, or with NewSCTPConn whatever SCTP socket the program has
// made.
type SCTPConn struct {
	notificationHandler NotificationHandler

	mu     sync.Mutex
	fd     int    // of NewSCTPConn, -1 where the socket is the package's own
	c      socket // nil until something needs more of fd than system calls
	closed bool
	events int // the SCTP_EVENT flags
}

// A socket is a *sctp.Conn or a *sctp.MultiConn.
type socket interface {
	ReadMsg(b []byte) (sctp.Message, error)
	WriteMsg(b []byte, info *sctp.SndInfo) (int, error)
	Close() error
	LocalAddr() net.Addr
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	SetEvents(types ...sctp.EventType) error
	SyscallConn() (syscall.RawConn, error)
}

func newConn(c socket, handler NotificationHandler) *SCTPConn {
	return &SCTPConn{notificationHandler: handler, fd: -1, c: c}
}

// NewSCTPConn makes a connection of the descriptor fd, which Close closes. The first call
// that reads, writes, or sets a deadline makes its socket non-blocking.
func NewSCTPConn(fd int, handler NotificationHandler) *SCTPConn {
	return &SCTPConn{notificationHandler: handler, fd: fd}
}

// socket returns the connection's socket, or syscall.EBADF after Close.
func (c *SCTPConn) socket() (socket, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.c == nil && c.fd < 0 {
		return nil, syscall.EBADF
	}
	if c.c != nil {
		return c.c, nil
	}
	s, err := adopt(c.fd)
	if err != nil {
		return nil, bare(err)
	}
	// The package underneath keeps those that it does not need itself.
	flags, err := subscribedEvents(c.fd)
	if err == nil && c.events == 0 {
		c.events = flags
	}
	err = s.SetEvents(eventTypes(c.events)...)
	if err == nil && c.events&SCTP_EVENT_SEND_FAILURE != 0 {
		err = subscribeSendFailed(c.fd)
	}
	if err != nil {
		s.Close()
		return nil, bare(err)
	}
	c.c = s
	return s, nil
}

// adopt makes a socket of a copy of fd. What is not connected yet stays as it is.
func adopt(fd int) (socket, error) {
	if _, err := sctp.NewOptions(rawFD(fd)).PeerAddrs(); err != nil && !oneToMany(fd) {
		if errors.Is(err, syscall.EINVAL) {
			return nil, syscall.ENOTCONN
		}
		return nil, err
	}
	nfd, err := dupFD(fd)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(nfd), "sctp")
	defer f.Close()
	nc, err := sctp.FileConn(f)
	if err == nil {
		return nc.(*sctp.Conn), nil
	}
	if !oneToMany(fd) {
		return nil, err
	}
	pc, err := sctp.FilePacketConn(f)
	if err != nil {
		return nil, err
	}
	return pc.(*sctp.MultiConn), nil
}

// SyscallConn returns the socket, or syscall.EINVAL after Close.
func (c *SCTPConn) SyscallConn() (syscall.RawConn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
	case c.c != nil:
		if rc, err := c.c.SyscallConn(); err == nil {
			return rc, nil
		}
	case c.fd >= 0:
		return rawFD(c.fd), nil
	}
	return nil, syscall.EINVAL
}

// rawFD is a descriptor that the program has made and nothing waits for yet.
type rawFD int

func (fd rawFD) Control(f func(fd uintptr)) error      { f(uintptr(fd)); return nil }
func (rawFD) Read(func(fd uintptr) (done bool)) error  { return syscall.EOPNOTSUPP }
func (rawFD) Write(func(fd uintptr) (done bool)) error { return syscall.EOPNOTSUPP }

// control calls f with the descriptor.
func (c *SCTPConn) control(f func(fd int) error) error {
	rc, err := c.SyscallConn()
	if err != nil {
		return syscall.EBADF
	}
	if e := rc.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return syscall.EBADF
	}
	return err
}

// Write sends b as one message.
func (c *SCTPConn) Write(b []byte) (int, error) { return c.SCTPWrite(b, nil) }

// SCTPWrite sends b as one message; a nil info means the socket's defaults. With SCTP_EOF
// the association is shut down behind it, and with SCTP_ABORT it is aborted instead.
func (c *SCTPConn) SCTPWrite(b []byte, info *SndRcvInfo) (int, error) {
	s, err := c.socket()
	if err == syscall.ENOTCONN {
		return 0, syscall.EPIPE
	}
	if err != nil {
		return 0, err
	}
	if info == nil {
		n, err := s.WriteMsg(b, nil)
		return n, c.bare(s, err)
	}
	assoc := sctp.AssocID(info.AssocID)
	switch {
	case info.Flags&SCTP_ADDR_OVER != 0: // there is no address
		return 0, syscall.EINVAL
	case info.Flags&SCTP_ABORT != 0:
		return 0, bare(abort(s, assoc, b))
	}
	n := 0
	if len(b) > 0 || info.Flags&SCTP_EOF == 0 {
		snd := sctp.SndInfo{
			Stream:          info.Stream,
			Unordered:       info.Flags&SCTP_UNORDERED != 0,
			SACKImmediately: info.Flags&SCTP_SACK_IMMEDIATELY != 0,
			PPID:            info.PPID,
			Context:         info.Context,
			Assoc:           assoc,
		}
		switch policy := sctp.PRPolicy(info.Flags) & prPolicies; {
		case policy == sctp.PRRTX || policy == sctp.PRPrio:
			snd.PR = sctp.PRInfo{Policy: policy, Value: info.TTL}
		case info.TTL != 0:
			snd.PR = sctp.PRInfo{Policy: sctp.PRTTL, TTL: time.Duration(info.TTL) * time.Millisecond}
		}
		if n, err = s.WriteMsg(b, &snd); err != nil {
			return n, c.bare(s, err)
		}
	}
	if info.Flags&SCTP_EOF != 0 {
		err = bare(shutdown(s, assoc))
	}
	return n, err
}

// prPolicies are the bits of the kernel's policies of partial reliability, among the Flags.
const prPolicies = sctp.PRTTL | sctp.PRRTX | sctp.PRPrio

// bare returns a read's or write's error as the incumbent had it.
func (c *SCTPConn) bare(s socket, err error) error {
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return syscall.EBADF // and not the end of the association, which Close shuts down first
	}
	// Of a one-to-many socket, the package underneath tells a missing address and a missing
	// association apart, and the kernel does not.
	if _, ok := s.(*sctp.MultiConn); ok && (errors.Is(err, syscall.EDESTADDRREQ) || errors.Is(err, syscall.ENOTCONN)) {
		return syscall.EPIPE
	}
	return bare(err)
}

func abort(s socket, id sctp.AssocID, reason []byte) error {
	if m, ok := s.(*sctp.MultiConn); ok {
		return m.AbortAssoc(id, reason)
	}
	return s.(*sctp.Conn).Abort()
}

func shutdown(s socket, id sctp.AssocID) error {
	if m, ok := s.(*sctp.MultiConn); ok {
		return m.StartShutdown(id)
	}
	return s.(*sctp.Conn).StartShutdown()
}

// Read is SCTPRead without the SndRcvInfo.
func (c *SCTPConn) Read(b []byte) (int, error) {
	n, _, err := c.SCTPRead(b)
	return n, err
}

// SCTPRead reads a message, or what of it fits into b; the rest comes with the next call.
// The SndRcvInfo is nil unless SCTP_EVENT_DATA_IO is subscribed to. Notifications go to the
// NotificationHandler, whose error is returned as it is; without a handler, they are
// returned in b, cut to its length, with a nil SndRcvInfo.
func (c *SCTPConn) SCTPRead(b []byte) (int, *SndRcvInfo, error) {
	for {
		s, err := c.socket()
		if err != nil {
			return 0, nil, err
		}
		m, err := s.ReadMsg(b)
		switch {
		case err != nil:
			return 0, nil, c.bare(s, err)
		case m.Event == nil:
			return len(m.Data), c.info(&m), nil
		case c.notificationHandler == nil:
			return copy(b, m.Notification), nil, nil
		}
		if err := c.notificationHandler(m.Notification); err != nil {
			return 0, nil, err
		}
	}
}

// info returns the SndRcvInfo of m, if the program wants one.
func (c *SCTPConn) info(m *sctp.Message) *SndRcvInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.events&SCTP_EVENT_DATA_IO == 0 {
		return nil
	}
	info := &SndRcvInfo{
		Stream:  m.Info.Stream,
		SSN:     m.Info.SSN,
		PPID:    m.Info.PPID,
		Context: m.Info.Context,
		TSN:     m.Info.TSN,
		CumTSN:  m.Info.CumTSN,
		AssocID: int32(m.Info.Assoc),
	}
	if m.Info.Unordered {
		info.Flags = SCTP_UNORDERED
	}
	return info
}

// Close closes the connection: what was written is still delivered. Calls that wait, and
// later ones, return syscall.EBADF.
func (c *SCTPConn) Close() error {
	if c == nil {
		return syscall.EBADF
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.c == nil && c.fd < 0 {
		return syscall.EBADF
	}
	c.closed = true
	if conn, ok := c.c.(*sctp.Conn); ok {
		conn.StartShutdown() // before the kernel finds unread input, and aborts
	}
	if c.c != nil {
		c.c.Close()
	}
	if c.fd < 0 {
		return nil
	}
	return closeFD(c.fd)
}

// LocalAddr returns the local addresses as they are now, or after Close as they were at
// first.
func (c *SCTPConn) LocalAddr() net.Addr {
	if a, err := c.SCTPLocalAddr(0); err == nil {
		return a
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.c == nil {
		return nil
	}
	return addrOf(c.c.LocalAddr().(*sctp.Addr))
}

// RemoteAddr returns the peer's addresses as they are now, or after the association's end
// as they were at first.
func (c *SCTPConn) RemoteAddr() net.Addr {
	if a, err := c.SCTPRemoteAddr(0); err == nil {
		return a
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn, ok := c.c.(*sctp.Conn); ok {
		return addrOf(conn.RemoteAddr().(*sctp.Addr))
	}
	return nil
}

// SCTPLocalAddr returns the local addresses of an association; 0 is the only one.
func (c *SCTPConn) SCTPLocalAddr(id int) (*SCTPAddr, error) {
	return c.addrs(id, sctp.Options.LocalAddrs)
}

// SCTPRemoteAddr returns the peer's addresses of an association; 0 is the only one.
func (c *SCTPConn) SCTPRemoteAddr(id int) (*SCTPAddr, error) {
	return c.addrs(id, sctp.Options.PeerAddrs)
}

func (c *SCTPConn) addrs(id int, get func(sctp.Options) (*sctp.Addr, error)) (*SCTPAddr, error) {
	rc, err := c.SyscallConn()
	if err != nil {
		return nil, syscall.EBADF
	}
	a, err := get(sctp.NewOptions(rc).Assoc(sctp.AssocID(id)))
	if err != nil {
		return nil, bare(err)
	}
	return addrOf(a), nil
}

// SCTPGetPrimaryPeerAddr returns the address of the primary path.
func (c *SCTPConn) SCTPGetPrimaryPeerAddr() (*SCTPAddr, error) {
	rc, err := c.SyscallConn()
	if err != nil {
		return nil, syscall.EBADF
	}
	ap, err := sctp.NewOptions(rc).PrimaryAddr()
	if err != nil {
		return nil, bare(err)
	}
	return addrOf(sctp.AddrFrom(ap.Port(), ap.Addr())), nil
}

// PeelOff makes a connection of an association of a one-to-many socket.
func (c *SCTPConn) PeelOff(id int) (*SCTPConn, error) {
	s, err := c.socket()
	if err != nil {
		return nil, err
	}
	m, ok := s.(*sctp.MultiConn)
	if !ok {
		return nil, syscall.EINVAL
	}
	peeled, err := m.PeelOff(sctp.AssocID(id))
	if errors.Is(err, syscall.ENOTCONN) {
		return nil, syscall.EINVAL
	}
	if err != nil {
		return nil, bare(err)
	}
	conn := newConn(peeled, nil)
	c.mu.Lock()
	conn.events = c.events
	c.mu.Unlock()
	return conn, nil
}

func (c *SCTPConn) setDeadline(set func(s socket) error) error {
	s, err := c.socket()
	if err != nil {
		return err
	}
	return bare(set(s))
}

// SetDeadline sets the deadlines of reads and writes, those that wait included.
func (c *SCTPConn) SetDeadline(t time.Time) error {
	return c.setDeadline(func(s socket) error { return s.SetDeadline(t) })
}

// SetReadDeadline sets the deadline of reads.
func (c *SCTPConn) SetReadDeadline(t time.Time) error {
	return c.setDeadline(func(s socket) error { return s.SetReadDeadline(t) })
}

// SetWriteDeadline sets the deadline of writes.
func (c *SCTPConn) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(func(s socket) error { return s.SetWriteDeadline(t) })
}

// htonl returns v with its bytes in network order.
func htonl(v uint32) uint32 {
	return binary.NativeEndian.Uint32(binary.BigEndian.AppendUint32(nil, v))
}
