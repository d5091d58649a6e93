package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestVariablesOfTests has the variables that tests ask for refused by no appliance: it would
// start in none of them, and nobody would find out before they need one.
func TestVariablesOfTests(t *testing.T) {
	asked := regexp.MustCompile(`(?:Getenv|LookupEnv)\("(` + prefix + `[A-Z_]+)"\)`)
	found := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range asked.FindAllSubmatch(text, -1) {
			found[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range found {
		if !slices.Contains(others, name) {
			t.Errorf("a test asks for %s, with which no appliance starts", name)
		}
	}
	for _, name := range others {
		if !found[name] {
			t.Errorf("no test asks for %s", name)
		}
	}
}
