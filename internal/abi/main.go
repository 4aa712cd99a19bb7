// Command abi writes down how C compilers see linux/sctp.h: the size of every struct,
// the offset and size of every field, and the value of every constant. The tests of
// internal/sys compare its own structs and constants with that.
//
//	go run ./internal/abi [-o internal/sys/testdata]
//
// It compiles a program for each architecture with Debian's cross compilers and reads
// the types from the debugging information of the object file, so that nothing of the
// header is left out and nothing has to run. Compilers that are missing it installs,
// for which it needs root.
package main

import (
	"debug/elf"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A target is an architecture with its C compiler.
type target struct {
	arch     string // as in GOARCH
	cc       string
	packages []string // Debian's, with the compiler and the headers
}

var targets = []target{
	{"amd64", "x86_64-linux-gnu-gcc", []string{"gcc", "libc6-dev"}},
	{"386", "i686-linux-gnu-gcc", []string{"gcc-i686-linux-gnu", "libc6-dev-i386-cross"}},
	{"arm", "arm-linux-gnueabihf-gcc", []string{"gcc-arm-linux-gnueabihf", "libc6-dev-armhf-cross"}},
	{"arm64", "aarch64-linux-gnu-gcc", []string{"gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"}},
	{"s390x", "s390x-linux-gnu-gcc", []string{"gcc-s390x-linux-gnu", "libc6-dev-s390x-cross"}},
}

func main() {
	out := flag.String("o", filepath.Join("internal", "sys", "testdata"), "`folder` to write abi-ARCH.txt to")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "abi:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	if err := install(); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "abi")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	for _, t := range targets {
		text, err := t.describe(tmp)
		if err != nil {
			return fmt.Errorf("%s: %w", t.arch, err)
		}
		name := filepath.Join(out, "abi-"+t.arch+".txt")
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			return err
		}
		fmt.Println("abi: wrote", name)
	}
	return nil
}

// install installs the compilers that are missing.
func install() error {
	var packages []string
	for _, t := range targets {
		if _, err := exec.LookPath(t.cc); err != nil {
			packages = append(packages, t.packages...)
		}
	}
	if packages == nil {
		return nil
	}
	args := append([]string{"install", "-y", "--no-install-recommends"}, packages...)
	if os.Geteuid() != 0 {
		return fmt.Errorf("compilers are missing: as root, run apt-get %s", strings.Join(args, " "))
	}
	fmt.Println("abi: installing", strings.Join(packages, " "))
	if _, err := output("apt-get", "update"); err != nil {
		return err
	}
	_, err := output("env", append([]string{"DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"}, args...)...)
	return err
}

// describe compiles the program with t's compiler and returns what is to be written.
func (t target) describe(tmp string) (string, error) {
	path, err := t.headerPath()
	if err != nil {
		return "", err
	}
	origin, err := t.origin(path)
	if err != nil {
		return "", err
	}
	h, err := readHeader(path)
	if err != nil {
		return "", err
	}
	source, object := filepath.Join(tmp, t.arch+".c"), filepath.Join(tmp, t.arch+".o")
	if err := os.WriteFile(source, []byte(h.program()), 0o666); err != nil {
		return "", err
	}
	if _, err := output(t.cc, "-c", "-g", "-fno-eliminate-unused-debug-types", "-o", object, source); err != nil {
		return "", err
	}
	f, err := elf.Open(object)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d, err := f.DWARF()
	if err != nil {
		return "", err
	}
	abi, err := readABI(d, path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("# Made by make abi, with %s.\n%s", origin, abi.text(h)), nil
}

// headerPath returns the file that t's compiler takes for linux/sctp.h.
func (t target) headerPath() (string, error) {
	cmd := exec.Command(t.cc, "-M", "-x", "c", "-")
	cmd.Stdin = strings.NewReader("#include <linux/sctp.h>\n")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s finds no linux/sctp.h (is one of %s missing?): %w", t.cc, strings.Join(t.packages, ", "), err)
	}
	for _, path := range strings.Fields(string(out)) {
		if strings.HasSuffix(path, "/linux/sctp.h") {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s finds no linux/sctp.h", t.cc)
}

// origin names the compiler, and the package of the header at path, with versions.
func (t target) origin(path string) (string, error) {
	version, err := output(t.cc, "-dumpfullversion")
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	owner, err := output("dpkg-query", "-S", real)
	if err != nil {
		return "", err
	}
	pkg, _, _ := strings.Cut(owner, ": ")
	header, err := output("dpkg-query", "-W", "-f", "${Package} ${Version}", pkg)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s and the header of %s", t.cc, strings.TrimSpace(version), header), nil
}

// output runs a command and returns what it prints.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return string(out), nil
}
