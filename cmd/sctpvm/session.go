//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// sessionVar names, in the environment, the socket of a session.
const sessionVar = "SCTPVM_SESSION"

// A request is a run that a session is asked for. The descriptors for its standard
// output and error come along.
type request struct {
	Goarch   string
	Kernel   string
	CPUs     int
	Memory   string
	Icount   bool
	Boot     string
	Unloaded bool
	Qemu     string
	Verbose  bool
	Folders  []string
	Limit    time.Duration
	Job      *job.Job
}

// A reply says how the run ended.
type reply struct {
	Exit  int
	Error string
}

// A server runs requests, one after the other, on one machine as long as that does.
type server struct {
	machine *machine
	folders []string // that each machine shares
}

// runSession runs a command on the host. All runs that it starts use one machine.
func runSession(command []string) (exit int, err error) {
	dir, err := os.MkdirTemp("", "sctpvm-")
	if err != nil {
		return exitFailed, err
	}
	defer os.RemoveAll(dir)
	wd, err := os.Getwd()
	if err != nil {
		return exitFailed, err
	}
	l, err := net.Listen("unix", filepath.Join(dir, "session"))
	if err != nil {
		return exitFailed, err
	}
	defer l.Close()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), sessionVar+"="+l.Addr().String())
	// Test binaries must lie in a folder that the machine shares: go test wants their
	// coverage.
	temp := os.Getenv("GOTMPDIR")
	if temp == "" {
		temp = dir
		cmd.Env = append(cmd.Env, "GOTMPDIR="+temp)
	}
	s := &server{}
	for _, f := range []string{realPath(wd), realPath(temp)} {
		if f != "/" {
			s.folders = append(s.folders, f)
		}
	}
	defer s.end()

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return exitFailed, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	conns := make(chan *net.UnixConn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns <- c.(*net.UnixConn)
		}
	}()
	for {
		select {
		case c := <-conns:
			s.serve(c) // here: the machine lives as long as the main thread
		case sig := <-signals:
			cmd.Process.Signal(sig) // its end is the session's
		case err := <-ended:
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return exitStatus(exit.Sys().(syscall.WaitStatus)), nil
			}
			return 0, err
		}
	}
}

func exitStatus(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// serve runs what a client asks for. If the client dies, as by the hand of go test at
// a time limit, so does the machine: nothing else is sure to end the program.
func (s *server) serve(c *net.UnixConn) {
	defer c.Close()
	files, req, err := readRequest(c)
	if err != nil {
		return // the client is gone
	}
	defer closeAll(files)
	gone := make(chan error, 1)
	go func() {
		io.Copy(io.Discard, c)
		gone <- errors.New("nobody waits for it any more")
	}()
	var answer reply
	answer.Exit, err = s.run(req, files[0], files[1], gone)
	if err != nil {
		answer.Error = err.Error()
	}
	json.NewEncoder(c).Encode(answer)
}

// run runs a request on the machine, and starts one if there is none that does.
func (s *server) run(req *request, stdout, stderr io.Writer, cancel <-chan error) (exit int, err error) {
	start := time.Now()
	a, err := archNamed(req.Goarch)
	if err != nil {
		return exitFailed, err
	}
	spec := &machineSpec{
		arch: a, kernel: req.Kernel, cpus: req.CPUs, memory: req.Memory, icount: req.Icount,
		boot: req.Boot, unloaded: req.Unloaded, qemu: req.Qemu, native: isNative(a), folders: req.Folders,
	}
	if s.machine != nil && !s.machine.spec.serves(spec) {
		s.end()
	}
	if s.machine == nil {
		spec.folders = outermost(append(spec.folders, s.folders...))
		if s.machine, err = startMachine(spec); err != nil {
			return exitFailed, err
		}
		if req.Verbose {
			fmt.Fprintf(stderr, "sctpvm: booting Linux %s in an emulator\n", s.machine.release)
		}
	}
	result, err := s.machine.run(req.Job, stdout, stderr, req.Limit, cancel)
	if err != nil {
		s.machine = nil
		if errors.Is(err, errLimit) {
			return exitLimit, err
		}
		return exitFailed, err
	}
	if req.Verbose {
		fmt.Fprintf(stderr, "sctpvm: Linux %s %s, %d CPUs, %.1fs\n", result.Release, req.Goarch, result.CPUs, time.Since(start).Seconds())
	}
	if result.Error != "" {
		return exitFailed, errors.New("in the guest: " + result.Error)
	}
	return result.Exit, nil
}

func (s *server) end() {
	if s.machine != nil {
		s.machine.end()
		s.machine = nil
	}
}

// askSession has the session at a socket run a request.
func askSession(socket string, req *request) (exit int, err error) {
	nc, err := net.Dial("unix", socket)
	if err != nil {
		return exitFailed, fmt.Errorf("the session of %s is over: %w", sessionVar, err)
	}
	defer nc.Close()
	c := nc.(*net.UnixConn)
	rights := syscall.UnixRights(int(os.Stdout.Fd()), int(os.Stderr.Fd()))
	if _, _, err := c.WriteMsgUnix([]byte{0}, rights, nil); err != nil {
		return exitFailed, err
	}
	if err := json.NewEncoder(c).Encode(req); err != nil {
		return exitFailed, err
	}
	var answer reply
	if err := json.NewDecoder(c).Decode(&answer); err != nil {
		return exitFailed, fmt.Errorf("the session ended: %w", err)
	}
	if answer.Error != "" {
		err = errors.New(answer.Error)
	}
	return answer.Exit, err
}

// readRequest reads what askSession sends: a byte with two descriptors, and a request.
func readRequest(c *net.UnixConn) (files []*os.File, req *request, err error) {
	oob := make([]byte, syscall.CmsgSpace(2*4))
	_, n, _, _, err := c.ReadMsgUnix(make([]byte, 1), oob)
	if err != nil {
		return nil, nil, err
	}
	msgs, err := syscall.ParseSocketControlMessage(oob[:n])
	if err != nil {
		return nil, nil, err
	}
	for i := range msgs {
		fds, err := syscall.ParseUnixRights(&msgs[i])
		if err != nil {
			return nil, nil, err
		}
		for _, fd := range fds {
			syscall.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "output"))
		}
	}
	req = new(request)
	err = json.NewDecoder(c).Decode(req)
	if err == nil && (len(files) != 2 || req.Job == nil) {
		err = errors.New("not a request")
	}
	if err != nil {
		closeAll(files)
		return nil, nil, err
	}
	return files, req, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
