//go:build linux

// I386 is what differential is for linux/386, where the incumbent does not export as much.
package main

import (
	"fmt"

	"github.com/ishidawataru/sctp"
)

func main() {
	addr, err := sctp.ResolveSCTPAddr("sctp4", "127.0.0.1:0")
	fmt.Printf("ResolveSCTPAddr\t%v, %v\n", addr, err)
	ln, err := sctp.ListenSCTP("sctp4", addr)
	fmt.Printf("ListenSCTP\t%v, %v\n", ln != nil, err)
}
