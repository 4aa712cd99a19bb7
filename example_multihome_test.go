package sctp_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"os/signal"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// An association as NGAP has it: several streams, of which stream 0 is for what concerns
// no UE, the PPID 60, and timers that notice a failed path within seconds.
func ExampleDialer_ngap() {
	const ppid = 60
	d := &sctp.Dialer{
		Timeout: 10 * time.Second,
		InitMsg: sctp.InitMsg{OutStreams: 16, MaxInStreams: 16, MaxAttempts: 4},
		Events:  []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown},
		Control: func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			return errors.Join(
				o.SetRTOInfo(sctp.RTOInfo{Initial: 500 * time.Millisecond, Min: 200 * time.Millisecond, Max: 2 * time.Second}),
				o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 6}),
			)
		},
	}
	nc, err := d.Dial("sctp", "10.0.0.1/10.1.0.1:38412")
	if err != nil {
		log.Fatal(err)
	}
	c := nc.(*sctp.Conn)
	defer c.Close()
	st, err := c.Options().Status()
	if err != nil {
		log.Fatal(err)
	}
	ueStream := 1 + uint16(4711)%(st.OutStreams-1) // one stream for each UE, but not 0
	if _, err := c.WriteMsg([]byte("NGSetupRequest"), &sctp.SndInfo{Stream: 0, PPID: ppid}); err != nil {
		log.Fatal(err)
	}
	if _, err := c.WriteMsg([]byte("InitialUEMessage"), &sctp.SndInfo{Stream: ueStream, PPID: ppid}); err != nil {
		log.Fatal(err)
	}
}

// Heartbeats every five seconds, and three that are lost make a path unreachable: on all
// paths, but for one that is expensive, which is asked once a minute.
func ExampleOptions_SetPeerAddrParams() {
	tune := func(c *sctp.Conn, expensive netip.AddrPort) error {
		o := c.Options()
		all := netip.AddrPort{} // the association: all of its paths
		return errors.Join(
			o.SetPeerAddrParams(all, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 5 * time.Second, PathMaxRxt: 3}),
			o.SetPeerAddrParams(expensive, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: time.Minute}),
			o.RequestHeartbeat(expensive), // and one at once
		)
	}
	_ = tune
}

// Who watches the paths: the messages go on over another path by themselves.
func ExamplePeerAddrChange() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	d := &sctp.Dialer{Events: []sctp.EventType{sctp.EventPeerAddrChange}}
	nc, err := d.DialContext(ctx, "sctp", "10.0.0.1/10.1.0.1:3868")
	if err != nil {
		log.Fatal(err)
	}
	c := nc.(*sctp.Conn)
	defer c.Close()
	for m, err := range c.Messages(64 << 10) {
		var one *sctp.MessageError
		if errors.As(err, &one) {
			log.Print(err) // of one message: the others go on
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		ev, ok := m.Event.(*sctp.PeerAddrChange)
		if !ok {
			continue // a message
		}
		fmt.Println(ev.Addr, ev.State)
		if ev.State == sctp.AddrAvailable {
			// Back on the path that was there first.
			first := c.RemoteAddr().(*sctp.Addr).AddrPort()
			if err := c.Options().SetPrimaryAddr(first); err != nil {
				log.Print(err)
			}
		}
	}
}
