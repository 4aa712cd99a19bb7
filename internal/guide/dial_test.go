package guide_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/netsctp/sctp"
)

func Example_dial() {
	// The server sends back what it gets.
	l, err := sctp.Listen("sctp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				log.Fatal(err)
			}
			go func() {
				defer c.Close()
				if _, err := io.Copy(c, c); err != nil {
					log.Print(err)
				}
			}()
		}
	}()

	c, err := sctp.DialTimeout("sctp", l.Addr().String(), 30*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		log.Fatal(err)
	}
	if _, err := c.Write([]byte("hello")); err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 1500)
	n, err := c.Read(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", b[:n])
	// Output: hello
}
