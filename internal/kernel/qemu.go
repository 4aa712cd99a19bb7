//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/kernel/job"
)

// errLimit is the error of runGuest at the time limit.
var errLimit = errors.New("the time limit passed")

// The descriptors that the emulator inherits. It opens them again by their names
// in /dev/fd, so that a run leaves nothing in the file system to clean up.
const (
	consoleFD = 3 + iota
	outFD
	errFD
	resultFD
	initrdFD
)

func fdPath(fd int) string { return "/dev/fd/" + strconv.Itoa(fd) }

// runGuest boots a machine, which runs j, and copies the output.
func runGuest(a *arch, img *image, j *job.Job, opts *options) (*job.Result, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	initrd, err := jobInitrd(img.initrd, j)
	if err != nil {
		return nil, err
	}
	defer initrd.Close()

	var console tail
	cmd := exec.Command(img.qemu, qemuArgs(a, img, j.Folders, opts)...)
	cmd.Stderr = &console
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	var output sync.WaitGroup
	results := make(chan *job.Result, 1)
	for _, read := range []func(io.Reader){
		consoleFD - 3: func(r io.Reader) { io.Copy(&console, r) },
		outFD - 3:     func(r io.Reader) { io.Copy(os.Stdout, r) },
		errFD - 3:     func(r io.Reader) { io.Copy(os.Stderr, r) },
		resultFD - 3: func(r io.Reader) {
			result := new(job.Result)
			if json.NewDecoder(r).Decode(result) != nil {
				result = nil // the machine ended without one
			}
			results <- result
		},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		defer w.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, w)
		output.Add(1)
		go func() {
			defer output.Done()
			read(r)
		}()
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, initrd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for _, w := range cmd.ExtraFiles {
		w.Close() // a pipe ends with the emulator
	}

	var result *job.Result
	select {
	case result = <-results:
		if result == nil {
			err = errors.New("the guest died")
		}
	case <-time.After(opts.limit):
		err = fmt.Errorf("%w: the guest did not end within %v", errLimit, opts.limit)
	case s := <-signals:
		err = fmt.Errorf("ended by signal: %v", s)
	}
	cmd.Process.Kill()
	cmd.Wait()
	output.Wait()
	if err != nil {
		return nil, fmt.Errorf("%w; the last lines of its console:\n%s", err, &console)
	}
	return result, nil
}

func qemuArgs(a *arch, img *image, folders []string, opts *options) []string {
	memory := opts.memory
	if memory == "" {
		memory = a.memory
	}
	args := append([]string{}, a.machine...)
	args = append(args,
		"-smp", strconv.Itoa(opts.cpus), "-m", memory,
		"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-nic", "none",
		"-kernel", img.kernel, "-initrd", fdPath(initrdFD), "-append", bootLine(a),
		"-chardev", "file,id=console,path="+fdPath(consoleFD), "-serial", "chardev:console",
		"-device", "virtio-serial-"+a.bus,
	)
	if opts.icount {
		args = append(args, "-accel", "tcg,thread=single", "-icount", "shift=1,sleep=off")
	} else {
		args = append(args, "-accel", "tcg,thread=multi")
	}
	for name, fd := range map[string]int{job.OutPort: outFD, job.ErrPort: errFD, job.ResultPort: resultFD} {
		args = append(args,
			"-chardev", "file,id="+name+",path="+fdPath(fd),
			"-device", "virtserialport,chardev="+name+",name="+name)
	}
	share := func(tag, path, mode string) {
		// A comma ends an option's value unless it is doubled.
		args = append(args,
			"-fsdev", "local,id="+tag+",security_model=none,multidevs=remap,path="+strings.ReplaceAll(path, ",", ",,")+mode,
			"-device", "virtio-9p-"+a.bus+",fsdev="+tag+",mount_tag="+tag)
	}
	share(job.RootTag, "/", ",readonly=on")
	for i, path := range folders {
		share(job.FolderTag(i), path, "")
	}
	return args
}

// bootLine makes a kernel boot fast, and makes an oops end the machine at once.
func bootLine(a *arch) string {
	return "console=" + a.console + " panic=-1 oops=panic mitigations=off random.trust_cpu=on nokaslr " + a.boot
}

// A tail keeps the last lines that were written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - 16<<10; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(t.text), "\r", "")), "\n")
	lines = lines[max(0, len(lines)-40):]
	return "  " + strings.Join(lines, "\n  ")
}
