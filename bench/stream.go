//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// streams send messages one way; the clock stops when the last has arrived.
func streams(scale int) (ms []measurement) {
	for _, size := range []int{64, 200, 1200, 16 << 10} {
		n := min(10000, 32<<20/size) * scale
		ms = append(ms, compare(result.Row{Case: sizeName(size), X: float64(size)}, n,
			blockingAndEpoll(func(how string) (time.Duration, error) { return runPeer(how+"stream", size, n) }),
			func(im namedImpl) (time.Duration, error) { return stream(im, size, n) },
		)...)
	}
	return ms
}

func sizeName(size int) string {
	if size >= 1<<10 && size%(1<<10) == 0 {
		return fmt.Sprintf("%d KiB", size>>10)
	}
	return fmt.Sprintf("%d B", size)
}

// stream sends n messages. The server answers the last of each run with one of its own.
func stream(im implementation, size, n int) (time.Duration, error) {
	return streamTo(im, size, n, func(int) {})
}

// streamTo is stream, with something else for the server to do before it reads the message i.
func streamTo(im implementation, size, n int, other func(i int)) (time.Duration, error) {
	clients, servers, err := pairs(im, 1)
	if err != nil {
		return 0, err
	}
	client, server := clients[0], servers[0]
	runs := []int{n / 10, n} // the first warms up
	served := make(chan error, 1)
	go func() {
		b := make([]byte, size)
		for _, n := range runs {
			for i := range n {
				other(i)
				if err := server.read(b); err != nil {
					served <- err
					return
				}
			}
			if err := server.write(b); err != nil {
				served <- err
				return
			}
		}
		served <- nil
	}()
	b := make([]byte, size)
	var d time.Duration
	for _, n := range runs {
		start := time.Now()
		for range n {
			if err := client.write(b); err != nil {
				return 0, err
			}
		}
		if err := client.read(b); err != nil {
			return 0, err
		}
		d = time.Since(start)
	}
	return d, errors.Join(<-served, client.close(), server.close())
}
