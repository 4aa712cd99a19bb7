package guide_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// A server of thousands of associations: room for a window of each that sends at the same
// time, and a limit for what one that takes nothing may cost.
func Example_manyAssociations() {
	lc := &sctp.ListenConfig{
		InitMsg:      sctp.InitMsg{OutStreams: 2, MaxInStreams: 2}, // memory of each
		StallTimeout: time.Second,
		Control: func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			return errors.Join(o.SetReadBuffer(100<<10), o.SetWriteBuffer(100<<10)) // as the fields do
		},
	}
	m, err := lc.ListenMulti(context.Background(), "sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	// They may also change while it serves, as their number does.
	if err := errors.Join(m.SetReadBuffer(90<<10), m.SetWriteBuffer(80<<10), m.SetNoDelay(true)); err != nil {
		log.Fatal(err)
	}
	in, err := m.Options().ReadBuffer()
	if err != nil {
		log.Fatal(err)
	}
	out, err := m.Options().WriteBuffer()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the kernel has doubled them:", in, out)
	// Output: the kernel has doubled them: 184320 163840
}

// Packets to and from whoever: the first one to an address sets an association up.
func Example_packets() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := sctp.ListenMulti("sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client, err := (&sctp.ListenConfig{DialOnly: true}).ListenMulti(ctx, "sctp4", sctp.MustParseAddr("127.0.0.2:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := errors.Join(server.SetDeadline(time.Now().Add(time.Minute)), client.SetDeadline(time.Now().Add(time.Minute))); err != nil {
		log.Fatal(err)
	}

	if _, err := client.WriteTo([]byte("hello"), server.LocalAddr()); err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 1500)
	n, addr, err := server.ReadFrom(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v: %s\n", addr.(*sctp.Addr).IPs, b[:n])
	if _, err := server.WriteTo([]byte("welcome"), addr); err != nil {
		log.Fatal(err)
	}
	if n, _, err = client.ReadFrom(b); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", b[:n])

	// All associations end in good order, whatever else comes in.
	if err := client.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// [127.0.0.2]: hello
	// welcome
}

// News for all; then one association ends with a goodbye, one at once, and the others with
// the socket.
func Example_broadcast() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := sctp.ListenMulti("sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	if err := m.Subscribe(sctp.EventAssocChange); err != nil {
		log.Fatal(err)
	}
	var clients [3]*sctp.Conn
	var ids [3]sctp.AssocID
	for i := range clients {
		c, err := sctp.DialTimeout("sctp4", m.LocalAddr().String(), time.Minute)
		if err != nil {
			log.Fatal(err)
		}
		if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			log.Fatal(err)
		}
		clients[i] = c.(*sctp.Conn)
		defer c.Close()
		for ids[i] == 0 {
			msg, err := m.ReadMsg(make([]byte, 1500))
			if err != nil {
				log.Fatal(err)
			}
			if ev, ok := msg.Event.(*sctp.AssocChange); ok && ev.State == sctp.AssocCommUp {
				ids[i] = ev.Assoc
			}
		}
	}
	if err := m.Unsubscribe(sctp.EventAssocChange); err != nil {
		log.Fatal(err)
	}
	there, err := m.Assocs()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(there), "associations, events:", m.Events())

	if err := m.WriteAll([]byte("news"), nil); err != nil {
		log.Fatal(err)
	}
	for _, c := range clients {
		b := make([]byte, 100)
		n, err := c.Read(b)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", b[:n])
	}
	if _, err := m.WriteMsg([]byte("goodbye"), &sctp.SndInfo{Assoc: ids[0]}); err != nil {
		log.Fatal(err)
	}
	if err := m.ShutdownAssoc(ctx, ids[0]); err != nil {
		log.Fatal(err)
	}
	if err := m.AbortAssoc(ids[1], nil); err != nil {
		log.Fatal(err)
	}
	if err := m.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	for _, c := range clients {
		rest, err := io.ReadAll(c)
		fmt.Printf("%q, reset: %t\n", rest, errors.Is(err, syscall.ECONNRESET))
	}
	// Output:
	// 3 associations, events: []
	// news
	// news
	// news
	// "goodbye", reset: false
	// "", reset: true
	// "", reset: false
}

// A set-up that nobody waits for, and paths that are watched for one association alone.
func Example_watchOne() {
	l, err := sctp.ListenSCTP("sctp4", sctp.MustParseAddr("127.0.0.1/127.0.0.2:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	m, err := sctp.ListenMulti("sctp4", sctp.MustParseAddr("127.0.0.3:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	if err := errors.Join(m.SetEvents(sctp.EventAssocChange), m.SetReadDeadline(time.Now().Add(time.Minute))); err != nil {
		log.Fatal(err)
	}
	id, err := m.StartConnect(l.Addr().(*sctp.Addr))
	if err != nil {
		log.Fatal(err)
	}
	for msg, err := range m.Messages(64 << 10) {
		if err != nil {
			log.Fatal(err)
		}
		ev, ok := msg.Event.(*sctp.AssocChange)
		if ok && ev.Assoc == id {
			fmt.Println(ev.State)
			break
		}
	}

	if err := m.SubscribeAssoc(id, sctp.EventPeerAddrChange); err != nil {
		log.Fatal(err)
	}
	o := m.Options().Assoc(id)
	peer, err := o.PeerAddrs()
	if err != nil {
		log.Fatal(err)
	}
	if err := o.SetPrimaryAddr(peer.AddrPorts()[1]); err != nil {
		log.Fatal(err)
	}
	msg, err := m.ReadWhole(nil, 64<<10)
	if err != nil {
		log.Fatal(err)
	}
	if ev, ok := msg.Event.(*sctp.PeerAddrChange); ok {
		fmt.Println(ev.Addr.Addr(), ev.State)
	}
	if err := m.UnsubscribeAssoc(id, sctp.EventPeerAddrChange); err != nil {
		log.Fatal(err)
	}

	// Nobody needs what is left: Close aborts.
	if err := m.SetLinger(0); err != nil {
		log.Fatal(err)
	}
	// Output:
	// communication up
	// 127.0.0.2 made primary
}

// An association that says nothing for a second is shut down by the kernel.
func Example_idle() {
	m, err := sctp.ListenMulti("sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	if err := m.Options().SetAutoClose(time.Second); err != nil {
		log.Fatal(err)
	}
	c, err := sctp.Dial("sctp4", m.LocalAddr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		log.Fatal(err)
	}
	_, err = c.Read(make([]byte, 100))
	fmt.Println(err)
	// Output: EOF
}
