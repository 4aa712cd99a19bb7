package sctp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/migrating.md shows the two programs that are compiled as examples, one by the tests
// of compat/ishidawataru.
func TestMigratingDoc(t *testing.T) {
	dir := moduleDir(t)
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return string(b)
	}
	doc := read("docs/migrating.md")
	for _, tt := range []struct{ file, example string }{
		{"compat/ishidawataru/example_test.go", "Example_server"},
		{"example_migrating_test.go", "Example_migrated"},
	} {
		_, code, ok := strings.Cut(read(tt.file), "func "+tt.example+"()")
		require.True(t, ok, tt.file)
		require.Contains(t, doc, "```go\nfunc main()"+code+"```\n", tt.file)
	}
}
