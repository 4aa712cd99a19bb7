package guide_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/netsctp/sctp"
)

func Example_messages() {
	// The server answers each message in capitals, on its stream and with its PPID.
	serve := func(c *sctp.Conn) error {
		defer c.Close()
		for m, err := range c.Messages(64 << 10) {
			var one *sctp.MessageError
			if errors.As(err, &one) {
				log.Print(err) // of one message, too long for example: the others go on
				continue
			}
			if err != nil {
				return err
			}
			if _, err := c.WriteMsg(bytes.ToUpper(m.Data), m.Info.Reply()); err != nil {
				return err
			}
		}
		return nil // the peer has shut down
	}
	lc := &sctp.ListenConfig{InitMsg: sctp.InitMsg{OutStreams: 20}}
	l, err := lc.ListenSCTP(context.Background(), "sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		c, err := l.AcceptSCTP()
		if err == nil {
			err = serve(c)
		}
		served <- err
	}()

	d := &sctp.Dialer{Timeout: 30 * time.Second, InitMsg: sctp.InitMsg{OutStreams: 20}}
	nc, err := d.Dial("sctp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	c := nc.(*sctp.Conn)
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 64<<10)
	for _, info := range []sctp.SndInfo{
		{Stream: 3, PPID: 60},
		{Stream: 19, PPID: 46},
		{Stream: 3, PPID: 60, Unordered: true},
	} {
		if _, err := c.WriteMsg([]byte("hello"), &info); err != nil {
			log.Fatal(err)
		}
		m, err := c.ReadMsg(b)
		if err != nil {
			log.Fatal(err)
		}
		if !m.EOR {
			log.Fatal("the answer is longer than the buffer")
		}
		fmt.Printf("stream %d, PPID %d, unordered %t: %s\n", m.Info.Stream, m.Info.PPID, m.Info.Unordered, m.Data)
	}
	if err := c.Close(); err != nil {
		log.Fatal(err)
	}
	if err := <-served; err != nil {
		log.Fatal(err)
	}
	// Output:
	// stream 3, PPID 60, unordered false: HELLO
	// stream 19, PPID 46, unordered false: HELLO
	// stream 3, PPID 60, unordered true: HELLO
}
