package sctp_test

import (
	"os"
	"path/filepath"
	"regexp"
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

// What docs/migrating.md names as ours is exported, and each hazard says how to find it.
func TestMigratingDocNames(t *testing.T) {
	dir := moduleDir(t)
	b, err := os.ReadFile(filepath.Join(dir, "docs/migrating.md"))
	require.NoError(t, err)
	api, err := os.ReadFile(filepath.Join(dir, "testdata/api.txt"))
	require.NoError(t, err)
	exported := regexp.MustCompile(`\b[A-Z]\w+`)
	known := map[string]bool{}
	for _, name := range exported.FindAllString(string(api), -1) {
		known[name] = true
	}
	code := regexp.MustCompile("`[^`]+`")
	rows := regexp.MustCompile(`(?m)^\| .+ \| (.+) \|$`).FindAllStringSubmatch(string(b), -1)
	require.Greater(t, len(rows), 40)
	for _, row := range rows {
		for _, ours := range code.FindAllString(row[1], -1) {
			for _, name := range exported.FindAllString(ours, -1) {
				require.True(t, known[name], "%s of the row\n%s", name, row[0])
			}
		}
	}

	_, hazards, ok := strings.Cut(string(b), "\n## What to look for\n")
	require.True(t, ok)
	hazards, _, _ = strings.Cut(hazards, "\n## ")
	found := strings.Split(strings.TrimSpace(hazards), "\n\n")[1:] // behind the introduction
	require.Greater(t, len(found), 10)
	for _, hazard := range found {
		require.Regexp(t, `(?s)Search\s+for|-race`, hazard)
	}
}
