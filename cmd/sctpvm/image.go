//go:build linux

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// An image is a machine's part of the cache. What is there never changes, so
// runs use it without a lock.
type image struct {
	dir     string // of the cache
	release string // as uname -r
	qemu    string // the emulator's path
	kernel  string // what the emulator boots
	modules string // folder of all modules of the release
	initrd  string // init and the modules that it loads
}

// draftPrefix begins the name of what is not yet complete in the cache.
const draftPrefix = "new-"

// prepare returns a machine's image of a kernel, the default one if it has no name, and
// makes what is missing of it. The first one to come works, others wait.
func prepare(a *arch, kernel string) (*image, error) {
	if kernel == "" {
		kernel = defaultKernel
	}
	if !kernelName.MatchString(kernel) {
		return nil, fmt.Errorf("-kernel %s: want a version as 6.12, 7.3.4 or 6.12-cloud, oldest or newest", kernel)
	}
	if img, err := openImage(a, kernel); err == nil {
		return img, nil
	}
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	drafts, _ := filepath.Glob(filepath.Join(dir, draftPrefix+"*")) // of a run that was killed
	for _, draft := range drafts {
		os.RemoveAll(draft)
	}
	if err := need(a.qemu, a.packages...); err != nil {
		return nil, err
	}
	if err := need("modprobe", "kmod"); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, imageName(a, kernel), "release")); errors.Is(err, fs.ErrNotExist) {
		if err := fetchKernel(a, kernel, dir); err != nil {
			return nil, fmt.Errorf("fetch Linux %s for %s: %w", kernel, a.name, err)
		}
	}
	img, err := openImage(a, kernel)
	if errors.Is(err, fs.ErrNotExist) && img != nil {
		draft := filepath.Join(dir, draftPrefix+"initrd")
		if err := writeInitrd(a, img, draft); err != nil {
			return nil, err
		}
		err = os.Rename(draft, img.initrd)
	}
	return img, err
}

// imageName is the folder of a machine and kernel in the cache.
func imageName(a *arch, kernel string) string { return a.name + "-" + kernel }

// openImage returns the image of a machine. If only the initramfs is missing it
// returns the image too, along with an fs.ErrNotExist.
func openImage(a *arch, kernel string) (*image, error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	dir = filepath.Join(dir, imageName(a, kernel))
	qemu, err := exec.LookPath(a.qemu)
	if err != nil {
		return nil, err
	}
	release, err := os.ReadFile(filepath.Join(dir, "release"))
	if err != nil {
		return nil, err
	}
	img := &image{dir: dir, release: string(release), qemu: qemu, kernel: filepath.Join(dir, "kernel")}
	img.modules = filepath.Join(dir, "lib/modules", img.release)
	img.initrd = filepath.Join(dir, "initrd-"+initrdKey(a, img.release))
	_, err = os.Stat(img.initrd)
	return img, err
}

// initrdKey names what an initramfs is made of.
func initrdKey(a *arch, release string) string {
	h := sha256.New()
	fmt.Fprintln(h, release, a.modules, bootModules, netModules)
	fs.WalkDir(guestSource, ".", func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			text, _ := guestSource.ReadFile(path)
			fmt.Fprintf(h, "%s %d %s", path, len(text), text)
		}
		return nil
	})
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

func cacheDir() (string, error) {
	if dir := os.Getenv("SCTPVM_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for kernels, set SCTPVM_CACHE: %w", err)
	}
	return filepath.Join(dir, "sctpvm"), nil
}

// lock takes a file's lock, which also ends with the process.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		done := say("waiting for another run that fills the cache")
		for {
			if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
				break
			}
		}
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		done()
	}
	return func() { f.Close() }, nil
}

// say announces a slow step; done reports the time it took.
func say(format string, args ...any) (done func()) {
	what, start := fmt.Sprintf(format, args...), time.Now()
	fmt.Fprintf(os.Stderr, "sctpvm: %s ...\n", what)
	return func() {
		fmt.Fprintf(os.Stderr, "sctpvm: %s: %.1fs\n", what, time.Since(start).Seconds())
	}
}

// output runs a command and returns what it prints. The error has the command
// up to its options, and its own words.
func output(cmd *exec.Cmd) (string, error) {
	var stderr tail
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		what, _, _ := strings.Cut(strings.Join(cmd.Args, " "), " -")
		return "", fmt.Errorf("%s: %w\n%s", what, err, &stderr)
	}
	return string(text), nil
}
