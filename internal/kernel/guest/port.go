//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// openPorts opens the virtio-serial ports of these names. The driver announces
// ports some time after it is loaded and has no event for init to wait on.
func openPorts(names ...string) ([]*os.File, error) {
	ports := make([]*os.File, len(names))
	for i, name := range names {
		dev, err := portDevice(name)
		if err != nil {
			return nil, err
		}
		if ports[i], err = os.OpenFile(dev, os.O_WRONLY, 0); err != nil {
			return nil, err
		}
	}
	return ports, nil
}

func portDevice(name string) (string, error) {
	const class = "/sys/class/virtio-ports"
	for range 10_000 {
		entries, _ := os.ReadDir(class)
		for _, e := range entries {
			text, _ := os.ReadFile(filepath.Join(class, e.Name(), "name"))
			if strings.TrimSpace(string(text)) == name {
				return filepath.Join("/dev", e.Name()), nil
			}
		}
		syscall.Nanosleep(&syscall.Timespec{Nsec: 1e6}, nil)
	}
	return "", fmt.Errorf("no virtio-serial port %s after 10 s", name)
}
