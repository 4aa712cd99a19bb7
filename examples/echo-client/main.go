// Echo-client sends its arguments as messages, each with a stream and a PPID, and
// prints the replies:
//
//	go run ./examples/echo-client -peer 127.0.0.1:3868 -stream 3 -ppid 60 hello world
//
// A server for it is echo-server. With -replies=false the peer may be one that does
// not answer.
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
	peer := flag.String("peer", "localhost:3868", "`address` of the server; one of several paths as in 10.0.0.1/10.1.0.1:3868")
	stream := flag.Uint("stream", 0, "stream to send on")
	ppid := flag.Uint("ppid", 0, "payload protocol identifier of the messages")
	replies := flag.Bool("replies", true, "wait for the reply to each message")
	timeout := flag.Duration("timeout", 10*time.Second, "limit for the connection, and for each reply")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("echo-client: ")
	info := sctp.SndInfo{Stream: uint16(*stream), PPID: uint32(*ppid)}
	if uint(info.Stream) != *stream || uint(info.PPID) != *ppid {
		log.Fatal("a stream has 16 bits, a PPID has 32")
	}

	nc, err := sctp.DialTimeout("sctp", *peer, *timeout)
	if err != nil {
		log.Fatal(err)
	}
	c := nc.(*sctp.Conn)
	fmt.Println("connected", c.LocalAddr(), "to", c.RemoteAddr())
	for _, text := range flag.Args() {
		if err := exchange(c, text, info, *replies, *timeout); err != nil {
			log.Fatal(err)
		}
	}

	// Close would do; Shutdown also tells whether the peer has got everything.
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	if err := c.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
}

// exchange sends one message, and reads one if there will be a reply.
func exchange(c *sctp.Conn, text string, info sctp.SndInfo, reply bool, timeout time.Duration) error {
	if _, err := c.WriteMsg([]byte(text), &info); err != nil {
		return err
	}
	fmt.Printf("sent     stream %d, PPID %d: %q\n", info.Stream, info.PPID, text)
	if !reply {
		return nil
	}
	if err := c.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	m, err := c.ReadMsg(make([]byte, 64<<10))
	if err != nil {
		return err
	}
	fmt.Printf("received stream %d, PPID %d: %q\n", m.Info.Stream, m.Info.PPID, m.Data)
	return nil
}
