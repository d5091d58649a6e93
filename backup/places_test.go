package backup_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/mail"
	"sigill/appliance/peers"
	"sigill/backup"
	"sigill/backup/target/targettest"
)

// goesTo backs a house up to a target for two days, with what comes and what ends, and
// restores it from there.
func (h *house) goesTo(t backup.Target) {
	h.Helper()
	h.backup.Close()
	h.target = t
	h.open(h.TempDir())
	letters := []*letter{h.letter(5000), h.letter(300_000)}
	h.run(backup.Whole)
	for range 2 {
		h.turn(backup.GenerationFor + time.Hour)
		letters = append(letters, h.letter(3000))
		if err := h.backup.Keep(ctx); err != nil {
			h.Fatal(err)
		}
		h.turn(backup.GenerationFor)
		h.run(backup.Changes)
	}
	if v, err := backup.Verify(ctx, h.target, h.verifier()); err != nil || len(v.Faults) > 0 {
		h.Errorf("%v, %v", v.Faults, err)
	}
	if _, err := h.backup.Clean(ctx, backup.DefaultKeep); err != nil {
		h.Error(err)
	}
	// At most two generations of the keys are there.
	seen := map[string]bool{}
	for _, o := range targettest.List(h, h.target, "slots/") {
		seen[strings.Split(o.Name, "/")[1]] = true
	}
	if len(seen) > 2 || len(seen) == 0 {
		h.Errorf("generations %v", seen)
	}
	db, _ := h.restored(h.kit.Backup)
	for _, l := range letters {
		h.has(db, l)
	}
}

func TestBackupToS3(t *testing.T) {
	s := targettest.NewService(t)
	t.Run("a house is backed up and restored", func(t *testing.T) { newHouse(t).goesTo(s.Open(t)) })

	t.Run("a minute asks for one thing if nothing has changed, and for three if something has", func(t *testing.T) {
		s := targettest.NewService(t)
		h := newHouse(t)
		h.backup.Close()
		h.target = s.Open(t)
		h.open(t.TempDir())
		h.letter(100)
		h.run(backup.Whole)
		s.Asked()
		for range 5 {
			h.turn(time.Minute)
			if err := h.backup.Keep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if l := s.Asked(); len(l) != 5 || strings.Count(strings.Join(l, " "), "GET") != 5 { // the mark
			t.Errorf("%q", l)
		}
		h.letter(100)
		if err := h.backup.Keep(ctx); err != nil {
			t.Fatal(err)
		}
		// The mark, the container, its statement.
		if l := s.Asked(); len(l) != 3 || !slices.IsSortedFunc(l, func(a, b string) int { return strings.Compare(a[:3], b[:3]) }) {
			t.Errorf("%q", l)
		}
	})

	t.Run("what was written without an answer is found by who comes back", func(t *testing.T) {
		s := targettest.NewService(t)
		h := newHouse(t)
		h.backup.Close()
		h.target = s.Open(t)
		h.open(t.TempDir())
		l := h.letter(100)
		h.run(backup.Whole)
		other := h.letter(100)
		// The statement arrives, and its answer does not.
		s.LoseAnswer(func(path string) bool { return strings.HasSuffix(path, "set/00000002.txt") })
		if _, err := h.backup.Run(ctx, backup.Changes); err == nil {
			t.Fatal("the control: it has not noticed")
		}
		s.LoseAnswer(nil)
		h.turn(time.Hour)
		d := h.run(backup.Changes)
		if d.Set != "set/00000003.tar.age" {
			t.Errorf("%s", d.Set)
		}
		db, _ := h.restored(h.kit.Backup)
		h.has(db, l)
		h.has(db, other)
	})
}

func TestBackupToSFTP(t *testing.T) {
	s := peers.StartSSHD(t)
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, s.Key, 0o600); err != nil {
		t.Fatal(err)
	}
	to, err := backup.OpenTarget(t.Context(), config.Backup{Name: "nas", Kind: config.BackupSFTP, Host: s.Addr, HostKey: s.HostKeys[0], User: s.User, KeyFile: key, Path: s.Dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close() })
	newHouse(t).goesTo(to)
}

func TestOpenTarget(t *testing.T) {
	s := targettest.NewService(t)
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := config.Backup{Name: "b", Kind: config.BackupS3, URL: s.URL, Region: "us-east-1", Bucket: targettest.Bucket, PathStyle: true, User: "AKIDEXAMPLE", SecretFile: file("secret", "not a secret"), CAFile: file("ca", s.PEM())}
	t.Run("a bucket of the configuration is opened, with an authority of one's own", func(t *testing.T) {
		to, err := backup.OpenTarget(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		defer to.Close()
		if err := backup.TryTarget(t.Context(), to); err != nil {
			t.Error(err)
		}
	})
	for _, wrong := range []struct {
		say    string
		change func(*config.Backup)
	}{
		{"error.target.secret", func(c *config.Backup) { c.SecretFile = file("empty", "") }},
		{"error.target.secret", func(c *config.Backup) { c.CAFile = c.SecretFile }},
		{"error.target.open", func(c *config.Backup) { c.Bucket = "another" }},
		{"error.target.kept", func(*config.Backup) { s.KeepVersions(t) }},
	} {
		t.Run("what is wrong is said: "+wrong.say, func(t *testing.T) {
			c := c
			wrong.change(&c)
			_, err := backup.OpenTarget(t.Context(), c)
			var e *mail.Error
			if !errors.As(err, &e) || e.Say != wrong.say {
				t.Errorf("%v", err)
			}
		})
	}
}
