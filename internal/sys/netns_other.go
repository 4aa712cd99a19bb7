//go:build !linux

package sys

func InNetns(path string, f func()) (call string, errno Errno)  { return "setns", errUnsupported }
func InNetnsOf(fd uintptr, f func()) (call string, errno Errno) { return "setns", errUnsupported }
func InterfaceIndex(fd uintptr, name string) uint32             { return 0 }
