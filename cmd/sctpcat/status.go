package main

import (
	"fmt"
	"strings"

	"github.com/netsctp/sctp"
)

// status returns a line on the association and one for each of its paths; it is empty where
// there is none, or none any more.
func status(o sctp.Options) string {
	st, err := o.Status()
	if err != nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "status %v, %d streams out, %d in, %d chunks unacknowledged, peer's window %d bytes\n",
		st.State, st.OutStreams, st.InStreams, st.UnackedData, st.PeerRwnd)
	peers, err := o.PeerAddrs()
	if err != nil {
		return b.String()
	}
	for _, ap := range peers.AddrPorts() {
		path, err := o.PeerAddrInfo(ap)
		if err != nil {
			continue // the peer has removed it
		}
		primary := ""
		if ap == st.Primary.Addr {
			primary = ", primary"
		}
		fmt.Fprintf(&b, "path %v %v%s, RTO %v, window %d bytes, MTU %d\n", ap, path.State, primary, path.RTO, path.Cwnd, path.MTU)
	}
	return b.String()
}
