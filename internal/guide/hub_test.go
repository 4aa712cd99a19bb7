package guide_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/netsctp/sctp"
)

func Example_hub() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	lc := &sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange}}
	m, err := lc.ListenMulti(ctx, "sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()

	// Two clients. The first says hello; then the second does, and asks for a stream of
	// bytes of its own; then the first leaves.
	client := func(wants ...string) (*sctp.Conn, error) {
		c, err := sctp.DialTimeout("sctp", m.LocalAddr().String(), 30*time.Second)
		if err != nil {
			return nil, err
		}
		c.SetDeadline(time.Now().Add(30 * time.Second))
		b := make([]byte, 1500)
		for _, want := range wants {
			if _, err := c.Write([]byte(want)); err != nil {
				return nil, err
			}
			if _, err := c.Read(b); err != nil {
				return nil, err
			}
		}
		return c.(*sctp.Conn), nil
	}
	clients := make(chan error, 1)
	go func() {
		first, err := client("hello")
		if err != nil {
			clients <- err
			return
		}
		second, err := client("hello", "file")
		if err != nil {
			clients <- err
			return
		}
		clients <- errors.Join(first.Shutdown(ctx), second.Shutdown(ctx))
	}()

	// The hub: one loop for all associations.
	up := 0
	if err := m.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		log.Fatal(err)
	}
	for msg, err := range m.Messages(64 << 10) {
		var one *sctp.MessageError
		if errors.As(err, &one) {
			log.Print(err) // of one association or message: the others go on
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		if ev, ok := msg.Event.(*sctp.AssocChange); ok {
			switch ev.State {
			case sctp.AssocCommUp:
				up++
			case sctp.AssocCommLost, sctp.AssocShutdownComp:
				up--
			}
			fmt.Printf("%v, now %d\n", ev.State, up)
			if up == 0 {
				break
			}
			continue
		}
		fmt.Printf("a client says %s\n", msg.Data)
		if string(msg.Data) != "file" {
			if _, err := m.WriteMsg([]byte("welcome"), msg.Info.Reply()); err != nil {
				log.Print(err) // it has ended
			}
			continue
		}
		c, err := m.PeelOff(msg.Info.Assoc)
		if err != nil {
			log.Print(err)
			continue
		}
		up--
		fmt.Printf("peeled off, now %d\n", up)
		go func() {
			defer c.Close()
			if _, err := c.Write([]byte("the file")); err != nil {
				log.Print(err)
			}
			io.Copy(io.Discard, c) // until the peer shuts down
		}()
	}
	if err := <-clients; err != nil {
		log.Fatal(err)
	}
	// Output:
	// communication up, now 1
	// a client says hello
	// communication up, now 2
	// a client says hello
	// a client says file
	// peeled off, now 1
	// shutdown complete, now 0
}
