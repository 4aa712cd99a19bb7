package main

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// newRepo returns a repository with files, committed and tagged.
func newRepo(t *testing.T, files map[string]string, tags ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is missing: apt-get install git")
	}
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(content), 0o644))
	}
	commands := [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"}}
	for _, tag := range tags {
		commands = append(commands, []string{"tag", tag})
	}
	for _, args := range commands {
		_, err := git(dir, args...)
		require.NoError(t, err)
	}
	return dir
}

// filesOf returns the names in an archive.
func filesOf(t *testing.T, name string) (names []string) {
	t.Helper()
	r, err := zip.OpenReader(name)
	require.NoError(t, err)
	defer r.Close()
	for _, f := range r.File {
		names = append(names, f.Name)
	}
	return names
}

// A nested module is not in the archive of the root, and gets its licence.
func TestServe(t *testing.T) {
	repo := newRepo(t, map[string]string{
		"go.mod": "module example.org/a\n", "a.go": "package a\n", "LICENSE": "free\n",
		"b/go.mod": "module example.org/other\n", "b/b.go": "package b\n",
	}, "v0.1.0", "b/v0.2.0")
	proxy := t.TempDir()
	for _, tag := range []string{"v0.1.0", "b/v0.2.0"} {
		_, size, err := serve(repo, proxy, "example.org/a", tag)
		require.NoError(t, err)
		require.Positive(t, size)
	}
	require.ElementsMatch(t, []string{"example.org/a@v0.1.0/go.mod", "example.org/a@v0.1.0/a.go", "example.org/a@v0.1.0/LICENSE"},
		filesOf(t, filepath.Join(proxy, "example.org/a/@v/v0.1.0.zip")))
	require.ElementsMatch(t, []string{"example.org/a/b@v0.2.0/go.mod", "example.org/a/b@v0.2.0/b.go", "example.org/a/b@v0.2.0/LICENSE"},
		filesOf(t, filepath.Join(proxy, "example.org/a/b/@v/v0.2.0.zip")))
	mod, err := os.ReadFile(filepath.Join(proxy, "example.org/a/b/@v/v0.2.0.mod"))
	require.NoError(t, err)
	require.Equal(t, "module example.org/other\n", string(mod))
}

var serveErrorTests = []struct{ mod, tag, text string }{
	{"module example.org/a\n\nreplace example.org/b => ../b\n", "v0.1.0", "go.mod replaces example.org/b"},
	{"module example.org/a\n\ngo 1.23.0\n\ntoolchain go1.24.0\n", "v0.1.0", "asks for a toolchain"},
	{"module example.org/a\n", "v0.1", "not canonical"},
	{"module example.org/a\n", "v0.9.0", "git cat-file"},
	{"modul example.org/a\n", "v0.1.0", "unknown directive"},
}

func TestServeErrors(t *testing.T) {
	for _, tt := range serveErrorTests {
		repo := newRepo(t, map[string]string{"go.mod": tt.mod}, "v0.1.0", "v0.1")
		_, _, err := serve(repo, t.TempDir(), "example.org/a", tt.tag)
		require.ErrorContains(t, err, tt.text)
	}
}
