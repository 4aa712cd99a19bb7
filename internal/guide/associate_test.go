package guide_test

import (
	"context"
	"log"
	"time"

	"github.com/netsctp/sctp"
)

// associate returns both ends of an association over lo, for examples of other things. Their
// calls fail when a minute has passed.
func associate(d *sctp.Dialer, lc *sctp.ListenConfig) (client, server *sctp.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l, err := lc.ListenSCTP(ctx, "sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	if client, err = d.DialSCTP(ctx, "sctp4", nil, l.Addr().(*sctp.Addr)); err != nil {
		log.Fatal(err)
	}
	if server, err = l.AcceptSCTP(); err != nil {
		log.Fatal(err)
	}
	for _, c := range []*sctp.Conn{client, server} {
		if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			log.Fatal(err)
		}
	}
	return client, server
}

// await reads up to an event of type E, which c is subscribed to.
func await[E sctp.Event](c *sctp.Conn) E {
	b := make([]byte, 64<<10)
	for {
		m, err := c.ReadMsg(b)
		if err != nil {
			log.Fatal(err)
		}
		if ev, ok := m.Event.(E); ok {
			return ev
		}
	}
}
