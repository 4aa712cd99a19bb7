//go:build linux

package main

import (
	"fmt"
	"io"
)

// A cpioWriter writes an initramfs: a cpio archive in the "newc" format. The
// kernel unpacks several of them, one after the other.
type cpioWriter struct {
	w   io.Writer
	ino int
	err error
}

func (c *cpioWriter) dir(name string)                  { c.entry(name, 0o040755, nil) }
func (c *cpioWriter) file(name string, body []byte)    { c.entry(name, 0o100644, body) }
func (c *cpioWriter) program(name string, body []byte) { c.entry(name, 0o100755, body) }

// close ends the archive and returns the first error of them all. It does not
// close the writer below.
func (c *cpioWriter) close() error {
	c.ino = -1
	c.entry("TRAILER!!!", 0, nil)
	return c.err
}

func (c *cpioWriter) entry(name string, mode int, body []byte) {
	if c.err != nil {
		return
	}
	c.ino++
	const links = 1
	header := "070701"
	for _, field := range []int{c.ino, mode, 0, 0, links, 0, len(body), 0, 0, 0, 0, len(name) + 1, 0} {
		header += fmt.Sprintf("%08X", field)
	}
	header += name + "\x00"
	c.write([]byte(header))
	c.write(body)
}

// write pads to the multiple of 4 at which every part of the format starts.
func (c *cpioWriter) write(b []byte) {
	for _, part := range [][]byte{b, make([]byte, -len(b)&3)} {
		if c.err == nil {
			_, c.err = c.w.Write(part)
		}
	}
}
