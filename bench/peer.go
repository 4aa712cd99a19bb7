//go:build linux

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"time"
)

// runPeer runs the C program, which prints how many nanoseconds its load took.
func runPeer(load string, args ...int) (time.Duration, error) {
	line := []string{load}
	for _, arg := range args {
		line = append(line, strconv.Itoa(arg))
	}
	out, err := exec.Command(peerProgram, line...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return 0, fmt.Errorf("peer %s: %w: %s", load, err, exit.Stderr)
	}
	if err != nil {
		return 0, err
	}
	var ns int64
	_, err = fmt.Sscan(string(out), &ns)
	return time.Duration(ns), err
}
