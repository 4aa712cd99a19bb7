// Sctpcat is netcat for SCTP: it sends its input, a message for each line, and prints the
// messages that come with their streams and PPIDs, the events and the paths.
//
//	sctpcat 10.0.0.1/10.1.0.1:3868       # dial, over two paths
//	sctpcat -l :3868                     # listen, for one association after another
//	sctpcat -l -m :3868                  # the same on a one-to-many socket
//
// Messages go to the output, and all else to the error output: events as they come, and a
// line for each path at the end, also by ^C, and, where there is such a signal, on SIGUSR1.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

type config struct {
	listen, many    bool
	stream, streams uint
	ppid            uint
	label, hex, tls bool
	timeout         time.Duration
	limit           int
	address         string

	status *reporter
}

func main() {
	var cfg config
	flag.BoolVar(&cfg.listen, "l", false, "listen, in place of dialling")
	flag.BoolVar(&cfg.many, "m", false, "use a one-to-many socket; what is sent goes to the peer that was heard last")
	flag.UintVar(&cfg.stream, "stream", 0, "stream to send on")
	flag.UintVar(&cfg.streams, "streams", 0, "streams to ask for, to send on; 0 is 10, or what -stream needs")
	flag.UintVar(&cfg.ppid, "ppid", 0, "payload protocol identifier of the messages")
	flag.BoolVar(&cfg.label, "label", false, `each line of the input begins with its stream and PPID, as in "3:60 text"`)
	flag.BoolVar(&cfg.hex, "x", false, "the input and the output are hexadecimal")
	flag.BoolVar(&cfg.tls, "tls", false, "dial with TLS, without checking the certificate; the messages are TLS's then")
	flag.DurationVar(&cfg.timeout, "timeout", 0, "limit for the connection, and for the time in which nothing and nobody comes; 0 is none")
	flag.IntVar(&cfg.limit, "limit", 1<<20, "`bytes` of the longest message to print")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: sctpcat [flags] address, as in 10.0.0.1/10.1.0.1:3868")
		flag.PrintDefaults()
	}
	flag.Parse()
	cfg.address = flag.Arg(0)
	switch {
	case flag.NArg() != 1:
		flag.Usage()
		os.Exit(2)
	case cfg.streams > 0xffff:
		fmt.Fprintln(os.Stderr, "sctpcat: an association has at most 65535 streams")
		os.Exit(2)
	case cfg.stream > 0xffff || cfg.ppid > 0xffffffff:
		fmt.Fprintln(os.Stderr, "sctpcat: a stream has 16 bits, a PPID has 32")
		os.Exit(2)
	case cfg.tls && (cfg.listen || cfg.many || cfg.label || cfg.hex):
		fmt.Fprintln(os.Stderr, "sctpcat: -tls is for dialling alone, without -l, -m, -label and -x")
		os.Exit(2)
	}
	if err := cfg.run(); err != nil {
		fmt.Fprintln(os.Stderr, "sctpcat:", err)
		os.Exit(1)
	}
}
