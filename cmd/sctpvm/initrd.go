//go:build linux

package main

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// guestSource is built for each machine. The runner carries it along, since it
// may be started from anywhere.
//
//go:embed internal
var guestSource embed.FS

const modulePath = "github.com/netsctp/sctp"

// writeInitrd writes the initramfs that all runs of a machine share: the init
// and the kernel modules.
func writeInitrd(a *arch, img *image, file string) error {
	done := say("building the init for %s", a.name)
	init, err := buildGuest(a)
	if err != nil {
		return err
	}
	done()
	var archive bytes.Buffer
	w := &cpioWriter{w: &archive}
	w.program("init", init)
	for _, set := range []struct {
		dir   string
		names []string
	}{
		{job.BootModules, slices.Concat(a.modules, bootModules)},
		{job.NetModules, netModules},
	} {
		files, err := moduleFiles(img, set.names)
		if err != nil {
			return err
		}
		dir := strings.TrimPrefix(set.dir, "/")
		w.dir(dir)
		for i, path := range files {
			body, err := readModule(path)
			if err != nil {
				return err
			}
			w.file(fmt.Sprintf("%s/%03d-%s", dir, i, filepath.Base(path)), body)
		}
	}
	if err := w.close(); err != nil {
		return err
	}
	return os.WriteFile(file, archive.Bytes(), 0o644)
}

// buildGuest compiles the init, in a module made of guestSource.
func buildGuest(a *arch) ([]byte, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, fmt.Errorf("the go command is not found, and the guest's init is built with it: add its folder to PATH (%w)", err)
	}
	dir, err := os.MkdirTemp("", "sctpvm-guest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(filepath.Join(dir, "cmd/sctpvm"), guestSource); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module "+modulePath+"\n\ngo 1.23.0\n"), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "init", "./cmd/sctpvm/internal/guest")
	cmd.Dir = dir
	// go test runs the runner with the settings of the test's own build.
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+a.name, "CGO_ENABLED=0",
		"GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "GO111MODULE=", "PWD="+dir)
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the guest's init: %w\n%s", err, text)
	}
	return os.ReadFile(filepath.Join(dir, "init"))
}

// moduleFiles returns the files of modules, and of those that they need, in the order to
// load them.
func moduleFiles(img *image, names []string) ([]string, error) {
	args := append([]string{"-d", img.dir, "-S", img.release, "--show-depends", "-a"}, names...)
	text, err := output(exec.Command("modprobe", args...))
	if err != nil {
		return nil, err
	}
	return moduleOrder(text), nil
}

// moduleOrder reads what modprobe --show-depends prints: "insmod FILE OPTIONS"
// for each module after those that it needs, "builtin NAME" for what is there.
func moduleOrder(text string) []string {
	var files []string
	seen := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "insmod" && !seen[f[1]] {
			seen[f[1]] = true
			files = append(files, f[1])
		}
	}
	return files
}

// readModule reads a module, which Debian compresses from release 13 on.
func readModule(path string) ([]byte, error) {
	if strings.HasSuffix(path, ".xz") {
		if err := need("xz", "xz-utils"); err != nil {
			return nil, err
		}
		text, err := output(exec.Command("xz", "-dc", path))
		return []byte(text), err
	}
	return os.ReadFile(path)
}
