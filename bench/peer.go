//go:build linux

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// runPeer runs the C program, which prints how many nanoseconds its load took.
func runPeer(load string, args ...int) (time.Duration, error) {
	line := strings.Fields(load)
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

// A server echoes what comes on a port until it is stopped.
type server struct {
	port int
	stop func() error
}

// startServer runs a program that prints its port and echoes.
func startServer(program string, args ...string) (server, error) {
	cmd := exec.Command(program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return server{}, err
	}
	if err := cmd.Start(); err != nil {
		return server{}, err
	}
	stop := func() error {
		cmd.Process.Kill()
		cmd.Wait() // says that it was killed
		return nil
	}
	var port int
	if _, err := fmt.Fscan(out, &port); err != nil {
		return server{}, errors.Join(fmt.Errorf("%s: %w", args[0], err), stop())
	}
	return server{port, stop}, nil
}
