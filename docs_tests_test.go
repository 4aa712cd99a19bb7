package sctp_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The pages that promise something, and by which tests it is kept.
var pagesWithTests = []string{"README.md", "SECURITY.md", "docs/reliability.md"}

var (
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w*)\(`)
	testName = regexp.MustCompile(`\b((?:Test|Fuzz)[A-Z0-9]\w*)(…?)`)
)

// The tests that the pages name exist; "TestPromise1…" is all that begin so.
func TestDocsNameTests(t *testing.T) {
	dir := moduleDir(t)
	tests := map[string]bool{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(b, -1) {
			tests[string(m[1])] = true
		}
		return err
	}))
	exists := func(name, more string) bool {
		for test := range tests {
			if test == name || more != "" && strings.HasPrefix(test, name) {
				return true
			}
		}
		return false
	}
	require.True(t, exists("TestDocsNameTests", ""))
	for _, page := range pagesWithTests {
		b, err := os.ReadFile(filepath.Join(dir, page))
		require.NoError(t, err)
		names := testName.FindAllStringSubmatch(string(b), -1)
		require.NotEmpty(t, names, page)
		for _, m := range names {
			require.True(t, exists(m[1], m[2]), "%s names %s, but there is no such test", page, m[0])
		}
	}
}

// Each row and each point of the threat model in SECURITY.md names its test.
func TestSecurityNamesItsTests(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(moduleDir(t), "SECURITY.md"))
	require.NoError(t, err)
	_, model, ok := strings.Cut(string(b), "## Threat model\n")
	require.True(t, ok)
	model, _, _ = strings.Cut(model, "\n## ")
	promises := 0
	for _, line := range strings.Split(model, "\n") {
		row := strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| input ")
		if row || strings.HasPrefix(line, "- ") {
			require.Regexp(t, testName, line)
			promises++
		}
	}
	require.Greater(t, promises, 10)
}
