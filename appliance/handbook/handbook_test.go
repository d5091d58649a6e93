package handbook_test

import (
	"bytes"
	"html"
	"image/png"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sigill/appliance/handbook"
	"sigill/embed"
)

func tree(t testing.TB) fs.FS {
	t.Helper()
	sub, err := fs.Sub(embed.Handbook, "handbook")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func edition(t testing.TB, files fs.FS, lang string) *handbook.Edition {
	t.Helper()
	h, err := handbook.New(files)
	if err != nil {
		t.Fatal(err)
	}
	e, err := h.In(lang)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestChapters reads all that there is: a link or a picture that is not there, raw HTML and
// what chapters may not hold are errors of the reading.
func TestChapters(t *testing.T) {
	h, err := handbook.New(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	source := edition(t, tree(t), handbook.Source)
	for _, lang := range h.Languages() {
		e := edition(t, tree(t), lang)
		t.Run(lang+" has the chapters that Swedish has, in the same order", func(t *testing.T) {
			if got, want := paths(e), paths(source); !slices.Equal(got, want) {
				t.Errorf("%q, not %q", got, want)
			}
		})
		t.Run(lang+" is in short chapters with titles that differ", func(t *testing.T) {
			titles := map[string]bool{}
			for _, c := range e.Chapters {
				if n := len(strings.Fields(c.Text())); n < 40 || n > 400 {
					t.Errorf("%s has %d words", c.Path(), n)
				}
				if titles[c.Book+c.Title] {
					t.Errorf("two chapters of %s are called %q", c.Book, c.Title)
				}
				titles[c.Book+c.Title] = true
				if strings.ContainsAny(c.Text(), "!") {
					t.Errorf("%s shouts", c.Path())
				}
			}
		})
		t.Run(lang+" shows its own pictures, as many as Swedish", func(t *testing.T) {
			for i, c := range e.Chapters {
				var own []string
				for _, p := range source.Chapters[i].Pictures {
					own = append(own, strings.Replace(p, "/sv/", "/"+lang+"/", 1))
				}
				if !slices.Equal(own, c.Pictures) {
					t.Errorf("%s shows %q, not %q", c.Path(), c.Pictures, own)
				}
			}
		})
	}
}

func paths(e *handbook.Edition) (list []string) {
	for _, c := range e.Chapters {
		list = append(list, c.Path())
	}
	return list
}

func TestPictures(t *testing.T) {
	h, err := handbook.New(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, lang := range h.Languages() {
		e := edition(t, tree(t), lang)
		for _, c := range e.Chapters {
			for _, p := range c.Pictures {
				used[p] = true
			}
			for _, m := range regexp.MustCompile(`src="/handbook/picture/([^/]+)/([^/]+)/([^/"]+)"`).FindAllStringSubmatch(string(c.HTML), -1) {
				b, ok := h.Picture(m[1], m[2], m[3])
				if _, err := png.Decode(bytes.NewReader(b)); !ok || err != nil {
					t.Errorf("%s: %s is not served: %v", c.Path(), m[0], err)
				}
			}
		}
	}
	total := 0
	files, _ := fs.Glob(tree(t), "picture/*/*.png")
	for _, f := range files {
		b, _ := fs.ReadFile(tree(t), f)
		if total += len(b); len(b) > 60_000 {
			t.Errorf("%s has %d bytes", f, len(b))
		}
		if !used[f] {
			t.Errorf("no chapter shows %s", f)
		}
	}
	if total > 1_000_000 || total == 0 {
		t.Errorf("all pictures together have %d bytes", total)
	}
	for _, wrong := range [][3]string{{"0000000000000000", "sv", "inbox-desktop.png"}, {"", "..", "x.png"}, {"", "sv", "../../sv/citizen/01-what-is-this.md"}} {
		if _, ok := h.Picture(wrong[0], wrong[1], wrong[2]); ok {
			t.Errorf("%q is served", wrong)
		}
	}
}

func TestIn(t *testing.T) {
	h, err := handbook.New(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"sv": "sv", "en": "en", "da": "sv", "nb": "sv", "fi": "en", "": "en"} {
		if e, err := h.In(lang); err != nil || e.Lang != want {
			t.Errorf("who reads %q gets %v, %v", lang, e, err)
		}
	}
}

// written is a chapter as HTML.
func written(t *testing.T, source string) (string, error) {
	t.Helper()
	h, err := handbook.New(fstest.MapFS{
		"sv/citizen/01-one.md":   {Data: []byte(source)},
		"sv/organiser/02-two.md": {Data: []byte("# Två")},
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := h.In("sv")
	if err != nil {
		return "", err
	}
	return string(e.Chapters[0].HTML), nil
}

func TestWriting(t *testing.T) {
	t.Run("a chapter becomes the parts of the design system", func(t *testing.T) {
		got, err := written(t, "# Ett & annat\n\nHej **du** <3 `a<b`.\n\n## Mer\n\n1. ett\n2. [två](../organiser/02-two.md)\n\n> Obs: [konto](/account)\n\n```\na < b\n```\n")
		want := `<p class="ds-paragraph">Hej <strong>du</strong> &lt;3 <code class="mono">a&lt;b</code>.</p>
<h2 class="ds-heading" data-size="sm">Mer</h2>
<ol class="ds-list">
<li>ett</li>
<li><a class="ds-link" href="/handbook/organiser/two">två</a></li>
</ol>
<div class="ds-alert" data-color="info">
<p class="ds-paragraph">Obs: <a class="ds-link" href="/account">konto</a></p>
</div>
<pre class="across mono" tabindex="0">a &lt; b
</pre>
`
		if err != nil || got != want {
			t.Errorf("%v\n%s", err, got)
		}
	})
	for what, source := range map[string]string{
		"raw HTML":                         "# A\n\n<script>x</script>",
		"HTML within a line":               "# A\n\nHej <b>du</b>",
		"a link to another site":           "# A\n\n[x](https://example.org)",
		"a link that runs":                 "# A\n\n[x](javascript:alert(1))",
		"an address in angles":             "# A\n\n<https://example.org>",
		"a chapter that is not there":      "# A\n\n[x](02-gone.md)",
		"a picture that is not there":      "# A\n\n![x](../../picture/sv/gone.png)",
		"a picture that is none of ours":   "# A\n\n![x](../organiser/02-two.md)",
		"no title":                         "Hej",
		"a second title":                   "# A\n\n# B",
		"a rule":                           "# A\n\n---",
		"a block that is only set further": "# A\n\n    x",
	} {
		t.Run(what+" is an error", func(t *testing.T) {
			if got, err := written(t, source); err == nil {
				t.Errorf("it becomes %s", got)
			}
		})
	}
}

func TestFind(t *testing.T) {
	sv := edition(t, tree(t), "sv")
	first := func(question string) string {
		hits := sv.Find(question, "")
		if len(hits) == 0 {
			return ""
		}
		return hits[0].Path()
	}
	for question, want := range map[string]string{
		"sms kommer inte":      "/handbook/citizen/no-sms",
		"SMSET kommer":         "/handbook/citizen/no-sms",
		"LÖSENORDET hjälp":     "/handbook/organiser/lost-password",
		"losenordet hjalp":     "/handbook/organiser/lost-password",
		"Exchange":             "/handbook/administrator/outlook",
		"återställningspaket":  "/handbook/organiser/recovery-kit",
		"kortkommandon":        "/handbook/caseworker/mailbox",
		"a\u030aterkalla brev": "/handbook/caseworker/recall",
	} {
		if got := first(question); got != want {
			t.Errorf("%q finds %s, not %s", question, got, want)
		}
	}
	t.Run("of two that are as good the reader's own comes first", func(t *testing.T) {
		for _, own := range []string{handbook.Organiser, handbook.Administrator} {
			if hits := sv.Find("återställningspaket", own); len(hits) == 0 || hits[0].Book != own {
				t.Errorf("who reads %s gets %v", own, hits)
			}
		}
	})
	t.Run("what nobody says finds nothing", func(t *testing.T) {
		for _, question := range []string{"", "  ", "kvantmekanik", "sms kvantmekanik", "\xff\xfe", strings.Repeat("å", 5000)} {
			if hits := sv.Find(question, ""); len(hits) != 0 {
				t.Errorf("%.20q finds %d", question, len(hits))
			}
		}
	})
	t.Run("an excerpt is of the text, with every word marked", func(t *testing.T) {
		for _, hit := range sv.Find("brev koden", "") {
			var whole, marked strings.Builder
			for _, p := range hit.Excerpt {
				whole.WriteString(p.Text)
				if p.Found {
					marked.WriteString(strings.ToLower(p.Text) + " ")
				}
			}
			said := strings.TrimSuffix(strings.TrimPrefix(whole.String(), "… "), " …")
			if !strings.Contains(hit.Text(), said) {
				t.Errorf("%s does not say %q", hit.Path(), said)
			}
			if n := len([]rune(said)); n > 260 || strings.Trim(marked.String(), " ") == "" {
				t.Errorf("%s: %d characters, marked %q", hit.Path(), n, marked.String())
			}
		}
	})
	t.Run("every chapter is found by its title", func(t *testing.T) {
		for _, c := range sv.Chapters {
			if !slices.ContainsFunc(sv.Find(c.Title, ""), func(h handbook.Hit) bool { return h.Chapter == c }) {
				t.Errorf("%q does not find %s", c.Title, c.Path())
			}
		}
	})
}

// FuzzFind: no question, and no chapter, makes an excerpt that is not of the text.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"sms", "Å ä", "a\u030a", "\xff", "… .s", "\u202e", "ß ẞ", "İ"} {
		f.Add(s, "Ett brev med sms kommer. ÅÄÖ åäö "+s)
	}
	f.Fuzz(func(t *testing.T, question, said string) {
		source := "# T\n\n" + strings.Join(strings.FieldsFunc(said, func(r rune) bool { return !('a' <= r && r <= 'z' || r >= 0xc0) }), " ")
		h, err := handbook.New(fstest.MapFS{"sv/citizen/01-one.md": {Data: []byte(source)}})
		if err != nil {
			t.Fatal(err)
		}
		e, err := h.In("sv")
		if err != nil {
			return
		}
		for _, hit := range e.Find(question, "") {
			var whole strings.Builder
			for _, p := range hit.Excerpt {
				whole.WriteString(p.Text)
			}
			said := strings.TrimSuffix(strings.TrimPrefix(whole.String(), "… "), " …")
			if !strings.Contains(hit.Text(), said) && !strings.Contains(html.UnescapeString(hit.Text()), said) {
				t.Errorf("%q is not in %q", said, hit.Text())
			}
		}
	})
}
