//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "sctpvm: the test bed needs Linux: run it on a Debian machine")
	os.Exit(125)
}
