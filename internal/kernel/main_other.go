//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "kernel: the test bed needs Linux: run it on a Debian machine")
	os.Exit(125)
}
