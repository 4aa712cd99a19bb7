package sctp_test

import (
	"flag"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var updateAPI = flag.Bool("update-api", false, "write testdata/api.txt")

// What is exported is listed in testdata/api.txt, so that a change of it is a change of that
// file: go test -run TestAPI -update-api . writes it.
func TestAPIIsAsListed(t *testing.T) {
	dir := moduleDir(t)
	got := listAPI(t, dir)
	file := filepath.Join(dir, "testdata", "api.txt")
	if *updateAPI {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "the API has changed: if it is meant to, run go test -run TestAPI -update-api .")
}

// listAPI returns the exported declarations of the package in dir, without comments.
func listAPI(t *testing.T, dir string) string {
	t.Helper()
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(fset, name, nil, 0)
			require.NoError(t, err)
			files = append(files, f)
		}
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/netsctp/sctp")
	require.NoError(t, err)
	var decls []string
	add := func(d ast.Decl) {
		var b strings.Builder
		require.NoError(t, format.Node(&b, fset, d))
		decls = append(decls, b.String())
	}
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			add(v.Decl)
		}
	}
	funcs := func(fs []*doc.Func) {
		for _, f := range fs {
			add(f.Decl)
		}
	}
	values(p.Consts)
	values(p.Vars)
	funcs(p.Funcs)
	for _, typ := range p.Types {
		add(typ.Decl)
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
	}
	slices.Sort(decls)
	return strings.Join(decls, "\n") + "\n"
}
