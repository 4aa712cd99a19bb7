//go:build linux

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// defaultKernel is booted unless -kernel says otherwise.
const defaultKernel = "6.1"

// kernelVar and mirrorVar are environment variables.
const (
	kernelVar = "SCTPVM_KERNEL"
	mirrorVar = "SCTPVM_MIRROR" // Debian's mirror, and after a comma that of its security updates
)

// kernelName is what -kernel may say: a version or its first parts, and a flavour.
var kernelName = regexp.MustCompile(`^(oldest|newest|[0-9]+(\.[0-9]+)+([-+~.a-z0-9]*[a-z0-9])?)(-cloud|-rt)?$`)

// suites of Debian's have the kernels, each some versions. A new release is a new row.
var suites = []struct {
	name     string
	security bool // of the mirror of security updates
}{
	{"bullseye-security", true},   // 5.10, and 6.1
	{"bookworm", false},           // 6.1
	{"bookworm-security", true},   // 6.1
	{"bookworm-backports", false}, // 6.12
	{"trixie", false},             // 6.12
	{"trixie-security", true},     // 6.12
	{"trixie-backports", false},   // the newest, and those before it back to 6.16
	{"sid", false},                // what comes to the next release
}

// keyrings have the keys of all these, in the package debian-archive-keyring.
var keyrings = []string{"/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg"}

// download fetches the packages of a machine's kernel into dir. They come from the
// mirror of the host's own apt, with all of apt's state and sources in dir: the host's
// stay as they are.
func download(a *arch, kernel, dir string) (debs []string, release string, err error) {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return nil, "", errors.New("there is no apt-get: the test bed takes its kernels from Debian, run it there")
	}
	for _, d := range []string{"lists/partial", "cache/archives/partial", "log"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, "", err
		}
	}
	sources, err := sourcesList()
	if err != nil {
		return nil, "", err
	}
	for name, text := range map[string]string{"status": "", "sources.list": sources} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, "", err
		}
	}
	apt := func(args ...string) (string, error) {
		for _, option := range []string{
			"Dir::State=" + dir, "Dir::State::lists=" + dir + "/lists", "Dir::State::status=" + dir + "/status",
			"Dir::Cache=" + dir + "/cache", "Dir::Log=" + dir + "/log",
			"Dir::Etc::sourcelist=" + dir + "/sources.list", "Dir::Etc::sourceparts=/dev/null",
			"APT::Architecture=" + a.name, "APT::Architectures=" + a.name,
			"Acquire::Languages=none", "APT::Sandbox::User=", "APT::Update::Error-Mode=any",
		} {
			args = append(args, "-o", option)
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		return output(cmd)
	}
	check := "check the network, and that the package debian-archive-keyring is installed and new; then run: sctpvm -fetch " + a.name + "@" + kernel
	done := say("reading Debian's package lists for %s (apt-get update)", a.name)
	_, updateErr := apt("apt-get", "update", "-q") // of a suite that the mirror lacks, perhaps
	done()
	names, err := apt("apt-cache", "pkgnames", "linux-image-")
	if err != nil {
		return nil, "", fmt.Errorf("%w\n%s", errors.Join(updateErr, err), check)
	}
	release, err = chooseKernel(names, kernel, a.name)
	if err != nil {
		return nil, "", fmt.Errorf("%w\n%s", errors.Join(updateErr, err), check)
	}
	image := "linux-image-" + release
	depends, err := apt("apt-cache", "depends", image)
	if err != nil {
		return nil, "", err
	}
	packages := append([]string{image}, parts(depends, release)...)
	done = say("downloading %s", strings.Join(packages, ", "))
	if _, err := apt(append([]string{"apt-get", "download", "-q"}, packages...)...); err != nil {
		return nil, "", fmt.Errorf("%w\n%s", err, check)
	}
	done()
	debs, err = filepath.Glob(filepath.Join(dir, "*.deb"))
	if err == nil && len(debs) != len(packages) {
		err = fmt.Errorf("apt-get download of %d packages left %d", len(packages), len(debs))
	}
	return debs, release, err
}

