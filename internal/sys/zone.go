package sys

import (
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Zones gives the zones of link-local IPv6 addresses to what the kernel tells of one
// socket, or of all. Other addresses have none: the kernel fills in a scope for them too,
// which means nothing.
type Zones struct {
	// fd calls f with the socket, which is in another network namespace, where zones are
	// the numbers of interfaces. Nil means this one, where they are names.
	fd func(f func(fd uintptr))

	mu    sync.Mutex
	read  time.Time // when links was
	links map[netip.Addr]uint32
}

// Here gives the zones of the sockets of this network namespace.
var Here = &Zones{}

// Elsewhere returns the Zones of a socket in another network namespace, with which fd
// calls f.
func Elsewhere(fd func(f func(fd uintptr))) *Zones { return &Zones{fd: fd} }

// Foreign reports whether z is of another network namespace.
func (z *Zones) Foreign() bool { return z.fd != nil }

// linksAge is how long the list of link-local addresses is taken for true.
const linksAge = time.Second

// zone returns the zone of ip, an address of this host if local is true, to which the
// kernel has given scope. It gives none to what it knows from an INIT alone: then it is
// what it must be, if that is certain.
func (z *Zones) zone(ip netip.Addr, scope uint32, local bool) string {
	if !ip.Is6() || !ip.IsLinkLocalUnicast() {
		return ""
	}
	if scope == 0 {
		scope = z.scope(ip, local)
	}
	switch {
	case scope == 0:
		return ""
	case z.Foreign():
		return strconv.FormatUint(uint64(scope), 10)
	}
	return zones.name(scope)
}

// scope returns the interface of ip: the only one that has this address if it is one of
// this host, and otherwise the only one that has a link-local address at all. It returns 0
// if there are several, or none.
func (z *Zones) scope(ip netip.Addr, local bool) uint32 {
	z.mu.Lock()
	defer z.mu.Unlock()
	if _, ok := z.links[ip]; time.Since(z.read) > linksAge || local && !ok {
		z.links, z.read = linksOf(z.list()), time.Now()
	}
	if local {
		return z.links[ip]
	}
	return z.links[netip.Addr{}]
}

// list returns the link-local addresses of the namespace. To read another's takes
// CAP_NET_ADMIN and CAP_SYS_ADMIN; without them there are none.
func (z *Zones) list() (addrs []linkLocal) {
	if !z.Foreign() {
		return linkLocals()
	}
	z.fd(func(fd uintptr) {
		InNetnsOf(fd, func() { addrs = linkLocals() })
	})
	return addrs
}

// linksOf returns the interface of each address, and under the zero Addr that of all; 0
// where there are several.
func linksOf(addrs []linkLocal) map[netip.Addr]uint32 {
	links := map[netip.Addr]uint32{}
	for _, a := range addrs {
		for _, ip := range []netip.Addr{a.ip, {}} {
			if other, ok := links[ip]; ok && other != a.link {
				links[ip] = 0
			} else {
				links[ip] = a.link
			}
		}
	}
	return links
}

// A linkLocal is a link-local address of the interface whose number is link.
type linkLocal struct {
	ip   netip.Addr
	link uint32
}

// zones caches the names of network interfaces, as package net does: asking the
// kernel takes a dump of all of them, and link-local addresses come with each
// message.
var zones zoneCache

// A zoneCache is read anew when it is older than zoneCacheAge, and when the program
// (never a packet) names an interface that it does not know.
type zoneCache struct {
	mu      sync.Mutex
	read    time.Time
	names   map[uint32]string
	indexes map[string]uint32
}

const zoneCacheAge = time.Minute

// refresh reads the interfaces when the cache is old, or must be read anew.
func (z *zoneCache) refresh(force bool) {
	if now := time.Now(); force || now.Sub(z.read) > zoneCacheAge {
		z.read = now
		z.names, z.indexes = map[uint32]string{}, map[string]uint32{}
		ifs, err := net.Interfaces()
		if err != nil {
			return
		}
		for _, i := range ifs {
			z.names[uint32(i.Index)] = i.Name
			z.indexes[i.Name] = uint32(i.Index)
		}
	}
}

// name returns the name of interface index, or its decimal number.
func (z *zoneCache) name(index uint32) string {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.refresh(false)
	if s, ok := z.names[index]; ok {
		return s
	}
	// Another network namespace, or an interface that came later. The number is
	// remembered until the next refresh, so that a packet cannot cost a dump.
	s := strconv.FormatUint(uint64(index), 10)
	z.names[index] = s
	return s
}

// index returns the number of the interface called name; a decimal name is its
// own number, an unknown one is 0.
func (z *zoneCache) index(name string) uint32 {
	if name == "" {
		return 0
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.refresh(false)
	if i, ok := z.indexes[name]; ok {
		return i
	}
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		return uint32(n)
	}
	z.refresh(true)
	return z.indexes[name]
}
