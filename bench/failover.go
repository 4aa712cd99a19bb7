//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/bench/internal/result"
)

// When the requests of a failover are sent, and what happens meanwhile.
const (
	requestEvery = 10 * time.Millisecond
	pathCut      = 5 * time.Second
	pathRestored = 15 * time.Second
	failoverEnds = 120 * time.Second // a heartbeat each 30 s finds the path
	plotEnds     = 20 * time.Second
	plotted      = 100 * time.Millisecond // a point of the plot has the slowest of these requests
)

// failoverSettings are the timers that both ends have.
var failoverSettings = []struct {
	name string
	set  func(o sctp.Options) error
}{
	{"the defaults", func(sctp.Options) error { return nil }},
	{"PFThld 5", func(o sctp.Options) error {
		return o.SetPeerAddrThlds(allPaths, sctp.PeerAddrThlds{PathMaxRxt: 5, PFThld: 5, PSThld: 65535})
	}},
	{"RTO 250 ms to 1 s", func(o sctp.Options) error {
		return o.SetRTOInfo(sctp.RTOInfo{Initial: 250 * time.Millisecond, Min: 250 * time.Millisecond, Max: time.Second})
	}},
	{"RTO 100 ms to 1 s, SACK delay 20 ms", func(o sctp.Options) error {
		return errors.Join(
			o.SetRTOInfo(sctp.RTOInfo{Initial: 200 * time.Millisecond, Min: 100 * time.Millisecond, Max: time.Second}),
			o.SetDelayedSACK(sctp.SACKInfo{Delay: 20 * time.Millisecond}),
			o.SetPeerAddrParams(allPaths, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: time.Second}),
			o.SetPeerAddrThlds(allPaths, sctp.PeerAddrThlds{PathMaxRxt: 2, PFThld: 0, PSThld: 65535}),
		)
	}},
}

var allPaths netip.AddrPort

// failovers have an association with two paths carry a request of 64 bytes every 10 ms, and
// its answer. Then all packets of the primary path vanish, both ways, and later none.
func failovers(int) (ms []measurement) {
	for _, s := range failoverSettings {
		measured := sync.OnceValues(func() (failover, error) { return failoverOf(s.set) })
		for _, figure := range []struct {
			name string
			of   func(failover) time.Duration
		}{
			{"the longest wait for an answer", failover.longest},
			{"from the cut until answers come as before", failover.recovered},
			{"from the repair until the path is used again", failover.again},
			{"an answer before the cut", failover.before},
		} {
			ms = append(ms, measurement{
				row: result.Row{Case: figure.name, Impl: s.name, Unit: result.Millis},
				run: func() (float64, error) {
					f, err := measured()
					if err != nil {
						return 0, err
					}
					return millis(figure.of(f)), nil
				},
			})
		}
		ms[len(ms)-1].more = func() []result.Row {
			f, _ := measured()
			return f.overTime(s.name)
		}
	}
	return ms
}

func millis(d time.Duration) float64 { return d.Seconds() * 1e3 }

// A failover has, of each request, how long its answer took, and when the primary path was
// active again.
type failover struct {
	waits  []time.Duration
	active time.Duration
}

func (f failover) longest() time.Duration { return slices.Max(f.waits) }
func (f failover) again() time.Duration   { return f.active - pathRestored }

// before returns the median wait before the cut.
func (f failover) before() time.Duration {
	return slices.Sorted(slices.Values(f.waits[:pathCut/requestEvery]))[pathCut/requestEvery/2]
}

// recovered returns how long after the cut the requests begin none of which waits ten times
// as long as before it.
func (f failover) recovered() time.Duration {
	limit := 10 * f.before()
	for i := len(f.waits); i > int(pathCut/requestEvery); i-- {
		if f.waits[i-1] > limit {
			return time.Duration(i)*requestEvery - pathCut
		}
	}
	return 0
}

// overTime returns the points of the plot.
func (f failover) overTime(setting string) (rows []result.Row) {
	for at := time.Duration(0); at < plotEnds; at += plotted {
		slowest := slices.Max(f.waits[at/requestEvery : (at+plotted)/requestEvery])
		rows = append(rows, result.Row{
			Case: fmt.Sprintf("%s%.1f s", result.OverTime, at.Seconds()), Impl: setting,
			X: at.Seconds(), Value: millis(slowest), Unit: result.Millis,
		})
	}
	return rows
}

// The two networks between the two ends, each of which is in a network namespace.
var failoverPaths = []struct{ device, client, server string }{
	{"path1", "10.9.1.1", "10.9.1.2"},
	{"path2", "10.9.2.1", "10.9.2.2"},
}

const clientNetns, serverNetns = "bench-client", "bench-server"

func failoverOf(set func(sctp.Options) error) (f failover, err error) {
	if err := linkNetns(); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, unlinkNetns()) }()
	control := func(_, _ string, c syscall.RawConn) error { return set(sctp.NewOptions(c)) }
	clients, servers, err := pairs(twoPaths{control}, 1)
	if err != nil {
		return f, err
	}
	echoed := make(chan error, 1)
	go func() { echoed <- echo(servers[0], failoverSize) }()
	c := clients[0].(messageConn).c
	if err := ask(clients[0], make([]byte, failoverSize), 100); err != nil { // warms up, and both paths are confirmed
		return f, err
	}
	loss, err := newLosses()
	if err != nil {
		return f, err
	}
	f, err = requestsOver(c, loss)
	return f, errors.Join(err, loss.close(), c.Close(), <-echoed)
}

