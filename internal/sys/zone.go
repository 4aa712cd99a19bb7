package sys

import (
	"net"
	"strconv"
	"sync"
	"time"
)

// zones caches the names of network interfaces, as package net does: asking the
// kernel takes a dump of all of them, and link-local addresses come with each
// message.
var zones zoneCache

// ZoneIndex returns the number of the interface that ParseSockaddr calls name.
func ZoneIndex(name string) uint32 { return zones.index(name) }

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
