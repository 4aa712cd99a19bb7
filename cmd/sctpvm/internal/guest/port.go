//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
)

// A counter writes to a port and counts the bytes.
type counter struct {
	w io.Writer
	n atomic.Int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n.Add(int64(n))
	return n, err
}

func (c *counter) total() int64 { return c.n.Load() }

// connected reads a port at which there is no end: before the driver knows that the
// runner holds the other side, a read returns 0.
type connected struct{ port *os.File }

func (c connected) Read(p []byte) (int, error) {
	for {
		n, err := c.port.Read(p)
		if n > 0 || err != nil && err != io.EOF {
			return n, err
		}
		pause()
	}
}

func pause() { syscall.Nanosleep(&syscall.Timespec{Nsec: 1e6}, nil) }

// openPorts opens the virtio-serial ports of these names. The driver announces
// ports some time after it is loaded and has no event for init to wait on.
func openPorts(names ...string) ([]*os.File, error) {
	ports := make([]*os.File, len(names))
	for i, name := range names {
		dev, err := portDevice(name)
		if err != nil {
			return nil, err
		}
		if ports[i], err = os.OpenFile(dev, os.O_RDWR, 0); err != nil {
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
		pause()
	}
	return "", fmt.Errorf("no virtio-serial port %s after 10 s", name)
}
