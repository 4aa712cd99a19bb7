package sctp_test

import (
	"log"
	"syscall"

	"github.com/ishidawataru/sctp"
)

// The server that docs/migrating.md ports, as it is over this API.
func Example_server() {
	addr, err := sctp.ResolveSCTPAddr("sctp", "10.0.0.1/10.1.0.1:38412")
	if err != nil {
		log.Fatal(err)
	}
	ln, err := sctp.ListenSCTP("sctp", addr)
	if err != nil {
		log.Fatal(err)
	}
	for {
		c, err := ln.AcceptSCTP()
		if err != nil {
			log.Print(err)
			continue
		}
		c.SubscribeEvents(sctp.SCTP_EVENT_DATA_IO | sctp.SCTP_EVENT_SHUTDOWN)
		go serve(c)
	}
}

func serve(c *sctp.SCTPConn) {
	defer c.Close()
	buf := make([]byte, 65536)
	for {
		n, info, err := c.SCTPRead(buf)
		switch err {
		case nil:
		case syscall.EAGAIN, syscall.EINTR:
			continue
		default:
			log.Print(err)
			return
		}
		if info == nil {
			log.Printf("notification: %x", buf[:n])
			continue
		}
		reply := &sctp.SndRcvInfo{Stream: info.Stream, PPID: info.PPID}
		if _, err := c.SCTPWrite(buf[:n], reply); err != nil {
			log.Print(err)
			return
		}
	}
}
