package sys_test

import (
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sys"
)

// Every struct has the layout that a C compiler gives it, on every architecture.
func TestABILayouts(t *testing.T) {
	structs := goStructs(t)
	for goarch, arch := range abiArchs {
		file, sizes := readABIFile(t, arch), types.SizesFor("gc", goarch)
		for _, row := range abiStructs {
			if slices.Contains(wideStructs, row.goName) {
				continue
			}
			s := structs[row.goName]
			require.NotNil(t, s, row.goName)
			require.Equal(t, file.fields[row.cName], cNames(t, goFields(s, sizes, 0), row.fields), "%s on %s", row.goName, goarch)
			require.Equal(t, file.sizes[row.cName], sizes.Sizeof(s), "%s on %s", row.goName, goarch)
		}
	}
}

// The wide structs have that of a 64-bit kernel, whatever the architecture.
func TestABIWideLayouts(t *testing.T) {
	structs := goStructs(t)
	file := readABIFile(t, "amd64")
	for goarch := range abiArchs {
		sizes := types.SizesFor("gc", goarch)
		for _, row := range abiStructs {
			if !slices.Contains(wideStructs, row.goName) {
				continue
			}
			s := structs[row.goName]
			require.NotNil(t, s, row.goName)
			require.Equal(t, file.fields[row.cName], cNames(t, goFields(s, sizes, 0), row.fields), "%s on %s", row.goName, goarch)
			require.Equal(t, file.sizes[row.cName], int64(sys.WideSize(int(sizes.Sizeof(s)))), "%s on %s", row.goName, goarch)
		}
	}
}

// The structs that are not wide are the same for every kernel; that of Connectx is
// converted by 64-bit kernels.
func TestABIOnlyWideStructsDiffer(t *testing.T) {
	amd64 := readABIFile(t, "amd64")
	for _, arch := range archFiles {
		file := readABIFile(t, arch)
		for _, row := range abiStructs {
			if row.goName == "ConnectxArg" || slices.Contains(wideStructs, row.goName) {
				continue
			}
			require.Equal(t, amd64.fields[row.cName], file.fields[row.cName], "%s on %s", row.cName, arch)
			require.Equal(t, amd64.sizes[row.cName], file.sizes[row.cName], "%s on %s", row.cName, arch)
		}
	}
}

// No struct is left out of the tests above.
func TestABITableIsComplete(t *testing.T) {
	inTable := map[string]bool{}
	for _, row := range abiStructs {
		inTable[row.goName] = true
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(goStructs(t))), slices.Collect(maps.Keys(inTable)))
	for _, name := range wideStructs {
		require.True(t, inTable[name], name)
	}
}

// cNames replaces the names of Go fields by those of the C fields, as paired in pairs.
func cNames(t *testing.T, fields []cField, pairs string) []cField {
	t.Helper()
	names := map[string]string{}
	for _, pair := range strings.Fields(pairs) {
		goName, cName, _ := strings.Cut(pair, ":")
		names[goName] = cName
	}
	require.Len(t, fields, len(names), "a field is not in the table, or is no more: %s", pairs)
	for i, f := range fields {
		require.Contains(t, names, f.name)
		fields[i].name = names[f.name]
	}
	return fields
}

func TestDecodeChecksLength(t *testing.T) {
	b := sys.Bytes(&sys.ShutdownEvent{NotificationHeader: sys.NotificationHeader{Type: sys.SCTP_SHUTDOWN_EVENT, Length: 12}, AssocID: 7})
	for n := range b {
		_, _, ok := sys.Decode[sys.ShutdownEvent](b[:n])
		require.False(t, ok, n)
	}
	e, rest, ok := sys.Decode[sys.ShutdownEvent](append(b[:len(b):len(b)], 'x'))
	require.True(t, ok)
	require.Equal(t, int32(7), e.AssocID)
	require.Equal(t, uint16(sys.SCTP_SHUTDOWN_EVENT), e.Type)
	require.Equal(t, "x", string(rest))
}

func TestNetworkOrder(t *testing.T) {
	v := uint16(0)
	copy(sys.Bytes(&v), []byte{0x00, 0x0c})
	require.Equal(t, uint16(12), sys.Ntohs(v))
	w := sys.Htonl(60)
	require.Equal(t, []byte{0, 0, 0, 60}, sys.Bytes(&w))
	require.Equal(t, uint32(60), sys.Ntohl(w))
}
