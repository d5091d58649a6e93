package appliance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/config"
)

// TryProgram is tryProgram, for who builds programs.
var TryProgram = tryProgram

func TestOnlyRootNamesKeysToRoot(t *testing.T) {
	key := func(n int) string { return "RW" + strings.Repeat(string(rune('A'+n)), 54) }
	path := filepath.Join(t.TempDir(), "sigill.toml")
	text := fmt.Sprintf("unfinished = true\n[update]\nkeys = [%q, %q, %q]\n", key(0), key(1), key(2))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := func() []string {
		t.Helper()
		f, err := config.LoadOrBare(path, Languages()...)
		if err != nil || len(f.Update.Keys) != 3 {
			t.Fatal(f.Update.Keys, err)
		}
		return rootsKeys(f).Update.Keys
	}
	t.Run("what the service may write into its file counts for nothing in the step that is root", func(t *testing.T) {
		if got := keys(); got != nil {
			t.Error(got)
		}
	})
	t.Run("what the service manager sets does", func(t *testing.T) {
		t.Setenv("SIGILL_UPDATE_KEYS", strings.Join([]string{key(3), key(4), key(5)}, ","))
		if got := keys(); len(got) != 3 || got[0] != key(3) {
			t.Error(got)
		}
	})
}
