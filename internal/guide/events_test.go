package guide_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/netsctp/sctp"
)

func Example_events() {
	// The server sends one message and shuts the association down.
	l, err := sctp.ListenSCTP("sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.AcceptSCTP()
		if err != nil {
			log.Fatal(err)
		}
		if _, err := c.Write([]byte("hello")); err != nil {
			log.Print(err)
		}
		if err := c.Close(); err != nil {
			log.Print(err)
		}
	}()

	d := &sctp.Dialer{
		Timeout: 30 * time.Second,
		Events:  []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown},
	}
	nc, err := d.Dial("sctp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	c := nc.(*sctp.Conn)
	defer c.Close()
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
		switch ev := m.Event.(type) {
		case nil:
			fmt.Printf("message: %s\n", m.Data)
		case *sctp.AssocChange:
			if ev.State == sctp.AssocCommUp {
				fmt.Printf("up: %d streams in, %d out\n", ev.InStreams, ev.OutStreams)
			}
		case *sctp.Shutdown:
			fmt.Println("the peer shuts down")
		}
	}
	fmt.Println("the end")
	// Output:
	// up: 10 streams in, 10 out
	// message: hello
	// the peer shuts down
	// the end
}
