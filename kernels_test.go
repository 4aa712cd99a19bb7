package sctp_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// needsLinux is how documentation says which Linux a thing came with.
var needsLinux = regexp.MustCompile(`[Nn]eeds?\s+Linux\s+([0-9.]+[0-9])`)

// What the documentation of the package says of Linux versions, docs/kernels.md says too: each
// method, type and field stands in the row of the version that it needs.
func TestKernelsTableHasWhatNeedsALaterLinux(t *testing.T) {
	dir := moduleDir(t)
	b, err := os.ReadFile(filepath.Join(dir, "docs", "kernels.md"))
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(b), "## What each kernel has\n")
	require.True(t, ok)
	table, _, ok = strings.Cut(table, "\n## ")
	require.True(t, ok)
	rows := map[string]string{} // by version
	for _, line := range strings.Split(table, "\n") {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			rows[strings.Trim(strings.TrimSpace(cells[2]), ".")] += cells[1]
		}
	}
	require.Greater(t, len(rows), 10)
	found := 0
	for name, text := range documented(t, dir) {
		for _, m := range needsLinux.FindAllStringSubmatch(text, -1) {
			found++
			require.Contains(t, rows, m[1], "%s needs Linux %s", name, m[1])
			require.Regexp(t, `\b(Set)?`+strings.TrimPrefix(name, "Set")+`\b`, rows[m[1]], "the row of Linux %s", m[1])
		}
	}
	require.Greater(t, found, 20)
}

// Each kernel on which the tests have run stands there with the command and the date.
func TestKernelsTableSaysWhatHasRun(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(moduleDir(t), "docs", "kernels.md"))
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(b), "## Where the tests have run\n")
	require.True(t, ok)
	table, _, ok = strings.Cut(table, "\n## ")
	require.True(t, ok)
	rows := 0
	for _, line := range strings.Split(table, "\n") {
		if !regexp.MustCompile(`^\| [0-9]`).MatchString(line) {
			continue
		}
		rows++
		require.Regexp(t, "`make [^`]+`.* 20[0-9]{2}-[01][0-9]-[0-3][0-9] ", line)
	}
	require.GreaterOrEqual(t, rows, 4) // make kernels
}

// documented returns the documentation of each exported function, method, type and field of
// the package in dir by its name.
func documented(t *testing.T, dir string) map[string]string {
	t.Helper()
	docs := map[string]string{}
	add := func(name string, doc *ast.CommentGroup) {
		if ast.IsExported(name) && doc != nil {
			docs[name] += " " + strings.Join(strings.Fields(doc.Text()), " ")
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				add(n.Name.Name, n.Doc)
				return false
			case *ast.GenDecl:
				for _, s := range n.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						add(s.Name.Name, n.Doc)
					}
				}
			case *ast.Field:
				for _, id := range n.Names {
					add(id.Name, n.Doc)
				}
			}
			return true
		})
	}
	return docs
}
