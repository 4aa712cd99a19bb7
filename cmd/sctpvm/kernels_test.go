//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"
)

const packageNames = `linux-image-amd64 linux-image-6.1-amd64 linux-image-6.12-amd64-signed-template
linux-image-5.10.0-45-amd64 linux-image-5.10.0-46-amd64 linux-image-5.10.0-46-amd64-dbg linux-image-5.10.0-46-rt-amd64
linux-image-6.1.0-0.deb11.52-amd64 linux-image-6.1.0-9-amd64 linux-image-6.1.0-56-amd64 linux-image-6.1.0-57-amd64-unsigned
linux-image-6.12.118+deb13-amd64 linux-image-6.12.95+deb12-amd64 linux-image-6.12.90+deb12.1-cloud-amd64
linux-image-7.3.4+deb13-amd64 linux-image-7.13.1+deb14-arm64`

func TestChooseKernel(t *testing.T) {
	for name, want := range map[string]string{
		"oldest": "5.10.0-46-amd64", "newest": "7.3.4+deb13-amd64", "oldest-rt": "5.10.0-46-rt-amd64",
		"6.1": "6.1.0-56-amd64", "6.1.0-9": "6.1.0-9-amd64", "6.12": "6.12.118+deb13-amd64",
		"6.12.95": "6.12.95+deb12-amd64", "6.12-cloud": "6.12.90+deb12.1-cloud-amd64", "7.3": "7.3.4+deb13-amd64",
	} {
		if got, err := chooseKernel(packageNames, name, "amd64"); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"7.1", "6.1.0-5", "6.12-rt"} {
		if got, err := chooseKernel(packageNames, name, "amd64"); err == nil || !strings.Contains(err.Error(), "is Debian's") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestKernelNames(t *testing.T) {
	for name, want := range map[string]bool{
		"6.1": true, "7.3.4": true, "6.12-cloud": true, "newest": true, "oldest-rt": true, "6.12.90+deb12.1": true,
		"": false, "6": false, "..": false, "6.1/x": false, "latest": false, "-rt": false,
	} {
		if got := kernelName.MatchString(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

func TestPartsOfASplitPackage(t *testing.T) {
	const release = "7.3.4+deb13-amd64"
	const text = "linux-image-" + release + `
  PreDepends: linux-base
 |Depends: dracut
  Depends: linux-base-7.3.4+deb13-amd64
  Depends: linux-binary-7.3.4+deb13-amd64
  Depends: linux-modules-7.3.4+deb13-amd64
  Suggests: linux-doc-7.3
`
	want := []string{"linux-base-" + release, "linux-binary-" + release, "linux-modules-" + release}
	if got := parts(text, release); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := parts("linux-image-6.1.0-56-amd64\n  Depends: kmod\n", "6.1.0-56-amd64"); got != nil {
		t.Errorf("got %q of a whole package", got)
	}
}

func TestMirrorsAreDebians(t *testing.T) {
	main, security := mirrors("a/vendor nodistro\nb/debian bookworm\nc/debian bookworm-updates\nd/debian-security bookworm-security\n")
	if main != "b/debian" || security != "d/debian-security" {
		t.Errorf("got %q, %q", main, security)
	}
	if main, security = mirrors("a/ubuntu noble\na/ubuntu noble-security\n"); main != "" || security != "" {
		t.Errorf("got %q, %q of another distribution", main, security)
	}
}

func TestSourcesListOfAGivenMirror(t *testing.T) {
	t.Setenv(mirrorVar, "scheme://host/debian")
	list, err := sourcesList()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"scheme://host/debian sid main\n", "scheme://host/debian-security bullseye-security main\n"} {
		if !strings.Contains(list, want) {
			t.Errorf("no %q in %s", want, list)
		}
	}
}
