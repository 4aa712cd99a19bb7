// Package job is what the runner and the guest's init tell each other, as JSON over
// one virtio-serial port: the runner sends a Machine, then one Job after the other,
// and the init answers each Job with a Result.
package job

import "strconv"

// The folders of the initramfs with the modules to load, in the order of their names.
const (
	BootModules = "/modules-boot" // that carry the files and the output
	NetModules  = "/modules-net"  // that programs come for
)

// RootTag is the 9p tag of the host's root.
const RootTag = "root"

// The names of the virtio-serial ports. The kernel's own messages go to the
// console, so what passes here is the programs' alone, byte for byte.
const (
	OutPort     = "sctpvm.out"
	ErrPort     = "sctpvm.err"
	ControlPort = "sctpvm.control"
)

// A Machine is what all jobs of a boot have in common.
type Machine struct {
	Folders  []string // shared with the host for writing, under FolderTag(index)
	Hostname string
	Modules  string // lib/modules of the kernel, for modprobe; none if empty
	Unloaded bool   // without NetModules, which are left to modprobe
}

// A Job is one program to run.
type Job struct {
	Program  string   // its path, the same as on the host
	Args     []string // from argv[0] on
	Env      []string
	Dir      string // working directory
	Merged   bool   // standard error goes where standard output goes, in order
	Isolated bool   // in network and mount namespaces of its own
}

// A Result ends a Job.
type Result struct {
	Exit    int    // as a shell reports it: 128 + number for a signal
	Error   string // why the program did not run; empty if it did
	Release string // of the kernel, as uname -r
	CPUs    int
	Out     int64 // bytes written to OutPort since the boot
	Err     int64 // and to ErrPort
}

// FolderTag returns the 9p tag of the i-th folder of a Machine.
func FolderTag(i int) string { return "folder" + strconv.Itoa(i) }
