package guide_test

import (
	"errors"
	"fmt"
	"log"
	"syscall"

	"github.com/netsctp/sctp"
)

// How long a message may be, and how it travels.
func Example_messageLength() {
	client, server := associate(
		&sctp.Dialer{WriteBuffer: 20 << 10},
		&sctp.ListenConfig{ReadBuffer: 100 << 10})
	defer client.Close()
	defer server.Close()

	// The kernel doubles the sizes of buffers. A message must fit the send buffer.
	o := client.Options()
	size, err := o.WriteBuffer()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("send buffer:", size)
	long := make([]byte, 50_000)
	_, err = client.WriteMsg(long, nil)
	fmt.Println("too long:", errors.Is(err, syscall.EMSGSIZE))
	if err := client.SetWriteBuffer(100 << 10); err != nil {
		log.Fatal(err)
	}

	// The receiver gets a long message in pieces where the window is too small for it, or
	// from a length on that it has set. ReadWhole puts them together.
	r := server.Options()
	if err := r.SetPartialDeliveryPoint(10_000); err != nil {
		log.Fatal(err)
	}
	point, err := r.PartialDeliveryPoint()
	if err != nil {
		log.Fatal(err)
	}
	window, err := r.ReadBuffer()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("pieces from", point, "bytes on, receive buffer:", window)
	if _, err := client.WriteMsg(long, nil); err != nil {
		log.Fatal(err)
	}
	m, err := server.ReadWhole(nil, 1<<20)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("received:", len(m.Data))
	// Output:
	// send buffer: 40960
	// too long: true
	// pieces from 10000 bytes on, receive buffer: 204800
	// received: 50000
}

// A protocol whose messages must each be one packet. While it sends many small ones they may
// wait for each other.
func Example_packetLength() {
	client, server := associate(
		&sctp.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			return errors.Join(
				o.SetMaxSeg(1000),           // bytes of a message in a chunk
				o.SetDisableFragments(true), // and a message is one chunk
				o.SetMaxBurst(2),            // packets at a time
				o.SetNoDelay(false),
			)
		}},
		&sctp.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
			return sctp.NewOptions(c).SetDelayedSACK(sctp.SACKInfo{Freq: 1}) // each packet is acknowledged
		}})
	defer client.Close()
	defer server.Close()
	o := client.Options()
	seg, err1 := o.MaxSeg()
	whole, err2 := o.DisableFragments()
	burst, err3 := o.MaxBurst()
	noDelay, err4 := o.NoDelay()
	sack, err5 := server.Options().DelayedSACK()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		log.Fatal(err)
	}
	fmt.Println(seg, whole, burst, noDelay, sack.Freq)

	if err := client.SetNoDelay(true); err != nil { // the rest at once
		log.Fatal(err)
	}
	_, err := client.WriteMsg(make([]byte, 1001), nil)
	fmt.Println("1001 bytes are too long:", errors.Is(err, syscall.EMSGSIZE))
	_, err = client.WriteMsg(make([]byte, 1000), nil)
	fmt.Println("1000 bytes:", err)
	// Output:
	// 1000 true 2 false 1
	// 1001 bytes are too long: true
	// 1000 bytes: <nil>
}
