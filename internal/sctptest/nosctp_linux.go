package sctptest

import (
	"encoding/binary"
	"os"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sys/systest"
)

// sysNumbers holds the numbers of the system calls socket, getsockopt, setsockopt, accept4
// and fcntl. Package syscall lacks most for the architectures on which they came late.
var sysNumbers = map[string][5]uint32{
	"386": {359, 365, 366, 364, 55}, "amd64": {41, 55, 54, 288, 72}, "arm": {281, 295, 294, 366, 55},
	"arm64": {198, 209, 208, 242, 25}, "loong64": {198, 209, 208, 242, 25}, "ppc64": {326, 340, 339, 344, 55},
	"ppc64le": {326, 340, 339, 344, 55}, "riscv64": {198, 209, 208, 242, 25}, "s390x": {359, 365, 366, 364, 55},
}

const sctpProtocol = 132

// WithoutSCTP calls f on a thread that finds no SCTP in the kernel, and returns what
// f returns.
func WithoutSCTP(t *testing.T, f func() error) error {
	t.Helper()
	return SocketFails(t, syscall.EPROTONOSUPPORT, f)
}

// SocketFails calls f on a thread to which the kernel refuses sockets of SCTP, as under the
// seccomp filters of containers, and returns what f returns.
func SocketFails(t *testing.T, errno syscall.Errno, f func() error) error {
	t.Helper()
	return filtered(t, []filter{{call: 0, args: map[uint32]uint32{2: sctpProtocol}, errno: errno}}, f)
}

// AcceptFails calls f on a thread on which accept4 fails, and returns what f returns.
func AcceptFails(t *testing.T, errno syscall.Errno, f func() error) error {
	t.Helper()
	return filtered(t, []filter{{call: 3, errno: errno}}, f)
}

// FcntlFails calls f on a thread on which a command of fcntl fails, and returns what f
// returns.
func FcntlFails(t *testing.T, command int, errno syscall.Errno, f func() error) error {
	t.Helper()
	return filtered(t, []filter{{call: 4, args: map[uint32]uint32{1: uint32(command)}, errno: errno}}, f)
}

// WithoutFiles calls f on a thread for which the system has no file left (fs.file-max), as
// for all who lack CAP_SYS_ADMIN, and returns what f returns.
func WithoutFiles(t *testing.T, f func() error) error {
	t.Helper()
	require.NotNil(t, own, "WithoutFiles without Netns")
	var ferr error
	require.NoError(t, systest.WithoutFiles(func() { ferr = f() }))
	return ferr
}

// WithoutOption calls f on a thread on which the kernel does not know a socket option
// of SCTP, as an older one, and returns what f returns.
func WithoutOption(t *testing.T, option int, f func() error) error {
	t.Helper()
	return OptionFails(t, option, syscall.ENOPROTOOPT, f)
}

// OptionFails is WithoutOption with another answer of the kernel.
func OptionFails(t *testing.T, option int, errno syscall.Errno, f func() error) error {
	t.Helper()
	args := map[uint32]uint32{1: sctpProtocol, 2: uint32(option)}
	return filtered(t, []filter{
		{call: 1, args: args, errno: errno},
		{call: 2, args: args, errno: errno},
	}, f)
}

// WithoutRight calls f on a thread that may not set a socket option of a level, as one
// without a capability, and returns what f returns.
func WithoutRight(t *testing.T, level, option int, f func() error) error {
	t.Helper()
	args := map[uint32]uint32{1: uint32(level), 2: uint32(option)}
	return filtered(t, []filter{{call: 2, args: args, errno: syscall.EPERM}}, f)
}

// A filter lets a system call with certain arguments fail.
type filter struct {
	call  int               // index into sysNumbers
	args  map[uint32]uint32 // by their index
	errno syscall.Errno
}

// filtered calls f on a thread with the filters, and returns what f returns.
func filtered(t *testing.T, filters []filter, f func() error) error {
	t.Helper()
	numbers, ok := sysNumbers[runtime.GOARCH]
	require.True(t, ok, "add the numbers of the system calls for %s to this file", runtime.GOARCH)
	var ferr error
	require.NoError(t, systest.OnThread(func() error {
		for _, fl := range filters {
			if err := fl.install(numbers[fl.call]); err != nil {
				return err
			}
		}
		ferr = f()
		return nil
	}))
	return ferr
}

// install makes the kernel apply the filter to this thread (seccomp).
func (fl *filter) install(number uint32) error {
	const (
		noNewPrivs, seccomp, filterMode = 38, 22, 2             // prctl
		load, equal, ret                = 0x20, 0x15, 0x06      // BPF: LD|W|ABS, JMP|JEQ|K, RET|K
		allow, fail                     = 0x7fff0000, 0x5 << 16 // SECCOMP_RET_ALLOW, _ERRNO
		argsOffset                      = 16                    // of args in struct seccomp_data
	)
	half := uint32(0) // of the argument's halves the one that counts
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		half = 4
	}
	left := uint8(2*len(fl.args) + 1) // instructions up to the last
	prog := []syscall.SockFilter{
		{Code: load, K: 0}, // the call's number
		{Code: equal, K: number, Jf: left},
	}
	for i, v := range fl.args {
		left -= 2
		prog = append(prog,
			syscall.SockFilter{Code: load, K: argsOffset + 8*i + half},
			syscall.SockFilter{Code: equal, K: v, Jf: left})
	}
	prog = append(prog,
		syscall.SockFilter{Code: ret, K: fail | uint32(fl.errno)},
		syscall.SockFilter{Code: ret, K: allow})
	fprog := syscall.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivs, 1, 0, 0, 0, 0); errno != 0 {
		return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", errno)
	}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, seccomp, filterMode, uintptr(unsafe.Pointer(&fprog)), 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("prctl PR_SET_SECCOMP", errno)
	}
	return nil
}
