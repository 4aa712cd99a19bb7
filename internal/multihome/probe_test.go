package multihome_test

import (
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// The shortest interval is five seconds.
func TestOptionsPLPMTUDProbeInterval(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	if !sctptest.NeedLinux(t, "5.14", func() error {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		return m.Options().SetPLPMTUDProbeInterval(netip.AddrPort{}, 5*time.Second)
	}) {
		return
	}
	tap := sctptest.NewTap(t)
	_, server := sctptest.PairOf(t, sctp.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return sctp.NewOptions(c).SetPLPMTUDProbeInterval(netip.AddrPort{}, 5*time.Second)
	}}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	tap.Packet(server.LocalAddr().(*sctp.Addr).Port, func(_, p []byte) bool {
		const heartbeat = 4
		return p[12] == heartbeat && len(p) > 1000
	})
}
