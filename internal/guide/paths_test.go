package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// The limits that decide when a path has failed: for all paths, and for one that is
// expensive.
func Example_pathLimits() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l, err := sctp.ListenSCTP("sctp4", sctp.MustParseAddr("127.0.0.1/127.0.0.2:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	d := &sctp.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		// Show a path that has potentially failed as an event, too.
		return sctp.NewOptions(c).SetExposePotentiallyFailedState(sctp.PFExposeEnable)
	}}
	c, err := d.DialSCTP(ctx, "sctp4", nil, l.Addr().(*sctp.Addr))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	o := c.Options()
	all := netip.AddrPort{}
	peer, err := o.PeerAddrs()
	if err != nil {
		log.Fatal(err)
	}
	expensive := peer.AddrPorts()[1]
	err = errors.Join(
		o.SetPeerAddrParams(all, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: 2 * time.Second}),
		o.SetPeerAddrThlds(all, sctp.PeerAddrThlds{PathMaxRxt: 4, PFThld: 1, PSThld: 0xffff}),
		o.SetPLPMTUDProbeInterval(all, time.Minute),
		o.SetPeerAddrParams(expensive, sctp.PeerAddrParams{Heartbeat: sctp.ToggleEnable, HBInterval: time.Minute}),
		o.SetPLPMTUDProbeInterval(expensive, 0),
		o.RequestHeartbeat(expensive), // now
	)
	if err != nil {
		log.Fatal(err)
	}

	primary, err := o.PrimaryAddr()
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range peer.AddrPorts() {
		params, err := o.PeerAddrParams(path)
		if err != nil {
			log.Fatal(err)
		}
		limits, err := o.PeerAddrThlds(path)
		if err != nil {
			log.Fatal(err)
		}
		probes, err := o.PLPMTUDProbeInterval(path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v: primary %t, a heartbeat each %v, down after more than %d failures, MTU probes each %v\n",
			path.Addr(), path == primary, params.HBInterval, limits.PathMaxRxt, probes)
	}
	expose, err := o.ExposePotentiallyFailedState()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("potentially failed:", expose)
	// Output:
	// 127.0.0.1: primary true, a heartbeat each 2s, down after more than 4 failures, MTU probes each 1m0s
	// 127.0.0.2: primary false, a heartbeat each 1m0s, down after more than 4 failures, MTU probes each 0s
	// potentially failed: enable
}

// A host moves to another address, and the association goes with it.
func Example_newAddress() {
	control := func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		return errors.Join(o.SetAuthSupported(true), o.SetASCONFSupported(true))
	}
	client, server := associate(
		&sctp.Dialer{Control: control, LocalAddr: sctp.MustParseAddr("127.0.0.3:0")},
		&sctp.ListenConfig{Control: control, Events: []sctp.EventType{sctp.EventPeerAddrChange}})
	defer client.Close()
	defer server.Close()
	o := client.Options()
	if on, err := o.ASCONFSupported(); err != nil || !on {
		log.Fatal("the peer cannot do that: ", err)
	}
	before, after := netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.4")
	port := client.LocalAddr().(*sctp.Addr).Port

	if err := client.BindAdd(after); err != nil {
		log.Fatal(err)
	}
	for await[*sctp.PeerAddrChange](server).State != sctp.AddrConfirmed {
	}
	if err := o.SetPeerPrimaryAddr(netip.AddrPortFrom(after, port)); err != nil {
		log.Fatal(err)
	}
	for await[*sctp.PeerAddrChange](server).State != sctp.AddrMadePrim {
	}
	if err := client.BindRemove(before); err != nil {
		log.Fatal(err)
	}
	for await[*sctp.PeerAddrChange](server).State != sctp.AddrRemoved {
	}
	peer, err := server.Options().PeerAddrs()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the server sends to", peer.IPs)
	// Output: the server sends to [127.0.0.4]
}

// A server follows its host, whose addresses come and go: later associations use those that
// there are.
func Example_serverAddresses() {
	type server interface {
		BindAdd(ips ...netip.Addr) error
		BindRemove(ips ...netip.Addr) error
		Options() sctp.Options
	}
	move := func(s server, from, to netip.Addr) error {
		if err := s.BindAdd(to); err != nil {
			return err
		}
		return s.BindRemove(from)
	}
	from, to := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	l, err := sctp.ListenSCTP("sctp4", sctp.AddrFrom(0, from))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	m, err := sctp.ListenMulti("sctp4", sctp.AddrFrom(0, from))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	for _, s := range []server{l, m} {
		if err := move(s, from, to); err != nil {
			log.Fatal(err)
		}
		now, err := s.Options().LocalAddrs()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("listening on", now.IPs)
	}

	// Or the kernel does it, for associations that have ASCONF, too, where the server is on
	// all addresses.
	all, err := sctp.ListenSCTP("sctp4", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer all.Close()
	if err := all.Options().SetAutoASCONF(true); err != nil {
		log.Fatal(err)
	}
	auto, err := all.Options().AutoASCONF()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("by the kernel:", auto)
	// Output:
	// listening on [127.0.0.2]
	// listening on [127.0.0.2]
	// by the kernel: true
}
