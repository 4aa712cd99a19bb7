package guide_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/netsctp/sctp"
)

func Example_ending() {
	l, err := sctp.ListenSCTP("sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	if err := l.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	// Three ends, one after the other.
	ends := make(chan error, 1)
	go func() {
		ends <- func() error {
			// In good order: nil means that the peer's kernel has everything.
			c, err := sctp.DialSCTP("sctp", nil, l.Addr().(*sctp.Addr))
			if err != nil {
				return err
			}
			if _, err := c.Write([]byte("all of it")); err != nil {
				return err
			}
			if err := c.Shutdown(ctx); err != nil {
				return err
			}

			// At once, whatever is on its way.
			c, err = sctp.DialSCTP("sctp", nil, l.Addr().(*sctp.Addr))
			if err != nil {
				return err
			}
			if err := c.Abort(); err != nil {
				return err
			}

			// At once with a reason, which the kernel takes on one-to-many sockets only.
			pc, err := sctp.ListenPacket("sctp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			m := pc.(*sctp.MultiConn)
			defer m.Close()
			id, err := m.Connect(ctx, l.Addr().(*sctp.Addr))
			if err != nil {
				return err
			}
			return m.AbortAssoc(id, []byte("out of paper"))
		}()
	}()

	// What their peer sees.
	for range 3 {
		c, err := l.AcceptSCTP()
		if err != nil {
			log.Fatal(err)
		}
		if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			log.Fatal(err)
		}
		data, err := io.ReadAll(c)
		var lost *sctp.AssocError
		switch {
		case err == nil: // io.EOF, to ReadAll
			fmt.Printf("shut down, after %q\n", data)
		case errors.As(err, &lost):
			fmt.Printf("%v, cause: %v %q\n", lost.State, lost.Cause, lost.Reason)
		default:
			log.Fatal(err) // the deadline, for example
		}
		if err := c.Close(); err != nil {
			log.Print(err)
		}
	}
	if err := <-ends; err != nil {
		log.Fatal(err)
	}
	// Output:
	// shut down, after "all of it"
	// communication lost, cause: user initiated abort ""
	// communication lost, cause: user initiated abort "out of paper"
}
