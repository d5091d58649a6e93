package backup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/backup"
)

// TestSettings keeps the configuration file in each set, and gives it back to who has page 1.
func TestSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	read := func(t *testing.T, most int) string {
		t.Helper()
		text, err := backup.ReadSettings(ctx, backup.Restoring{Target: h.target, Key: h.kit.Backup, Verifier: h.verifier(), Most: most})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	h.letter(3000)
	h.run(backup.Whole)
	said, fault := "[house]\nname = \"Före\"\n", error(nil)
	h.settings = func() ([]byte, error) { return []byte(said), fault }
	h.backup.Close()
	h.open(h.state)
	h.turn(time.Minute)
	h.run(backup.Whole)
	said = "[house]\nname = \"Efter\"\n"
	h.turn(time.Minute)
	h.run(backup.Changes)
	fault = errors.New("nobody may read it")
	h.turn(time.Minute)
	l := h.letter(3000)
	h.run(backup.Changes)

	for _, c := range []struct {
		name string
		most int
		want string
	}{
		{"of the set that is taken", 3, "Efter"},
		{"of an older set, as it was then", 2, "Före"},
		{"a set of before has none", 1, ""},
		{"a file that cannot be read keeps no letter from being backed up", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.most); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("%q", got)
			}
		})
	}
	t.Run("it is no part of the store, and hides none", func(t *testing.T) {
		db, r := h.restored(h.kit.Backup)
		h.has(db, l)
		if r.Set.Number != 4 || len(r.Passed) > 0 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("page 2 does not open it, and nothing at the target says it", func(t *testing.T) {
		if _, err := backup.ReadSettings(ctx, backup.Restoring{Target: h.target, Key: h.kit.App, Most: 3}); !errors.Is(err, keyring.ErrNotForKey) {
			t.Errorf("%v", err)
		}
		for name, file := range h.files() {
			if bytes.Contains(file, []byte("Efter")) {
				t.Errorf("%s says it", name)
			}
		}
	})
	t.Run("of a set that is damaged it is that of the one before", func(t *testing.T) {
		path := filepath.Join(h.dir, "set/00000003.tar.age")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := read(t, 3); !strings.Contains(got, "Före") {
			t.Errorf("%q", got)
		}
	})
}
