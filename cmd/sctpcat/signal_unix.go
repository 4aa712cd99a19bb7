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
	signal.Notify(c, syscall.SIGUSR1)
	return c
}