// sourcesList returns the sources of all suites.
func sourcesList() (string, error) {
	main, security, _ := strings.Cut(os.Getenv(mirrorVar), ",")
	if main == "" {
		text, err := output(exec.Command("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"))
		if err != nil {
			return "", err
		}
		if main, security = mirrors(text); main == "" {
			return "", fmt.Errorf("the sources in /etc/apt are not Debian's: install the package debian-archive-keyring, and set %s to the address of a mirror of Debian", mirrorVar)
		}
	}
	if security == "" {
		security = strings.TrimSuffix(main, "/") + "-security" // as all mirrors that have both
	}
	options := ""
	for _, keyring := range keyrings {
		if _, err := os.Stat(keyring); err == nil {
			options = "[signed-by=" + keyring + "] "
			break
		}
	}
	var list strings.Builder
	for _, s := range suites {
		mirror := main
		if s.security {
			mirror = security
		}
		fmt.Fprintf(&list, "deb %s%s %s main\n", options, mirror, s.name)
	}
	return list.String(), nil
}

// debianRelease matches the suites that are Debian's.
var debianRelease = regexp.MustCompile(`^(bullseye|bookworm|trixie|forky|duke|sid|unstable|testing|(old)*stable)(-[a-z-]+)?$`)

// mirrors reads "address suite" lines and returns Debian's mirrors.
func mirrors(targets string) (main, security string) {
	for _, line := range strings.Split(targets, "\n") {
		address, suite, _ := strings.Cut(line, " ")
		switch {
		case !debianRelease.MatchString(suite):
		case strings.HasSuffix(suite, "-security"):
			security = cmp.Or(security, address)
		default:
			main = cmp.Or(main, address)
		}
	}
	return main, security
}

// chooseKernel returns the release of the newest kernel that the name fits.
func chooseKernel(packages, name, arch string) (release string, err error) {
	version, flavour := name, ""
	for _, f := range []string{"-cloud", "-rt"} {
		if v, ok := strings.CutSuffix(name, f); ok {
			version, flavour = v, f
		}
	}
	suffix := flavour + "-" + arch
	var found []string
	for _, p := range strings.Fields(packages) {
		r, ok := strings.CutPrefix(p, "linux-image-")
		v, ok2 := strings.CutSuffix(r, suffix)
		if ok && ok2 && releaseForm.MatchString(v) && (version == "oldest" || version == "newest" || isPrefix(version, v)) {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf("no linux-image-%s%s is Debian's", version, suffix)
	}
	slices.SortFunc(found, compareVersions)
	v := found[len(found)-1]
	if version == "oldest" { // series, and of that the newest
		first := series(found[0])
		for _, f := range found {
			if series(f) == first {
				v = f
			}
		}
	}
	return v + suffix, nil
}

// releaseForm matches what comes before the flavour: 6.1.0-56, 6.12.118+deb13.
var releaseForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9]+|-0\.[a-z0-9.]+|\+[a-z0-9.]+)$`)

// isPrefix reports whether p are the first parts of the version v: 7.1 of 7.1.3, not of
// 7.13.
func isPrefix(p, v string) bool {
	rest, ok := strings.CutPrefix(v, p)
	return ok && (rest == "" || rest[0] < '0' || rest[0] > '9')
}

func series(v string) string {
	parts := strings.SplitN(v, ".", 3)
	return parts[0] + "." + parts[1]
}

var numbers = regexp.MustCompile(`[0-9]+`)

// compareVersions compares the numbers in versions.
func compareVersions(a, b string) int {
	number := func(s string) int {
		n, _ := strconv.Atoi(s)
		return n
	}
	return slices.CompareFunc(numbers.FindAllString(a, -1), numbers.FindAllString(b, -1),
		func(a, b string) int { return cmp.Compare(number(a), number(b)) })
}

// parts returns the packages that the kernel's own is split into, from Linux 7.2 on, of
// what apt-cache depends prints.
func parts(depends, release string) []string {
	var list []string
	for _, line := range strings.Split(depends, "\n") {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "Depends: ")
		if ok && strings.HasPrefix(name, "linux-") && strings.HasSuffix(name, "-"+release) {
			list = append(list, name)
		}
	}
	return list
}
