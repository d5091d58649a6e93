package appliance

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

func TestAppliancesKeyIsACredentialOfTheService(t *testing.T) {
	dir, brought := t.TempDir(), t.TempDir()
	keys := filepath.Join(dir, "keys")
	db, err := vault.Open(t.Context(), vault.Config{Dir: filepath.Join(dir, "data"), Clock: NewWall(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	start := func() (*founding, error) {
		return found(t.Context(), db, keyPlaces{dir: keys, credential: credential()}, Config{House: House{Lang: "sv"}}.kitPaper(), NewWall().Now())
	}
	file, given := filepath.Join(keys, keyFile), filepath.Join(brought, keyFile)
	t.Setenv("CREDENTIALS_DIRECTORY", brought)
	t.Run("where a key is brought for data that is new, nothing is made", func(t *testing.T) {
		if err := os.WriteFile(given, []byte("x"), 0o400); err != nil {
			t.Fatal(err)
		}
		if _, err := start(); err == nil || !strings.Contains(err.Error(), "is this the right one?") || exists(file) {
			t.Error(err)
		}
		if err := os.Remove(given); err != nil {
			t.Fatal(err)
		}
	})
	first, err := start()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bring := func(t *testing.T, b []byte) {
		if err := os.RemoveAll(given); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(given, b, 0o440); err != nil { // as an access list shows
			t.Fatal(err)
		}
	}
	same := func(t *testing.T) {
		f, err := start()
		if err != nil || string(f.app.JournalSeed()) != string(first.app.JournalSeed()) {
			t.Errorf("another key: %v", err)
		}
	}
	t.Run("beside its file it is the same", func(t *testing.T) {
		bring(t, b)
		same(t)
	})
	t.Run("with the file gone it is enough", func(t *testing.T) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		same(t)
	})
	t.Run("two keys that differ start nothing, and neither is told", func(t *testing.T) {
		if err := keyring.WriteKeyFile(file, seal.NewSecret()); err != nil {
			t.Fatal(err)
		}
		if _, err := start(); err == nil || !strings.Contains(err.Error(), "two appliance keys") || strings.Contains(err.Error(), string(b[22:40])) {
			t.Error(err)
		}
	})
	t.Run("what is no key is not taken for one", func(t *testing.T) {
		bring(t, []byte("x"))
		if _, err := start(); err == nil || !strings.Contains(err.Error(), "is not an appliance key") {
			t.Error(err)
		}
	})
}
