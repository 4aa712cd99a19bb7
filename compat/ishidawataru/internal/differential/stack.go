//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
)

// The incumbent gives the kernel addresses of its variables as numbers, and is wrong when a
// stack moves in between: no stack shrinks here, and none that calls it grows.
func init() { debug.SetGCPercent(-1) }

//go:noinline
func growStack() {
	var b [64 << 10]byte
	runtime.KeepAlive(&b)
}

// pollers returns how many goroutines wait for the poller.
func pollers() int {
	b := make([]byte, 1<<20)
	return bytes.Count(b[:runtime.Stack(b, true)], []byte(" [IO wait"))
}

// threads returns how many threads wait in the kernel's SCTP.
func threads() int {
	n := 0
	tasks, _ := filepath.Glob("/proc/self/task/*/wchan")
	for _, name := range tasks {
		if b, _ := os.ReadFile(name); bytes.Contains(b, []byte("sctp")) {
			n++
		}
	}
	return n
}
