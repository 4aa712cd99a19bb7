// Demo shows the package at work, between two hosts with two paths, and against C
// programs that know nothing of it. It is what make demo runs, as root:
//
//	go build -o .cache/kernel ./cmd/sctpvm
//	go build -o .cache/demo/ ./internal/demo ./examples/...
//	.cache/demo/demo
//
// It installs the C programs where they are missing, and starts itself again with
// -inside on a kernel with SCTP. There it makes two network namespaces, the hosts,
// runs the programs of the folder examples and the C programs in them, and compares
// what arrives. The first difference ends it, with exit status 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

func main() {
	inside := flag.Bool("inside", false, "this kernel has SCTP: do the work")
	kernel := flag.String("kernel", ".cache/kernel", "`program` that runs a program on a kernel with SCTP")
	flag.Parse()
	run := func() error { return outside(*kernel) }
	if *inside {
		run = show
	}
	if err := run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && !*inside {
			os.Exit(exit.ExitCode()) // it has said why
		}
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// outside prepares the machine and runs the demo on a kernel with SCTP.
func outside(kernel string) error {
	if runtime.GOOS != "linux" {
		return errors.New("only Linux has SCTP: run it there")
	}
	if os.Geteuid() != 0 {
		return errors.New("it makes network namespaces and installs packages: run it as root")
	}
	if err := installTools(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	kernel, err = filepath.Abs(kernel)
	if err != nil {
		return err
	}
	cmd := exec.Command(kernel, "-v", self, "-inside")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// show is the demo.
func show() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "sctp-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	version, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return err
	}
	heading("Linux %.*s %s, two hosts with two paths between them", len(version)-1, version, runtime.GOARCH)
	defer deleteHosts()
	server, client, err := makeHosts()
	if err != nil {
		return err
	}
	d := &demo{programs: filepath.Dir(self), tmp: tmp, server: server, client: client}
	for _, part := range []func() error{d.files, d.messages} {
		if err := part(); err != nil {
			return err
		}
	}
	fmt.Println("\nOK")
	return nil
}

// A demo holds what the parts share.
type demo struct {
	programs       string // folder of the example programs
	tmp            string
	server, client *host
}

// example returns the path of an example program.
func (d *demo) example(name string) string { return filepath.Join(d.programs, name) }

func heading(format string, args ...any) { fmt.Printf("\n== "+format+"\n", args...) }

// note prints what is going on.
func note(format string, args ...any) { fmt.Printf("   "+format+"\n", args...) }

// checked prints what was found to be as it must.
func checked(format string, args ...any) { fmt.Printf("ok "+format+"\n", args...) }
