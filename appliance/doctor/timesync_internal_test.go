package doctor

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestReadTimesync(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	answered := filepath.Join(dir, "synchronized")
	wants := func(t *testing.T, synced, known bool) {
		t.Helper()
		if s, k := readTimesync(dir, now); s != synced || k != known {
			t.Errorf("synced %t, known %t", s, k)
		}
	}
	at := func(path string, ago time.Duration) {
		if err := os.Chtimes(path, now.Add(-ago), now.Add(-ago)); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a service that has just begun says nothing yet", func(t *testing.T) {
		at(dir, time.Minute)
		wants(t, false, false)
	})
	t.Run("one that no server has answered for long does", func(t *testing.T) {
		at(dir, time.Hour)
		wants(t, false, true)
	})
	if err := os.WriteFile(answered, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("a clock that a server has set not long ago is good", func(t *testing.T) {
		at(answered, 40*time.Minute)
		wants(t, true, true)
	})
	t.Run("one that no server has set since is told", func(t *testing.T) {
		at(answered, 4*time.Hour)
		wants(t, false, true)
	})
	t.Run("where the service does not run nothing is known", func(t *testing.T) {
		dir = filepath.Join(dir, "none")
		wants(t, false, false)
	})
}
