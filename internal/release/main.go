// Command release writes what the tags of a repository serve into a folder, which the go
// command takes as a module proxy:
//
//	release -repo DIR -proxy DIR -module github.com/netsctp/sctp v0.1.0 metrics/v0.1.0
//	GOPROXY=file://DIR go get github.com/netsctp/sctp@v0.1.0
//
// It is a module of its own, because it needs golang.org/x/mod. .ci/release-check.sh runs it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	repo := flag.String("repo", ".", "`folder` of the repository, with its .git")
	proxy := flag.String("proxy", "", "`folder` of the module proxy")
	root := flag.String("module", "", "`path` of the module at the repository's root")
	flag.Parse()
	if *proxy == "" || *root == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	for _, tag := range flag.Args() {
		m, size, err := serve(*repo, *proxy, *root, tag)
		if err != nil {
			fmt.Fprintf(os.Stderr, "release: %s: %v\n", tag, err)
			os.Exit(1)
		}
		fmt.Printf("release: %s is %s, %d KB\n", tag, m, size/1024)
	}
}

// serve writes the module that a tag names to the proxy, and returns it and the size of
// its archive.
func serve(repo, proxy, root, tag string) (m module.Version, size int64, err error) {
	dir, version := path.Split(tag) // dir is empty, or ends with a slash
	dir = strings.TrimSuffix(dir, "/")
	m = module.Version{Path: path.Join(root, dir), Version: version}
	if err := module.Check(m.Path, m.Version); err != nil {
		return m, 0, err
	}
	mod, err := git(repo, "cat-file", "blob", tag+":"+path.Join(dir, "go.mod"))
	if err != nil {
		return m, 0, err
	}
	if err := checkMod(mod); err != nil {
		return m, 0, err
	}
	date, err := git(repo, "log", "-1", "--format=%cI", tag)
	if err != nil {
		return m, 0, err
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(date)))
	if err != nil {
		return m, 0, err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, at.UTC()})
	if err != nil {
		return m, 0, err
	}

	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return m, 0, err
	}
	out := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return m, 0, err
	}
	for name, content := range map[string][]byte{version + ".mod": mod, version + ".info": info, "list": []byte(version + "\n")} {
		if err := os.WriteFile(filepath.Join(out, name), content, 0o644); err != nil {
			return m, 0, err
		}
	}
	f, err := os.Create(filepath.Join(out, version+".zip"))
	if err != nil {
		return m, 0, err
	}
	defer f.Close()
	if err := zip.CreateFromVCS(f, m, repo, tag, dir); err != nil {
		return m, 0, err
	}
	stat, err := f.Stat()
	if err != nil {
		return m, 0, err
	}
	return m, stat.Size(), f.Close()
}

// checkMod returns an error if a go.mod is not one to release.
func checkMod(mod []byte) error {
	f, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return err
	}
	if len(f.Replace) > 0 {
		return fmt.Errorf("go.mod replaces %s: go install refuses that", f.Replace[0].Old.Path)
	}
	if f.Toolchain != nil {
		return fmt.Errorf("go.mod asks for a toolchain, %s", f.Toolchain.Name)
	}
	return nil
}

// git runs git in the repository and returns its output.
func git(repo string, args ...string) ([]byte, error) {
	out, err := exec.Command("git", append([]string{"-C", repo}, args...)...).Output()
	if ee, ok := err.(*exec.ExitError); ok {
		err = fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(ee.Stderr)))
	}
	return out, err
}
