//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// drainLimit is how long a process that outlives the program may keep its
// output open.
const drainLimit = 2 * time.Second

// runProgram runs the job's program to its end and returns its exit status. As
// init, it also reaps whatever the program leaves behind, and kills the rest.
func runProgram(j *job.Job, stdout, stderr io.Writer) (exit int, err error) {
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer stdin.Close()
	out, outDone, err := pump(stdout)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	errs, errDone := out, outDone
	if !j.Merged {
		if errs, errDone, err = pump(stderr); err != nil {
			return 0, err
		}
		defer errs.Close()
	}
	start := startProgram
	if j.Isolated {
		start = startIsolated
	}
	pid, err := start(j, []*os.File{stdin, out, errs})
	if err != nil {
		return 0, err
	}
	out.Close()
	errs.Close()
	status, err := reap(pid)
	if err != nil {
		return 0, err
	}
	limit, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	for _, done := range []<-chan struct{}{outDone, errDone} {
		select {
		case <-done:
		case <-limit.Done():
		}
	}
	syscall.Kill(-1, syscall.SIGKILL) // all but init
	<-outDone
	<-errDone
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}

func startProgram(j *job.Job, files []*os.File) (pid int, err error) {
	p, err := os.StartProcess(j.Program, j.Args, &os.ProcAttr{
		Dir: j.Dir, Env: j.Env, Files: files, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, err
	}
	pid = p.Pid
	p.Release() // reap waits for it
	return pid, nil
}

// startIsolated starts the program from a thread that has gone to new namespaces,
// which end with the program.
func startIsolated(j *job.Job, files []*os.File) (pid int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if err = isolate(); err == nil {
			pid, err = startProgram(j, files)
		}
	}()
	<-done
	return pid, err
}

// isolate gives the thread a network like that of the boot, and mounts that nobody
// else sees.
func isolate() error {
	if err := syscall.Unshare(syscall.CLONE_NEWNS | syscall.CLONE_NEWNET); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make the mounts private: %w", err)
	}
	for _, m := range []mount{
		{"sysfs", "/sys", "sysfs", 0, ""}, // shows the network devices of the mount's namespace
		{"run", "/run", "tmpfs", 0, "mode=755"},
		{"run", "/run/netns", "tmpfs", 0, "mode=755"},
	} {
		if err := m.make(); err != nil {
			return err
		}
	}
	return upLoopback()
}

// pump returns a pipe into port. The program gets a pipe, and not the port,
// since a port opens only once: /dev/stderr could not be used.
func pump(port io.Writer) (w *os.File, done <-chan struct{}, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	end := make(chan struct{})
	go func() {
		defer close(end)
		defer r.Close()
		if _, err := io.Copy(port, r); err != nil {
			fmt.Fprintln(os.Stderr, "guest: output lost:", err)
		}
	}()
	return w, end, nil
}

// reap waits for pid, and meanwhile for every orphan.
func reap(pid int) (syscall.WaitStatus, error) {
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, fmt.Errorf("wait4: %w", err)
		case got == pid:
			return status, nil
		}
	}
}
