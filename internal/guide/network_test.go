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

// Packets that the network is to tell apart: signalling, on a host that may have several
// interfaces.
func Example_marking() {
	const cs5 = 40 // the differentiated services code point of signalling
	all := netip.AddrPort{}
	mark := func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		return errors.Join(
			o.SetTOS(cs5<<2),         // IPv4 packets, those of the set-up too
			o.SetTClass(cs5<<2),      // IPv6 packets
			o.SetDSCP(all, cs5),      // both, by path
			o.SetFlowLabel(all, 0x5), // IPv6 routers keep a flow on one way
			o.SetTTL(3),              // no farther than the site
			o.SetPriority(6),         // in this host's own queues
			o.SetDontRoute(false),    // true: hosts on this host's own links only
			o.SetECNSupported(true),
			o.SetBindToDevice("lo"),
		)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	lc := &sctp.ListenConfig{Control: mark}
	l, err := lc.ListenSCTP(ctx, "sctp6", sctp.MustParseAddr("[::1]:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	o := l.Options()
	tos, err1 := o.TOS()
	class, err2 := o.TClass()
	dscp, err3 := o.DSCP(all)
	label, err4 := o.FlowLabel(all)
	hops, err5 := o.TTL()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		log.Fatal(err)
	}
	fmt.Println("on the wire:", tos>>2, class>>2, dscp, label, hops)
	priority, err1 := o.Priority()
	direct, err2 := o.DontRoute()
	ecn, err3 := o.ECNSupported()
	device, err4 := o.BindToDevice()
	only6, err5 := o.V6Only()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		log.Fatal(err)
	}
	fmt.Println("in the host:", priority, direct, ecn, device, only6)
	// Output:
	// on the wire: 40 40 40 5 3
	// in the host: 6 false true lo true
}

// Two associations from one port, as peers that expect a fixed source port want them.
func Example_sourcePort() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	share := func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		if err := o.SetReusePort(true); err != nil {
			return err
		}
		on, err := o.ReusePort()
		fmt.Println("shares its port:", on)
		return err
	}
	local := sctp.AddrFrom(0, netip.MustParseAddr("127.0.0.1"))
	for range 2 {
		l, err := sctp.ListenSCTP("sctp4", sctp.MustParseAddr("127.0.0.1:0"))
		if err != nil {
			log.Fatal(err)
		}
		defer l.Close()
		d := &sctp.Dialer{Control: share}
		c, err := d.DialSCTP(ctx, "sctp4", local, l.Addr().(*sctp.Addr))
		if err != nil {
			log.Fatal(err)
		}
		defer c.Close()
		fmt.Println("the same:", local.Port == 0 || local.Equal(c.LocalAddr().(*sctp.Addr)))
		local = c.LocalAddr().(*sctp.Addr)
	}
	// Output:
	// shares its port: true
	// the same: true
	// shares its port: true
	// the same: true
}

// What a program may tell its peer when an association comes up, and itself with each
// message.
func Example_defaults() {
	const ppid, version = 60, 7
	client, server := associate(
		&sctp.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			return errors.Join(
				o.SetInitMsg(sctp.InitMsg{OutStreams: 4}), // as Dialer.InitMsg
				o.SetAdaptationLayer(version),
				o.SetDefaultSndInfo(sctp.DefaultSndInfo{Stream: 2, PPID: ppid}),
			)
		}},
		&sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAdaptationIndication}})
	defer client.Close()
	defer server.Close()
	if err := server.Options().SetContext(4711); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the peer's version:", await[*sctp.AdaptationIndication](server).Indication)
	if _, err := client.Write([]byte("hello")); err != nil {
		log.Fatal(err)
	}
	m, err := server.ReadMsg(make([]byte, 100))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("stream %d, PPID %d, context %d: %s\n", m.Info.Stream, m.Info.PPID, m.Info.Context, m.Data)

	// The settings can be read back.
	o := client.Options()
	init, err1 := o.InitMsg()
	info, err2 := o.DefaultSndInfo()
	layer, err3 := o.AdaptationLayer()
	own, err4 := server.Options().Context()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		log.Fatal(err)
	}
	fmt.Println(init.OutStreams, info.Stream, info.PPID, layer, own)
	// Output:
	// the peer's version: 7
	// stream 2, PPID 60, context 4711: hello
	// 4 2 60 7 4711
}
