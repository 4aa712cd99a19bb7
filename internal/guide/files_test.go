package guide_test

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// A server hands its listener to its successor, which here is the same process: no dial is
// refused in between. The file would be among the ExtraFiles of an exec.Cmd.
func Example_restart() {
	before, err := sctp.ListenSCTP("sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	f, err := before.File()
	if err != nil {
		log.Fatal(err)
	}
	if err := before.Close(); err != nil {
		log.Fatal(err)
	}

	after, err := sctp.FileListener(f)
	if err != nil {
		log.Fatal(err)
	}
	f.Close()
	defer after.Close()
	c, err := sctp.DialTimeout("sctp", after.Addr().String(), time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	accepted, err := after.Accept()
	if err != nil {
		log.Fatal(err)
	}
	defer accepted.Close()
	fmt.Println("accepted on the same address:", accepted.LocalAddr().String() == before.Addr().String())
	// Output: accepted on the same address: true
}

// An association goes to another program, a C one for example: Detach leaves it nothing of
// this package's. What the other program hands over becomes a Conn with FileConn.
func Example_handOver() {
	client, server := associate(&sctp.Dialer{}, &sctp.ListenConfig{})
	defer client.Close()
	if _, err := client.Write([]byte("for the other program")); err != nil {
		log.Fatal(err)
	}
	f, err := server.Detach() // the Stdin of an exec.Cmd, say
	if err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := f.Read(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", b[:n])

	back, err := sctp.FileConn(f)
	if err != nil {
		log.Fatal(err)
	}
	f.Close()
	defer back.Close()
	if _, err := client.Write([]byte("for this one")); err != nil {
		log.Fatal(err)
	}
	if n, err = back.Read(b); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", b[:n])
	// Output:
	// for the other program
	// for this one
}

// A listener for a program that accepts by itself, as under systemd's protocol. Whoever has
// the descriptor can set its options, and change its addresses.
func Example_socketActivation() {
	l, err := sctp.ListenSCTP("sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	f, err := l.Detach() // among the ExtraFiles of an exec.Cmd, say
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	_, err = l.Accept()
	fmt.Println("closed here:", errors.Is(err, net.ErrClosed))

	raw, err := f.SyscallConn()
	if err != nil {
		log.Fatal(err)
	}
	o := sctp.NewOptions(raw)
	if err := o.BindAdd(netip.MustParseAddr("127.0.0.2")); err != nil {
		log.Fatal(err)
	}
	if err := o.BindRemove(netip.MustParseAddr("127.0.0.1")); err != nil {
		log.Fatal(err)
	}
	addr, err := o.LocalAddrs()
	if err != nil {
		log.Fatal(err)
	}
	c, err := sctp.DialTimeout("sctp", addr.String(), time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println("it listens on", addr.IPs)
	// Output:
	// closed here: true
	// it listens on [127.0.0.2]
}

// A one-to-many socket is handed over with all of its associations.
func Example_handOverAll() {
	before, err := sctp.ListenMulti("sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	c, err := sctp.DialTimeout("sctp", before.LocalAddr().String(), time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	f, err := before.File()
	if err != nil {
		log.Fatal(err)
	}
	if err := before.Close(); err != nil { // the file keeps the socket
		log.Fatal(err)
	}

	after, err := sctp.FilePacketConn(f)
	if err != nil {
		log.Fatal(err)
	}
	f.Close()
	defer after.Close()
	if _, err := c.Write([]byte("hello")); err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 100)
	n, _, err := after.ReadFrom(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", b[:n])
	// Output: hello
}

// What the package has no method for is a call on the descriptor.
func Example_descriptor() {
	client, server := associate(&sctp.Dialer{}, &sctp.ListenConfig{})
	defer client.Close()
	defer server.Close()
	l, err := sctp.ListenSCTP("sctp", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	m, err := sctp.ListenMulti("sctp", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	for _, c := range []syscall.Conn{client, l, m} {
		raw, err := c.SyscallConn()
		if err != nil {
			log.Fatal(err)
		}
		err = raw.Control(func(fd uintptr) {
			fmt.Println("valid during this call:", fd > 2) // unix.GetsockoptInt(int(fd), …)
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// valid during this call: true
	// valid during this call: true
	// valid during this call: true
}

// A copy of an association, for one goroutine that only reads: closing either leaves the
// association to the other.
func Example_copy() {
	client, server := associate(&sctp.Dialer{}, &sctp.ListenConfig{})
	defer client.Close()
	f, err := server.File()
	if err != nil {
		log.Fatal(err)
	}
	other, err := sctp.FileConn(f)
	if err != nil {
		log.Fatal(err)
	}
	f.Close()
	if err := server.Close(); err != nil {
		log.Fatal(err)
	}
	if _, err := other.Write([]byte("still there")); err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := client.Read(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", b[:n])
	if err := other.Close(); err != nil {
		log.Fatal(err)
	}
	_, err = client.Read(b)
	fmt.Println(err)
	// Output:
	// still there
	// EOF
}
