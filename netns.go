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

// zonesIn returns a for the kernel: where s is in another network namespace, zones are
// names of that namespace's interfaces, and become their numbers.
func (s *socket) zonesIn(fd uintptr, a *Addr) (*Addr, error) {
	if !s.netns || a == nil {
		return a, nil
	}
	return a.withZones(func(zone string) (uint32, error) {
		if index := sys.InterfaceIndex(fd, zone); index != 0 {
			return index, nil
		}
		index, err := strconv.ParseUint(zone, 10, 32)
		if err != nil {
			return 0, &net.AddrError{Err: "zone " + zone + ": no interface of the network namespace", Addr: a.String()}
		}
		return uint32(index), nil
	})
}

// zonesOut returns an address that the kernel has told: where s is in another network
// namespace, the zones are numbers, since the names that they have got are those of
// the interfaces here.
func (s *socket) zonesOut(a *Addr) *Addr {
	if !s.netns {
		return a
	}
	a, _ = a.withZones(func(zone string) (uint32, error) { return sys.ZoneIndex(zone), nil })
	return a
}

// withZones returns a with numbers as its zones.
func (a *Addr) withZones(index func(zone string) (uint32, error)) (*Addr, error) {
	if !slices.ContainsFunc(a.IPs, func(ip netip.Addr) bool { return ip.Zone() != "" }) {
		return a, nil
	}
	b := AddrFrom(a.Port, slices.Clone(a.IPs)...)
	for i, ip := range b.IPs {
		if ip.Zone() == "" {
			continue
		}
		n, err := index(ip.Zone())
		if err != nil {
			return nil, err
		}
		b.IPs[i] = ip.WithZone(strconv.FormatUint(uint64(n), 10))
	}
	return b, nil
}
