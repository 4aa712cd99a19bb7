//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/netsctp/sctp/cmd/sctpvm/internal/job"
)

// cache=loose lets the guest map files and keep their pages: nobody else writes
// to them while it runs, and sync at the end writes back.
const virtio9p = "trans=virtio,version=9p2000.L,msize=262144,cache=loose"

// newRoot is where the overlay of the host's root is put together.
const newRoot = "/newroot"

// A mount is made at path, which is created if missing.
type mount struct {
	source, path, fstype string
	flags                uintptr
	data                 string
}

func (m mount) make() error {
	if err := os.MkdirAll(m.path, 0o755); err != nil {
		return err
	}
	if err := syscall.Mount(m.source, m.path, m.fstype, m.flags, m.data); err != nil {
		return fmt.Errorf("mount %s (%s) on %s: %w", m.source, m.fstype, m.path, err)
	}
	return nil
}

// mountKernel mounts the file systems that the kernel itself fills.
func mountKernel() error {
	for _, m := range []mount{
		{"proc", "/proc", "proc", 0, ""},
		{"sysfs", "/sys", "sysfs", 0, ""},
		{"devtmpfs", "/dev", "devtmpfs", 0, ""},
	} {
		if err := m.make(); err != nil {
			return err
		}
	}
	return nil
}

// mountHost makes the host's root the root: read-only, under an overlay whose
// upper side is RAM, so that a program may write where it likes. RAM also cures
// what 9p cannot do: using a file after its name was removed.
func mountHost() error {
	for _, m := range []mount{
		{job.RootTag, "/lower", "9p", syscall.MS_RDONLY, virtio9p},
		{"ram", "/ram", "tmpfs", 0, "size=75%,mode=755"},
	} {
		if err := m.make(); err != nil {
			return err
		}
	}
	for _, dir := range []string{"/ram/upper", "/ram/work"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	overlay := mount{"overlay", newRoot, "overlay", 0, "lowerdir=/lower,upperdir=/ram/upper,workdir=/ram/work"}
	if err := overlay.make(); err != nil {
		return err
	}
	if err := os.Chdir(newRoot); err != nil {
		return err
	}
	if err := syscall.Mount(".", "/", "", syscall.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move %s to /: %w", newRoot, err)
	}
	if err := syscall.Chroot("."); err != nil {
		return fmt.Errorf("chroot to %s: %w", newRoot, err)
	}
	return os.Chdir("/")
}

// furnish makes the root a place to work in. The shared folders come last: what
// is written below reaches the host.
func furnish(mc *job.Machine) error {
	if err := mountKernel(); err != nil {
		return err
	}
	mounts := []mount{
		{"devpts", "/dev/pts", "devpts", 0, "ptmxmode=666"},
		{"shm", "/dev/shm", "tmpfs", 0, "mode=1777"},
		{"run", "/run", "tmpfs", 0, "mode=755"},
		{"run", "/run/netns", "tmpfs", 0, "mode=755"}, // for `ip netns`
	}
	// The kernel asks modprobe, the host's own, for what else the program needs. On
	// another machine it must not: it would ask modprobe how to run modprobe, until
	// it gives up after 8 seconds.
	modprobe := ""
	if mc.Modules != "" {
		modprobe = "/sbin/modprobe"
		mounts = append(mounts, mount{mc.Modules, filepath.Join("/lib/modules", release()), "", syscall.MS_BIND, ""})
	}
	for _, m := range mounts {
		if err := m.make(); err != nil {
			return err
		}
	}
	for path, text := range map[string]string{
		"/proc/sys/kernel/modprobe": modprobe + "\n",
		// The only names that lead anywhere, on every host the same.
		"/etc/hosts": "127.0.0.1 localhost " + mc.Hostname + "\n::1 localhost ip6-localhost\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for name, target := range map[string]string{"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		if err := os.Symlink("/proc/self/"+target, "/dev/"+name); err != nil {
			return err
		}
	}
	for i, folder := range mc.Folders {
		m := mount{job.FolderTag(i), folder, "9p", 0, virtio9p}
		if err := m.make(); err != nil {
			return err
		}
	}
	return nil
}
