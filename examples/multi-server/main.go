// Multi-server prints the messages and the events of all associations of one socket. It
// is the server of the examples in the manual of Erlang's gen_sctp:
//
//	go run ./examples/multi-server -listen 127.0.0.1/127.0.0.2:2006
//
// To talk to it, see multi-client and multi-peers.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/netsctp/sctp"
)

// maxMessage is the length of the longest message that is printed.
const maxMessage = 64 << 10

func main() {
	listen := flag.String("listen", ":2006", "`address` to listen on; several IPs as in 10.0.0.1/10.1.0.1:2006")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("multi-server: ")

	lc := sctp.ListenConfig{
		ReadBuffer: 64 << 10,
		Events: []sctp.EventType{sctp.EventAssocChange, sctp.EventPeerAddrChange, sctp.EventSendFailed,
			sctp.EventRemoteError, sctp.EventShutdown, sctp.EventPartialDelivery},
	}
	pc, err := lc.ListenPacket(context.Background(), "sctp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", pc.LocalAddr())
	serve(pc.(*sctp.MultiConn))
	log.Fatal("the socket is of no use any more")
}

// serve prints what comes. An association that ends is an event, and the others go on.
func serve(c *sctp.MultiConn) {
	for m, err := range c.Messages(maxMessage) {
		if err != nil {
			log.Print(err) // of one association or message; any other ends the loop
			continue
		}
		fmt.Printf("%v: association %d: ", m.Addr, m.Info.Assoc)
		switch ev := m.Event.(type) {
		case nil:
			fmt.Printf("stream %d, PPID %d: %q\n", m.Info.Stream, m.Info.PPID, m.Data)
		case *sctp.AssocChange:
			fmt.Printf("%v (streams in %d, out %d; cause %v)\n", ev.State, ev.InStreams, ev.OutStreams, ev.Cause)
		default:
			fmt.Printf("event %v\n", ev.Type())
		}
	}
}
