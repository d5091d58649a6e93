package appliance_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/keyring"
)

// backsUp has a demo back up to a directory.
func backsUp(t testing.TB, dir string) func(*appliance.Demo) {
	return func(d *appliance.Demo) {
		if err := appliance.BackUpTo(d, dir); err != nil {
			t.Fatal(err)
		}
	}
}

// nasOf is a directory for backups that may be renamed.
func nasOf(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "nas")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// rename takes a place away, or brings it back.
func rename(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// restores runs `sigill restore` onto a directory of a demo, with what is typed.
func restores(dir, typed string, o appliance.Restoring) (string, error) {
	var out bytes.Buffer
	err := appliance.Recovery{In: strings.NewReader(typed), Out: &out}.Restore(context.Background(), appliance.DemoPlaces(dir), o)
	return out.String(), err
}

// pageFile is a file with pages of a kit.
func pageFile(t testing.TB, pages ...keyring.Page) string {
	t.Helper()
	var lines string
	for _, p := range pages {
		text, err := p.Text()
		if err != nil {
			t.Fatal(err)
		}
		lines += text + "\n"
	}
	path := filepath.Join(t.TempDir(), "pages.txt")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRestoreFromPaper is the day after the fire: there is the backup, and the recovery kit.
func TestRestoreFromPaper(t *testing.T) {
	t.Parallel()
	dir, target := t.TempDir(), t.TempDir()
	settings := movedFile(t)
	f, err := config.Load(settings, appliance.Languages()...)
	if err != nil {
		t.Fatal(err)
	}
	j := newJourneyIn(t, dir, appliance.LetFile(f), backsUp(t, target))
	j.Send(letter{to: []string{annaSecure}, subject: "Kvar", body: "Det här brevet finns kvar."})
	kept := j.Await("email", anna, 1)
	j.Browser().Opens(kept, annaPhone).Sees("finns kvar")
	j.Send(letter{to: []string{annaSecure}, subject: "Borta", body: "Det här brevet återkallas."})
	gone := j.Await("email", anna, 2)
	j.Turn(time.Minute)
	boss := j.Organiser(adminAt)
	t.Run("the page says where backups go and how old they are", func(t *testing.T) {
		boss.Get("/admin").Sees(`href="/admin/backup"`)
		boss.Get("/admin/backup").Sees("nas", target, "14 dagar", "5 veckor", "Säkerhetskopiera nu").SeesNot("Ingen än", "Det går inte att")
		boss.Get("/todo").SeesNot("ingen säkerhetskopia", "Den nyaste säkerhetskopian", "misslyckas")
	})
	t.Run("it is tried by itself, and nothing of the trial stays", func(t *testing.T) {
		boss.Get("/admin/backup").Sees("allt väl").SeesNot("något är fel")
		if left, _ := filepath.Glob(filepath.Join(dir, "data", "backup", "nas", "drill*")); len(left) > 0 {
			t.Errorf("%v", left)
		}
		boss.Get("/journal").Sees("återställd på prov")
	})
	t.Run("the commands say the same, and ask the appliance that runs", func(t *testing.T) {
		var out bytes.Buffer
		b := appliance.Backing{
			Places: appliance.DemoPlaces(dir), Targets: []config.Backup{{Name: "nas", Kind: config.BackupDir, Path: target}}, Out: &out,
			Pause: func(context.Context) { j.pause() },
		}
		for _, do := range []func(context.Context) error{b.Now, b.List, b.Verify, b.Drill} {
			if err := do(t.Context()); err != nil {
				t.Error(err)
			}
		}
		for _, want := range []string{"nas: backed up.", "whole", "changes", "keys of letters", "copies of the keys", "the letter made for it opened"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("nobody says %q in\n%s", want, out.String())
			}
		}
		b.Name = "annat"
		if err := b.List(t.Context()); err == nil || !strings.Contains(err.Error(), `no backup target has the name "annat"`) {
			t.Error(err)
		}
	})
	t.Run("what is asked for of a target that is not there, nobody does", func(t *testing.T) {
		if boss.Get("/admin/backup").Post("/admin/backup", "name", "annat", "task", "now"); boss.code != http.StatusNotFound {
			t.Errorf("%d", boss.code)
		}
		if boss.Get("/admin/backup").Post("/admin/backup", "name", "nas", "task", "rm"); boss.code != http.StatusNotFound {
			t.Errorf("%d", boss.code)
		}
	})
	maria := j.Browser().SignsIn(caseworker)
	maria.Get("/mail/sent").first()
	maria.Sees("återkallas").Post(maria.at + "/recall").Sees("återkallat")
	j.Turn(time.Minute) // its key is erased, and the slots are copied; the set is the old one
	kit := filepath.Join(t.TempDir(), "kit.txt")
	if err := os.WriteFile(kit, readFile(t, filepath.Join(dir, "keys", "recovery-kit.txt")), 0o600); err != nil {
		t.Fatal(err)
	}
	clock := readFile(t, filepath.Join(dir, "clock"))
	j.stop()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	empty := func() string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "clock"), clock, 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}

	t.Run("it refuses what was written a moment ago, unless it is told that the other is gone", func(t *testing.T) {
		if _, err := restores(empty(), "", appliance.Restoring{From: target, Kit: []string{kit}}); err == nil || !strings.Contains(err.Error(), "--the-old-one-is-gone") {
			t.Errorf("%v", err)
		}
	})
	t.Run("another kit opens nothing, whichever page is of it", func(t *testing.T) {
		ours, err := appliance.ReadPages([]string{kit})
		if err != nil {
			t.Fatal(err)
		}
		theirs := keyring.NewKit(ours[1].Installation, keyring.DefaultSharing).Pages()
		foreign := keyring.NewKit(keyring.Installation{1, 2, 3}, keyring.DefaultSharing).Pages()
		for _, c := range []struct {
			name       string
			one, other keyring.Page
			say        string
		}{
			{"page 1", theirs[0], ours[1], "page 1"},
			{"page 2", ours[0], theirs[1], "page 2"},
			{"page 2, of another installation", ours[0], foreign[1], "of the installation 0102030000000000"},
		} {
			dir := empty()
			_, err := restores(dir, "", appliance.Restoring{From: target, Kit: []string{pageFile(t, c.one, c.other)}, Gone: true})
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); err == nil || !strings.Contains(err.Error(), c.say) || len(left) != 1 {
				t.Errorf("%s: %v, and left %v", c.name, err, left)
			}
		}
	})
	t.Run("pages that are missing are asked for, and without them nothing is done", func(t *testing.T) {
		dir := empty()
		said, err := restores(dir, "", appliance.Restoring{From: target, Gone: true})
		if err == nil || !strings.Contains(err.Error(), "not shown: page 1") || !strings.Contains(said, "Needed: page 1") {
			t.Errorf("%v\n%s", err, said)
		}
	})

	t.Run("where there is no configuration file it is put back, and says where everything goes", func(t *testing.T) {
		restoresSettings(t, settings, appliance.Restoring{From: target, Kit: []string{kit}, Gone: true})
	})

	dir = empty()
	said, err := restores(dir, "", appliance.Restoring{From: target, Kit: []string{kit}, Gone: true})
	if err != nil || !strings.Contains(said, "Lost is what came in") {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Run("a second time it does not write over it", func(t *testing.T) {
		if _, err := restores(dir, "", appliance.Restoring{From: target, Kit: []string{kit}, Gone: true}); err == nil || !strings.Contains(err.Error(), "not empty") {
			t.Errorf("%v", err)
		}
	})
	t.Run("no command opens it before its quarantine", func(t *testing.T) {
		if _, err := appliance.CheckJournal(t.Context(), appliance.DemoPlaces(dir)); err == nil || !strings.Contains(err.Error(), "start it first") {
			t.Errorf("%v", err)
		}
	})
	j = newJourneyIn(t, dir, backsUp(t, target))
	t.Run("the citizen reads with the link of before", func(t *testing.T) {
		j.Browser().Opens(kept, annaPhone).Sees("finns kvar")
	})
	t.Run("what was recalled after the backup stays gone", func(t *testing.T) {
		j.Browser().ShowCode(j.CodeOf(gone)).SeesNot("återkallas", "finns kvar")
		j.Browser().SignsIn(caseworker).Get("/mail/sent").Sees("Kvar")
	})
	t.Run("it goes on with the backups, and says that it was restored", func(t *testing.T) {
		j.Turn(time.Minute)
		boss := j.Organiser(adminAt)
		boss.Get("/admin/backup").Sees("återställdes från en säkerhetskopia", "avslutades igen").SeesNot("En annan maskin", "något är fel")
		boss.Get("/journal").Sees("Återställt från en säkerhetskopia")
	})
	t.Run("the quarantine ends once", func(t *testing.T) {
		j.stop()
		if _, err := os.Stat(filepath.Join(dir, "data", "quarantine")); !os.IsNotExist(err) {
			t.Error(err)
		}
		if report, err := appliance.CheckJournal(t.Context(), appliance.DemoPlaces(dir)); err != nil || !strings.Contains(report, "Nothing is wrong.") {
			t.Errorf("%v\n%s", err, report)
		}
	})
}

