//go:build linux

package main

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// An arch is a machine that the test bed can emulate. A new one is a new row.
type arch struct {
	name     string   // of its kernel, for Go and for Debian alike
	programs []abi    // what runs on it
	qemu     string   // the emulator
	packages []string // Debian packages that bring the emulator, newest release first
	machine  []string // emulator options: machine, processor
	console  string   // the console's device in the guest
	boot     string   // more for the kernel's command line
	bus      string   // suffix of its virtio devices
	memory   string   // unless -mem says otherwise
	modules  []string // needed besides bootModules
}

var (
	// bootModules carry the files and the output.
	bootModules = []string{"virtio_console", "9pnet_virtio", "9p", "overlay"}
	// netModules are what programs come for.
	netModules = []string{"sctp", "sctp_diag", "veth", "dummy", "sch_netem"}
)

var arches = []arch{
	{
		name:     "amd64",
		programs: []abi{{"amd64", elf.EM_X86_64, elf.ELFCLASS64}, {"386", elf.EM_386, elf.ELFCLASS32}},
		qemu:     "qemu-system-x86_64",
		packages: []string{"qemu-system-x86"},
		machine:  []string{"-machine", "pc", "-cpu", "max"},
		console:  "ttyS0",
		// The processors' counters agree here, whatever the kernel finds, and are ten
		// times as fast to read as its next best clock. While the host is busy, the
		// kernel's check that its timer interrupts come in time may fail.
		boot:    "tsc=reliable no_timer_check",
		bus:     "pci",
		memory:  "3G",
		modules: []string{"virtio_pci"},
	},
	{
		name:     "arm64",
		programs: []abi{{"arm64", elf.EM_AARCH64, elf.ELFCLASS64}},
		qemu:     "qemu-system-aarch64",
		packages: []string{"qemu-system-arm"},
		machine:  []string{"-machine", "virt", "-cpu", "max,pauth-impdef=on"},
		console:  "ttyAMA0",
		bus:      "pci",
		memory:   "2G",
		modules:  []string{"virtio_pci"},
	},
	{
		name:     "s390x",
		programs: []abi{{"s390x", elf.EM_S390, elf.ELFCLASS64}},
		qemu:     "qemu-system-s390x",
		packages: []string{"qemu-system-s390x", "qemu-system-misc"},
		machine:  []string{"-machine", "s390-ccw-virtio", "-cpu", "max"},
		console:  "ttysclp0",
		bus:      "ccw",
		memory:   "2G",
	},
}

// An abi is a kind of program, by its ELF header.
type abi struct {
	goarch  string
	machine elf.Machine
	class   elf.Class
}

// errNotELF is the error of elfHeader for a script.
var errNotELF = errors.New("not an ELF file")

// archOf returns the machine for the program in the named file. A script runs
// on the host's own architecture, for the sake of its interpreter.
func archOf(file, hostArch string) (*arch, abi, error) {
	machine, class, err := elfHeader(file)
	if errors.Is(err, errNotELF) {
		a, err := archNamed(hostArch)
		return a, abi{goarch: hostArch}, err
	}
	if err != nil {
		return nil, abi{}, err
	}
	for i := range arches {
		for _, p := range arches[i].programs {
			if p.machine == machine && p.class == class {
				return &arches[i], p, nil
			}
		}
	}
	return nil, abi{}, fmt.Errorf("%s is a program for %v (%v): the test bed has %s", file, machine, class, supported())
}

// archNamed returns the machine that runs the programs of a GOARCH.
func archNamed(goarch string) (*arch, error) {
	for i := range arches {
		if slices.ContainsFunc(arches[i].programs, func(p abi) bool { return p.goarch == goarch }) {
			return &arches[i], nil
		}
	}
	return nil, fmt.Errorf("no machine for %q: the test bed has %s", goarch, supported())
}

func supported() string {
	var names []string
	for _, a := range arches {
		for _, p := range a.programs {
			names = append(names, p.goarch)
		}
	}
	return strings.Join(names, ", ")
}

// elfHeader reads the few bytes that say what a program runs on.
func elfHeader(file string) (elf.Machine, elf.Class, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	header := make([]byte, 20)
	n, err := io.ReadFull(f, header)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, 0, err
	}
	if n < len(elf.ELFMAG) || string(header[:len(elf.ELFMAG)]) != elf.ELFMAG {
		return 0, 0, errNotELF
	}
	if n < len(header) {
		return 0, 0, fmt.Errorf("%s: the ELF header is cut off", file)
	}
	var order binary.ByteOrder = binary.LittleEndian
	if elf.Data(header[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	return elf.Machine(order.Uint16(header[18:])), elf.Class(header[elf.EI_CLASS]), nil
}
