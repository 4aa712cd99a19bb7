package sctp_test

import (
	"errors"
	"log"
	"net"

	"github.com/netsctp/sctp"
)

// The server that docs/migrating.md ports from github.com/ishidawataru/sctp, after it.
func Example_migrated() {
	addr, err := sctp.ResolveAddr("sctp", "10.0.0.1/10.1.0.1:38412")
	if err != nil {
		log.Fatal(err)
	}
	ln, err := sctp.ListenSCTP("sctp", addr)
	if err != nil {
		log.Fatal(err)
	}
	if err := ln.Subscribe(sctp.EventShutdown); err != nil {
		log.Fatal(err)
	}
	for {
		c, err := ln.AcceptSCTP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			log.Print(err)
			continue
		}
		go answer(c)
	}
}

func answer(c *sctp.Conn) {
	defer c.Close()
	for m, err := range c.Messages(64 << 10) {
		if err != nil {
			log.Print(err)
			return
		}
		if m.Event != nil {
			log.Printf("%s", m.Event.Type())
			continue
		}
		reply := &sctp.SndInfo{Stream: m.Info.Stream, PPID: m.Info.PPID}
		if _, err := c.WriteMsg(m.Data, reply); err != nil {
			log.Print(err)
			return
		}
	}
}
