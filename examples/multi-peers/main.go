// Multi-peers sets up associations with two servers at the same time, and prints what
// comes of them until nothing has come for a while. It is the client with connect_init of
// the examples in the manual of Erlang's gen_sctp:
//
//	go run ./examples/multi-peers 127.0.0.1:2006 127.0.0.1:2007
//
// It takes more servers, too. One for it is multi-server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/netsctp/sctp"
)

// maxMessage is the length of the longest message that is printed.
const maxMessage = 64 << 10

func main() {
	wait := flag.Duration("wait", 5*time.Second, "time without a message or event after which to end")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("multi-peers: ")
	if err := run(flag.Args(), *wait); err != nil {
		log.Fatal(err)
	}
}

func run(peers []string, wait time.Duration) error {
	lc := sctp.ListenConfig{
		InitMsg: sctp.InitMsg{OutStreams: 5},
		Events:  []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown},
	}
	c, err := lc.ListenMulti(context.Background(), "sctp", nil)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetListening(false); err != nil { // a client only
		return err
	}

	names := make(map[sctp.AssocID]string)
	for _, peer := range peers {
		raddr, err := sctp.ResolveAddr("sctp", peer)
		if err != nil {
			return err
		}
		id, err := c.StartConnect(raddr)
		if err != nil {
			return err
		}
		names[id] = peer
	}
	fmt.Println("associations begun:", len(names))

	if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	for m, err := range c.Messages(maxMessage) {
		var one *sctp.MessageError
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case errors.As(err, &one):
			fmt.Println(err) // of one association or message; the others go on
			continue
		case err != nil:
			return err
		}
		peer := names[m.Info.Assoc]
		switch ev := m.Event.(type) {
		case nil:
			fmt.Printf("%s: stream %d, PPID %d: %q\n", peer, m.Info.Stream, m.Info.PPID, m.Data)
		case *sctp.AssocChange:
			fmt.Printf("%s: %v (streams in %d, out %d)\n", peer, ev.State, ev.InStreams, ev.OutStreams)
		case *sctp.Shutdown:
			fmt.Printf("%s: the peer shuts down\n", peer)
		}
		if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return err
		}
	}
	return nil
}
