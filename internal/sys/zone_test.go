package sys

import (
	"math"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestZoneCacheKnowsTheInterfaces(t *testing.T) {
	ifs, err := net.Interfaces()
	require.NoError(t, err)
	var z zoneCache
	for _, i := range ifs {
		require.Equal(t, i.Name, z.name(uint32(i.Index)))
		require.Equal(t, uint32(i.Index), z.index(i.Name))
	}
	require.Zero(t, z.index(""))
}

func TestZoneCacheUnknownIndexIsItsNumber(t *testing.T) {
	var z zoneCache
	require.Equal(t, "4294967295", z.name(math.MaxUint32))
	require.Equal(t, uint32(math.MaxUint32), z.index("4294967295"))
	read := z.read
	require.Equal(t, "4294967294", z.name(math.MaxUint32-1))
	require.Equal(t, read, z.read, "a packet costs no dump of the interfaces")
}

func TestZoneCacheUnknownNameIsLookedUp(t *testing.T) {
	var z zoneCache
	require.Zero(t, z.index("no such name"))
	read := z.read
	require.False(t, read.IsZero())
	require.Zero(t, z.index("no such name"))
	require.NotEqual(t, read, z.read, "it may have come since")
}

func TestZoneCacheAges(t *testing.T) {
	z := zoneCache{read: time.Now(), names: map[uint32]string{1: "gone"}, indexes: map[string]uint32{"gone": 1}}
	require.Equal(t, "gone", z.name(1))
	require.Equal(t, uint32(1), z.index("gone"))
	z.read = z.read.Add(-2 * zoneCacheAge)
	require.NotEqual(t, "gone", z.name(1))
	require.Zero(t, z.index("gone"))
}
