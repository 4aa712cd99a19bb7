//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
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
