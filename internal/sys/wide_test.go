package sys_test

import (
	"bytes"
	"go/types"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// fillStruct returns size bytes in which the i-th field holds bytes of i+1, and all
// padding zero.
func fillStruct(fields []cField, size int64) []byte {
	b := make([]byte, size)
	for i, f := range fields {
		copy(b[f.offset:], bytes.Repeat([]byte{byte(i + 1)}, int(f.size)))
	}
	return b
}

// A wide struct becomes that of a 32-bit kernel, and back, as a C compiler has it.
func TestWideStructsOfA32BitKernel(t *testing.T) {
	structs, wide := goStructs(t), readABIFile(t, "amd64")
	for _, arch := range []string{"386", "arm"} {
		narrow, sizes := readABIFile(t, arch), types.SizesFor("gc", arch)
		for _, row := range abiStructs {
			if !slices.Contains(wideStructs, row.goName) {
				continue
			}
			b := fillStruct(wide.fields[row.cName], sizes.Sizeof(structs[row.goName]))
			w := fillStruct(narrow.fields[row.cName], narrow.sizes[row.cName])
			if arch == "386" || row.goName != "AssocStats" {
				require.Len(t, w, sys.NarrowSize(len(b)), "%s on %s", row.goName, arch)
			} else {
				require.Len(t, w, len(b), "64-bit fields are aligned to 8")
			}
			require.Equal(t, w, sys.Squeeze(b, len(w)), "%s on %s", row.goName, arch)
			got := bytes.Repeat([]byte{0xff}, len(b))
			sys.Widen(got, w)
			require.Equal(t, b, got, "%s on %s", row.goName, arch)
		}
	}
}

// A 32-bit program on a 64-bit kernel reads and writes the 64-bit structs.
func TestWideOptions(t *testing.T) {
	sctptest.NeedKernel(t)
	fd, errno := sys.Socket(sys.AF_INET, sys.SOCK_STREAM)
	require.Zero(t, errno)
	defer sys.Close(fd)

	thlds := sys.PAddrThlds{PathMaxRxt: 7, PathPFThld: 3}
	require.Zero(t, sys.SetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_PEER_ADDR_THLDS, sys.Bytes(&thlds)))
	v2 := sys.PAddrThldsV2{}
	_, errno = sys.GetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_PEER_ADDR_THLDS_V2, sys.Bytes(&v2))
	require.Zero(t, errno)
	require.Equal(t, sys.PAddrThldsV2{PathMaxRxt: 7, PathPFThld: 3, PathCPThld: 0xffff}, v2)

	v2.PathCPThld = 9
	require.Zero(t, sys.SetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_PEER_ADDR_THLDS_V2, sys.Bytes(&v2)))
	got := sys.PAddrThldsV2{}
	_, errno = sys.GetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_PEER_ADDR_THLDS_V2, sys.Bytes(&got))
	require.Zero(t, errno)
	require.Equal(t, v2, got)

	port := sys.UDPEncaps{Port: sys.Htons(9899)}
	if sctptest.OlderLinux(t, "5.11") {
		require.Equal(t, syscall.ENOPROTOOPT, sys.SetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_REMOTE_UDP_ENCAPS_PORT, sys.Bytes(&port)))
		return
	}
	require.Zero(t, sys.SetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_REMOTE_UDP_ENCAPS_PORT, sys.Bytes(&port)))
	gotPort := sys.UDPEncaps{}
	_, errno = sys.GetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_REMOTE_UDP_ENCAPS_PORT, sys.Bytes(&gotPort))
	require.Zero(t, errno)
	require.Equal(t, port, gotPort)

	interval := sys.ProbeInterval{Interval: 6000}
	if sctptest.OlderLinux(t, "5.14") {
		require.Equal(t, syscall.ENOPROTOOPT, sys.SetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_PLPMTUD_PROBE_INTERVAL, sys.Bytes(&interval)))
		return
	}
	require.Zero(t, sys.SetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_PLPMTUD_PROBE_INTERVAL, sys.Bytes(&interval)))
	gotInterval := sys.ProbeInterval{}
	_, errno = sys.GetsockoptWide(uintptr(fd), sys.SOL_SCTP, sys.SCTP_PLPMTUD_PROBE_INTERVAL, sys.Bytes(&gotInterval))
	require.Zero(t, errno)
	require.Equal(t, interval, gotInterval)
}

// The counters are where they belong.
func TestWideAssocStats(t *testing.T) {
	client, _ := sctptest.Pair(t)
	for range 3 {
		_, err := client.Write([]byte("ping"))
		require.NoError(t, err)
	}
	rc, err := client.SyscallConn()
	require.NoError(t, err)
	var stats sys.AssocStats
	var n int
	var errno sys.Errno
	require.NoError(t, rc.Control(func(fd uintptr) {
		n, errno = sys.GetsockoptWide(fd, sys.SOL_SCTP, sys.SCTP_GET_ASSOC_STATS, sys.Bytes(&stats))
	}))
	require.Zero(t, errno)
	require.Equal(t, int(unsafe.Sizeof(stats)), n)
	require.Equal(t, uint64(3), stats.ODChunks, "ordered DATA chunks sent")
	require.Zero(t, stats.IDChunks)
	require.Zero(t, stats.OUODChunks)
	require.NotZero(t, stats.OPackets)
	require.NotZero(t, stats.ICtrl, "INIT-ACK and COOKIE-ACK")
}

// What is no socket is neither kind of kernel's.
func TestWideOptionsOfNoSocket(t *testing.T) {
	sctptest.NeedKernel(t)
	var thlds sys.PAddrThlds
	_, errno := sys.GetsockoptWide(^uintptr(0)>>1, sys.SOL_SCTP, sys.SCTP_PEER_ADDR_THLDS, sys.Bytes(&thlds))
	require.Equal(t, syscall.EBADF, errno)
	require.Equal(t, syscall.EBADF, sys.SetsockoptWide(^uintptr(0)>>1, sys.SOL_SCTP, sys.SCTP_PEER_ADDR_THLDS, sys.Bytes(&thlds)))
}
