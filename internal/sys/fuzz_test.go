package sys_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// FindCmsg never reads past what the kernel wrote, whatever it wrote, and finds what
// AppendCmsg appended to it; DecodeRcvInfo decodes what FindCmsg finds.
func FuzzFindCmsg(f *testing.F) {
	info := sys.AppendCmsg(nil, sys.SCTP_RCVINFO, &sys.RcvInfo{SID: 3, PPID: 60})
	f.Add([]byte(nil), 0)
	f.Add(info, sys.SCTP_RCVINFO)
	f.Add(info[:len(info)-9], sys.SCTP_RCVINFO)
	f.Add(sys.AppendCmsg(info, sys.SCTP_PRINFO, &sys.PRInfo{Policy: 0x10}), sys.SCTP_PRINFO)
	f.Add(bytes.Repeat([]byte{0}, 64), 0)
	f.Add(bytes.Repeat([]byte{0xff}, 64), -1)
	f.Fuzz(func(t *testing.T, b []byte, typ int) {
		sctptest.Variants(b, func(b []byte) { checkCmsgs(t, b, int(int32(typ))) })
	})
}

func checkCmsgs(t *testing.T, b []byte, typ int) {
	t.Helper()
	data := sys.FindCmsg(b, typ)
	if len(data) > cap(b) || !bytes.Contains(b, data) {
		t.Fatalf("%x is not of %x", data, b)
	}
	others := sys.CmsgsWithout(b, typ)
	if len(others) > len(b) || sys.FindCmsg(others, typ) != nil {
		t.Fatalf("%x without %d is %x", b, typ, others)
	}
	var info sys.RcvInfo
	found := sys.DecodeRcvInfo(b, &info)
	if first, _, ok := sys.Decode[sys.RcvInfo](sys.FindCmsg(b, sys.SCTP_RCVINFO)); found != ok || info != first {
		t.Fatalf("%+v, %v of %x", info, found, b)
	}
	want := sys.SndInfo{SID: 1, Flags: 2, PPID: 3, Context: 4, AssocID: 5}
	for i, control := range [][]byte{
		sys.AppendCmsg(nil, typ, &want),
		sys.AppendCmsg(sys.AppendCmsg(nil, typ^1, &sys.PRInfo{}), typ, &want),
		// A message of one odd byte, so that there is padding before the next.
		sys.AppendCmsg(sys.AppendCmsg(nil, typ^1, new(byte)), typ, &want),
		append(sys.AppendCmsg(nil, typ, &want), b...),
	} {
		got, rest, ok := sys.Decode[sys.SndInfo](sys.FindCmsg(control, typ))
		if !ok || len(rest) > 0 || got != want {
			t.Fatalf("%d: %+v of %x", i, got, control)
		}
	}
}

func TestFindCmsgSkipsOtherLevels(t *testing.T) {
	b := sys.AppendCmsg(nil, sys.SCTP_RCVINFO, &sys.RcvInfo{SID: 9})
	binary.NativeEndian.PutUint32(b[unsafe.Sizeof(uintptr(0)):], 1) // cmsg_level becomes SOL_SOCKET
	b = sys.AppendCmsg(b, sys.SCTP_RCVINFO, &sys.RcvInfo{SID: 3})
	info, _, ok := sys.Decode[sys.RcvInfo](sys.FindCmsg(b, sys.SCTP_RCVINFO))
	require.True(t, ok)
	require.Equal(t, uint16(3), info.SID)
}

// Zones.Peer never reads past its input, and what it reads AppendSockaddr writes.
func FuzzZonesPeer(f *testing.F) {
	for _, s := range []string{"127.0.0.1:1", "[::1]:65535", "[::ffff:10.0.0.1]:3868", "[fe80::1%1]:80", "0.0.0.0:0"} {
		f.Add(sys.AppendSockaddr(nil, sys.AF_INET, netip.MustParseAddrPort(s)))
	}
	f.Add([]byte(nil))
	f.Add([]byte{0})
	f.Add(bytes.Repeat([]byte{0xff}, sys.SizeofSockaddrIn6))
	f.Fuzz(func(t *testing.T, b []byte) {
		sctptest.Variants(b, func(b []byte) { checkPeer(t, b) })
	})
}

func checkPeer(t *testing.T, b []byte) {
	t.Helper()
	ap, n := sys.Here.Peer(b)
	if n > len(b) || n == 0 && ap != (netip.AddrPort{}) {
		t.Fatalf("%v, %d bytes of %x", ap, n, b)
	}
	if n == 0 {
		return
	}
	if !ap.Addr().IsValid() || ap.Addr().Is4In6() {
		t.Fatalf("%v of %x", ap, b)
	}
	again, m := sys.Here.Peer(sys.AppendSockaddr(nil, sys.AF_INET6, ap))
	if again != ap || m != n && (!ap.Addr().Is4() || m != sys.SizeofSockaddrIn) { // an IPv4-mapped address has become what it is
		t.Fatalf("%v of %d bytes, and again %v of %d", ap, n, again, m)
	}
}

// Zones.Peers takes no more than it is told and than there is.
func FuzzZonesPeers(f *testing.F) {
	ips := []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1"), netip.MustParseAddr("10.0.0.1")}
	list := sys.AppendSockaddrs(nil, sys.AF_INET, 3868, ips)
	f.Add(list, 3)
	f.Add(list, 2)
	f.Add(list, 1<<30)
	f.Add(list[:len(list)-1], 3)
	f.Add(list, 0)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		sctptest.Variants(b, func(b []byte) { checkPeers(t, b, max(n, 0)) })
	})
}

func checkPeers(t *testing.T, b []byte, n int) {
	t.Helper()
	got, port := sys.Here.Peers(b, n)
	if len(got) > n || len(got)*sys.SizeofSockaddrIn > len(b) {
		t.Fatalf("%d addresses of %d bytes, asked for %d", len(got), len(b), n)
	}
	again, port2 := sys.Here.Peers(sys.AppendSockaddrs(nil, sys.AF_INET, port, got), len(got))
	if !slices.Equal(got, again) || len(got) > 0 && port != port2 {
		t.Fatalf("%v port %d, and again %v port %d", got, port, again, port2)
	}
}

func TestSockaddrsRoundTrip(t *testing.T) {
	ips := []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1"), netip.MustParseAddr("10.0.0.1")}
	b := sys.AppendSockaddrs(nil, sys.AF_INET6, 3868, ips)
	require.Len(t, b, 16+28+16)
	require.Equal(t, []byte{3868 >> 8, 3868 & 0xff}, b[2:4], "the port is in network order")
	got, port := sys.Here.Peers(b, 3)
	require.Equal(t, ips, got)
	require.Equal(t, uint16(3868), port)
	got, _ = sys.Here.Peers(b[:len(b)-1], 3)
	require.Equal(t, ips[:2], got)
	got, _ = sys.Here.Peers(b, 1)
	require.Equal(t, ips[:1], got)
}

func TestSockaddrOfNothingIsTheFamilysUnspecified(t *testing.T) {
	port := netip.AddrPortFrom(netip.Addr{}, 7)
	ap, n := sys.Here.Peer(sys.AppendSockaddr(nil, sys.AF_INET, port))
	require.Equal(t, sys.SizeofSockaddrIn, n)
	require.Equal(t, "0.0.0.0:7", ap.String())
	ap, n = sys.Here.Peer(sys.AppendSockaddr(nil, sys.AF_INET6, port))
	require.Equal(t, sys.SizeofSockaddrIn6, n)
	require.Equal(t, "[::]:7", ap.String())
}
