//go:build linux

// Sctpvm runs a program on a Linux kernel with SCTP, on machines that have none. It
// boots a stock Debian kernel in an emulator and hands back the program's output and
// exit status, so it serves as the runner of go test:
//
//	go test -exec sctpvm .
//	GOARCH=s390x CGO_ENABLED=0 go test -exec sctpvm .
//	sctpvm -session go test -p 1 -exec sctpvm ./...
//	sctpvm -kernel 6.12 bash -c 'uname -a; checksctp'
//
// The README beside it shows what people do with it.
//
// # Machines
//
// The program's ELF header names the machine: amd64 (386 runs there too), arm64
// or s390x. Scripts run on the host's own architecture. If the running kernel
// has SCTP and can run the program, it runs right here, with no emulator; -vm,
// -icount, -kernel, -boot, -unloaded and -qemu prevent that.
//
// In the guest, the program is root, on a kernel of its own with sctp, sctp_diag,
// veth, dummy and sch_netem loaded; after -unloaded they come as on other systems,
// when modprobe loads them or the kernel has it do so. It sees the host's files at their places, and
// may write everywhere: what it writes is lost at the end, except in the working
// directory and, for a program in the temporary directory as go test has them, in
// the program's own. Programs of the host run on its own architecture alone;
// elsewhere PATH is empty.
//
// The network is lo, with 127.0.0.1 and ::1, both named localhost. Its MTU is
// 1500, since SCTP stalls at lo's own 65536; a network namespace that the program
// makes has an lo of its own, down and with 65536. Standard input is empty. The
// environment holds PATH, HOME, LANG and TZ, all GO*, CGO_*, BENCH* and SCTP*, and
// SCTP_TESTBED=1, at which a test that finds no SCTP should fail and not skip.
//
// # Sessions
//
// With -session, the command runs on the host, and every sctpvm that it starts runs
// its program on one machine, one after the other: booting takes longer than most
// tests. Each program has network and mount namespaces of its own, and whatever it
// leaves running is killed. What is the whole system's is shared, as the sysctls
// net.sctp.sctp_mem and net.core.rmem_max, which only the first network namespace
// shows. A program that kills the guest or exceeds its time ends the machine, and the
// next program gets a new one; so does one that asks for another kernel or
// architecture. Writes reach the host in the session's working directory.
//
// # Kernels
//
// The kernels are Debian's, of all suites from bullseye-security (5.10) to sid. They
// come from the mirror of the host's apt, by a list of sources apart from the host's;
// where that is no mirror of Debian, $SCTPVM_MIRROR is one's address (and after a
// comma, the address of one of the security updates). -kernel takes the first parts of
// a version, and a flavour: 6.12, 7.3.4, 6.12-cloud, 6.12-rt, oldest or newest.
//
// The first use of a machine installs the emulator (as root, with apt-get) and
// fetches the kernel. The cache is the folder sctpvm of the user's cache directory,
// or $SCTPVM_CACHE, with a folder ARCH-KERNEL for each; remove it to go on to a newer
// one of that name.
//
// # Exit status
//
// The exit status is the program's, 128+n if signal n killed it, 124 at the time
// limit, and 125 if the program could not run or the guest died.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	exitLimit  = 124
	exitFailed = 125
)

// defaultLimit ends a program that has no -test.timeout of its own.
const defaultLimit = 20 * time.Minute

// testGrace is what a test binary gets past its -test.timeout, to boot and to
// report by itself. go test kills the runner a minute past it.
const testGrace = 30 * time.Second

// options are the command line.
type options struct {
	cpus     int
	memory   string
	limit    time.Duration
	icount   bool
	boot     string
	unloaded bool
	qemu     string
	vm       bool
	kernel   string
	session  bool
	verbose  bool
	fetch    string
	command  []string // program and arguments
}

