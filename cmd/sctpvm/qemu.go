//go:build linux

package main

import (
	"strconv"
	"strings"
	"sync"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// The descriptors that the emulator inherits. It opens the first ones again by their
// names in /dev/fd, so that a run leaves nothing in the file system to clean up.
const (
	consoleFD = 3 + iota
	outFD
	errFD
	controlFD // a socket, used as it is
)

func fdPath(fd int) string { return "/dev/fd/" + strconv.Itoa(fd) }

func qemuArgs(img *image, spec *machineSpec) []string {
	a := spec.arch
	memory := spec.memory
	if memory == "" {
		memory = a.memory
	}
	args := append([]string{}, a.machine...)
	args = append(args,
		"-smp", strconv.Itoa(spec.cpus), "-m", memory,
		"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-nic", "none",
		"-kernel", img.kernel, "-initrd", img.initrd, "-append", bootLine(a, spec.boot),
		"-chardev", "file,id=console,path="+fdPath(consoleFD), "-serial", "chardev:console",
		"-device", "virtio-serial-"+a.bus,
	)
	switch {
	case spec.icount:
		args = append(args, "-accel", "tcg,thread=single", "-icount", "shift=1,sleep=off")
	case oneThread(img.release):
		args = append(args, "-accel", "tcg,thread=single")
	default:
		args = append(args, "-accel", "tcg,thread=multi")
	}
	port := func(name, chardev string) {
		args = append(args,
			"-chardev", chardev+",id="+name,
			"-device", "virtserialport,chardev="+name+",name="+name)
	}
	port(job.OutPort, "file,path="+fdPath(outFD))
	port(job.ErrPort, "file,path="+fdPath(errFD))
	port(job.ControlPort, "socket,fd="+strconv.Itoa(controlFD))
	share := func(tag, path, mode string) {
		// A comma ends an option's value unless it is doubled.
		args = append(args,
			"-fsdev", "local,id="+tag+",security_model=none,multidevs=remap,path="+strings.ReplaceAll(path, ",", ",,")+mode,
			"-device", "virtio-9p-"+a.bus+",fsdev="+tag+",mount_tag="+tag)
	}
	share(job.RootTag, "/", ",readonly=on")
	for i, path := range spec.folders {
		share(job.FolderTag(i), path, "")
	}
	return append(args, strings.Fields(spec.qemu)...)
}

// oneThread reports whether the emulator must run all processors of the guest on one
// thread: from 7.0 on, kernels patch their code in a way that QEMU 7.2 now and then
// shows half done to another processor ("Oops: int3").
func oneThread(release string) bool {
	major, _, _ := strings.Cut(release, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= 7
}

// bootLine makes a kernel boot fast, and makes an oops end the machine at once; more is
// what the user wants besides.
func bootLine(a *arch, more string) string {
	return "console=" + a.console + " panic=-1 oops=panic mitigations=off random.trust_cpu=on nokaslr " + a.boot + " " + more
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
