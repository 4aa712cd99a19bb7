package sctp_test

import (
	"context"
	"errors"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var unsupportedTests = []struct {
	name string
	call func() (got any, err error)
}{
	{"Dial", func() (any, error) { return sctp.Dial("sctp", "127.0.0.1:9") }},
	{"Dial IPv6", func() (any, error) { return sctp.Dial("sctp6", "[::1]:9") }},
	{"DialTimeout", func() (any, error) { return sctp.DialTimeout("sctp4", "127.0.0.1:9", sctptest.Wait) }},
	{"Dialer.Dial", func() (any, error) { return new(sctp.Dialer).Dial("sctp", "127.0.0.1/127.0.0.2:9") }},
	{"Dialer.DialContext", func() (any, error) {
		return new(sctp.Dialer).DialContext(context.Background(), "sctp", ":9")
	}},
	{"Listen", func() (any, error) { return sctp.Listen("sctp", "127.0.0.1:0") }},
	{"Listen wildcard", func() (any, error) { return sctp.Listen("sctp", ":0") }},
	{"ListenConfig.Listen", func() (any, error) {
		return new(sctp.ListenConfig).Listen(context.Background(), "sctp6", "[::1]:0")
	}},
}

// Promise 12: where there is no SCTP each call says so, and how to get it.
func TestPlatformWithoutSCTP(t *testing.T) {
	for _, tt := range unsupportedTests {
		t.Run(tt.name, func(t *testing.T) {
			var got any
			err := sctptest.WithoutSCTP(t, func() (err error) {
				got, err = tt.call()
				return err
			})
			require.Equal(t, nil, got, "the nil interface")
			require.ErrorIs(t, err, errors.ErrUnsupported)
			var oe *net.OpError
			require.ErrorAs(t, err, &oe)
			require.False(t, oe.Timeout())
			if runtime.GOOS == "linux" {
				require.ErrorContains(t, err, "socket: protocol not supported (this kernel has no SCTP: try modprobe sctp;")
			} else {
				require.ErrorContains(t, err, "not supported on this system")
			}
		})
	}
}

func TestPlatformWithoutSCTPTyped(t *testing.T) {
	err := sctptest.WithoutSCTP(t, func() error {
		c, err := sctp.DialSCTP("sctp", nil, sctp.AddrFrom(9, sctptest.IPs("127.0.0.1")...))
		if c != nil {
			return errors.New("a Conn")
		}
		return err
	})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	err = sctptest.WithoutSCTP(t, func() error {
		l, err := sctp.ListenSCTP("sctp", nil)
		if l != nil {
			return errors.New("a Listener")
		}
		return err
	})
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// A file that is no socket is none on every system.
func TestPlatformFileOfNoSocket(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer f.Close()
	c, err := sctp.FileConn(f)
	require.Error(t, err)
	require.Equal(t, nil, any(c))
	l, err := sctp.FileListener(f)
	require.Error(t, err)
	require.Equal(t, nil, any(l))
}

// moduleDir returns the module's folder, with its sources. A test binary may run in
// a machine that has neither.
func moduleDir(t *testing.T) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Skipf("the sources are not on this machine: run go test -run %s where they are", t.Name())
	}
	return dir
}

// What go.mod asks of the programs that import the package: the oldest Go that builds it,
// and nothing else of the toolchain. make floor shows that this suffices.
func TestModuleGoDirective(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(moduleDir(t), "go.mod"))
	require.NoError(t, err)
	var directives []string
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Fields(line); len(f) > 0 && (f[0] == "go" || f[0] == "toolchain") {
			directives = append(directives, line)
		}
	}
	require.Equal(t, []string{"go 1.23.0"}, directives)
}

// The package proper: what a program that imports it is built of.
var packageDirs = []string{".", "internal/sys"}

// Only internal/sys knows the system: nothing else imports x/sys, or has build tags.
func TestModuleLayers(t *testing.T) {
	dir := moduleDir(t)
	for _, pkg := range packageDirs {
		files, err := filepath.Glob(filepath.Join(dir, pkg, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, name := range files {
			test := strings.HasSuffix(name, "_test.go")
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
			require.NoError(t, err)
			for _, i := range f.Imports {
				path, err := strconv.Unquote(i.Path.Value)
				require.NoError(t, err)
				first, _, _ := strings.Cut(path, "/")
				switch {
				case test, !strings.Contains(first, "."): // anything; the standard library
				case path == "golang.org/x/sys/unix":
					require.Equal(t, "internal/sys", pkg, "%s imports %s", name, path)
				default:
					require.Equal(t, "github.com/netsctp/sctp/internal/sys", path, "%s", name)
					require.Equal(t, ".", pkg, "nothing points up: %s", name)
				}
				require.NotEqual(t, "C", path, name)
			}
			if pkg != "." {
				continue
			}
			for _, group := range f.Comments {
				for _, c := range group.List {
					require.False(t, constraint.IsGoBuild(c.Text), "build tags in %s", name)
				}
			}
			require.False(t, endsWithSystem(name), "the file's name is a build tag: %s", name)
		}
	}
}

// endsWithSystem reports whether the name of a Go file restricts it to a system.
func endsWithSystem(name string) bool {
	base := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(name), ".go"), "_test")
	parts := strings.Split(base, "_")
	switch parts[len(parts)-1] {
	case "linux", "windows", "darwin", "freebsd", "unix", "amd64", "386", "arm", "arm64", "s390x":
		return len(parts) > 1
	}
	return false
}

// Nothing but the standard library and x/sys reaches a program that imports the
// package.
func TestModuleDependencies(t *testing.T) {
	dir := moduleDir(t)
	if os.Getenv("SCTP_TESTBED") != "" {
		t.Skip("the go command is slow or missing in the test bed, and asks nothing of its kernel: go test without -exec runs this")
	}
	for _, system := range []string{"linux/amd64", "windows/amd64"} {
		goos, goarch, _ := strings.Cut(system, "/")
		cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOPROXY=off")
		out, err := cmd.Output()
		var ee *exec.ExitError
		if errors.As(err, &ee) {
			t.Fatalf("%v: %s", err, ee.Stderr)
		}
		require.NoError(t, err)
		want := []string{"github.com/netsctp/sctp/internal/sys", "github.com/netsctp/sctp"}
		if goos == "linux" {
			want = append(want, "golang.org/x/sys/unix")
		}
		require.ElementsMatch(t, want, strings.Fields(string(out)), system)
	}
}
