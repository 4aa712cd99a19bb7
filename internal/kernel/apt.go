//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// need installs a program that is missing. One of the packages brings it, the
// newest Debian release's first.
func need(program string, packages ...string) error {
	if _, err := exec.LookPath(program); err == nil {
		return nil
	}
	if err := install(packages); err != nil {
		return fmt.Errorf("%s is missing: %w", program, err)
	}
	return nil
}

func install(packages []string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("there is no apt-get, so install it yourself (Debian has it in %s)", strings.Join(packages, " or "))
	}
	name, known := choose(packages)
	if !known && os.Geteuid() == 0 {
		done := say("updating the package lists (apt-get update)")
		_, err := output(exec.Command("apt-get", "update", "-q"))
		done()
		if name, known = choose(packages); !known {
			return errors.Join(fmt.Errorf("apt knows no %s: check the network and /etc/apt, then run: apt-get update", name), err)
		}
	}
	cure := "apt-get install --no-install-recommends " + name
	if os.Geteuid() != 0 {
		return fmt.Errorf("only root can install it, run as root: %s", cure)
	}
	done := say("installing %s (apt-get install)", name)
	cmd := exec.Command("apt-get", "install", name, "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300")
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if _, err := output(cmd); err != nil {
		return fmt.Errorf("%w\ncheck the network, then run: apt-get update && %s", err, cure)
	}
	done()
	return nil
}

// choose returns the first package that can be installed, or the last one.
func choose(packages []string) (name string, known bool) {
	for _, name = range packages {
		text, err := exec.Command("apt-cache", "policy", name).Output()
		if err == nil && bytes.Contains(text, []byte("Candidate: ")) && !bytes.Contains(text, []byte("Candidate: (none)")) {
			return name, true
		}
	}
	return name, false
}

// download fetches the package of a machine's newest kernel into dir. It comes
// from the sources of the host's own apt, asked for another architecture, with
// all of apt's state in dir: the host's stays as it is.
func download(a *arch, dir string) (deb, release string, err error) {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return "", "", errors.New("there is no apt-get: the test bed takes its kernels from Debian, run it there")
	}
	for _, d := range []string{"lists/partial", "cache/archives/partial", "log"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return "", "", err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "status"), nil, 0o644); err != nil {
		return "", "", err
	}
	apt := func(args ...string) (string, error) {
		for _, option := range []string{
			"Dir::State=" + dir, "Dir::State::lists=" + dir + "/lists", "Dir::State::status=" + dir + "/status",
			"Dir::Cache=" + dir + "/cache", "Dir::Log=" + dir + "/log",
			"APT::Architecture=" + a.name, "APT::Architectures=" + a.name,
			"Acquire::Languages=none", "APT::Sandbox::User=", "APT::Update::Error-Mode=any",
		} {
			args = append(args, "-o", option)
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		return output(cmd)
	}
	check := "check the network, and that the sources in /etc/apt are Debian's and not for one architecture only; then run: kernel -fetch " + a.name
	done := say("reading the package lists for %s (apt-get update)", a.name)
	_, updateErr := apt("apt-get", "update", "-q") // of a source that is not Debian's, perhaps
	done()
	text, err := apt("apt-cache", "depends", "linux-image-"+a.name)
	if err != nil {
		return "", "", fmt.Errorf("%w\n%s", errors.Join(updateErr, err), check)
	}
	name := kernelPackage(text)
	if name == "" {
		return "", "", fmt.Errorf("linux-image-%s depends on no kernel:\n%s", a.name, text)
	}
	done = say("downloading %s", name)
	if _, err := apt("apt-get", "download", name, "-q"); err != nil {
		return "", "", fmt.Errorf("%w\n%s", err, check)
	}
	done()
	debs, err := filepath.Glob(filepath.Join(dir, name+"_*.deb"))
	if err != nil || len(debs) != 1 {
		return "", "", fmt.Errorf("apt-get download %s left %d packages", name, len(debs))
	}
	return debs[0], strings.TrimPrefix(name, "linux-image-"), nil
}

// kernelPackage reads what apt-cache depends prints on linux-image-ARCH.
func kernelPackage(depends string) string {
	for _, line := range strings.Split(depends, "\n") {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "Depends: linux-image-"); ok {
			return "linux-image-" + name
		}
	}
	return ""
}
