//go:build !unix

package main

import (
	"os"
	"os/signal"
)

func statusSignal() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	return c
}

func exitStatus(os.Signal) int { return 1 }
