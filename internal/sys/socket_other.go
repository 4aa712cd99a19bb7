//go:build !linux

package sys

import "net/netip"

// InMsg and OutMsg are stand-ins: there is no SCTP socket to use them with.
type (
	InMsg  struct{}
	OutMsg struct{ ancillary }
)

func (m *InMsg) Release()          {}
func (m *OutMsg) Release()         {}
func (m *InMsg) Addr() []byte      { return nil }
func (m *InMsg) Rcvd() []byte      { return nil }
func (m *InMsg) Plain() bool       { return false }
func (m *InMsg) RcvInfo() *RcvInfo { return new(RcvInfo) }

func (m *InMsg) Recv(fd uintptr, b []byte, info bool) (n, flags int, errno Errno) {
	return 0, 0, errUnsupported
}

func (m *OutMsg) Send(fd uintptr, b []byte, parts [][]byte) (n int, errno Errno) {
	return 0, errUnsupported
}

func Socket(family, style int) (int, Errno)                         { return -1, errUnsupported }
func Close(fd int)                                                  {}
func Bind(fd int, sa []byte) Errno                                  { return errUnsupported }
func NoRoute(fd uintptr, locals, peers []netip.Addr) Errno          { return 0 }
func Listen(fd, backlog int) Errno                                  { return errUnsupported }
func Accept(fd uintptr, sa *[SizeofSockaddrIn6]byte) (int, Errno)   { return -1, errUnsupported }
func Connectx(fd uintptr, addrs []byte) (int32, Errno)              { return 0, errUnsupported }
func PeelOff(fd uintptr, id int32) (int, Errno)                     { return -1, errUnsupported }
func Spare() (int, Errno)                                           { return -1, errUnsupported }
func Shutdown(fd uintptr, how int) Errno                            { return errUnsupported }
func Getsockopt(fd uintptr, level, name int, b []byte) (int, Errno) { return 0, errUnsupported }
func Setsockopt(fd uintptr, level, name int, b []byte) Errno        { return errUnsupported }
func Getsockname(fd uintptr) ([]byte, Errno)                        { return nil, errUnsupported }
func Poll(fd uintptr) int16                                         { return 0 }
func Dup(fd uintptr) (int, Errno)                                   { return -1, errUnsupported }
func SetNonblock(fd int, on bool) Errno                             { return errUnsupported }
func NotificationNext(fd uintptr) bool                              { return false }
