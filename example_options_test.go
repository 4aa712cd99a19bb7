package sctp_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// Both ends want DATA authenticated with a key that they share. The options come before
// the association, in this order.
func ExampleOptions_SetAuthKey() {
	key := sctp.AuthKey{ID: 1, Key: []byte("from a secret store")}
	control := func(_, _ string, c syscall.RawConn) error {
		const data = 0 // chunk type
		o := sctp.NewOptions(c)
		return errors.Join(
			o.SetAuthSupported(true),
			o.AddAuthChunk(data),
			o.SetAuthKey(key),
			o.SetAuthActiveKey(key.ID),
		)
	}
	d := &sctp.Dialer{Control: control} // and the listener's ListenConfig
	nc, err := d.Dial("sctp", "10.0.0.1/10.1.0.1:3868")
	if err != nil {
		log.Fatal(err)
	}
	c := nc.(*sctp.Conn)
	defer c.Close()
	if on, err := c.Options().AuthSupported(); err != nil || !on {
		log.Fatal("the peer does not authenticate: ", err)
	}
	if _, err := c.WriteMsg([]byte("hello"), &sctp.SndInfo{PPID: 46}); err != nil {
		log.Fatal(err)
	}
}

// A new key: both ends get it, then each sends with it, then the old one goes.
func ExampleOptions_SetAuthActiveKey() {
	rotate := func(c *sctp.Conn, next sctp.AuthKey, peerHasIt, peerUsesIt <-chan struct{}) error {
		o := c.Options()
		old, err := o.AuthActiveKey()
		if err != nil {
			return err
		}
		if err := o.SetAuthKey(next); err != nil {
			return err
		}
		<-peerHasIt
		if err := o.SetAuthActiveKey(next.ID); err != nil {
			return err
		}
		<-peerUsesIt
		return o.DeleteAuthKey(old)
	}
	_ = rotate
}

// A key does not show in logs.
func ExampleAuthKey() {
	fmt.Println(sctp.AuthKey{ID: 5, Key: []byte("secret")})
	// Output: AuthKey(5)
}

// Stream 3 starts again with its sequence numbers. Both ends allow it before the
// association, and the answer is an event.
func ExampleOptions_ResetStreams() {
	d := &sctp.Dialer{
		Events: []sctp.EventType{sctp.EventStreamReset},
		Control: func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			return errors.Join(o.SetReconfigSupported(true), o.SetEnableStreamReset(sctp.EnableResetStreams))
		},
	}
	c, err := d.DialSCTP(context.Background(), "sctp", nil, &sctp.Addr{Port: 3868})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	err = c.Options().ResetStreams(false, true, 3)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINPROGRESS) {
		log.Fatal("not yet: ", err)
	}
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range c.Messages(64 << 10) {
		var one *sctp.MessageError
		if errors.As(err, &one) {
			log.Print(err) // of one message: the others go on
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		if m.Event != nil && m.Event.Type() == sctp.EventStreamReset {
			break
		}
	}
}

// Signalling on stream 0 goes before bulk data on stream 1.
func ExampleOptions_SetStreamScheduler() {
	prefer := func(c *sctp.Conn) error {
		o := c.Options()
		return errors.Join(
			o.SetStreamScheduler(sctp.SchedPrio),
			o.SetStreamSchedulerValue(0, 1),
			o.SetStreamSchedulerValue(1, 10),
		)
	}
	_ = prefer
}

// A position is of no use when the next one is there: it is given up after 40 ms.
func ExampleOptions_PRAssocStatus() {
	report := func(c *sctp.Conn, position []byte) error {
		_, err := c.WriteMsg(position, &sctp.SndInfo{
			Unordered: true,
			PR:        sctp.PRInfo{Policy: sctp.PRTTL, TTL: 40 * time.Millisecond},
		})
		if err != nil {
			return err
		}
		lost, err := c.Options().PRAssocStatus(sctp.PRTTL)
		if err != nil {
			return err
		}
		log.Printf("given up so far: %d before they were sent, %d after", lost.AbandonedUnsent, lost.AbandonedSent)
		return nil
	}
	_ = report
}