// movedFile is a configuration file with data and keys in directories of its own.
func movedFile(t *testing.T) string {
	t.Helper()
	path := fileOf(t, "")
	dir := filepath.Join(filepath.Dir(path), "srv")
	text := fmt.Sprintf("data = %q\nkeys = %q\nrun = %q\n%s", filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "run"), readFile(t, path))
	write(t, path, text)
	return path
}

// restoresSettings loses a configuration file, with all that it names, and restores; then
// once more onto a machine on which somebody has filled one in.
func restoresSettings(t *testing.T, path string, o appliance.Restoring) {
	t.Helper()
	was, dir := readFile(t, path), filepath.Dir(path)
	secret, srv := filepath.Join(dir, "secret"), filepath.Join(dir, "srv")
	rename(t, secret, secret+".was")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	o.File = path
	restore := func(p appliance.Places, want ...string) {
		t.Helper()
		var out bytes.Buffer
		if err := (appliance.Recovery{In: strings.NewReader(""), Out: &out}).Restore(t.Context(), p, o); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("nobody says %q in\n%s", w, out.String())
			}
		}
	}
	restore(appliance.Places{}, "put back to "+path, "Restored to "+filepath.Join(srv, "data"), "Files that it names", secret+"\n")
	for file, want := range map[string]string{path: string(was), filepath.Join(srv, "keys", "appliance.key"): ""} {
		if got := readFile(t, file); want != "" && string(got) != want {
			t.Errorf("%s is another one:\n%s", file, got)
		}
	}
	if _, err := os.Stat(filepath.Join(srv, "data", "sigill.db")); err != nil {
		t.Error(err)
	}
	write(t, path, "# filled in\n"+string(was))
	other := appliance.DemoPlaces(t.TempDir())
	restore(other, "Restored to "+other.Data, path+config.Beside)
	if string(readFile(t, path)) != "# filled in\n"+string(was) || !bytes.Equal(readFile(t, path+config.Beside), was) {
		t.Error("the file that was there, or the one beside it, is another one")
	}
}
