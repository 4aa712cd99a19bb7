//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// statusSignal returns a channel that is sent to when the status is asked for.
func statusSignal() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1, os.Interrupt, syscall.SIGTERM)
	return c
}

// exitStatus returns the status with which a signal ends the program, or 0.
func exitStatus(s os.Signal) int {
	if s == syscall.SIGUSR1 {
		return 0
	}
	return 128 + int(s.(syscall.Signal)) // as a shell has it
}
