//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// errLimit is the error of run at the time limit.
var errLimit = errors.New("the time limit passed")

// endGrace is what an emulator gets to end in good order.
const endGrace = 30 * time.Second

// A machineSpec is what a run wants of its machine.
type machineSpec struct {
	arch     *arch
	kernel   string // as -kernel
	cpus     int
	memory   string
	icount   bool
	boot     string   // more for the kernel's command line
	unloaded bool     // netModules are left to the kernel
	qemu     string   // more for the emulator's command line
	native   bool     // its programs are the host's
	folders  []string // shared for writing
}

// serves reports whether a machine of this kind does for another run too.
func (s *machineSpec) serves(o *machineSpec) bool {
	return s.arch == o.arch && s.kernel == o.kernel && s.cpus == o.cpus && s.memory == o.memory &&
		s.icount == o.icount && s.boot == o.boot && s.unloaded == o.unloaded && s.qemu == o.qemu && s.native == o.native &&
		!slices.ContainsFunc(o.folders, func(f string) bool {
			return !slices.ContainsFunc(s.folders, func(dir string) bool { return within(f, dir) })
		})
}

// A machine is a running emulator. It must be started on the main thread, with which
// it dies.
type machine struct {
	spec    *machineSpec
	release string
	cmd     *exec.Cmd
	control *os.File
	results chan *job.Result // closed when the guest has died
	out     *stream
	errs    *stream
	console tail
	readers sync.WaitGroup
}

func startMachine(spec *machineSpec) (*machine, error) {
	img, err := prepare(spec.arch, spec.kernel)
	if err != nil {
		return nil, err
	}
	hostname, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	m := &machine{
		spec: spec, release: img.release, results: make(chan *job.Result), out: newStream(), errs: newStream(),
		cmd: exec.Command(img.qemu, qemuArgs(img, spec)...),
	}
	m.cmd.Stderr = &m.console
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	defer func() {
		for _, w := range m.cmd.ExtraFiles {
			w.Close() // a pipe ends with the emulator
		}
	}()
	for _, dst := range []io.Writer{&m.console, m.out, m.errs} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		m.cmd.ExtraFiles = append(m.cmd.ExtraFiles, w)
		m.read(r, dst)
	}
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	m.control = os.NewFile(uintptr(pair[0]), "control")
	m.cmd.ExtraFiles = append(m.cmd.ExtraFiles, os.NewFile(uintptr(pair[1]), "control"))
	if err := m.cmd.Start(); err != nil {
		m.control.Close()
		return nil, err
	}
	m.readers.Add(1)
	go m.readResults()
	first := job.Machine{Folders: spec.folders, Hostname: hostname, Unloaded: spec.unloaded}
	if spec.native {
		first.Modules = img.modules
	}
	if err := json.NewEncoder(m.control).Encode(first); err != nil {
		m.end()
		return nil, fmt.Errorf("start the guest: %w\n%s", err, &m.console)
	}
	return m, nil
}

func (m *machine) read(r *os.File, dst io.Writer) {
	m.readers.Add(1)
	go func() {
		defer m.readers.Done()
		defer r.Close()
		io.Copy(dst, r)
		if s, ok := dst.(*stream); ok {
			s.close()
		}
	}()
}

func (m *machine) readResults() {
	defer m.readers.Done()
	defer close(m.results)
	for d := json.NewDecoder(m.control); ; {
		result := new(job.Result)
		if d.Decode(result) != nil {
			return // the machine ended
		}
		m.results <- result
	}
}

// run runs a job, with its output to stdout and stderr. After an error, the machine is
// of no more use.
func (m *machine) run(j *job.Job, stdout, stderr io.Writer, limit time.Duration, cancel <-chan error) (*job.Result, error) {
	m.out.to(stdout)
	m.errs.to(stderr)
	if err := json.NewEncoder(m.control).Encode(j); err != nil {
		return nil, m.died()
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case result := <-m.results:
		if result == nil {
			return nil, m.died()
		}
		m.out.await(result.Out)
		m.errs.await(result.Err)
		return result, nil
	case <-timer.C:
		m.end()
		return nil, m.withConsole(fmt.Errorf("%w: the program did not end within %v", errLimit, limit))
	case err := <-cancel:
		m.end()
		return nil, m.withConsole(err)
	}
}

func (m *machine) died() error {
	m.end()
	return m.withConsole(errors.New("the guest died"))
}

func (m *machine) withConsole(err error) error {
	return fmt.Errorf("%w; the last lines of its console:\n%s", err, &m.console)
}

// end ends the machine, after which all that it wrote has arrived.
func (m *machine) end() {
	if m.spec.qemu != "" { // what it may have to do at its end
		m.cmd.Process.Signal(syscall.SIGTERM)
		defer time.AfterFunc(endGrace, func() { m.cmd.Process.Kill() }).Stop()
	} else {
		m.cmd.Process.Kill()
	}
	m.cmd.Wait()
	m.control.Close()
	for range m.results { // that nobody waits for
	}
	m.readers.Wait()
}

// A stream is the output of a machine, of which each job has a part.
type stream struct {
	mu      sync.Mutex
	arrived sync.Cond
	dst     io.Writer
	n       int64 // bytes since the boot
	closed  bool
}

func newStream() *stream {
	s := &stream{dst: io.Discard}
	s.arrived.L = &s.mu
	return s
}

// to sends what comes from now on to dst.
func (s *stream) to(dst io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dst = dst
}

// Write never fails: the guest goes on although nobody listens.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dst.Write(p)
	s.n += int64(len(p))
	s.arrived.Broadcast()
	return len(p), nil
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.arrived.Broadcast()
}

// await waits until n bytes have come since the boot.
func (s *stream) await(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.n < n && !s.closed {
		s.arrived.Wait()
	}
}
