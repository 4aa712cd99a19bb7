package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// An InMsg is the memory that one recvmsg points to, an OutMsg that of one sendmsg. It
// lives on the heap and is used again and again, so that a message costs no allocation.
// One goroutine at a time may use it.
//
// The system calls are raw: x/sys's wrappers allocate, add a byte to an empty
// payload, and ask for the protocol with each name.
type (
	InMsg struct {
		msg
		control [inControlSize]byte
	}
	OutMsg struct {
		msg
		iovs    []unix.Iovec // of a message in several slices
		control [outControlSize]byte
	}
	msg struct {
		hdr  unix.Msghdr
		iov  unix.Iovec
		name [SizeofSockaddrIn6]byte
	}
)

// prepare points m at b. Release undoes it.
func (m *msg) prepare(b []byte) {
	m.hdr = unix.Msghdr{}
	m.iov = iovec(b)
	m.hdr.Iov = &m.iov
	m.hdr.SetIovlen(1)
}

// iovec returns the struct iovec of b.
func iovec(b []byte) (v unix.Iovec) {
	if len(b) > 0 {
		v.Base = &b[0]
		v.SetLen(len(b))
	}
	return v
}

// Release forgets the caller's buffer.
func (m *InMsg) Release() { m.iov.Base = nil }

// Release forgets the caller's buffers.
func (m *OutMsg) Release() {
	m.iov.Base = nil
	clear(m.iovs)
}

// Recv calls recvmsg. With info it asks for the peer's address and the control
// messages, for Addr and Rcvd to return.
func (m *InMsg) Recv(fd uintptr, b []byte, info bool) (n, flags int, errno Errno) {
	m.prepare(b)
	if info {
		m.hdr.Name = &m.name[0]
		m.hdr.Namelen = uint32(len(m.name))
		m.hdr.Control = &m.control[0]
		m.hdr.SetControllen(len(m.control))
	}
	r, _, errno := unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&m.hdr)), 0)
	if errno != 0 {
		return 0, 0, errno
	}
	return int(r), int(m.hdr.Flags), 0
}

// NotificationNext reports whether what recvmsg would return next is a notification.
func NotificationNext(fd uintptr) bool {
	var b [1]byte
	m := new(msg)
	m.prepare(b[:])
	for {
		_, _, errno := unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&m.hdr)), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if errno != EINTR {
			return errno == 0 && m.hdr.Flags&MSG_NOTIFICATION != 0
		}
	}
}

// Addr returns the raw source address of the message that Recv returned, valid
// until the next one.
func (m *InMsg) Addr() []byte { return m.name[:min(int(m.hdr.Namelen), len(m.name))] }

// Rcvd returns the control messages of the message that Recv returned, valid until
// the next one.
func (m *InMsg) Rcvd() []byte { return m.control[:min(int(m.hdr.Controllen), len(m.control))] }

// Send calls sendmsg with MSG_NOSIGNAL. A control that is not nil was built on
// Control, a name on Name.
func (m *OutMsg) Send(fd uintptr, b, name, control []byte) (n int, errno Errno) {
	m.prepare(b)
	return m.send(fd, name, control)
}

// SendParts is Send for a message that lies in several slices, at most MaxParts.
func (m *OutMsg) SendParts(fd uintptr, parts [][]byte, name, control []byte) (n int, errno Errno) {
	m.prepare(nil)
	if cap(m.iovs) < len(parts) {
		m.iovs = make([]unix.Iovec, 0, len(parts))
	}
	m.iovs = m.iovs[:0]
	for _, part := range parts {
		m.iovs = append(m.iovs, iovec(part))
	}
	m.hdr.Iov = unsafe.SliceData(m.iovs)
	m.hdr.SetIovlen(len(m.iovs))
	return m.send(fd, name, control)
}

func (m *OutMsg) send(fd uintptr, name, control []byte) (n int, errno Errno) {
	if len(name) > 0 {
		m.hdr.Name = &name[0]
		m.hdr.Namelen = uint32(len(name))
	}
	if len(control) > 0 {
		m.hdr.Control = &control[0]
		m.hdr.SetControllen(len(control))
	}
	r, _, errno := unix.Syscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&m.hdr)), unix.MSG_NOSIGNAL)
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}
