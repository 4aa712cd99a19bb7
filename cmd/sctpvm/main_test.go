//go:build linux

package main

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

func TestParseErrors(t *testing.T) {
	for line, want := range map[string]string{
		"":                   "no program",
		"-v":                 "no program",
		"-fetch amd64 prog":  "-fetch runs no program",
		"-fetch a -session":  "-fetch opens no session",
		"-cpus 0 prog":       "-cpus 0",
		"-cpus two prog":     "invalid value",
		"-timeout -1s prog":  "-timeout -1s",
		"-timeout 10 prog":   "invalid value",
		"-no-such-flag prog": "not defined",
	} {
		if _, err := parse(strings.Fields(line), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", line, err, want)
		}
	}
	if _, err := parse([]string{"-h"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: got %v", err)
	}
}

func TestParseStopsAtTheProgram(t *testing.T) {
	o, err := parse(strings.Fields("-icount -cpus 4 prog -v -test.timeout=2m0s"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !o.icount || o.cpus != 1 || o.verbose || len(o.command) != 3 {
		t.Errorf("got %+v", o)
	}
}

func TestLimitIsTheTestsOrGiven(t *testing.T) {
	for line, want := range map[string]time.Duration{
		"x.test -test.timeout=2m0s":             2*time.Minute + testGrace,
		"x.test -test.timeout=0s":               defaultLimit,
		"x.test -test.timeout=soon":             defaultLimit,
		"bash -c true":                          defaultLimit,
		"-timeout 5s x.test -test.timeout=2m0s": 5 * time.Second,
	} {
		if o, err := parse(strings.Fields(line), io.Discard); err != nil || o.limit != want {
			t.Errorf("%q: got %v, %v, want %v", line, o, err, want)
		}
	}
}

func TestGuestEnv(t *testing.T) {
	environ := []string{"PATH=/bin", "HOME=/root", "GORACE=x", "CGO_CFLAGS=y", "BENCHTIME=1s", "SCTP_X=1", sessionVar + "=s", "GOTMPDIR=/t", "SECRET=s", "USER=u"}
	want := []string{"PATH=/bin", "HOME=/root", "GORACE=x", "CGO_CFLAGS=y", "BENCHTIME=1s", "SCTP_X=1"}
	if got := guestEnv(environ, true); !slices.Equal(got, want) {
		t.Errorf("native: got %q, want %q", got, want)
	}
	if got := guestEnv(environ, false); !slices.Equal(got, want[1:]) {
		t.Errorf("foreign: got %q, want %q", got, want[1:])
	}
}

func TestFolders(t *testing.T) {
	for _, test := range []struct {
		dir, file string
		want      []string
	}{
		{"/src", "/tmp/go-build1/b001/x.test", []string{"/src", "/tmp/go-build1/b001"}},
		{"/src", "/usr/bin/bash", []string{"/src"}},
		{"/tmp/go-build1", "/tmp/go-build1/b001/x.test", []string{"/tmp/go-build1"}},
		{"/", "/usr/bin/bash", nil},
		{"/", "/tmp/x/y.test", []string{"/tmp/x"}},
		{"/src", "/tmpfile/x", []string{"/src"}},
	} {
		if got := folders(test.dir, test.file, "/tmp"); !slices.Equal(got, test.want) {
			t.Errorf("%s, %s: got %q, want %q", test.dir, test.file, got, test.want)
		}
	}
}

func TestQemuArgs(t *testing.T) {
	for i := range arches {
		a := &arches[i]
		img := &image{qemu: "qemu", kernel: "/cache/kernel", initrd: "/cache/initrd"}
		args := qemuArgs(img, &machineSpec{arch: a, folders: []string{"/src/a,b"}, cpus: 1, icount: true, boot: "ipv6.disable=1", qemu: "-plugin file=x.so"})
		line := strings.Join(args, " ")
		for _, want := range []string{
			"path=/src/a,,b ", "mount_tag=" + job.FolderTag(0), "-icount shift=1,sleep=off", "-smp 1 -m " + a.memory,
			"virtio-9p-" + a.bus + ",", "console=" + a.console + " ", " ipv6.disable=1 ", " -plugin file=x.so ",
		} {
			if !strings.Contains(line+" ", want) {
				t.Errorf("%s: no %q in %s", a.name, want, line)
			}
		}
	}
}

func TestTailKeepsTheLastLines(t *testing.T) {
	var console tail
	for range 10000 {
		io.WriteString(&console, "some line\r\n")
	}
	io.WriteString(&console, "Kernel panic\r\n")
	got := console.String()
	if !strings.HasSuffix(got, "\n  Kernel panic") || strings.Count(got, "\n") != 39 || strings.Contains(got, "\r") {
		t.Errorf("got %q", got)
	}
}

func TestOneThreadFromLinux7On(t *testing.T) {
	for release, want := range map[string]bool{"5.10.0-46-amd64": false, "6.12.118+deb13-amd64": false, "7.0.4+deb13-amd64": true, "10.1.1": true, "": false} {
		if got := oneThread(release); got != want {
			t.Errorf("%q: got %v", release, got)
		}
	}
}

func TestOutermostFolders(t *testing.T) {
	got := outermost([]string{"/src/a", "/tmp/x", "/src", "/src", "/srcs"})
	if want := []string{"/tmp/x", "/src", "/srcs"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMachineServes(t *testing.T) {
	spec := func(kernel string, folders ...string) *machineSpec {
		return &machineSpec{arch: &arches[0], kernel: kernel, cpus: 2, folders: folders}
	}
	m := spec("6.1", "/src", "/tmp/x")
	for _, test := range []struct {
		o    *machineSpec
		want bool
	}{
		{spec("6.1", "/src/a", "/tmp/x/b001"), true},
		{spec("6.1"), true},
		{spec("6.1", "/other"), false},
		{spec("7.3", "/src/a"), false},
		{&machineSpec{arch: &arches[0], kernel: "6.1", cpus: 2, boot: "ipv6.disable=1"}, false},
		{&machineSpec{arch: &arches[0], kernel: "6.1", cpus: 2, unloaded: true}, false},
		{&machineSpec{arch: &arches[0], kernel: "6.1", cpus: 2, qemu: "-plugin file=x.so"}, false},
	} {
		if got := m.serves(test.o); got != test.want {
			t.Errorf("%+v: got %v", test.o, got)
		}
	}
}

func TestStreamAwaitsWhatWasWritten(t *testing.T) {
	var first, second strings.Builder
	s := newStream()
	s.to(&first)
	go io.WriteString(s, "one")
	s.await(3)
	s.to(&second)
	go io.WriteString(s, "two")
	s.await(6)
	if first.String() != "one" || second.String() != "two" {
		t.Errorf("got %q, %q", &first, &second)
	}
	s.close()
	s.await(100) // will not come
}
