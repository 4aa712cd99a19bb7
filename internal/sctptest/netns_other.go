//go:build !linux

package sctptest

import (
	"errors"
	"net/netip"
	"os"
	"syscall"
	"testing"
)

// Stand-ins: NeedKernel skips the tests that call these.

func Netns(t *testing.T) bool {
	NeedKernel(t)
	return false
}

func Hole(t testing.TB)                                                {}
func Device(t testing.TB, name string, addrs ...netip.Prefix)          {}
func Sysctl(t testing.TB, name, value string)                          {}
func SystemSysctl(t testing.TB, name, value string) (old string)       { return "" }
func Loopback(t testing.TB, up bool)                                   {}
func Unbundle(t testing.TB)                                            {}
func UserNetns(t *testing.T) bool                                      { return Netns(t) }
func LoopbackMTU(t testing.TB, bytes uint32)                           {}
func RemoveLoopbackAddr(t testing.TB, addr netip.Prefix)               {}
func DropPrivileges(t testing.TB)                                      {}
func UseUpFiles(t testing.TB) (release func())                         { return func() {} }
func Signals(t testing.TB)                                             {}
func AcceptFile(t testing.TB, f *os.File) *os.File                     { return nil }
func RawSocket(t testing.TB, family, style, protocol int) *os.File     { return nil }
func forceReadBuffer(t testing.TB, c syscall.Conn, bytes int)          {}
func receiveNow(fd uintptr, b []byte) (int, error)                     { return 0, errors.ErrUnsupported }
func WithoutSCTP(t *testing.T, f func() error) error                   { return f() }
func WithoutOption(t *testing.T, option int, f func() error) error     { return f() }
func Rule(t testing.TB, device string, from netip.Addr, protocol byte) {}
func OptionFails(t *testing.T, option int, errno error, f func() error) error {
	return f()
}
func ListenMany(t testing.TB) (*os.File, uint16)                         { return nil, 0 }
func WithoutRight(t *testing.T, level, option int, f func() error) error { return f() }
