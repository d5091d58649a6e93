package appliance

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/notify"
	"sigill/embed"
)

// copied is a tree of ours, to be added to.
func copied(t *testing.T, from fs.FS) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	err := fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(from, path)
		all[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLanguagesAreFiles(t *testing.T) {
	pages, notices := tree(embed.Locale, "locale"), tree(embed.Notices, "notice")
	t.Run("a language has both a catalogue and notices, and no folder is left over", func(t *testing.T) {
		dirs, err := fs.Glob(notices, "*/language.json")
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range dirs {
			dirs[i] = strings.TrimSuffix(d, "/language.json")
		}
		files, _ := fs.Glob(pages, "*.json")
		if have := Languages(); !slices.Equal(have, dirs) || len(files) != len(dirs) || !slices.Equal(have, []string{"da", "en", "fi", "nb", "sv"}) {
			t.Errorf("%v, %v, %v", have, dirs, files)
		}
	})
	t.Run("one that is made up speaks in pages and mails by its files alone", func(t *testing.T) {
		p, n := copied(t, pages), copied(t, notices)
		p["se.json"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(p["sv.json"].Data), `"language.name": "Svenska"`, `"language.name": "Davvisámegiella"`))}
		for path, f := range n {
			if rest, ok := strings.CutPrefix(path, "sv/"); ok {
				n["se/"+rest] = &fstest.MapFile{Data: []byte(strings.Replace(string(f.Data), "Subject: ", "Subject: Davvi: ", 1))}
			}
		}
		if have := spoken(p, n); !slices.Contains(have, "se") {
			t.Error(have)
		}
		cat, err := locale.Load(p)
		if err != nil {
			t.Fatal(err)
		}
		assets, err := web.LoadAssets(tree(embed.Static, "static"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := web.NewViews(tree(embed.Templates, "template"), web.Words{Catalogue: cat, Assets: assets, Clock: &Wall{}}); err != nil {
			t.Error(err)
		}
		if cat.Name("se") != "Davvisámegiella" || cat.Match("en", "se-SE") != "se" {
			t.Error(cat.Name("se"), cat.Match("en", "se-SE"))
		}
		words, err := notify.New(notify.Config{Texts: n, House: notify.House{Look: func(mail.ID) mail.Look { return mail.Look{House: "Exempelkommun"} }, BaseURL: "https://brev.example", From: "post@brev.example", Lang: "se"}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := words.Mail(t.Context(), mail.Notice{Kind: mail.NoticeRead, To: "anna@example.se", Lang: "fi"}, mail.Posting{ID: mail.NewID(), At: time.Unix(0, 0)})
		if err != nil || strings.Contains(string(m), "Davvi:") {
			t.Errorf("%v %s", err, m)
		}
		m, err = words.Mail(t.Context(), mail.Notice{Kind: mail.NoticeRead, To: "anna@example.se"}, mail.Posting{ID: mail.NewID(), At: time.Unix(0, 0)})
		if err != nil || !strings.Contains(string(m), "Davvi:") {
			t.Errorf("%v %s", err, m)
		}
	})
}
