//go:build linux

package main

import (
	"encoding/binary"
	"io"
	"net/netip"
	"os"
	"syscall"
	"unsafe"
)

// A bareImpl does what Go's poller takes, and nothing else: a non-blocking socket in an
// os.File, and recvmsg and sendmsg in the RawConn's Read and Write. There is no faster way
// to wait with a goroutine; what it leaves out is every end but one in good order.
type bareImpl struct{}

func (bareImpl) listen() (listener, error) {
	s, err := listenBare(syscall.SOCK_STREAM)
	return bareListener{s}, err
}

func (bareImpl) dial(addr netip.AddrPort) (conn, error) {
	s, err := newBare(syscall.SOCK_STREAM)
	if err != nil {
		return nil, err
	}
	to := &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	if err := s.until(s.raw.Write, func(fd int) error { return syscall.Connect(fd, to) }); err != nil && err != syscall.EISCONN {
		return nil, err
	}
	return newBareConn(s), nil
}

type bareListener struct{ *bareSocket }

func (l bareListener) accept() (c conn, err error) {
	var accepted int
	if err := l.until(l.raw.Read, func(fd int) (err error) {
		accepted, _, err = syscall.Accept4(fd, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		return err
	}); err != nil {
		return nil, err
	}
	s, err := openBare(accepted)
	return newBareConn(s), err
}

// A bareConn is an association, or with a one-to-many socket several.
type bareConn struct {
	*bareSocket
	in, out *bareCall
}

func newBareConn(s *bareSocket) bareConn {
	in, out := newBareCall(syscall.SYS_RECVMSG), newBareCall(syscall.SYS_SENDMSG)
	h := (*syscall.Cmsghdr)(unsafe.Pointer(&out.control))
	h.Level, h.Type = syscall.IPPROTO_SCTP, 2 // SCTP_SNDINFO
	h.SetLen(syscall.CmsgLen(16))
	info := out.control[syscall.CmsgLen(0):] // struct sctp_sndinfo
	binary.NativeEndian.PutUint16(info, sent.Stream)
	binary.BigEndian.PutUint32(info[4:], sent.PPID)
	out.header.SetControllen(syscall.CmsgSpace(16))
	return bareConn{s, in, out}
}

func (c bareConn) read(b []byte) error {
	for len(b) > 0 {
		c.in.header.SetControllen(len(c.in.control))
		n, err := c.in.do(c.raw.Read, b)
		if err != nil {
			return err
		}
		if n == 0 {
			return io.EOF
		}
		b = b[n:]
	}
	return nil
}

func (c bareConn) write(b []byte) error {
	_, err := c.out.do(c.raw.Write, b)
	return err
}

// assoc returns the association that the last message came from, and answer has the next
// go there.
func (c bareConn) assoc() uint32 {
	return binary.NativeEndian.Uint32(c.in.control[syscall.CmsgLen(24):]) // of struct sctp_rcvinfo
}

func (c bareConn) answer(assoc uint32) {
	binary.NativeEndian.PutUint32(c.out.control[syscall.CmsgLen(12):], assoc)
}

// A bareCall is a recvmsg or sendmsg, with what it needs allocated once.
type bareCall struct {
	header  syscall.Msghdr
	piece   syscall.Iovec
	control [64]byte
	n       uintptr
	errno   syscall.Errno
	try     func(fd uintptr) bool
}

func newBareCall(number uintptr) *bareCall {
	c := &bareCall{}
	c.header.Iov, c.header.Iovlen = &c.piece, 1
	c.header.Control = &c.control[0]
	c.try = func(fd uintptr) bool {
		c.n, _, c.errno = syscall.Syscall6(number, fd, uintptr(unsafe.Pointer(&c.header)), 0, 0, 0, 0)
		return c.errno != syscall.EAGAIN
	}
	return c
}

func (c *bareCall) do(when func(func(uintptr) bool) error, b []byte) (int, error) {
	c.piece.Base = unsafe.SliceData(b)
	c.piece.SetLen(len(b))
	if err := when(c.try); err != nil {
		return 0, err
	}
	if c.errno != 0 {
		return 0, c.errno
	}
	return int(c.n), nil
}

// A bareSocket is a socket on the poller.
type bareSocket struct {
	f   *os.File
	raw syscall.RawConn
}

func newBare(style int) (*bareSocket, error) {
	fd, err := syscall.Socket(syscall.AF_INET, style|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, syscall.IPPROTO_SCTP)
	if err != nil {
		return nil, err
	}
	for _, option := range []int{3, 32} { // SCTP_NODELAY, SCTP_RECVRCVINFO
		if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_SCTP, option, 1); err != nil {
			return nil, err
		}
	}
	return openBare(fd)
}

func openBare(fd int) (*bareSocket, error) {
	f := os.NewFile(uintptr(fd), "sctp")
	raw, err := f.SyscallConn()
	return &bareSocket{f, raw}, err
}

func listenBare(style int) (*bareSocket, error) {
	s, err := newBare(style)
	if err != nil {
		return nil, err
	}
	return s, s.until(s.raw.Write, func(fd int) error {
		if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			return err
		}
		return syscall.Listen(fd, syscall.SOMAXCONN)
	})
}

// until calls f each time that the socket may be ready, until f does not have to wait.
func (s *bareSocket) until(when func(func(uintptr) bool) error, f func(fd int) error) (err error) {
	closed := when(func(fd uintptr) bool {
		err = f(int(fd))
		return err != syscall.EAGAIN && err != syscall.EINPROGRESS && err != syscall.EALREADY
	})
	if closed != nil {
		return closed
	}
	return err
}

func (s *bareSocket) addr() (addr netip.AddrPort) {
	s.raw.Control(func(fd uintptr) {
		if sa, err := syscall.Getsockname(int(fd)); err == nil {
			in := sa.(*syscall.SockaddrInet4)
			addr = netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
		}
	})
	return addr
}

func (s *bareSocket) close() error { return s.f.Close() }
