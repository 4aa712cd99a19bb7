//go:build linux

// Guest is the init of the test bed's kernel. It sees the host's files under a
// RAM overlay, runs the one program of the job with them, hands its output and
// exit status to the runner over virtio-serial ports, and powers off. Its own
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

	"github.com/netsctp/sctp/internal/kernel/job"
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "guest: this is the init of the test bed; run internal/kernel instead")
		os.Exit(2)
	}
	// Nothing that the program sends to its parent may end init. Signals are caught
	// and not ignored, since a program inherits what its parent ignores.
	signal.Notify(make(chan os.Signal, 1))
	err := boot()
	fmt.Fprintln(os.Stderr, "guest:", err)
	powerOff()
}

// boot runs the job and returns only if there is no way to report its end.
func boot() error {
	if err := mountKernel(); err != nil {
		return err
	}
	if err := loadModules(job.ModuleDir); err != nil {
		return err
	}
	ports, err := openPorts(job.OutPort, job.ErrPort, job.ResultPort)
	if err != nil {
		return err
	}
	result := job.Result{Release: release(), CPUs: runtime.NumCPU()}
	if result.Exit, err = runJob(ports[0], ports[1]); err != nil {
		result.Error = err.Error()
	}
	syscall.Sync() // the runner ends the machine as soon as it has the result
	if err := json.NewEncoder(ports[2]).Encode(result); err != nil {
		return fmt.Errorf("report the result: %w", err)
	}
	powerOff()
	return nil
}

func runJob(stdout, stderr *os.File) (exit int, err error) {
	text, err := os.ReadFile(job.Path)
	if err != nil {
		return 0, err
	}
	var j job.Job
	if err := json.Unmarshal(text, &j); err != nil {
		return 0, fmt.Errorf("%s: %w", job.Path, err)
	}
	if err := mountHost(); err != nil {
		return 0, err
	}
	if err := furnish(&j); err != nil {
		return 0, err
	}
	if err := upLoopback(); err != nil {
		return 0, err
	}
	if err := syscall.Sethostname([]byte(j.Hostname)); err != nil {
		return 0, fmt.Errorf("set the host name: %w", err)
	}
	return runProgram(&j, stdout, stderr)
}

func release() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}

func powerOff() {
	syscall.Sync()
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}
