//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// roundTrips send 200 bytes and wait for their echo, on several associations at the same
// time; each has a goroutine at both ends, in C a thread.
func roundTrips(scale int) (ms []measurement) {
	const size = 200
	n := 5000 * scale
	for _, assocs := range []int{1, 100} {
		name := "200 B"
		if assocs > 1 {
			name = fmt.Sprintf("200 B, %d associations", assocs)
		}
		ms = append(ms, compare(result.Row{Case: name}, n,
			blockingAndEpoll(func(how string) (time.Duration, error) { return runPeer(how+"roundtrip", size, assocs, n) }),
			func(im namedImpl) (time.Duration, error) { return roundTrip(im, size, assocs, n) },
		)...)
	}
	return append(ms, compare(result.Row{Case: "200 B, ends in two programs"}, n,
		blockingAndEpoll(func(how string) (time.Duration, error) {
			s, err := startServer(peerProgram, append(strings.Fields(how), "echo", strconv.Itoa(size))...)
			if err != nil {
				return 0, err
			}
			d, err := runPeer(how+"spokes", s.port, size, 1, 1, n)
			return d, errors.Join(err, s.stop())
		}),
		func(im namedImpl) (time.Duration, error) { return apart(im, size, n) },
	)...)
}

// apart makes n round trips to a server in a program of its own, as they are between
// machines: then no end finds the other ready to run when it waits.
func apart(im namedImpl, size, n int) (time.Duration, error) {
	s, err := startServer(benchProgram, "-serve", im.name, "-size", strconv.Itoa(size))
	if err != nil {
		return 0, err
	}
	c, err := im.dial(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(s.port)))
	if err != nil {
		return 0, errors.Join(err, s.stop())
	}
	b := make([]byte, size)
	err = ask(c, b, n/10)
	start := time.Now()
	err = errors.Join(err, ask(c, b, n))
	d := time.Since(start)
	return d, errors.Join(err, c.close(), s.stop())
}

// serveEcho is the server of apart. It prints its port, and echoes.
func serveEcho(name string, size int) error {
	for _, im := range implementations {
		if im.name != name {
			continue
		}
		l, err := im.listen()
		if err != nil {
			return err
		}
		fmt.Println(l.addr().Port())
		c, err := l.accept()
		if err != nil {
			return err
		}
		return echo(c, size)
	}
	return fmt.Errorf("there is no implementation %q", name)
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
