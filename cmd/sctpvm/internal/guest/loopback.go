//go:build linux

package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

// An ifreq is struct ifreq with the one integer that init sets.
type ifreq struct {
	name  [syscall.IFNAMSIZ]byte
	value uint32 // ifr_mtu
	_     [20]byte
}

// upLoopback brings lo up, with 127.0.0.1 and ::1. Its MTU becomes that of an
// Ethernet: at lo's own 65536 a bulk transfer fills the peer's window with a
// packet or two and then waits for the delayed SACK, every time.
func upLoopback() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	defer syscall.Close(fd)
	mtu := ifreq{value: 1500}
	copy(mtu.name[:], "lo")
	if err := ioctl(fd, syscall.SIOCSIFMTU, &mtu); err != nil {
		return fmt.Errorf("set the MTU of lo: %w", err)
	}
	up := ifreq{}
	copy(up.name[:], "lo")
	*(*uint16)(unsafe.Pointer(&up.value)) = syscall.IFF_UP | syscall.IFF_RUNNING // ifr_flags is a short
	if err := ioctl(fd, syscall.SIOCSIFFLAGS, &up); err != nil {
		return fmt.Errorf("set lo up: %w", err)
	}
	return nil
}

func ioctl(fd int, request uintptr, req *ifreq) error {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(req)))
	if errno != 0 {
		return errno
	}
	return nil
}
