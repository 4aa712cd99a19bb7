//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/bench/internal/result"
)

// goroutines is a hub that is a listener, with a Conn and a goroutine for each association.
const goroutines = "goroutine per Conn"

const hubSize = 200

// hubKinds are the hubs: one socket with all associations, and what there is in its place.
var hubKinds = []struct {
	name string
	open func() (server, error)
}{
	{inC, hubInC},
	{inCEpoll, hubInCEpoll},
	{bare, bareHub},
	{ours, multiHub},
	{goroutines, connHub},
}

// hubs have messages of 200 bytes echoed on many associations in turn: one at a time, so that
// the hub waits for each, or ten at a time. Their peers are one-to-one sockets of the C program,
// whoever is the hub. The clock counts both.
//
// The send buffer has room for what all associations have not acknowledged yet, which with
// sndbuf_policy=0 they share. The system's default has not, with many associations: last comes
// what that costs.
//
// The figures of the hubs in Go are the median of three, but for those that take minutes.
func hubs(scale int) (ms []measurement) {
	const roomy, usual = 8 << 20, 212992
	add := func(l hubLoad, name string) {
		l.n = 2000 * scale
		name = fmt.Sprintf("%d associations, sndbuf_policy=%d, %s", l.assocs, l.policy, name)
		for _, kind := range hubKinds {
			times := 3
			if kind.name == inC || kind.name == inCEpoll || l.policy == 0 && l.assocs > 1000 {
				times = 1
			}
			ms = append(ms, measurement{
				row: result.Row{Case: name, Impl: kind.name, X: float64(l.assocs), Unit: result.Micros},
				run: func() (float64, error) {
					d, err := l.echo(kind.open)
					return micros(l.n, d), err
				},
				times: times,
				ops:   l.n + max(l.n/10, min(l.assocs, l.n)), // as the peers have it
			})
		}
	}
	for policy := range 2 {
		for _, assocs := range []int{10, 100, 1000, 5000} {
			add(hubLoad{policy: policy, assocs: assocs, atATime: 1, buffer: roomy}, "1 at a time")
		}
	}
	for policy := range 2 {
		for _, assocs := range []int{10, 100, 1000} {
			add(hubLoad{policy: policy, assocs: assocs, atATime: 10, buffer: roomy}, "10 at a time")
		}
	}
	for policy := range 2 {
		add(hubLoad{policy: policy, assocs: 1000, atATime: 1, buffer: usual}, "the default send buffer")
	}
	return ms
}

// A hubLoad is n echoes of a hub.
type hubLoad struct {
	policy, assocs, atATime, n int
	buffer                     int // bytes of the send buffer
}

func (l hubLoad) echo(open func() (server, error)) (time.Duration, error) {
	settle()
	if err := errors.Join(sysctl("net/sctp/sndbuf_policy", l.policy), sysctl("net/core/wmem_default", l.buffer)); err != nil {
		return 0, err
	}
	h, err := open()
	if err != nil {
		return 0, err
	}
	d, err := runPeer("spokes", h.port, hubSize, l.assocs, l.atATime, l.n)
	return d, errors.Join(err, h.stop())
}

// sysctl sets a value of the kernel's, by its name in /proc/sys.
func sysctl(name string, value int) error {
	return os.WriteFile("/proc/sys/"+name, fmt.Appendln(nil, value), 0)
}

func hubInC() (server, error) { return startServer(peerProgram, "hub", strconv.Itoa(hubSize)) }

func hubInCEpoll() (server, error) {
	return startServer(peerProgram, "epoll", "hub", strconv.Itoa(hubSize))
}

func bareHub() (server, error) {
	s, err := listenBare(syscall.SOCK_SEQPACKET)
	if err != nil {
		return server{}, err
	}
	c := newBareConn(s)
	return serve(s.addr(), c.close, func() error {
		b := make([]byte, hubSize)
		for {
			if err := c.read(b); err != nil {
				return err
			}
			c.answer(c.assoc())
			if err := c.write(b); err != nil {
				return err
			}
		}
	}), nil
}

func multiHub() (server, error) {
	m, err := sctp.ListenMulti("sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		return server{}, err
	}
	return serve(m.LocalAddr().(*sctp.Addr).AddrPort(), m.Close, func() error {
		b := make([]byte, hubSize)
		for {
			msg, err := m.ReadMsg(b)
			if err != nil {
				return err
			}
			if _, err := m.WriteMsg(msg.Data, msg.Info.Reply()); err != nil {
				return err
			}
		}
	}), nil
}

func connHub() (server, error) {
	l, err := messageImpl{}.listen()
	if err != nil {
		return server{}, err
	}
	return serve(l.addr(), l.close, func() error {
		for {
			c, err := l.accept()
			if err != nil {
				return err
			}
			go echo(c, hubSize)
		}
	}), nil
}

// serve runs a hub until its socket is closed.
func serve(at netip.AddrPort, closeSocket, run func() error) server {
	done := make(chan error, 1)
	go func() { done <- run() }()
	return server{int(at.Port()), func() error {
		select {
		case err := <-done:
			return fmt.Errorf("the hub has ended: %w", err)
		default:
		}
		err := closeSocket()
		<-done
		return err
	}}
}
