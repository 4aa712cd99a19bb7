//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// needShell skips a test in a guest that cannot run the host's programs.
func needShell(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs sh: run the test on the host, or in a guest of its architecture")
	}
}

// fakeApt makes PATH a folder with these programs alone, which do nothing.
func fakeApt(t *testing.T, programs ...string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestMissingToolNamesItAndTheCure(t *testing.T) {
	needShell(t)
	cure := "run as root: apt-get install --no-install-recommends qemu-system-misc"
	if os.Geteuid() == 0 {
		cure = "then run: apt-get update"
	}
	for name, test := range map[string]struct{ programs, want []string }{
		"no apt":      {nil, []string{"qemu-system-s390x is missing", "no apt-get", "qemu-system-s390x or qemu-system-misc"}},
		"apt is vain": {[]string{"apt-get", "apt-cache"}, []string{"qemu-system-s390x is missing", cure}},
	} {
		fakeApt(t, test.programs...)
		err := need("qemu-system-s390x", "qemu-system-s390x", "qemu-system-misc")
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
	fakeApt(t, "modprobe")
	if err := need("modprobe", "kmod"); err != nil {
		t.Errorf("what is there is missed: %v", err)
	}
}

func TestMissingGoIsNamed(t *testing.T) {
	fakeApt(t)
	if _, err := buildGuest(&arches[0]); err == nil || !strings.Contains(err.Error(), "go command is not found") {
		t.Errorf("got %v", err)
	}
}

func TestFetchOutsideDebianSaysSo(t *testing.T) {
	fakeApt(t)
	cache := t.TempDir()
	if err := fetchKernel(&arches[0], "6.1", cache); err == nil || !strings.Contains(err.Error(), "Debian") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(cache); len(left) != 0 {
		t.Errorf("left in the cache: %v", left)
	}
}

func TestOutputErrorHasTheCommandsWords(t *testing.T) {
	needShell(t)
	_, err := output(exec.Command("sh", "-c", "echo no luck >&2; exit 3"))
	if err == nil || err.Error() != "sh: exit status 3\n  no luck" {
		t.Errorf("got %v", err)
	}
}

// bzImage is a boot sector with header, and payload.
func bzImage(payload []byte) []byte {
	image := make([]byte, 1024)
	image[0x1f1] = 1 // one sector after the first
	copy(image[0x202:], "HdrS")
	binary.LittleEndian.PutUint32(image[0x248:], 0)
	binary.LittleEndian.PutUint32(image[0x24c:], uint32(len(payload)))
	return append(image, payload...)
}

func TestDecompress(t *testing.T) {
	want := bytes.Repeat([]byte("kernel"), 1000)
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(want)))
	for _, d := range decompressors {
		t.Run(d.program, func(t *testing.T) {
			if _, err := exec.LookPath(d.program); err != nil {
				t.Skip("needs " + d.program + ": apt-get install " + d.pkg)
			}
			cmd := exec.Command(d.program, "-c")
			cmd.Stdin = bytes.NewReader(want)
			packed, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := decompress(bzImage(append(packed, size...))); !ok || !bytes.Equal(got, want) {
				t.Errorf("got %d bytes, %v", len(got), ok)
			}
		})
	}
}

func TestDecompressLeavesOthers(t *testing.T) {
	good := bzImage([]byte("not compressed"))
	for name, kernel := range map[string][]byte{
		"empty": nil, "no header": make([]byte, 4096), "other payload": good, "cut off": good[:len(good)-1],
	} {
		if _, ok := decompress(kernel); ok {
			t.Errorf("%s: decompressed", name)
		}
	}
}

func TestCacheDir(t *testing.T) {
	t.Setenv("SCTPVM_CACHE", "/somewhere")
	if dir, err := cacheDir(); err != nil || dir != "/somewhere" {
		t.Errorf("got %q, %v", dir, err)
	}
	t.Setenv("SCTPVM_CACHE", "")
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	if _, err := cacheDir(); err == nil || !strings.Contains(err.Error(), "SCTPVM_CACHE") {
		t.Errorf("got %v", err)
	}
}

func TestLockIsExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(path)
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan error, 1)
	go func() {
		second, err := lock(path)
		if err == nil {
			second()
		}
		entered <- err
	}()
	select {
	case err := <-entered:
		t.Fatalf("locked twice: %v", err)
	default:
	}
	unlock()
	if err := <-entered; err != nil {
		t.Error(err)
	}
}
