// Echo-server sends every message back on the stream and with the PPID that it came
// with, and prints the messages and the events:
//
//	go run ./examples/echo-server -listen 127.0.0.1/127.0.0.2:3868
//
// To talk to it, see echo-client.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"

	"github.com/netsctp/sctp"
)

// maxMessage is the length of the longest message that is sent back.
const maxMessage = 64 << 10

func main() {
	listen := flag.String("listen", ":3868", "`address` to listen on; several IPs as in 10.0.0.1/10.1.0.1:3868")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("echo-server: ")

	// Events must be asked for before the association exists, to see it come up.
	lc := sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown}}
	l, err := lc.Listen(context.Background(), "sctp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", l.Addr())
	for {
		c, err := l.(*sctp.Listener).AcceptSCTP()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer c.Close()
			if err := echo(c); err != nil {
				log.Print(err)
			}
		}()
	}
}

// echo serves one association until it ends.
func echo(c *sctp.Conn) error {
	peer := c.RemoteAddr()
	for m, err := range c.Messages(maxMessage) {
		var lost *sctp.AssocError
		var one *sctp.MessageError
		switch {
		case errors.As(err, &one):
			fmt.Printf("%v: %v\n", peer, err) // too long, for example; the others go on
			continue
		case errors.As(err, &lost):
			return fmt.Errorf("%v: %v, cause: %v", peer, lost.State, lost.Cause)
		case err != nil:
			return err
		}
		switch ev := m.Event.(type) {
		case nil:
			fmt.Printf("%v: stream %d, PPID %d: %d bytes\n", peer, m.Info.Stream, m.Info.PPID, len(m.Data))
			reply := sctp.SndInfo{Stream: m.Info.Stream, PPID: m.Info.PPID, Unordered: m.Info.Unordered}
			if _, err := c.WriteMsg(m.Data, &reply); err != nil {
				return err
			}
		case *sctp.AssocChange:
			fmt.Printf("%v: %v (streams in %d, out %d)\n", peer, ev.State, ev.InStreams, ev.OutStreams)
		case *sctp.Shutdown:
			fmt.Printf("%v: the peer shuts down\n", peer)
		}
	}
	fmt.Printf("%v: the end\n", peer)
	return nil
}
