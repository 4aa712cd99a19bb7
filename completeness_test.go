package sctp_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An api is what the package exports, read from its source.
type api struct {
	scope *types.Scope
	words map[string]bool // the C names in the documentation and in the values of constants

	values map[string]string // the C names with which the comments of constants begin
}

// emptyImports imports every package as an empty one: what the package's own
// declarations are called does not depend on them.
type emptyImports struct{}

func (emptyImports) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, filepath.Base(path))
	p.MarkComplete()
	return p, nil
}

func readAPI(t *testing.T) *api {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(moduleDir(t), "*.go"))
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, f)
	}
	config := types.Config{Importer: emptyImports{}, IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := config.Check("sctp", fset, files, nil) // errors: of what the imports lack
	a := &api{scope: pkg.Scope(), words: map[string]bool{}, values: map[string]string{}}
	for _, f := range files {
		a.addDoc(f.Doc)
		for _, d := range f.Decls {
			a.addDecl(d)
		}
	}
	require.True(t, a.has("Conn.Read"))
	require.False(t, a.has("Conn.read"))
	return a
}

// has reports whether the package exports name, as in Dial, Conn.Write, Message.Data.
func (a *api) has(name string) bool {
	first, second, member := strings.Cut(name, ".")
	obj := a.scope.Lookup(first)
	if obj == nil || !obj.Exported() || !member {
		return obj != nil && obj.Exported()
	}
	found, _, _ := types.LookupFieldOrMethod(obj.Type(), true, obj.Pkg(), second)
	return found != nil && found.Exported()
}

var cName = regexp.MustCompile(`\b(SCTP|SPP|MSG|IPPROTO|SOL|SHUT)_[A-Z0-9_]+\b`)

var firstCName = regexp.MustCompile(`^SCTP_[A-Z0-9_]+`)

// addDoc adds the C names in a comment.
func (a *api) addDoc(comment *ast.CommentGroup) {
	if comment != nil {
		a.addWords(comment)
	}
}

// addWords adds the C names in n: in its comments and, as sys.SCTP_NODELAY, its values.
func (a *api) addWords(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		text := ""
		switch n := n.(type) {
		case *ast.Comment:
			text = n.Text
		case *ast.SelectorExpr:
			text = n.Sel.Name
		}
		for _, word := range cName.FindAllString(text, -1) {
			a.words[word] = true
		}
		return true
	})
}

// addDecl adds the C names that go doc shows of a declaration.
func (a *api) addDecl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() {
			a.addDoc(d.Doc)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			exported := false
			switch s := spec.(type) {
			case *ast.TypeSpec:
				exported = s.Name.IsExported()
			case *ast.ValueSpec:
				exported = s.Names[0].IsExported() && d.Tok == token.CONST
				if c := firstCName.FindString(s.Comment.Text()); exported && c != "" {
					a.values[s.Names[0].Name] = c
				}
			}
			if exported {
				a.addWords(spec)
				a.addDoc(d.Doc)
			}
		}
	}
}

// readTable returns the rows of the tables under a heading of a page in docs, or of
// the whole page if the heading is empty, without the tables' heads.
func readTable(t *testing.T, page, heading string) [][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(moduleDir(t), "docs", page))
	require.NoError(t, err)
	var rows [][]string
	under, body := heading == "", false
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case heading != "" && strings.HasPrefix(line, "## "):
			under = line == "## "+heading
		case !strings.HasPrefix(line, "|"):
			body = false
		case strings.HasPrefix(line, "|---"):
			body = true
		case under && body:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	require.NotEmpty(t, rows, "%s: no table under %q", page, heading)
	return rows
}

var goName = regexp.MustCompile("`([A-Z][A-Za-z0-9]*(?:\\.[A-Z][A-Za-z0-9]*)?)`")

// goNames returns the names of the package in a cell of a table.
func goNames(cell string) []string {
	var names []string
	for _, m := range goName.FindAllStringSubmatch(cell, -1) {
		names = append(names, m[1])
	}
	return names
}

