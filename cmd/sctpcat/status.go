package main

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/netsctp/sctp"
)

// A reporter prints the status that a signal asks for, at any time.
type reporter struct {
	mu sync.Mutex
	e  end // nil where there is no association
}

// set says of what the status is.
func (r *reporter) set(e end) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.e = e
}

// answer answers signals, and ends the program if that is what they ask for.
func (r *reporter) answer(asked <-chan os.Signal) {
	for s := range asked {
		exit := exitStatus(s)
		r.mu.Lock()
		text := ""
		if r.e != nil {
			text = r.e.report()
		}
		if text == "" && exit == 0 {
			text = "status no association\n"
		}
		fmt.Fprint(os.Stderr, text)
		r.mu.Unlock()
		if exit != 0 {
			os.Exit(exit)
		}
	}
}

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
