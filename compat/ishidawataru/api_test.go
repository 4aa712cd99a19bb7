package sctp

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Systems for which the incumbent has different files, or this package.
var systems = [][2]string{{"linux", "amd64"}, {"linux", "386"}, {"windows", "amd64"}, {"darwin", "arm64"}, {"freebsd", "amd64"}}

// What is exported is what the incumbent exports on each system, with the same signatures and
// fields; what it has on some systems only, this package may have on all. Its source lies in
// the folder that SCTP_INCUMBENT names, as .ci/realworld.sh sets it.
func TestAPIIsTheIncumbents(t *testing.T) {
	dir := os.Getenv("SCTP_INCUMBENT")
	if dir == "" {
		t.Skip("no SCTP_INCUMBENT: run make realworld")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	anywhere := map[string]bool{}
	for _, s := range systems {
		for name := range exported(t, dir, s) {
			anywhere[name] = true
		}
	}
	for _, s := range systems {
		have, want := exported(t, ".", s), exported(t, dir, s)
		for name, decl := range want {
			if have[name] != decl {
				t.Errorf("%s on %s: the incumbent has\n%s\nand this package\n%s", name, s, decl, have[name])
			}
		}
		for name := range have {
			if !anywhere[name] {
				t.Errorf("%s on %s: the incumbent does not have it", name, s)
			}
		}
	}
}

// exported returns the exported names of the package in dir on a system, with how they are
// declared: functions by their parameters' types, types by their definition, and constants,
// some of which are mended, and variables by their keyword.
func exported(t *testing.T, dir string, system [2]string) map[string]string {
	t.Helper()
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = system[0], system[1], false
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if match, err := ctx.MatchFile(dir, filepath.Base(name)); err != nil || !match || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	text := func(n any) string {
		var b bytes.Buffer
		if err := printer.Fprint(&b, fset, n); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	decls := map[string]string{}
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					recv := strings.TrimPrefix(text(d.Recv.List[0].Type), "*")
					if !ast.IsExported(recv) {
						continue
					}
					name = recv + "." + name
				}
				if d.Name.IsExported() {
					decls[name] = "func(" + types(d.Type.Params, text) + ") (" + types(d.Type.Results, text) + ")"
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() {
							decls[s.Name.Name] = definition(s, text)
						}
					case *ast.ValueSpec:
						for _, n := range s.Names {
							if n.IsExported() {
								decls[n.Name] = d.Tok.String()
							}
						}
					}
				}
			}
		}
	}
	return decls
}

// types returns the types of the fields, one for each name.
func types(l *ast.FieldList, text func(any) string) string {
	var ts []string
	if l != nil {
		for _, f := range l.List {
			for range max(1, len(f.Names)) {
				ts = append(ts, text(f.Type))
			}
		}
	}
	return strings.Join(ts, ", ")
}

// definition returns a type's underlying type, with the exported fields of a struct only.
func definition(s *ast.TypeSpec, text func(any) string) string {
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return text(s.Type)
	}
	fields := "struct"
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			if n.IsExported() || n.Name == "_" {
				fields += " " + n.Name + " " + text(f.Type) + ";"
			}
		}
	}
	return fields
}
