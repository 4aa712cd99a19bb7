package sctp

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// What is exported is what the incumbent exports, with the same signatures and fields. Its
// source lies in the folder that SCTP_INCUMBENT names, as .ci/realworld.sh sets it.
func TestAPIIsTheIncumbents(t *testing.T) {
	dir := os.Getenv("SCTP_INCUMBENT")
	if dir == "" {
		t.Skip("no SCTP_INCUMBENT: run make realworld")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	have, want := exported(t, "."), exported(t, dir)
	for name, decl := range want {
		if have[name] != decl {
			t.Errorf("%s: the incumbent has\n%s\nand this package\n%s", name, decl, have[name])
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: the incumbent does not have it", name)
		}
	}
}

// exported returns the exported names of the package in dir, on any system, with how they
// are declared: functions by their parameters' types, types by their definition, and
// constants, some of which are mended, by nothing.
func exported(t *testing.T, dir string) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	pkgs, err := parser.ParseDir(fset, dir, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := func(n any) string {
		var b bytes.Buffer
		if err := printer.Fprint(&b, fset, n); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	names := map[string]string{}
	for _, f := range pkgs["sctp"].Files {
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
					names[name] = "func(" + types(d.Type.Params, text) + ") (" + types(d.Type.Results, text) + ")"
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() {
							names[s.Name.Name] = definition(s, text)
						}
					case *ast.ValueSpec:
						for _, n := range s.Names {
							if n.IsExported() {
								names[n.Name] = ""
							}
						}
					}
				}
			}
		}
	}
	return names
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
