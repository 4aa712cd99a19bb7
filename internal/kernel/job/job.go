// Package job is what the runner and the guest's init tell each other: the
// runner leaves a Job in the initramfs, the init answers with a Result.
package job

import "strconv"

// Path is where the init finds the Job, as JSON, in its initramfs.
const Path = "/job.json"

// ModuleDir is the folder of the initramfs with the modules to load, in the
// order of their names.
const ModuleDir = "/modules"

// RootTag is the 9p tag of the host's root.
const RootTag = "root"

// The names of the virtio-serial ports. The kernel's own messages go to the
// console, so what passes here is the program's alone, byte for byte.
const (
	OutPort    = "sctp.out"
	ErrPort    = "sctp.err"
	ResultPort = "sctp.result"
)

// A Job is one program to run.
type Job struct {
	Program  string   // its path, the same as on the host
	Args     []string // from argv[0] on
	Env      []string
	Dir      string   // working directory
	Folders  []string // shared with the host for writing, under FolderTag(index)
	Merged   bool     // standard error goes where standard output goes, in order
	Hostname string
	Modules  string // lib/modules of the kernel, for modprobe; none if empty
}

// A Result ends a Job.
type Result struct {
	Exit    int    // as a shell reports it: 128 + number for a signal
	Error   string // why the program did not run; empty if it did
	Release string // of the kernel, as uname -r
	CPUs    int
}

// FolderTag returns the 9p tag of the i-th folder of a Job.
func FolderTag(i int) string { return "folder" + strconv.Itoa(i) }
