//go:build linux

package main

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readCPIO returns the files of archives that follow each other.
func readCPIO(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	files := map[string]string{}
	next := func(n int) string {
		part := string(archive[:n])
		archive = archive[n+(-n&3):]
		return part
	}
	for len(archive) > 0 {
		const header = 110
		field := func(i int) int {
			n, err := strconv.ParseUint(string(archive[6+8*i:][:8]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return int(n)
		}
		if magic := string(archive[:6]); magic != "070701" {
			t.Fatalf("magic %q", magic)
		}
		size, nameSize := field(6), field(11)
		name := strings.TrimSuffix(next(header + nameSize)[header:], "\x00")
		if body := next(size); name != "TRAILER!!!" {
			files[name] = body
		}
	}
	return files
}

func TestCPIOReadsBack(t *testing.T) {
	want := map[string]string{"init": "#!/bin/sh\n", "modules": "", "modules/a.ko": "12345", "empty": "", "b": "1234"}
	var archive bytes.Buffer
	w := &cpioWriter{w: &archive}
	w.program("init", []byte(want["init"]))
	w.dir("modules")
	for _, name := range []string{"modules/a.ko", "empty", "b"} {
		w.file(name, []byte(want[name]))
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if got := readCPIO(t, archive.Bytes()); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	if _, err := exec.LookPath("cpio"); err != nil {
		t.Skip("cpio was not asked: apt-get install cpio")
	}
	cmd := exec.Command("cpio", "-it", "--quiet")
	cmd.Stdin = &archive
	list, err := cmd.CombinedOutput()
	if names := strings.Fields(string(list)); err != nil || !slices.Equal(names, []string{"init", "modules", "modules/a.ko", "empty", "b"}) {
		t.Errorf("cpio: got %q, %v", names, err)
	}
}

type failingWriter struct{}

var errWrite = errors.New("disk full")

func (failingWriter) Write([]byte) (int, error) { return 0, errWrite }

func TestCPIOReportsWriteError(t *testing.T) {
	w := &cpioWriter{w: failingWriter{}}
	w.file("a", nil)
	if err := w.close(); !errors.Is(err, errWrite) {
		t.Errorf("got %v", err)
	}
}

func TestModuleOrder(t *testing.T) {
	const text = `insmod /m/crc32c_generic.ko
insmod /m/libcrc32c.ko.xz
builtin ipv6
insmod /m/sctp.ko.xz enable=1
insmod /m/libcrc32c.ko.xz
insmod /m/sctp_diag.ko.xz

`
	want := []string{"/m/crc32c_generic.ko", "/m/libcrc32c.ko.xz", "/m/sctp.ko.xz", "/m/sctp_diag.ko.xz"}
	if got := moduleOrder(text); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGuestSourceIsWhole(t *testing.T) {
	for _, name := range []string{"internal/guest/main.go", "internal/job/job.go"} {
		f, err := guestSource.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(f); err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
}