func main() {
	runtime.LockOSThread() // the emulator is to die with the thread that started it
	opts, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	exit := exitFailed
	if err == nil {
		// modprobe and depmod are there, whatever a user's PATH says.
		os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
		if opts.fetch != "" {
			exit, err = 0, fetch(opts)
		} else {
			exit, err = runCommand(opts)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sctpvm:", err)
		if exit == 0 {
			exit = exitFailed
		}
	}
	os.Exit(exit)
}

func parse(args []string, usage io.Writer) (*options, error) {
	var o options
	f := flag.NewFlagSet("sctpvm", flag.ContinueOnError)
	f.SetOutput(usage)
	f.Usage = func() {
		fmt.Fprintln(usage, "usage: sctpvm [flags] program [args...]\n       sctpvm -session command [args...]\n       sctpvm -fetch arch[@kernel],...")
		f.PrintDefaults()
	}
	f.IntVar(&o.cpus, "cpus", 2, "processors of the guest")
	f.StringVar(&o.memory, "mem", "", "memory of the guest, as 2G (default 3G on amd64, 2G elsewhere)")
	f.DurationVar(&o.limit, "timeout", 0, "end the guest after this `duration` (default the program's -test.timeout and 30s, or 20m)")
	f.BoolVar(&o.icount, "icount", false, "let the guest's clock count instructions, on one processor: benchmarks repeat")
	f.StringVar(&o.boot, "boot", "", "more `parameters` for the kernel's command line, as ipv6.disable=1")
	f.BoolVar(&o.unloaded, "unloaded", false, "leave the module sctp, and those for test networks, to the guest's modprobe, which the kernel runs when they are needed")
	f.StringVar(&o.qemu, "qemu", "", "more `arguments` for the emulator, as '-plugin file=count.so', which is then ended in good order")
	f.BoolVar(&o.vm, "vm", false, "boot a kernel even if the running one has SCTP")
	f.BoolVar(&o.verbose, "v", false, "say what is booted, and print a line on the kernel and the time at the end")
	f.StringVar(&o.kernel, "kernel", os.Getenv(kernelVar), "boot this `version`: 6.12, 7.3.4, 6.12-cloud, 6.12-rt, oldest or newest (default $"+kernelVar+", or "+defaultKernel+")")
	f.BoolVar(&o.session, "session", false, "run a command on the host, and all programs that it has sctpvm run on one machine")
	f.StringVar(&o.fetch, "fetch", "", "only fetch the kernels of these `architectures`, as amd64 or s390x@6.12, as far as the running one does not do, and print their names")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	o.command = f.Args()
	switch {
	case o.fetch == "" && len(o.command) == 0:
		return nil, errors.New("no program to run; sctpvm -h explains")
	case o.fetch != "" && len(o.command) > 0:
		return nil, errors.New("-fetch runs no program")
	case o.fetch != "" && o.session:
		return nil, errors.New("-fetch opens no session")
	case o.cpus < 1:
		return nil, fmt.Errorf("-cpus %d: must be at least 1", o.cpus)
	case o.limit < 0:
		return nil, fmt.Errorf("-timeout %v: must not be negative", o.limit)
	}
	if o.icount {
		o.cpus = 1
	}
	if o.limit == 0 {
		o.limit = limitFor(o.command)
	}
	return &o, nil
}

// limitFor returns the time limit of a command, which knows best if it is a test.
func limitFor(command []string) time.Duration {
	for _, arg := range command {
		if s, ok := strings.CutPrefix(arg, "-test.timeout="); ok {
			if d, err := time.ParseDuration(s); err == nil && d > 0 {
				return d + testGrace
			}
		}
	}
	return defaultLimit
}

// fetch prepares machines and prints a line on each.
func fetch(opts *options) error {
	for _, name := range strings.Split(opts.fetch, ",") {
		goarch, kernel, named := strings.Cut(name, "@")
		if !named {
			kernel = opts.kernel
		}
		a, err := archNamed(goarch)
		if err != nil {
			return err
		}
		if kernel == "" && runsHere(a, opts) {
			fmt.Printf("%s: the running kernel has SCTP\n", a.name)
			continue
		}
		img, err := prepare(a, kernel)
		if err != nil {
			return err
		}
		fmt.Printf("%s: Linux %s\n", a.name, img.release)
	}
	return nil
}

func runCommand(opts *options) (exit int, err error) {
	file, err := exec.LookPath(opts.command[0])
	if err != nil {
		return exitFailed, err
	}
	if opts.session {
		return runSession(opts.command)
	}
	if file, err = filepath.Abs(file); err != nil {
		return exitFailed, err
	}
	a, prog, err := archOf(file, runtime.GOARCH)
	if err != nil {
		return exitFailed, err
	}
	if runsHere(a, opts) {
		return exitFailed, syscall.Exec(file, opts.command, os.Environ())
	}
	j, err := newJob(file, opts.command, isNative(a))
	if err != nil {
		return exitFailed, err
	}
	req := &request{
		Goarch: prog.goarch, Kernel: opts.kernel, CPUs: opts.cpus, Memory: opts.memory, Icount: opts.icount,
		Boot: opts.boot, Unloaded: opts.unloaded, Qemu: opts.qemu,
		Verbose: opts.verbose, Folders: folders(j.Dir, file, os.TempDir()), Limit: opts.limit, Job: j,
	}
	if socket := os.Getenv(sessionVar); socket != "" {
		j.Isolated = true
		return askSession(socket, req)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	ended := make(chan error, 1)
	go func() { ended <- fmt.Errorf("ended by signal: %v", <-signals) }()
	var s server
	defer s.end()
	return s.run(req, os.Stdout, os.Stderr, ended)
}

// isNative reports whether a machine can run the host's programs.
func isNative(a *arch) bool { return a.name == runtime.GOARCH }

// runsHere reports whether the running kernel does as the machine's.
func runsHere(a *arch, opts *options) bool {
	return isNative(a) && opts.kernel == "" && !opts.vm && !opts.icount && opts.boot == "" && !opts.unloaded && opts.qemu == "" && hasSCTP()
}

// hasSCTP reports whether the running kernel has SCTP.
func hasSCTP() bool {
	const ipprotoSCTP = 132
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, ipprotoSCTP)
	if err != nil {
		return false
	}
	syscall.Close(fd)
	return true
}
