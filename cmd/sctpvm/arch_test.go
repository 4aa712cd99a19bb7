//go:build linux

package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// elfFile writes the first bytes of a program for this machine.
func elfFile(t *testing.T, machine elf.Machine, class elf.Class, data elf.Data) string {
	t.Helper()
	header := make([]byte, 64)
	copy(header, elf.ELFMAG)
	header[elf.EI_CLASS], header[elf.EI_DATA] = byte(class), byte(data)
	order := binary.ByteOrder(binary.LittleEndian)
	if data == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	order.PutUint16(header[18:], uint16(machine))
	return tempFile(t, header)
}

func tempFile(t *testing.T, body []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, body, 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestArchOfProgram(t *testing.T) {
	for _, test := range []struct {
		goarch, arch string
		machine      elf.Machine
		class        elf.Class
		data         elf.Data
	}{
		{"amd64", "amd64", elf.EM_X86_64, elf.ELFCLASS64, elf.ELFDATA2LSB},
		{"386", "amd64", elf.EM_386, elf.ELFCLASS32, elf.ELFDATA2LSB},
		{"arm64", "arm64", elf.EM_AARCH64, elf.ELFCLASS64, elf.ELFDATA2LSB},
		{"s390x", "s390x", elf.EM_S390, elf.ELFCLASS64, elf.ELFDATA2MSB},
	} {
		a, prog, err := archOf(elfFile(t, test.machine, test.class, test.data), "amd64")
		if err != nil || a.name != test.arch || prog.goarch != test.goarch {
			t.Errorf("%s: got %v, %v, %v", test.goarch, a, prog, err)
		}
	}
}

func TestArchOfOwnBinary(t *testing.T) {
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, prog, err := archOf(file, "amd64"); err == nil && prog.goarch != runtime.GOARCH {
		t.Errorf("got %s, want %s", prog.goarch, runtime.GOARCH)
	}
}

func TestArchOfScriptIsTheHosts(t *testing.T) {
	for _, body := range []string{"#!/bin/sh\nexit 0\n", "", "\x7fEL"} {
		a, _, err := archOf(tempFile(t, []byte(body)), "arm64")
		if err != nil || a.name != "arm64" {
			t.Errorf("%q: got %v, %v", body, a, err)
		}
	}
}

func TestArchOfOtherProgramNamesTheSupported(t *testing.T) {
	for name, file := range map[string]string{
		"riscv64":   elfFile(t, elf.EM_RISCV, elf.ELFCLASS64, elf.ELFDATA2LSB),
		"s390":      elfFile(t, elf.EM_S390, elf.ELFCLASS32, elf.ELFDATA2MSB),
		"host mips": tempFile(t, []byte("#!/bin/sh\n")),
	} {
		_, _, err := archOf(file, "mips")
		if err == nil || !strings.Contains(err.Error(), "amd64, 386, arm64, s390x") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestArchOfBadFile(t *testing.T) {
	for name, file := range map[string]string{
		"cut off": tempFile(t, bytes.Repeat([]byte(elf.ELFMAG), 2)),
		"missing": filepath.Join(t.TempDir(), "missing"),
		"folder":  t.TempDir(),
	} {
		if a, _, err := archOf(file, "amd64"); err == nil {
			t.Errorf("%s: got %s and no error", name, a.name)
		}
	}
}
