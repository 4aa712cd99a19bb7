package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// A host is a network namespace with an address on each of two paths. The paths are
// veth pairs: on lo, whose MTU is 65536, the kernel's SCTP stalls.
type host struct {
	name string // of the namespace
	ips  [2]string
}

const (
	serverName = "sctp-demo-server"
	clientName = "sctp-demo-client"
)

// devices are the ends of the paths, alike on both hosts.
var devices = [2]string{"path1", "path2"}

// makeHosts makes the two hosts and the paths between them.
func makeHosts() (server, client *host, err error) {
	deleteHosts() // those of a demo that was killed
	server = &host{serverName, [2]string{"10.0.1.1", "10.0.2.1"}}
	client = &host{clientName, [2]string{"10.0.1.2", "10.0.2.2"}}
	commands := []string{"netns add " + serverName, "netns add " + clientName}
	for _, dev := range devices {
		commands = append(commands, fmt.Sprintf("link add %s netns %s type veth peer name %[1]s netns %[3]s", dev, serverName, clientName))
	}
	for _, h := range []*host{server, client} {
		commands = append(commands, fmt.Sprintf("-n %s link set lo up", h.name))
		for i, dev := range devices {
			commands = append(commands,
				fmt.Sprintf("-n %s address add %s/24 dev %s", h.name, h.ips[i], dev),
				fmt.Sprintf("-n %s link set %s up", h.name, dev))
		}
	}
	for _, c := range commands {
		if err := ip(c); err != nil {
			return nil, nil, err
		}
	}
	for _, h := range []*host{server, client} {
		// A path that does not answer is left soon, so that it can be watched. The
		// timeout is longer than the 200 ms by which a SACK may be delayed.
		for _, setting := range []string{"rto_min=300", "rto_initial=500", "path_max_retrans=1"} {
			if _, err := h.output("sysctl", "-q", "-w", "net.sctp."+setting); err != nil {
				return nil, nil, err
			}
		}
		note("%s has %s", h.name, strings.Join(h.ips[:], " and "))
	}
	return server, client, nil
}

func deleteHosts() {
	for _, name := range []string{serverName, clientName} {
		exec.Command("ip", "netns", "delete", name).Run() // there may be none
	}
}

// ip runs iproute2's ip.
func ip(args string) error {
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w\n%s", args, err, out)
	}
	return nil
}

// at returns the host's address with both IPs.
func (h *host) at(port int) string {
	return fmt.Sprintf("%s/%s:%d", h.ips[0], h.ips[1], port)
}

// command returns a command that runs on the host.
func (h *host) command(args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", h.name}, args...)...)
}

// output runs a command on the host and returns what it prints.
func (h *host) output(args ...string) (string, error) {
	var stderr strings.Builder
	cmd := h.command(args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", args[0], err, out, &stderr)
	}
	return string(out), nil
}

// setPath takes a path up or down.
func (h *host) setPath(dev, state string) error {
	return ip(fmt.Sprintf("-n %s link set %s %s", h.name, dev, state))
}

// received returns the number of bytes that came in over a path.
func (h *host) received(dev string) (int64, error) {
	out, err := h.output("cat", "/sys/class/net/"+dev+"/statistics/rx_bytes")
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(out), 10, 64)
}

// opened returns how many SCTP associations and TCP connections the host has opened.
func (h *host) opened() (sctp, tcp int64, err error) {
	out, err := h.output("cat", "/proc/net/sctp/snmp", "/proc/net/snmp")
	if err != nil {
		return 0, 0, err
	}
	var tcpNames []string
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		switch f := strings.Fields(line); {
		case f[0] == "SctpActiveEstabs":
			sctp, err = strconv.ParseInt(f[1], 10, 64)
		case f[0] == "Tcp:" && tcpNames == nil:
			tcpNames = f
		case f[0] == "Tcp:":
			for i, name := range tcpNames {
				if name == "ActiveOpens" {
					tcp, err = strconv.ParseInt(f[i], 10, 64)
				}
			}
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return sctp, tcp, nil
}
