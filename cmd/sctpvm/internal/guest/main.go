//go:build linux

// Guest is the init of the test bed's kernel. It sees the host's files under a
// RAM overlay, runs the programs of one job after the other with them, and hands
// their output and exit status to the runner over virtio-serial ports. Its own
// complaints go to the console, among the kernel's lines.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// The main goroutine keeps the main thread to itself, which never ends: a goroutine that
// took it to other namespaces would leave init there, and /proc/1 with it.
func init() { runtime.LockOSThread() }

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "guest: this is the init of the test bed; run cmd/sctpvm instead")
		os.Exit(2)
	}
	// Nothing that the program sends to its parent may end init. Signals are caught
	// and not ignored, since a program inherits what its parent ignores.
	signal.Notify(make(chan os.Signal, 1))
	err := boot()
	fmt.Fprintln(os.Stderr, "guest:", err)
	syscall.Sync()
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

// boot runs jobs until the runner ends the machine. It returns only if there is no
// way to report the end of a job.
func boot() error {
	if err := mountKernel(); err != nil {
		return err
	}
	if err := loadModules(job.BootModules); err != nil {
		return err
	}
	ports, err := openPorts(job.OutPort, job.ErrPort, job.ControlPort)
	if err != nil {
		return err
	}
	control := json.NewDecoder(connected{ports[2]})
	var m job.Machine
	if err := control.Decode(&m); err != nil {
		return fmt.Errorf("read the machine: %w", err)
	}
	if !m.Unloaded {
		if err := loadModules(job.NetModules); err != nil {
			return err
		}
	}
	setUpErr := setUp(&m)
	out, errs := &counter{w: ports[0]}, &counter{w: ports[1]}
	for {
		var j job.Job
		if err := control.Decode(&j); err != nil {
			return fmt.Errorf("read the job: %w", err)
		}
		result := job.Result{Release: release(), CPUs: runtime.NumCPU()}
		err := setUpErr
		if err == nil {
			result.Exit, err = runProgram(&j, out, errs)
		}
		if err != nil {
			result.Error = err.Error()
		}
		syscall.Sync() // the runner may end the machine as soon as it has the result
		result.Out, result.Err = out.total(), errs.total()
		if err := json.NewEncoder(ports[2]).Encode(result); err != nil {
			return fmt.Errorf("report the result: %w", err)
		}
	}
}

// setUp makes the guest what a Machine says.
func setUp(m *job.Machine) error {
	if err := mountHost(); err != nil {
		return err
	}
	if err := furnish(m); err != nil {
		return err
	}
	if err := upLoopback(); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(m.Hostname)); err != nil {
		return fmt.Errorf("set the host name: %w", err)
	}
	// A program may open more sockets than the 4096 files that the kernel allows.
	files := syscall.Rlimit{Cur: 65536, Max: 1 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return fmt.Errorf("setrlimit: %w", err)
	}
	return nil
}

func release() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}
