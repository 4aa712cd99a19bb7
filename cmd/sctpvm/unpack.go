//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// unused are folders of a kernel's modules that no test needs and that make up
// the most of it.
var unused = []string{
	"sound", "drivers/gpu", "drivers/hwmon", "drivers/iio", "drivers/infiniband", "drivers/input", "drivers/media",
	"drivers/net/ethernet", "drivers/net/wireless", "drivers/scsi", "drivers/staging", "drivers/usb",
}

// fetchKernel puts a kernel of Debian's for a machine into the cache.
func fetchKernel(a *arch, kernel, cache string) error {
	draft, err := os.MkdirTemp(cache, draftPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	debs, release, err := download(a, kernel, filepath.Join(draft, "apt"))
	if err != nil {
		return err
	}
	done := say("unpacking Linux %s", release)
	dir := filepath.Join(draft, "image")
	if err := unpackModules(debs, release, dir); err != nil {
		return err
	}
	if err := unpackKernel(release, dir); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "release"), []byte(release), 0o644); err != nil {
		return err
	}
	done()
	return os.Rename(dir, filepath.Join(cache, imageName(a, kernel)))
}

// unpackModules fills dir with boot and lib/modules of packages.
func unpackModules(debs []string, release, dir string) error {
	script := `dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1"`
	for _, folder := range unused {
		script += " --exclude='*/kernel/" + folder + "'"
	}
	if err := os.MkdirAll(filepath.Join(dir, "lib"), 0o755); err != nil {
		return err
	}
	for _, deb := range debs {
		if _, err := output(exec.Command("sh", "-c", script, deb, dir)); err != nil {
			return err
		}
	}
	// From Debian 13 on, the modules and some kernels are below usr/lib. Of the tools,
	// each release looks in its own place: with usr a link, both are one.
	modules, usr := filepath.Join(dir, "lib/modules"), filepath.Join(dir, "usr")
	for _, kernel := range []string{"lib/modules/" + release + "/vmlinuz", "usr/lib/modules/" + release + "/vmlinuz"} {
		boot := filepath.Join(dir, "boot")
		if err := os.MkdirAll(boot, 0o755); err != nil {
			return err
		}
		err := os.Rename(filepath.Join(dir, kernel), filepath.Join(boot, "vmlinuz-"+release))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := os.Stat(modules); err != nil {
		if err := os.Rename(filepath.Join(usr, "lib/modules"), modules); err != nil {
			return fmt.Errorf("the packages of Linux %s hold no modules: %w", release, err)
		}
	}
	if err := os.RemoveAll(usr); err != nil {
		return err
	}
	if err := os.Symlink(".", usr); err != nil {
		return err
	}
	_, err := output(exec.Command("depmod", "-b", dir, release))
	return err
}

// unpackKernel replaces dir's boot by one file, kernel.
func unpackKernel(release, dir string) error {
	boot := filepath.Join(dir, "boot")
	kernel, err := os.ReadFile(filepath.Join(boot, "vmlinuz-"+release))
	if err != nil {
		return err
	}
	if plain, ok := decompress(kernel); ok {
		kernel = plain
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel"), kernel, 0o644); err != nil {
		return err
	}
	return os.RemoveAll(boot)
}

// decompressors unpack kernels, by what these begin with.
var decompressors = []struct{ magic, program, pkg string }{
	{"\xfd7zXZ\x00", "xz", "xz-utils"},   // Debian 12
	{"\x28\xb5\x2f\xfd", "zstd", "zstd"}, // Debian 13
}

// decompress returns the plain kernel inside an x86 bzImage. The emulator boots
// that by its PVH entry; the bzImage would decompress itself at the speed of
// emulated code, for longer than all the rest takes. Other kernels boot as they
// are.
func decompress(kernel []byte) (plain []byte, ok bool) {
	const ( // Documentation/arch/x86/boot.rst
		setupSectors  = 0x1f1
		magic         = 0x202
		payloadOffset = 0x248
		payloadLength = 0x24c
		headerEnd     = 0x250
	)
	if len(kernel) < headerEnd || string(kernel[magic:magic+4]) != "HdrS" {
		return nil, false
	}
	start := (uint64(kernel[setupSectors])+1)*512 + uint64(binary.LittleEndian.Uint32(kernel[payloadOffset:]))
	end := start + uint64(binary.LittleEndian.Uint32(kernel[payloadLength:]))
	if end > uint64(len(kernel)) || end < start+4 {
		return nil, false
	}
	payload := kernel[start : end-4] // the last 4 bytes are the plain size
	for _, d := range decompressors {
		if bytes.HasPrefix(payload, []byte(d.magic)) && need(d.program, d.pkg) == nil {
			cmd := exec.Command(d.program, "-dc")
			cmd.Stdin = bytes.NewReader(payload)
			plain, err := cmd.Output()
			return plain, err == nil
		}
	}
	return nil, false
}
