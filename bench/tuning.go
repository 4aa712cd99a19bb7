//go:build linux

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/bench/internal/result"
)

// A setting is a way to use this package: the default, or one that differs.
type setting struct {
	name string
	impl messageImpl
}

var (
	defaults    = setting{"the defaults", messageImpl{}}
	nagle       = setting{"NODELAY off", controlled(noNoDelay)}
	sackAtOnce  = setting{"each packet acknowledged at once", controlled(everySACK)}
	nagleSACK   = setting{"NODELAY off, each packet acknowledged at once", controlled(noNoDelay, everySACK)}
	buffers32K  = setting{"buffers of 32 KiB", buffered(32 << 10)}
	buffers1M   = setting{"buffers of 1 MiB", buffered(1 << 20)}
	roomLater   = setting{"SetReadBuffer(212992) behind Accept", messageImpl{accepted: func(c *sctp.Conn) error { return c.SetReadBuffer(212992) }}}
	roomBefore  = setting{"a ReadBuffer of 212992", messageImpl{lc: sctp.ListenConfig{ReadBuffer: 212992}}}
	streams64K  = setting{"65,535 streams", withStreams(65535)}
	streams1000 = setting{"1,000 streams", withStreams(1000)}
)

func noNoDelay(o sctp.Options) error { return o.SetNoDelay(false) }
func everySACK(o sctp.Options) error { return o.SetDelayedSACK(sctp.SACKInfo{Freq: 1}) }

// controlled sets options at both ends.
func controlled(set ...func(sctp.Options) error) messageImpl {
	control := func(_, _ string, c syscall.RawConn) (err error) {
		for _, f := range set {
			err = errors.Join(err, f(sctp.NewOptions(c)))
		}
		return err
	}
	return messageImpl{lc: sctp.ListenConfig{Control: control}, d: sctp.Dialer{Control: control}}
}

// buffered gives both ends buffers of a size.
func buffered(bytes int) messageImpl {
	return messageImpl{
		lc: sctp.ListenConfig{ReadBuffer: bytes, WriteBuffer: bytes},
		d:  sctp.Dialer{ReadBuffer: bytes, WriteBuffer: bytes},
	}
}

// withStreams has both ends ask for streams.
func withStreams(n uint16) messageImpl {
	init := sctp.InitMsg{OutStreams: n}
	return messageImpl{lc: sctp.ListenConfig{InitMsg: init}, d: sctp.Dialer{InitMsg: init}}
}

// tunings are what the advice of the document was measured with: a load under the
// defaults, and under settings.
func tunings(scale int) (ms []measurement) {
	const largest = 4 << 20 // of a buffer: the system's limit is less than the 1 MiB
	add := func(load, unit string, run func(messageImpl) (float64, error), settings ...setting) {
		for _, s := range settings {
			ms = append(ms, measurement{
				row: result.Row{Case: load, Impl: s.name, Unit: unit},
				run: func() (float64, error) {
					if err := errors.Join(sysctl("net/core/rmem_max", largest), sysctl("net/core/wmem_max", largest)); err != nil {
						return 0, err
					}
					return run(s.impl)
				},
			})
		}
	}
	few, many := 1000*scale, 5000*scale
	streaming := func(size, n int) func(messageImpl) (float64, error) {
		return func(im messageImpl) (float64, error) {
			d, err := stream(im, size, n)
			return rate(n, d), err
		}
	}
	// First, while the kernel keeps nothing of earlier associations.
	add("memory of the kernel, for each association", result.Bytes, func(im messageImpl) (float64, error) {
		c, err := idle(im, 200)
		return float64(c.kernelMemory), err
	}, defaults, streams1000, streams64K)
	add("3 messages and their echoes", result.Micros, func(im messageImpl) (float64, error) {
		d, err := burst(im, few)
		return micros(few, d), err
	}, defaults, nagle, nagleSACK)
	add("round trips of 200 B", result.Rate, func(im messageImpl) (float64, error) {
		d, err := roundTrip(im, 200, 1, many)
		return rate(many, d), err
	}, defaults, sackAtOnce)
	add("stream of 64 B", result.Rate, streaming(64, many), defaults, nagle, sackAtOnce)
	add("stream of 1200 B", result.Rate, streaming(1200, many), defaults, sackAtOnce)
	add("stream of 16 KiB", result.Rate, streaming(16<<10, few), defaults, sackAtOnce, buffers32K, buffers1M)
	add("stream of 200 B to a reader that pauses", result.Rate, func(im messageImpl) (float64, error) {
		d, err := streamTo(im, 200, many, func(i int) {
			if i%50 == 0 {
				time.Sleep(5 * time.Millisecond)
			}
		})
		return rate(many, d), err
	}, defaults, roomBefore, roomLater)
	add("stream of 16 KiB, 10 ms each way", result.Rate, func(im messageImpl) (float64, error) {
		if err := command("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "10ms", "limit", "100000"); err != nil {
			return 0, err
		}
		v, err := streaming(16<<10, few)(im)
		return v, errors.Join(err, command("tc", "qdisc", "del", "dev", "lo", "root"))
	}, defaults, buffers32K, buffers1M)
	for _, size := range []int{16 << 10, 100 << 10} {
		for _, mtu := range []int{1500, 9000, 65536} {
			add("stream of "+sizeName(size)+" over lo", result.Rate, func(im messageImpl) (float64, error) {
				if err := setMTU(mtu); err != nil {
					return 0, err
				}
				v, err := streaming(size, few/2)(im)
				return v, errors.Join(err, setMTU(1500))
			}, setting{"an MTU of " + strconv.Itoa(mtu), messageImpl{}})
		}
	}
	add("dial, echo, close", result.Rate, func(im messageImpl) (float64, error) {
		d, err := setup(im, 200, 200*scale)
		return rate(200*scale, d), err
	}, defaults, streams1000, streams64K)
	return ms
}

// burst sends three messages and waits for their echoes, n times.
func burst(im implementation, n int) (time.Duration, error) {
	clients, servers, err := pairs(im, 1)
	if err != nil {
		return 0, err
	}
	echoed := make(chan error, 1)
	go func() { echoed <- echo(servers[0], 100) }()
	c, b := clients[0], make([]byte, 100)
	start := time.Now()
	for range n {
		for range 3 {
			if err := c.write(b); err != nil {
				return 0, err
			}
		}
		for range 3 {
			if err := c.read(b); err != nil {
				return 0, err
			}
		}
	}
	d := time.Since(start)
	return d, errors.Join(c.close(), <-echoed)
}

// setMTU sets the MTU of lo.
func setMTU(bytes int) error {
	return command("ip", "link", "set", "lo", "mtu", strconv.Itoa(bytes))
}

// command runs a program of the system's.
func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}
