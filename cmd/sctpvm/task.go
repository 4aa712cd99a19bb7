//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// newJob describes the run of a program by this command line: here and now, as
// far as the guest can follow. A native program may use the host's others.
func newJob(file string, command []string, native bool) (*job.Job, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return &job.Job{
		Program: file,
		Args:    command,
		Env:     append(guestEnv(os.Environ(), native), "PWD="+dir, "SCTP_TESTBED=1"),
		Dir:     dir,
		Merged:  sameFile(os.Stdout, os.Stderr),
	}, nil
}

// guestEnv picks what the guest inherits from the environment.
func guestEnv(environ []string, native bool) []string {
	var env []string
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		switch name {
		case sessionVar, "GOTMPDIR": // are the host's: tests want their files in RAM
		case "PATH": // the host's programs only run on their own architecture
			if native {
				env = append(env, kv)
			}
		case "HOME", "LANG", "TZ":
			env = append(env, kv)
		default:
			for _, prefix := range []string{"GO", "CGO_", "BENCH", "SCTP"} {
				if strings.HasPrefix(name, prefix) {
					env = append(env, kv)
					break
				}
			}
		}
	}
	return env
}

// folders returns the folders in which the guest's writes reach the host: the
// working directory, and the program's own if it is a temporary one, where
// go test wants to find its coverage.
func folders(dir, file, temp string) []string {
	var list []string
	dir, own := realPath(dir), realPath(filepath.Dir(file))
	if dir != "/" {
		list = append(list, dir)
	}
	if within(own, realPath(temp)) && (dir == "/" || !within(own, dir)) {
		list = append(list, own)
	}
	return list
}

// outermost returns the folders of a list that lie in no other of it.
func outermost(list []string) []string {
	var outer []string
	for i, f := range list {
		if !slices.ContainsFunc(list, func(dir string) bool { return dir != f && within(f, dir) }) && !slices.Contains(list[:i], f) {
			outer = append(outer, f)
		}
	}
	return outer
}

func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// sameFile reports whether a and b are one, as go test passes them.
func sameFile(a, b *os.File) bool {
	sa, errA := a.Stat()
	sb, errB := b.Stat()
	return errA == nil && errB == nil && os.SameFile(sa, sb)
}
