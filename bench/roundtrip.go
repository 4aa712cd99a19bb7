//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// roundTrips send 200 bytes and wait for their echo, on several associations at the same
// time; each has a goroutine at both ends, in C a thread.
func roundTrips(scale int) (ms []measurement) {
	const size = 200
	for _, assocs := range []int{1, 100} {
		n := 5000 * scale
		row := result.Row{Case: fmt.Sprintf("200 B, %d associations", assocs), Unit: result.Rate}
		if assocs == 1 {
			row.Case = "200 B"
		}
		row.Impl = inC
		ms = append(ms, measurement{row, func() (float64, error) {
			d, err := runPeer("roundtrip", size, assocs, n)
			return rate(n, d), err
		}})
		for _, im := range implementations {
			row.Impl = im.name
			ms = append(ms, measurement{row, func() (float64, error) {
				d, err := roundTrip(im, size, assocs, n)
				return rate(n, d), err
			}})
		}
	}
	return ms
}

// roundTrip makes n round trips on all associations together.
func roundTrip(im implementation, size, assocs, n int) (time.Duration, error) {
	clients, servers, err := pairs(im, assocs)
	if err != nil {
		return 0, err
	}
	echoed := make(chan error)
	for _, s := range servers {
		go func() { echoed <- echo(s, size) }()
	}
	all := func(n int) error {
		asked := make(chan error)
		for _, c := range clients {
			go func() { asked <- ask(c, make([]byte, size), n/assocs) }()
		}
		var errs []error
		for range clients {
			errs = append(errs, <-asked)
		}
		return errors.Join(errs...)
	}
	if err := all(n / 10); err != nil {
		return 0, err
	}
	start := time.Now()
	err = all(n)
	d := time.Since(start)
	for _, c := range clients {
		err = errors.Join(err, c.close())
	}
	for range servers {
		err = errors.Join(err, <-echoed)
	}
	return d, err
}
