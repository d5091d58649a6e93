package leaked_test

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sigill/appliance/leaked"
	"sigill/embed"
)

// newList is a list that must not log.
func newList(t testing.TB, path string) *leaked.List {
	t.Helper()
	l, err := leaked.New(path, slog.New(slog.NewTextHandler(&mustBeSilent{t}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

type mustBeSilent struct{ t testing.TB }

func (m *mustBeSilent) Write(p []byte) (int, error) { m.t.Errorf("%s", p); return len(p), nil }

func TestHolds(t *testing.T) {
	l := newList(t, "")
	for what, list := range map[string][]string{
		"one that was leaked":                           {"1qaz2wsx3edc", "1QAZ2wsx3edc", "qazwsxedcrfv", "unbelievable", "Administrator", "...bean489081", "zzzzzzzzzzzz9"},
		"a leaked word and a year":                      {"Password2024", "sommar2026!!", "STOCKHOLM2026", "dragon 1987 !", "2026Password"},
		"a leaked word and a row":                       {"password123456", "qwerty12345678", "Sverige1234567890", "monkey987654321", "123456hejsan", "dragon89012345"},
		"a leaked word and repetition":                  {"password111111", "hejsan123123123", "dragon!!!!!!!!", "sverige20242024"},
		"a leaked word twice":                           {"sommarsommar", "hejsanhejsan1", "PasswordPassword!", "sommarsommarsommarsommar"},
		"a word that somebody here tries":               {"Lösenord2026", "välkommen123", "Midsommar2026!", "torsdag12345", "HÖSTEN2026!!"},
		"a leaked word with signs on both of its sides": {"!!password!!!", "*password123*", "(stockholm1)"},
	} {
		t.Run(what+" is refused", func(t *testing.T) {
			for _, p := range list {
				if !l.Holds(p) {
					t.Errorf("%s is let through", p)
				}
			}
		})
	}
	for what, list := range map[string][]string{
		"a phrase":                                {"en stor blå elefant", "correct horse battery staple", "nio svarta får på berget", "min mormors röda cykel", "hund katt häst", "sommar i Stockholm"},
		"two words that are not known as one":     {"dragonlampskärm", "password-elefant", "vintercykelpump"},
		"a word and a number of one's own":        {"dragon 840291", "password73052", "sverige 58 17 3 9"},
		"a word between other letters":            {"xkdragonqpwz", "abpasswordyz"},
		"a word with more than ornaments":         {"dragon!?%&#2024", "1-2-dragon-3-4", "password!2!3!4"},
		"a word that nobody has leaked":           {"brunnsborrning", "hemtjänstgrupp7", "äppelträdsgren"},
		"nothing but numbers that are not listed": {"718281828459", "2026-11-22 09:14"},
		"what random letters make":                {"zqkwmhtrnpxvby", "K7FQ2QDM9XWT4HBN", "ñandúóàèìòùß12"},
		"nothing at all":                          {"", "!", "1", "\xff\xfe\x00", "\u0301\u0301"},
	} {
		t.Run(what+" is let through", func(t *testing.T) {
			for _, p := range list {
				if l.Holds(p) {
					t.Errorf("%s is refused", p)
				}
			}
		})
	}
	t.Run("a very long one is looked at, too", func(t *testing.T) {
		if l.Holds(strings.Repeat("ab", 1<<20)) {
			t.Error("refused")
		}
	})
}

func TestLists(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		least int // lines
		short int // characters of a line
	}{"LeakedLong": {embed.LeakedLong, 3000, 12}, "LeakedWords": {embed.LeakedWords, 30_000, 4}, "SwedishWords": {embed.SwedishWords, 40, 4}} {
		lines := strings.Split(strings.TrimSuffix(c.text, "\n"), "\n")
		t.Run(name+" is sorted, in lower case, without anything twice", func(t *testing.T) {
			if len(lines) < c.least || !strings.HasSuffix(c.text, "\n") || !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
				t.Errorf("%d lines, sorted: %v", len(lines), slices.IsSorted(lines))
			}
			for _, l := range lines {
				if n := utf8.RuneCountInString(l); strings.ToLower(l) != l || n < c.short || n > 64 || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\x00") || c.short == 12 && strings.Contains(l, "@") {
					t.Errorf("%q", l)
				}
			}
		})
		t.Run("every line of "+name+" is found", func(t *testing.T) {
			l := newList(t, "")
			for _, p := range lines {
				if name != "LeakedLong" {
					p += "2026!"
				}
				if !l.Holds(p) {
					t.Fatalf("%s is not", p)
				}
			}
		})
	}
}

// staple is of printf %s 'correct horse battery staple' | sha1sum.
const staple = "ABF7AAD6438836DBE526AA231ABDE2D0EEF74D42"

func hashed(b []byte) string { return fmt.Sprintf("%X", sha1.Sum(b)) }

func TestFile(t *testing.T) {
	dir := t.TempDir()
	file := func(t *testing.T, text string) string {
		path := filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rows := make([]string, 0, 1001)
	for i := range 1000 {
		rows = append(rows, hashed([]byte{byte(i), byte(i >> 8)})+":"+strings.Repeat("7", i%9+1))
	}
	rows = append(rows, staple+":3")
	slices.Sort(rows)
	for name, end := range map[string]string{"of Unix": "\n", "of Windows": "\r\n"} {
		t.Run("what stands in a file with lines "+name+" is refused, and nothing else", func(t *testing.T) {
			l := newList(t, file(t, strings.Join(rows, end)+end))
			for p, refused := range map[string]bool{"correct horse battery staple": true, "Correct Horse Battery Staple": true, "en stor blå elefant": false, "unbelievable": true} {
				if l.Holds(p) != refused {
					t.Errorf("%s: %v", p, !refused)
				}
			}
			for i := range 1000 {
				if !l.Holds(string([]byte{byte(i), byte(i >> 8)})) {
					t.Fatalf("%d is not found", i)
				}
			}
		})
	}
	t.Run("a file without a last line end, of one line, or in small letters will do", func(t *testing.T) {
		for _, text := range []string{strings.Join(rows, "\n"), staple + ":1", strings.ToLower(strings.Join(rows, "\n"))} {
			if l := newList(t, file(t, text)); !l.Holds("correct horse battery staple") || l.Holds("en stor blå elefant") {
				t.Error("not found, or too much")
			}
		}
	})
	t.Run("a newer file takes its place without a restart", func(t *testing.T) {
		path := file(t, rows[0]+"\n")
		l := newList(t, path)
		if l.Holds("correct horse battery staple") {
			t.Error("refused")
		}
		if err := os.WriteFile(path+".new", []byte(strings.Join(rows, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		if !l.Holds("correct horse battery staple") {
			t.Error("let through")
		}
	})
	reversed := slices.Clone(rows)
	slices.Reverse(reversed)
	byCount := slices.Clone(rows)
	slices.SortFunc(byCount, func(a, b string) int { return len(b) - len(a) })
	for name, c := range map[string]struct{ text, says string }{
		"no text":                       {"", "is empty"},
		"other text":                    {strings.Repeat("canary and other words\n", 100), "HASH:COUNT"},
		"hashes without counts":         {strings.ReplaceAll(strings.Join(rows, "\n"), ":7", "\n"), "HASH:COUNT"},
		"one endless line":              {strings.Repeat("A", 10000), "HASH:COUNT"},
		"a last line that is broken":    {strings.Join(rows, "\n") + "\nABC", "HASH:COUNT"},
		"no order":                      {strings.Join(reversed, "\n"), "not ordered"},
		"the order of counts":           {strings.Join(byCount, "\n"), "not ordered"},
		"hashes of another kind (NTLM)": {strings.Repeat(strings.Repeat("A", 32)+":5\n", 100), "by SHA-1"},
	} {
		t.Run("a file with "+name+" is told at start", func(t *testing.T) {
			_, err := leaked.New(file(t, c.text), slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary") {
				t.Error(err)
			}
		})
	}
	for name, path := range map[string]string{"that is not there": filepath.Join(dir, "gone"), "that is a directory": dir, "that is a device": os.DevNull} {
		t.Run("a file "+name+" is told at start", func(t *testing.T) {
			if _, err := leaked.New(path, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), path) {
				t.Error(err)
			}
		})
	}
	for name, spoil := range map[string]func(path string) error{
		"is gone": os.Remove, "is cut off": func(path string) error { return os.Truncate(path, 30) },
		"was overwritten": func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("x"), 5000), 0o600) },
	} {
		t.Run("if it "+name+" later, the built-in lists decide and the operator is told, without the password", func(t *testing.T) {
			path := file(t, strings.Join(rows, "\n"))
			var log bytes.Buffer
			l, err := leaked.New(path, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			if l.Holds("correct horse battery staple") || !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), path) {
				t.Errorf("log: %s", log.String())
			}
			if strings.Contains(log.String(), "horse") || strings.Contains(log.String(), "ABF7AAD6") {
				t.Errorf("log: %s", log.String())
			}
			if !l.Holds("Sommar2026!!") {
				t.Error("the built-in lists do not decide")
			}
		})
	}
}
