// Multi-client sets up an association with five outbound streams and sends on the first
// of them, which succeeds, and on one that does not exist, which fails. Then it aborts the
// association. It is the client of the examples in the manual of Erlang's gen_sctp:
//
//	go run ./examples/multi-client -peer 127.0.0.1:2006
//
// A server for it is multi-server.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/netsctp/sctp"
)

func main() {
	peer := flag.String("peer", "localhost:2006", "`address` of the server; one of several paths as in 10.0.0.1/10.1.0.1:2006")
	timeout := flag.Duration("timeout", 10*time.Second, "limit for the set-up")
	pause := flag.Duration("pause", time.Second, "time between the steps, to watch them at the server")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("multi-client: ")
	if err := run(*peer, *timeout, *pause); err != nil {
		log.Fatal(err)
	}
}

func run(peer string, timeout, pause time.Duration) error {
	raddr, err := sctp.ResolveAddr("sctp", peer)
	if err != nil {
		return err
	}
	lc := sctp.ListenConfig{InitMsg: sctp.InitMsg{OutStreams: 5}}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	c, err := lc.ListenMulti(ctx, "sctp", nil)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetListening(false); err != nil { // a client only
		return err
	}
	id, err := c.Connect(ctx, raddr)
	if err != nil {
		return err
	}
	st, err := c.Options().Assoc(id).Status()
	if err != nil {
		return err
	}
	fmt.Printf("connected to %v: association %d (streams in %d, out %d)\n", raddr, id, st.InStreams, st.OutStreams)

	for _, stream := range []uint16{0, 5} {
		text := fmt.Sprintf("Test %d", stream)
		if _, err := c.WriteMsg([]byte(text), &sctp.SndInfo{Assoc: id, Stream: stream}); err != nil {
			fmt.Printf("stream %d: %v\n", stream, err)
		} else {
			fmt.Printf("stream %d: sent %q\n", stream, text)
		}
		time.Sleep(pause)
	}

	// Shutdown is the end in good order; Abort loses what the server has not got yet.
	if err := c.AbortAssoc(id, []byte("done")); err != nil {
		return err
	}
	fmt.Println("aborted")
	return nil
}