// kernelConstants returns the names of the constants that linux/sctp.h has, or that
// internal/sys does.
func kernelConstants(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	dir := filepath.Join(moduleDir(t), "internal", "sys")
	b, err := os.ReadFile(filepath.Join(dir, "testdata", "abi-amd64.txt"))
	require.NoError(t, err)
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if words := strings.Fields(line); words[0] == "const" {
			names[words[1]] = true
		}
	}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "const.go"), nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.ValueSpec); ok {
			for _, name := range s.Names {
				names[name.Name] = true
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(names))
}

// Every constant of the kernel's is offered, or docs/kernel.md says why not.
func TestKernelConstants(t *testing.T) {
	api, constants := readAPI(t), kernelConstants(t)
	listed := map[string]bool{}
	for _, heading := range []string{"Values", "Not offered"} {
		for _, row := range readTable(t, "kernel.md", heading) {
			require.Len(t, row, 2, "%q", row)
			require.NotEmpty(t, row[1], row[0])
			require.False(t, listed[row[0]], "%s twice", row[0])
			require.Contains(t, constants, row[0])
			listed[row[0]] = true
		}
	}
	var missing []string
	for _, name := range constants {
		if !listed[name] && !api.words[name] {
			missing = append(missing, name)
		}
	}
	require.Empty(t, missing, "named neither in the documentation nor in docs/kernel.md")
}

// The Go names in the tables of docs exist.
func TestDocsName(t *testing.T) {
	api := readAPI(t)
	var missing []string
	for _, table := range []struct{ page, heading string }{
		{"kernel.md", "Values"}, {"kernel.md", "Not offered"}, {"gen_sctp.md", ""},
	} {
		for _, row := range readTable(t, table.page, table.heading) {
			for _, name := range goNames(strings.Join(row[1:], " ")) {
				if !api.has(name) && !slices.Contains(missing, name) {
					missing = append(missing, name)
				}
			}
		}
	}
	require.Empty(t, missing, "in docs, but not in the package")
}

// Every name in the manual of Erlang's gen_sctp has a row in docs/gen_sctp.md: what
// does the same here, or why nothing does.
func TestGenSCTPNames(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(moduleDir(t), "testdata", "gen_sctp.txt"))
	require.NoError(t, err)
	unlisted := map[string]bool{}
	for _, name := range strings.Fields(string(b)) {
		unlisted[name] = true
	}
	require.NotEmpty(t, unlisted)
	for _, row := range readTable(t, "gen_sctp.md", "") {
		require.Len(t, row, 3, "%q", row)
		require.NotEmpty(t, row[1]+row[2], "%s: neither a name nor a reason", row[0])
		for _, name := range strings.Split(row[0], ", ") {
			name = strings.Trim(name, "`")
			require.True(t, unlisted[name], "%s is not in the manual, or twice here", name)
			delete(unlisted, name)
		}
	}
	require.Empty(t, slices.Sorted(maps.Keys(unlisted)), "in the manual, but not in docs/gen_sctp.md")
}

// Each exported constant has the value of the C constant with which its comment begins,
// which internal/sys has from the kernel's header. Those of a few types have none.
func TestConstantsAreTheKernels(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, filepath.Join(moduleDir(t), "internal", "sys", "const.go"), nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	config := types.Config{Importer: emptyImports{}, Error: func(error) {}}
	kernel, _ := config.Check("sys", fset, []*ast.File{f}, nil) // errors: of what is elsewhere
	api := readAPI(t)
	for _, name := range api.scope.Names() {
		got, ok := api.scope.Lookup(name).(*types.Const)
		if !ok || !got.Exported() || slices.Contains([]string{"Cause", "AssocState", "Toggle", "PFExpose"}, typeName(got)) {
			continue
		}
		require.Contains(t, api.values, name, "its comment does not begin with a C name")
		want, ok := kernel.Scope().Lookup(api.values[name]).(*types.Const)
		require.True(t, ok, "%s: internal/sys has no %s", name, api.values[name])
		require.Equal(t, want.Val().ExactString(), got.Val().ExactString(), "%s is not %s", name, api.values[name])
	}
	require.NotEmpty(t, api.values)
}

// typeName returns the name of the type of c.
func typeName(c *types.Const) string { return c.Type().(*types.Named).Obj().Name() }
