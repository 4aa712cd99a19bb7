package systest

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// fileMax is the number of files that the system may have open. Who has CAP_SYS_ADMIN may
// open more.
const fileMax = "/proc/sys/fs/file-max"

// WithoutFiles calls f on a thread that can open no file (ENFILE), because the system may
// have none more and the thread lacks CAP_SYS_ADMIN. Others with that right are not
// concerned. The process must be root in the first user namespace.
func WithoutFiles(f func()) (err error) {
	old, err := os.ReadFile(fileMax)
	if err != nil {
		return err
	}
	if err := os.WriteFile(fileMax, []byte("0"), 0); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.WriteFile(fileMax, old, 0)) }()
	return OnThread(func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var data [2]unix.CapUserData
		if err := unix.Capget(&header, &data[0]); err != nil {
			return os.NewSyscallError("capget", err)
		}
		data[0].Effective &^= 1 << unix.CAP_SYS_ADMIN
		if err := unix.Capset(&header, &data[0]); err != nil {
			return os.NewSyscallError("capset", err)
		}
		f()
		return nil
	})
}
