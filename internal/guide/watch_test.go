package guide_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// A checkpoint: all that was written has arrived, and the association goes on.
func Example_checkpoint() {
	client, server := associate(&sctp.Dialer{}, &sctp.ListenConfig{})
	defer client.Close()
	defer server.Close()
	if err := client.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		log.Fatal(err)
	}
	for range 10 {
		if _, err := client.Write(make([]byte, 1000)); err != nil {
			log.Fatal(err)
		}
	}
	if err := client.Subscribe(sctp.EventSenderDry); err != nil {
		log.Fatal(err)
	}
	await[*sctp.SenderDry](client)
	fmt.Println("the peer's kernel has everything")
	if err := client.Unsubscribe(sctp.EventSenderDry); err != nil {
		log.Fatal(err)
	}
	// Output: the peer's kernel has everything
}

// A probe asks whether somebody listens, and leaves nothing: neither data nor a port in use.
func Example_probe() {
	l, err := sctp.ListenSCTP("sctp4", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	probe := func(address string) error {
		c, err := sctp.DialTimeout("sctp4", address, time.Minute)
		if err != nil {
			return err
		}
		if err := c.(*sctp.Conn).SetLinger(0); err != nil {
			c.Close()
			return err
		}
		return c.Close() // aborts, as with TCP
	}
	fmt.Println(probe(l.Addr().String()))
	c, err := l.Accept()
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Read(make([]byte, 1))
	fmt.Println("reset:", errors.Is(err, syscall.ECONNRESET))
	if err := errors.Join(c.Close(), l.Close()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("refused:", errors.Is(probe(l.Addr().String()), syscall.ECONNREFUSED))
	// Output:
	// <nil>
	// reset: true
	// refused: true
}

// A receiver that has enough shuts its reading side: it reads what came before, and later
// messages are dropped. The peer is not told, and gets an answer nevertheless.
func Example_enough() {
	client, server := associate(&sctp.Dialer{}, &sctp.ListenConfig{})
	defer client.Close()
	defer server.Close()
	if err := server.SetReadBuffer(64 << 10); err != nil { // what may wait to be read
		log.Fatal(err)
	}
	if err := server.CloseRead(); err != nil {
		log.Fatal(err)
	}
	_, err := server.Read(make([]byte, 100))
	fmt.Println(err == io.EOF)
	if _, err := server.Write([]byte("enough")); err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := client.Read(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", b[:n])
	// Output:
	// true
	// enough
}
