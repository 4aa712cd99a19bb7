//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

// loadModules loads the files of dir in the order of their names, which is the
// order of their dependencies.
func loadModules(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		image, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := loadModule(image); err != nil {
			return fmt.Errorf("load %s: %w", path, err)
		}
		os.Remove(path) // an initramfs is RAM
	}
	return nil
}

func loadModule(image []byte) error {
	noParams := [1]byte{}
	_, _, errno := syscall.Syscall(syscall.SYS_INIT_MODULE, uintptr(unsafe.Pointer(unsafe.SliceData(image))),
		uintptr(len(image)), uintptr(unsafe.Pointer(&noParams[0])))
	if errno != 0 && !errors.Is(errno, syscall.EEXIST) {
		return errno
	}
	return nil
}
