package sys

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An InMsg is the memory that one recvmsg points to, an OutMsg that of one sendmsg. It
// lives on the heap and is used again and again, so that a message costs no allocation.
// One goroutine at a time may use it.
//
// The system calls are raw: x/sys's wrappers allocate, add a byte to an empty
// payload, and ask for the protocol with each name. They go by syscall.Syscall6: what x/sys
// and three parameters put in between costs half as much again.
type (
	InMsg struct {
		control [inControlSize]byte // aligned like a RcvInfo: the first field
		name    [SizeofSockaddrIn6]byte
		hdr     unix.Msghdr
		iov     unix.Iovec
	}
	OutMsg struct {
		ancillary
		hdr  unix.Msghdr
		iov  unix.Iovec
		iovs []unix.Iovec // of a message in several slices
	}
)

// iovec returns the struct iovec of b.
func iovec(b []byte) (v unix.Iovec) {
	v.Base = unsafe.SliceData(b)
	v.SetLen(len(b))
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
	m.iov = iovec(b)
	m.hdr.Iov = &m.iov
	m.hdr.SetIovlen(1)
	if info {
		m.hdr.Name, m.hdr.Control = &m.name[0], &m.control[0]
		m.hdr.Namelen = uint32(len(m.name))
		m.hdr.SetControllen(len(m.control))
	} else {
		m.hdr.Name, m.hdr.Control = nil, nil
		m.hdr.Namelen = 0
		m.hdr.SetControllen(0)
	}
	r, _, errno := syscall.Syscall6(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&m.hdr)), 0, 0, 0, 0)
	if errno != 0 {
		return 0, 0, errno
	}
	return int(r), int(m.hdr.Flags), 0
}

// NotificationNext reports whether what recvmsg would return next is a notification.
func NotificationNext(fd uintptr) bool {
	var b [1]byte
	v := iovec(b[:])
	hdr := &unix.Msghdr{Iov: &v}
	hdr.SetIovlen(1)
	for {
		_, _, errno := unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(hdr)), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if errno != EINTR {
			return errno == 0 && hdr.Flags&MSG_NOTIFICATION != 0
		}
	}
}

// Addr returns the raw source address of the message that Recv returned, valid
// until the next one.
func (m *InMsg) Addr() []byte { return m.name[:min(int(m.hdr.Namelen), len(m.name))] }

// Rcvd returns the control messages of the message that Recv returned, valid until
// the next one.
func (m *InMsg) Rcvd() []byte { return m.control[:min(int(m.hdr.Controllen), len(m.control))] }

// Plain reports whether with the message that Recv returned came an RcvInfo and nothing
// else, and the address of a peer that has no zone.
func (m *InMsg) Plain() bool {
	return int(m.hdr.Controllen) == RcvInfoSpace && [sizeofCmsghdr]byte(m.control[:]) == rcvInfoHeader && !hasScope(&m.name)
}

// RcvInfo returns what came with the message, if that is Plain; it is valid until the next
// Recv.
func (m *InMsg) RcvInfo() *RcvInfo { return (*RcvInfo)(unsafe.Pointer(&m.control[sizeofCmsghdr])) }

// Send calls sendmsg with MSG_NOSIGNAL, for a message that is b or lies in parts, at most
// MaxParts.
func (m *OutMsg) Send(fd uintptr, b []byte, parts [][]byte) (n int, errno Errno) {
	m.iov = iovec(b)
	m.hdr.Iov = &m.iov
	m.hdr.SetIovlen(1)
	if parts != nil {
		m.gather(parts)
	}
	m.hdr.Name, m.hdr.Control = nil, nil
	if m.named > 0 {
		m.hdr.Name = &m.name[0]
	}
	if m.used > 0 {
		m.hdr.Control = &m.control[0]
	}
	m.hdr.Namelen = uint32(m.named)
	m.hdr.SetControllen(m.used)
	r, _, errno := syscall.Syscall6(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&m.hdr)), unix.MSG_NOSIGNAL, 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}

// gather points m at parts.
func (m *OutMsg) gather(parts [][]byte) {
	if cap(m.iovs) < len(parts) {
		m.iovs = make([]unix.Iovec, 0, len(parts))
	}
	m.iovs = m.iovs[:0]
	for _, part := range parts {
		m.iovs = append(m.iovs, iovec(part))
	}
	m.hdr.Iov = unsafe.SliceData(m.iovs)
	m.hdr.SetIovlen(len(m.iovs))
}
