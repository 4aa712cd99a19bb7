package sctp_test

import (
	"fmt"
	"log"
	"net/netip"

	"github.com/netsctp/sctp"
)

// The IPs of one end stand between slashes. Each is a path.
func ExampleParseAddr() {
	a, err := sctp.ParseAddr("10.0.0.1/10.1.0.1:3868")
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range a.AddrPorts() {
		fmt.Println(path)
	}
	// Output:
	// 10.0.0.1:3868
	// 10.1.0.1:3868
}

// The order of the IPs does not count, nor does the form of an IPv4 address.
func ExampleAddr_Equal() {
	configured := sctp.MustParseAddr("10.0.0.1/10.1.0.1:3868")
	found := sctp.AddrFrom(3868, netip.MustParseAddr("::ffff:10.1.0.1"), netip.MustParseAddr("10.0.0.1"))
	fmt.Println(found.Network(), configured.Equal(found))
	// Output: sctp true
}

// An Addr is text in JSON, and in flags with flag.TextVar.
func ExampleAddr_MarshalText() {
	text, err := sctp.AddrFrom(38412, netip.MustParseAddr("2001:db8::1")).MarshalText()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	var a sctp.Addr
	if err := a.UnmarshalText(text); err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.AddrPort())
	// Output:
	// [2001:db8::1]:38412
	// [2001:db8::1]:38412
}

// What to tell a user whom the peer has refused.
func ExampleCause_Explanation() {
	fmt.Printf("%v: %s\n", sctp.CauseOutOfResource, sctp.CauseOutOfResource.Explanation())
	// Output: out of resource: the sender lacks the resources for the association
}
