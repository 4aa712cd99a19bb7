package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"time"

	"github.com/netsctp/sctp"
)

func Example_multihoming() {
	// The server reads until the peer shuts down.
	l, err := sctp.ListenSCTP("sctp", sctp.MustParseAddr("127.0.0.1/127.0.0.2:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		c, err := l.AcceptSCTP()
		if err != nil {
			served <- err
			return
		}
		defer c.Close()
		for m, err := range c.Messages(64 << 10) {
			if err != nil {
				served <- err
				return
			}
			fmt.Printf("the server has %q\n", m.Data)
		}
		served <- nil
	}()

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	d := &sctp.Dialer{
		LocalAddr: sctp.MustParseAddr("127.0.0.3/127.0.0.4:0"),
		Events:    []sctp.EventType{sctp.EventPeerAddrChange},
	}
	c, err := d.DialSCTP(ctx, "sctp", nil, l.Addr().(*sctp.Addr))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	// A heartbeat every second on each idle path. A path is inactive at the third failure in
	// a row, and the association is lost after four retransmissions on whichever paths.
	o := c.Options()
	all := netip.AddrPort{}
	err = errors.Join(
		o.SetPeerAddrParams(all, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: time.Second, PathMaxRxt: 2}),
		o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 4}),
	)
	if err != nil {
		log.Fatal(err)
	}
	peer, err := o.PeerAddrs()
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range peer.AddrPorts() {
		info, err := o.PeerAddrInfo(path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(path.Addr(), info.State)
	}

	// An operator wants the other path, for example before work on the first network.
	primary, err := o.PrimaryAddr()
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range peer.AddrPorts() {
		if path != primary {
			if err := o.SetPrimaryAddr(path); err != nil {
				log.Fatal(err)
			}
			break
		}
	}

	// What happens to the paths is an event. The loop is the program's usual one, here
	// up to the event that SetPrimaryAddr brings.
	if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		log.Fatal(err)
	}
	for m, err := range c.Messages(64 << 10) {
		var one *sctp.MessageError
		if errors.As(err, &one) {
			log.Print(err)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		ev, ok := m.Event.(*sctp.PeerAddrChange)
		if !ok {
			continue // a message
		}
		fmt.Println(ev.Addr.Addr(), ev.State)
		if ev.State == sctp.AddrMadePrim {
			break
		}
	}
	if _, err := c.Write([]byte("over the other path")); err != nil {
		log.Fatal(err)
	}
	if err := c.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	if err := <-served; err != nil {
		log.Fatal(err)
	}
	// Output:
	// 127.0.0.1 active
	// 127.0.0.2 active
	// 127.0.0.2 made primary
	// the server has "over the other path"
}