const failoverSize = 64

// requestsOver sends a request every 10 ms, and takes the time of its answer.
func requestsOver(c *sctp.Conn, loss *losses) (f failover, err error) {
	const n = int(failoverEnds / requestEvery)
	primary := netip.AddrPortFrom(netip.MustParseAddr(failoverPaths[0].server), c.RemoteAddr().(*sctp.Addr).Port)
	start := time.Now()
	answered := make(chan error, 1)
	f.waits = make([]time.Duration, n)
	go func() {
		b := make([]byte, failoverSize)
		for i := range f.waits {
			if err := (messageConn{c}).read(b); err != nil {
				answered <- err
				return
			}
			f.waits[i] = time.Since(start) - time.Duration(i)*requestEvery
		}
		answered <- nil
	}()
	b := make([]byte, failoverSize)
	for i := range n {
		at := time.Duration(i) * requestEvery
		time.Sleep(time.Until(start.Add(at)))
		switch at {
		case pathCut:
			loss.set(100)
		case pathRestored:
			loss.set(0)
		}
		if err := (messageConn{c}).write(b); err != nil {
			return f, err
		}
		if at > pathRestored && f.active == 0 {
			info, err := c.Options().PeerAddrInfo(primary)
			if err != nil {
				return f, err
			}
			if info.State == sctp.PathActive {
				f.active = time.Since(start)
			}
		}
	}
	if err := <-answered; err != nil {
		return f, err
	}
	if f.active == 0 {
		return f, errors.New("the path is not used again")
	}
	return f, nil
}

// A twoPaths has ends with two addresses each, and options.
type twoPaths struct {
	control func(network, address string, c syscall.RawConn) error
}

func (im twoPaths) listen() (listener, error) {
	lc := sctp.ListenConfig{Netns: netnsFile(serverNetns), Control: im.control}
	l, err := lc.ListenSCTP(context.Background(), "sctp4", sctp.AddrFrom(0, failoverIPs(true)...))
	return messageListener{l: l}, err
}

func (im twoPaths) dial(addr netip.AddrPort) (conn, error) {
	d := sctp.Dialer{Netns: netnsFile(clientNetns), LocalAddr: sctp.AddrFrom(0, failoverIPs(false)...), Control: im.control}
	c, err := d.DialSCTP(context.Background(), "sctp4", nil, sctp.AddrFrom(addr.Port(), failoverIPs(true)...))
	return messageConn{c}, err
}

func failoverIPs(server bool) (ips []netip.Addr) {
	for _, p := range failoverPaths {
		ip := p.client
		if server {
			ip = p.server
		}
		ips = append(ips, netip.MustParseAddr(ip))
	}
	return ips
}

func netnsFile(name string) string { return "/run/netns/" + name }

// linkNetns makes the network namespaces, and the links between them.
func linkNetns() error {
	for _, name := range []string{clientNetns, serverNetns} {
		if err := command("ip", "netns", "add", name); err != nil {
			return err
		}
	}
	for _, p := range failoverPaths {
		if err := command("ip", "-n", clientNetns, "link", "add", p.device, "type", "veth", "peer", "name", p.device, "netns", serverNetns); err != nil {
			return err
		}
		for ns, ip := range map[string]string{clientNetns: p.client, serverNetns: p.server} {
			if err := errors.Join(
				command("ip", "-n", ns, "addr", "add", ip+"/24", "dev", p.device),
				command("ip", "-n", ns, "link", "set", p.device, "up"),
			); err != nil {
				return err
			}
		}
	}
	return nil
}

func unlinkNetns() error {
	return errors.Join(command("ip", "netns", "del", clientNetns), command("ip", "netns", "del", serverNetns))
}

// losses loses packets at both ends of the primary path. Its programs have begun before they
// have something to do: to begin takes long.
type losses struct {
	programs []*exec.Cmd
	commands []io.WriteCloser
}

func newLosses() (*losses, error) {
	var l losses
	for _, ns := range []string{clientNetns, serverNetns} {
		cmd := exec.Command("tc", "-n", ns, "-batch", "-")
		cmd.Stderr = os.Stderr
		commands, err := cmd.StdinPipe()
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		if err := cmd.Start(); err != nil {
			return nil, errors.Join(err, l.close())
		}
		l.programs, l.commands = append(l.programs, cmd), append(l.commands, commands)
	}
	l.write("add", 0)
	l.set(0)
	time.Sleep(time.Second)
	return &l, nil
}

// set has so many percent of the packets vanish.
func (l *losses) set(percent int) { l.write("change", percent) }

// write passes a command on. Whether it has worked is what close says.
func (l *losses) write(what string, percent int) {
	for _, commands := range l.commands {
		fmt.Fprintf(commands, "qdisc %s dev %s root netem loss %d%%\n", what, failoverPaths[0].device, percent)
	}
}

func (l *losses) close() (err error) {
	for i, cmd := range l.programs {
		err = errors.Join(err, l.commands[i].Close(), cmd.Wait())
	}
	return err
}
