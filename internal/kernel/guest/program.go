//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/kernel/job"
)

// drainLimit is how long a process that outlives the program may keep its
// output open.
const drainLimit = 2 * time.Second

// runProgram runs the job's program to its end and returns its exit status. As
// init, it also reaps whatever the program leaves behind.
func runProgram(j *job.Job, stdout, stderr *os.File) (exit int, err error) {
	// A program may open more sockets than the 4096 files that the kernel allows.
	files := syscall.Rlimit{Cur: 65536, Max: 1 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return 0, fmt.Errorf("setrlimit: %w", err)
	}
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	out, outDone, err := pump(stdout)
	if err != nil {
		return 0, err
	}
	errs, errDone := out, outDone
	if !j.Merged {
		if errs, errDone, err = pump(stderr); err != nil {
			return 0, err
		}
	}
	p, err := os.StartProcess(j.Program, j.Args, &os.ProcAttr{
		Dir: j.Dir, Env: j.Env, Files: []*os.File{stdin, out, errs},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, err
	}
	out.Close()
	errs.Close()
	status, err := reap(p.Pid)
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
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}

// pump returns a pipe into port. The program gets a pipe, and not the port,
// since a port opens only once: /dev/stderr could not be used.
func pump(port *os.File) (w *os.File, done <-chan struct{}, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	end := make(chan struct{})
	go func() {
		defer close(end)
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
