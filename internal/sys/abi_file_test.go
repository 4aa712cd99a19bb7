package sys_test

import (
	"embed"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The sources travel with the test: where it runs there may be none.
//
//go:embed abi.go const.go testdata/abi-*.txt
var abiSources embed.FS

// abiArchs maps the architectures of Linux to those of the files in testdata: what a
// C compiler makes of linux/sctp.h depends on the size of a long and on how 64-bit
// fields are aligned.
var abiArchs = map[string]string{
	"amd64": "amd64", "arm64": "arm64", "s390x": "s390x",
	"loong64": "amd64", "mips64": "amd64", "mips64le": "amd64", "ppc64": "amd64", "ppc64le": "amd64", "riscv64": "amd64",
	"386": "386", "arm": "arm", "mips": "arm", "mipsle": "arm",
}

// archFiles are the architectures that have a file.
var archFiles = []string{"amd64", "386", "arm", "arm64", "s390x"}

// A cField is a field of a C struct, or of a Go one that is one.
type cField struct {
	name         string
	offset, size int64
}

// An abiFile is how a C compiler sees linux/sctp.h; make abi writes it.
type abiFile struct {
	constants map[string]int64
	sizes     map[string]int64    // of structs and unions
	fields    map[string][]cField // of those, but for arrays without a length
}

func readABIFile(t *testing.T, arch string) *abiFile {
	t.Helper()
	b, err := abiSources.ReadFile("testdata/abi-" + arch + ".txt")
	require.NoError(t, err)
	f := &abiFile{map[string]int64{}, map[string]int64{}, map[string][]cField{}}
	number := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
		return n
	}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		words := strings.Fields(line)
		switch words[0] {
		case "#":
		case "const":
			f.constants[words[1]] = number(words[2])
		case "struct", "union":
			f.sizes[words[1]] = number(words[2])
		case "field":
			if size := number(words[4]); size > 0 {
				f.fields[words[1]] = append(f.fields[words[1]], cField{words[2], number(words[3]), size})
			}
		default:
			t.Fatalf("testdata/abi-%s.txt: %q", arch, line)
		}
	}
	require.NotEmpty(t, f.constants)
	require.NotEmpty(t, f.fields)
	return f
}

// checkSource checks the types of the declarations of one kind in a file of the
// package.
func checkSource(t *testing.T, name string, kind token.Token) *types.Scope {
	t.Helper()
	b, err := abiSources.ReadFile(name)
	require.NoError(t, err)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, b, parser.SkipObjectResolution)
	require.NoError(t, err)
	f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return !ok || g.Tok != kind
	})
	f.Imports = nil
	pkg, err := new(types.Config).Check("sys", fset, []*ast.File{f}, nil)
	require.NoError(t, err)
	return pkg.Scope()
}

// goStructs returns the structs of abi.go.
func goStructs(t *testing.T) map[string]*types.Struct {
	t.Helper()
	structs := map[string]*types.Struct{}
	scope := checkSource(t, "abi.go", token.TYPE)
	for _, name := range scope.Names() {
		if s, ok := scope.Lookup(name).Type().Underlying().(*types.Struct); ok {
			structs[name] = s
		}
	}
	require.NotEmpty(t, structs)
	return structs
}

// goFields returns the fields of s, and of the structs embedded in it, but not those
// that are padding.
func goFields(s *types.Struct, sizes types.Sizes, base int64) []cField {
	var vars []*types.Var
	for i := range s.NumFields() {
		vars = append(vars, s.Field(i))
	}
	var fields []cField
	for i, offset := range sizes.Offsetsof(vars) {
		switch v := vars[i]; {
		case v.Embedded():
			fields = append(fields, goFields(v.Type().Underlying().(*types.Struct), sizes, base+offset)...)
		case v.Name() != "_":
			fields = append(fields, cField{v.Name(), base + offset, sizes.Sizeof(v.Type())})
		}
	}
	return fields
}

// notInHeader are the constants of const.go that linux/sctp.h does not have, or not
// that of Linux 6.1, and where they come from.
var notInHeader = map[string]string{
	"SOL_SCTP":               "linux/socket.h; the C library does not have it",
	"SCTP_SS_FC":             "linux/sctp.h of Linux 6.4",
	"SCTP_SS_WFQ":            "linux/sctp.h of Linux 6.4",
	"SCTP_PF_EXPOSE_UNSET":   "the kernel's own net/sctp/constants.h",
	"SCTP_PF_EXPOSE_DISABLE": "the kernel's own net/sctp/constants.h",
	"SCTP_PF_EXPOSE_ENABLE":  "the kernel's own net/sctp/constants.h",
	"SCTP_DATA_LAST_FRAG":    "RFC 6458 section 6.1.11; the kernel's own linux/sctp.h",
	"SCTP_DATA_FIRST_FRAG":   "RFC 6458 section 6.1.11; the kernel's own linux/sctp.h",
	"SCTP_DATA_UNORDERED":    "RFC 6458 section 6.1.11; the kernel's own linux/sctp.h",
}

func TestABIConstants(t *testing.T) {
	scope := checkSource(t, "const.go", token.CONST)
	require.NotEmpty(t, scope.Names())
	for _, arch := range archFiles {
		file := readABIFile(t, arch)
		for _, name := range scope.Names() {
			want, ok := file.constants[name]
			require.Equal(t, !ok, notInHeader[name] != "", "%s of %s", name, arch)
			if !ok {
				continue
			}
			got, exact := constant.Int64Val(scope.Lookup(name).(*types.Const).Val())
			require.True(t, exact, name)
			require.Equal(t, want, got, "%s of %s", name, arch)
		}
	}
	for name := range notInHeader {
		require.NotNil(t, scope.Lookup(name), name)
	}
}

func TestABIKnowsTheArchitecture(t *testing.T) {
	if runtime.GOOS == "linux" {
		require.Contains(t, abiArchs, runtime.GOARCH)
	}
	for arch, file := range abiArchs {
		require.NotNil(t, types.SizesFor("gc", arch), arch)
		require.Contains(t, archFiles, file)
	}
}
