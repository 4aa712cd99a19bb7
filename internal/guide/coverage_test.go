package guide_test

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/netsctp/sctp"

// Methods that package fmt, package errors, an encoder or a logger calls, and not the reader of
// an example.
var calledByOthers = []string{"String", "GoString", "Format", "LogValue", "Error", "Unwrap", "Timeout", "MarshalText", "UnmarshalText"}

// Whoever looks for how to use a function finds it in an example: of the root package, of
// this one, or among the programs in examples.
func TestExamplesCallAllThatIsExported(t *testing.T) {
	readSource(t, "../../doc.go")
	if os.Getenv("SCTP_TESTBED") != "" {
		t.Skip("the go command is slow or missing in the test bed, and asks nothing of its kernel: go test without -exec runs this")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command in PATH, which finds the packages that examples import")
	}
	build.Default.CgoEnabled = false // or importing package net runs cgo
	c := calls{fset: token.NewFileSet(), seen: map[string]bool{}}
	c.from = importer.ForCompiler(c.fset, "source", nil).(types.ImporterFrom)
	root, err := c.from.ImportFrom(module, "../..", 0)
	require.NoError(t, err)
	c.root = root
	c.read(t, glob(t, "../../example_*_test.go", "../../example_test.go"))

	c.read(t, slices.DeleteFunc(glob(t, "*_test.go"), func(name string) bool {
		return name == "guide_test.go" || name == "coverage_test.go"
	}))
	for _, dir := range glob(t, "../../examples/*") {
		c.read(t, glob(t, filepath.Join(dir, "*.go")))
	}
	require.True(t, c.seen["Listen"])
	require.False(t, c.seen["Conn.read"])

	var missing []string
	for name := range exported(root) {
		_, method, _ := strings.Cut(name, ".")
		if !c.seen[name] && !slices.Contains(calledByOthers, method) {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	require.Empty(t, missing, "what is in no example")
}

func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var names []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		names = append(names, found...)
	}
	return names
}

// exported returns the functions of a package, and the methods of its types as Conn.Read.
func exported(pkg *types.Package) map[string]bool {
	names := map[string]bool{}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Func:
			names[name] = true
		case *types.TypeName:
			for method := range methods(obj.Type()) {
				names[name+"."+method] = true
			}
		}
	}
	return names
}

// methods returns the exported methods of a type or of a pointer to it, those of embedded
// types included.
func methods(typ types.Type) map[string]bool {
	if !types.IsInterface(typ) {
		typ = types.NewPointer(typ)
	}
	names := map[string]bool{}
	set := types.NewMethodSet(typ)
	for i := range set.Len() {
		if m := set.At(i).Obj(); m.Exported() {
			names[m.Name()] = true
		}
	}
	return names
}

// calls collects what examples use of the root package.
type calls struct {
	fset *token.FileSet
	from types.ImporterFrom
	root *types.Package
	seen map[string]bool // Dial, Conn.Read
}

// read adds what the files of one package use.
func (c *calls) read(t *testing.T, names []string) {
	t.Helper()
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(c.fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, f)
	}
	dir := filepath.Dir(names[0])
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: importerIn{c.from, dir}}
	_, err := config.Check(dir, c.fset, files, info)
	require.NoError(t, err)
	for _, obj := range info.Uses {
		if fn, ok := obj.(*types.Func); ok && fn.Pkg() == c.root && fn.Signature().Recv() == nil {
			c.seen[fn.Name()] = true
		}
	}
	for sel, s := range info.Selections {
		if s.Kind() != types.FieldVal {
			c.addMethod(s.Recv(), sel.Sel.Name)
		}
	}
}

// addMethod adds a method of a type. One of an interface counts for every type that
// has it.
func (c *calls) addMethod(recv types.Type, method string) {
	for _, name := range c.root.Scope().Names() {
		obj, ok := c.root.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		itself := types.Identical(deref(recv), obj.Type())
		iface, _ := recv.Underlying().(*types.Interface)
		if itself || iface != nil && types.Implements(types.NewPointer(obj.Type()), iface) {
			c.seen[name+"."+method] = true
		}
	}
}

func deref(typ types.Type) types.Type {
	if p, ok := typ.(*types.Pointer); ok {
		return p.Elem()
	}
	return typ
}

// importerIn imports packages as a file in a folder does.
type importerIn struct {
	from types.ImporterFrom
	dir  string
}

func (i importerIn) Import(path string) (*types.Package, error) {
	return i.from.ImportFrom(path, i.dir, 0)
}
