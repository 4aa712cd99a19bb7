package sctptest

import (
	"encoding/binary"
	"os"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// sysSocket holds the number of the system call socket. Package syscall lacks it for
// the architectures on which it came late.
var sysSocket = map[string]uint32{
	"386": 359, "amd64": 41, "arm": 281, "arm64": 198, "loong64": 198, "ppc64": 326, "ppc64le": 326,
	"riscv64": 198, "s390x": 359,
}

// WithoutSCTP calls f on a thread that finds no SCTP in the kernel, and returns what
// f returns.
func WithoutSCTP(t *testing.T, f func() error) error {
	t.Helper()
	nr, ok := sysSocket[runtime.GOARCH]
	require.True(t, ok, "add the number of the system call socket for %s to this file", runtime.GOARCH)
	type outcome struct{ filter, f error }
	ch := make(chan outcome, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		err := filterSocket(nr)
		if err != nil {
			ch <- outcome{filter: err}
			return
		}
		ch <- outcome{f: f()}
	}()
	o := Receive(t, ch)
	require.NoError(t, o.filter)
	return o.f
}

// filterSocket makes socket(2) with IPPROTO_SCTP fail on this thread, as a kernel
// without the module does.
func filterSocket(nr uint32) error {
	const (
		noNewPrivs, seccomp, filterMode = 38, 22, 2             // prctl
		load, equal, ret                = 0x20, 0x15, 0x06      // BPF: LD|W|ABS, JMP|JEQ|K, RET|K
		allow, fail                     = 0x7fff0000, 0x5 << 16 // SECCOMP_RET_ALLOW, _ERRNO
		protocol                        = 32                    // offset of args[2] in struct seccomp_data
		sctp                            = 132
	)
	low := uint32(protocol) // of the argument's halves the one that counts
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		low += 4
	}
	prog := []syscall.SockFilter{
		{Code: load, K: 0}, // the call's number
		{Code: equal, K: nr, Jf: 3},
		{Code: load, K: low},
		{Code: equal, K: sctp, Jf: 1},
		{Code: ret, K: fail | uint32(syscall.EPROTONOSUPPORT)},
		{Code: ret, K: allow},
	}
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
