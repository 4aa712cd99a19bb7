//go:build linux

package main

import (
	"errors"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// setups dial, send 200 bytes, wait for the echo and close, one after the other. The server
// accepts, echoes, waits for the end and closes.
func setups(scale int) []measurement {
	const size = 200
	n := 500 * scale
	return compare(result.Row{Case: "dial, echo, close"}, n,
		[]loadInC{{inC, func() (time.Duration, error) { return runPeer("setup", size, n) }}},
		func(im namedImpl) (time.Duration, error) { return setup(im, size, n) },
	)
}

// calm computes until Go's monitor looks but each 10 ms whether a system call takes long, and
// not each 20 us: from then on it takes no processor away from connect and close, which does
// not happen at all while it rests, and in each connection while it does not.
func calm() {
	for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {
	}
}

// setup makes n connections for an echo each.
func setup(im implementation, size, n int) (time.Duration, error) {
	l, err := im.listen()
	if err != nil {
		return 0, err
	}
	defer l.close()
	runs := []int{n / 10, n} // the first warms up
	served := make(chan error, 1)
	go func() {
		for range runs[0] + runs[1] {
			c, err := l.accept()
			if err == nil {
				err = echo(c, size)
			}
			if err != nil {
				served <- err
				return
			}
		}
		served <- nil
	}()
	b, addr := make([]byte, size), l.addr()
	var d time.Duration
	calm()
	for _, n := range runs {
		start := time.Now()
		for range n {
			c, err := im.dial(addr)
			if err != nil {
				return 0, err
			}
			if err := errors.Join(ask(c, b, 1), c.close()); err != nil {
				return 0, err
			}
		}
		d = time.Since(start)
	}
	return d, <-served
}
