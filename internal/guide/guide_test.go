// Package guide_test holds the programs of docs/guide.md, and further examples that run on
// a kernel with SCTP. It is a package of its own because those of the root package may need
// none.
package guide_test

import (
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var update = flag.Bool("update", false, "write the programs into docs/guide.md")

// TestMain leaves the examples out where the kernel has no SCTP: an example cannot skip
// itself. In the test bed, whose kernel has it, they fail.
func TestMain(m *testing.M) {
	flag.Parse()
	l, err := sctp.ListenSCTP("sctp4", nil)
	if err == nil {
		l.Close()
	}
	if errors.Is(err, errors.ErrUnsupported) && os.Getenv("SCTP_TESTBED") == "" {
		skip := "^Example"
		if also := flag.Lookup("test.skip").Value.String(); also != "" {
			skip += "|" + also
		}
		flag.Set("test.skip", skip)
	}
	os.Exit(m.Run())
}

// The examples say nothing where they are left out, so this test does.
func TestExamplesRun(t *testing.T) {
	sctptest.NeedKernel(t)
}

const guideFile = "../../docs/guide.md"

// readSource returns a file of the module. A test binary may run in a machine that has none.
func readSource(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat("../../go.mod"); err != nil {
			t.Skipf("the sources are not on this machine: run go test -run %s where they are", t.Name())
		}
	}
	require.NoError(t, err)
	return text
}

// A program is a mark, as <!-- dial -->, and the block of code that follows.
var program = regexp.MustCompile("(?m)^<!-- ([a-z]+) -->\n```go\n((?s:.*?))^```$")

// Each program of the guide is the body of the example of its name, in the file of its name,
// byte for byte but for the indentation.
func TestGuideHasThePrograms(t *testing.T) {
	guide := string(readSource(t, guideFile))
	marked := program.FindAllStringSubmatch(guide, -1)
	require.Len(t, marked, strings.Count(guide, "```go"), "every block of code has a mark")
	if *update {
		written := program.ReplaceAllStringFunc(guide, func(block string) string {
			name := program.FindStringSubmatch(block)[1]
			return "<!-- " + name + " -->\n```go\n" + body(t, name) + "```"
		})
		require.NoError(t, os.WriteFile(guideFile, []byte(written), 0o644))
		return
	}
	var names []string
	for _, m := range marked {
		names = append(names, m[1])
		require.Equal(t, body(t, m[1]), m[2], "go test ./internal/guide -run %s -update writes the guide", t.Name())
	}
	require.Equal(t, []string{"dial", "messages", "events", "multihoming", "hub", "ending", "http", "tuning"}, names)
}

// body returns what is between the braces of an example, one tab to the left.
func body(t *testing.T, name string) string {
	file := name + "_test.go"
	text := readSource(t, file)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, text, parser.SkipObjectResolution)
	require.NoError(t, err)
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "Example_"+name {
			continue
		}
		code := string(text[fset.Position(fn.Body.Lbrace).Offset+1 : fset.Position(fn.Body.Rbrace).Offset])
		return strings.ReplaceAll(code, "\n\t", "\n")[len("\n"):]
	}
	t.Fatalf("no Example_%s in %s", name, filepath.Join("internal/guide", file))
	return ""
}
