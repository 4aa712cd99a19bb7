package sctp

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"github.com/netsctp/sctp/internal/sys"
)

// netnsHints say what to do about an error of a network namespace.
var netnsHints = map[sys.Errno]string{
	sys.ENOENT: "there is none: ip netns add makes one",
	sys.EPERM:  "it takes CAP_SYS_ADMIN",
	sys.EACCES: "it takes CAP_SYS_ADMIN, and for another process's also CAP_SYS_PTRACE",
	sys.EINVAL: "it is not a network namespace",
}

// netnsError says why the network namespace at path cannot be entered.
func netnsError(path, call string, errno sys.Errno) error {
	err := fmt.Errorf("network namespace %s: %w", path, os.NewSyscallError(call, errno))
	if hint, ok := netnsHints[errno]; ok {
		return fmt.Errorf("%w (%s)", err, hint)
	}
	return err
}

// socketIn opens a socket in the network namespace at path.
func socketIn(path string, family, style int) (fd int, errno sys.Errno, err error) {
	call, failed := sys.InNetns(path, func() { fd, errno = sys.Socket(family, style) })
	if failed != 0 {
		return -1, 0, netnsError(path, call, failed)
	}
	return fd, errno, nil
}

// elsewhere says that s is in another network namespace than the program.
func (s *socket) elsewhere() {
	s.zones = sys.Elsewhere(func(f func(fd uintptr)) { s.raw.Control(f) })
}

// namespaceOf says that s is in the network namespace that l is in.
func (s *socket) namespaceOf(l *socket) {
	if l.zones.Foreign() {
		s.elsewhere()
	}
}

// zonesIn returns a for the kernel: where s is in another network namespace, zones are
// names of that namespace's interfaces, and become their numbers.
func (s *socket) zonesIn(fd uintptr, a *Addr) (*Addr, error) { return zonesIn(s.zones, fd, a) }

func zonesIn(zones *sys.Zones, fd uintptr, a *Addr) (*Addr, error) {
	if !zones.Foreign() || a == nil || !slices.ContainsFunc(a.IPs, func(ip netip.Addr) bool { return ip.Zone() != "" }) {
		return a, nil
	}
	b := AddrFrom(a.Port, slices.Clone(a.IPs)...)
	for i, ip := range b.IPs {
		if ip.Zone() == "" {
			continue
		}
		index := sys.InterfaceIndex(fd, ip.Zone())
		if index == 0 {
			n, err := strconv.ParseUint(ip.Zone(), 10, 32)
			if err != nil {
				return nil, &net.AddrError{Err: "zone " + ip.Zone() + ": no interface of the network namespace", Addr: a.String()}
			}
			index = uint32(n)
		}
		b.IPs[i] = ip.WithZone(strconv.FormatUint(uint64(index), 10))
	}
	return b, nil
}
