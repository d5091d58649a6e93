package spool_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/spool"
)

type still struct{ at time.Time }

func (s *still) Now() time.Time         { s.at = s.at.Add(time.Second); return s.at }
func (s *still) Running() time.Duration { return 0 }
func key(t testing.TB) (*keyring.App, string) {
	t.Helper()
	app := keyring.NewApp(seal.NewSecret(), keyring.NewSalt())
	to, err := app.SpoolRecipient()
	if err != nil {
		t.Fatal(err)
	}
	return app, to
}

func open(t testing.TB, c spool.Config) *spool.Spool {
	t.Helper()
	if c.Clock == nil {
		c.Clock = &still{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	}
	s, err := spool.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func letter(n int) spool.Mail {
	return spool.Mail{Class: spool.House, From: "eva@prov.example", Rcpts: []string{"anna@example.se.s"}, Raw: []byte(fmt.Sprintf("Subject: %d\r\n\r\nhemligradqz\r\n", n))}
}

func TestSpool(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	app, to := key(t)
	s := open(t, spool.Config{Dir: dir})
	for n := range 3 {
		if err := s.Put(t.Context(), to, letter(n)); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("mails come back in their order, as they were", func(t *testing.T) {
		again := open(t, spool.Config{Dir: dir})
		for n, id := range again.Waiting() {
			m, err := again.Read(id, app)
			if err != nil || !bytes.Equal(m.Raw, letter(n).Raw) || m.From != letter(n).From || len(m.Rcpts) != 1 || m.Class != spool.House {
				t.Errorf("%d: %v", n, err)
			}
		}
		if since := again.Since(); since.Second() != 1 || since.Year() != 2026 {
			t.Error(since)
		}
	})
	t.Run("nothing of them stands on the disk in the clear, and nobody else opens them", func(t *testing.T) {
		other, _ := key(t)
		for _, id := range s.Waiting() {
			b, err := os.ReadFile(filepath.Join(dir, id.String()+".age"))
			if err != nil || bytes.Contains(b, []byte("hemligradqz")) || bytes.Contains(b, []byte("anna")) {
				t.Error(err)
			}
			if _, err := s.Read(id, other); err == nil {
				t.Error("another appliance's key opens it")
			}
		}
	})
	t.Run("one that was cut, or of which a bit has turned, is an error that quotes nothing", func(t *testing.T) {
		id := s.Waiting()[0]
		path := filepath.Join(dir, id.String()+".age")
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer os.WriteFile(path, whole, 0o600)
		for _, bad := range [][]byte{nil, whole[:len(whole)-1], whole[:len(whole)/2], append(bytes.Clone(whole[:len(whole)-3]), 0, 0, 0)} {
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Read(id, app); err == nil || strings.Contains(err.Error(), "hemlig") {
				t.Error(err)
			}
		}
	})
	t.Run("a full disk, and too many, are told to try again", func(t *testing.T) {
		small := open(t, spool.Config{Dir: dir, Room: func() (int64, error) { return 256<<20 + 10, nil }})
		if err := small.Put(t.Context(), to, letter(9)); mail.KindOf(err) != mail.Again {
			t.Error(err)
		}
		if err := s.Put(t.Context(), "age1weak", letter(9)); mail.KindOf(err) != mail.Again {
			t.Error(err)
		}
		if n := len(open(t, spool.Config{Dir: dir}).Waiting()); n != 3 {
			t.Errorf("%d wait", n)
		}
	})
	t.Run("what is erased is gone, and may be erased again", func(t *testing.T) {
		for _, id := range s.Waiting() {
			for range 2 {
				if err := s.Erase(id); err != nil {
					t.Fatal(err)
				}
			}
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 || !s.Since().IsZero() {
			t.Error(left)
		}
	})
}

// breaks is a disk that fails from one step on.
type breaks struct {
	erase.Machine
	left *int
}

var errBroken = errors.New("broken")

func (b breaks) step() error {
	if *b.left--; *b.left < 0 {
		return errBroken
	}
	return nil
}

func (b breaks) Open(name string, flag int, mode fs.FileMode) (erase.File, error) {
	if err := b.step(); err != nil {
		return nil, err
	}
	f, err := b.Machine.Open(name, flag, mode)
	return brokenFile{f, b}, err
}

func (b breaks) Rename(from, to string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Machine.Rename(from, to)
}

func (b breaks) Remove(name string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Machine.Remove(name)
}

func (b breaks) SyncDir(dir string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Machine.SyncDir(dir)
}

type brokenFile struct {
	erase.File
	b breaks
}

func (f brokenFile) Write(p []byte) (int, error) {
	if err := f.b.step(); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f brokenFile) Sync() error {
	if err := f.b.step(); err != nil {
		return err
	}
	return f.File.Sync()
}

// TestBrokenPut stops at each step of the disk in turn. What was answered for is there; what
// was not is whole or not there, and never half.
func TestBrokenPut(t *testing.T) {
	app, to := key(t)
	steps := 0
	for taken := false; !taken; steps++ {
		dir := filepath.Join(t.TempDir(), "spool")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		left := steps
		s := open(t, spool.Config{Dir: dir, Disk: breaks{left: &left}})
		err := s.Put(t.Context(), to, letter(1))
		taken = err == nil
		if !taken && (mail.KindOf(err) != mail.Again || len(s.Waiting()) != 0) {
			t.Errorf("after %d steps: %v", steps, err)
		}
		again := open(t, spool.Config{Dir: dir})
		for _, id := range again.Waiting() {
			if m, err := again.Read(id, app); err != nil || !bytes.Equal(m.Raw, letter(1).Raw) {
				t.Errorf("after %d steps: half a mail: %v", steps, err)
			}
		}
		if taken && len(again.Waiting()) != 1 {
			t.Errorf("after %d steps: answered for, and lost", steps)
		}
		entries, _ := os.ReadDir(dir)
		if len(entries) != len(again.Waiting()) {
			t.Errorf("after %d steps: %v is left", steps, entries)
		}
	}
	if steps < 5 {
		t.Errorf("only %d steps were broken", steps)
	}
}

func TestMailIsNotShown(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, letter(1)); s != "[mail]" {
			t.Error(verb, s)
		}
	}
}
