package appliance

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance/keyring"
)

func TestKitPaper(t *testing.T) {
	at := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	for _, lang := range Languages() {
		for _, s := range []keyring.Sharing{{Need: 2, Of: 3}, {Need: 3, Of: 5}, keyring.Whole} {
			t.Run(fmt.Sprintf("in %s, of %s: each sheet says what it is, and both files hold the same", lang, s), func(t *testing.T) {
				dir := t.TempDir()
				kit := keyring.NewKit(keyring.Installation{0xab, 1}, s)
				paper := kitPaper{house: `Räddning & <b>Tjänst</b>`, lang: lang, zone: time.FixedZone("CET", 3600), sharing: s}
				paths, err := paper.write(dir, kit, at)
				if err != nil || len(paths) != 2 {
					t.Fatal(paths, err)
				}
				sheets := 2 + s.Of
				for _, path := range paths {
					b, err := os.ReadFile(path)
					if err != nil {
						t.Fatal(err)
					}
					text := string(b)
					if strings.Contains(text, "⟦") || strings.Contains(text, "<no value>") || strings.Contains(text, "ZgotmplZ") {
						t.Errorf("%s: words are missing", path)
					}
					for what, n := range map[string]int{"2026-11-22": sheets, "ab01000000000000": sheets} {
						if strings.Count(text, what) != n {
							t.Errorf("%s: %q stands %d times, not %d", path, what, strings.Count(text, what), n)
						}
					}
					pages, err := ReadPages([]string{path})
					if err != nil || len(pages) != sheets {
						t.Fatalf("%s: %d pages, %v", path, len(pages), err)
					}
					if c, err := keyring.Combine(pages[2:]); err != nil || !c.Recovery.Equal(kit.Recovery) || !c.Helper.Equal(kit.Helper) {
						t.Errorf("%s: %v", path, err)
					}
					for _, p := range pages {
						w := p.Words()
						if !strings.Contains(text, w[0]) || !strings.Contains(text, w[23]) || p.Kind != keyring.PageIdentity && !strings.Contains(text, p.Check()) {
							t.Errorf("%s: words or check value are missing", path)
						}
					}
				}
			})
		}
	}
	t.Run("the page to print runs nothing, asks nobody, and escapes the house's name", func(t *testing.T) {
		dir := t.TempDir()
		kit := keyring.NewKit(keyring.Installation{1}, keyring.DefaultSharing)
		if _, err := (kitPaper{house: `<script>x</script>`, lang: "sv"}).write(dir, kit, at); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, kitPrint))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		rest := strings.ToLower(regexp.MustCompile(`base64,[^"]*`).ReplaceAllString(text, ""))
		for _, bad := range []string{"<script", "http:", "https:", "//", "@import", "url(", "<link", "<iframe", "<form"} {
			if strings.Contains(rest, bad) {
				t.Errorf("%q stands in it", bad)
			}
		}
		if m := regexp.MustCompile(`src="([^"]{0,22})`).FindAllStringSubmatch(text, -1); len(m) != 5 {
			t.Errorf("%d pictures", len(m))
		} else {
			for _, s := range m {
				if s[1] != "data:image/png;base64," {
					t.Errorf("picture from %s", s[1])
				}
			}
		}
		if regexp.MustCompile(`(?i)<[^>]+\son[a-z]+\s*=`).MatchString(text) {
			t.Error("a handler")
		}
	})
	t.Run("it is never written over another, also if only one file is left", func(t *testing.T) {
		for _, left := range []string{kitPrint, kitText} {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, left), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := (kitPaper{lang: "en"}).write(dir, keyring.NewKit(keyring.Installation{1}, keyring.Whole), at); err == nil {
				t.Error("written")
			}
			if b, _ := os.ReadFile(filepath.Join(dir, left)); string(b) != "old" {
				t.Error("the old one is gone")
			}
		}
	})
}

func TestSharingOfConfiguration(t *testing.T) {
	for text, want := range map[string]keyring.Sharing{"2-of-3": {Need: 2, Of: 3}, "3-of-5": {Need: 3, Of: 5}, "whole": keyring.Whole} {
		if got, err := sharing(text); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1-of-2", "5-of-3", "two"} {
		if _, err := sharing(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestTheStartSpeaksOfTheKit(t *testing.T) {
	dir := t.TempDir()
	said := func(act func(*Appliance)) string {
		t.Helper()
		d, err := NewDemo(t.Context(), DemoConfig{Dir: dir, Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer d.close()
		defer d.Appliance.Close()
		var b strings.Builder
		if err := d.Appliance.sayKit(t.Context(), func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }); err != nil {
			t.Fatal(err)
		}
		act(d.Appliance)
		return b.String()
	}
	t.Run("the first one says what to do with it", func(t *testing.T) {
		if s := said(func(*Appliance) {}); !strings.Contains(s, filepath.Join(dir, "keys", kitPrint)) || !strings.Contains(s, "remove both files") {
			t.Error(s)
		}
	})
	t.Run("the next ones say that it was never practised with, until it was", func(t *testing.T) {
		practise := func(a *Appliance) {
			if _, err := a.practised(t.Context(), toKnow{a.c.Data}); err != nil {
				t.Error(err)
			}
		}
		if s := said(practise); !strings.Contains(s, "never practised") {
			t.Error(s)
		}
		if s := said(func(*Appliance) {}); s != "" {
			t.Error(s)
		}
	})
}
