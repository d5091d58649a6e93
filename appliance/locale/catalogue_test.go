package locale_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"sigill/appliance/locale"
)

// files are read from the tree, so that this test sees what the binary will
// hold without importing it.
var files = os.DirFS("../../embed/locale")

func load(t *testing.T) *locale.Catalogue {
	t.Helper()
	c, err := locale.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func raw(t *testing.T, name string) (keys []string, values map[string]map[string]string) {
	t.Helper()
	data, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	values = map[string]map[string]string{}
	for dec.More() {
		k, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		forms, one := map[string]string{}, ""
		if json.Unmarshal(v, &one) == nil {
			forms["other"] = one
		} else if err := json.Unmarshal(v, &forms); err != nil {
			t.Fatalf("%s: %s is neither a sentence nor plural forms", name, k)
		}
		keys = append(keys, k.(string))
		values[k.(string)] = forms
	}
	return keys, values
}

var placeholder = regexp.MustCompile(`\{\{\.\w+\}\}`)

func holes(forms map[string]string) []string {
	var l []string
	for _, text := range forms {
		for _, p := range placeholder.FindAllString(text, -1) {
			if !slices.Contains(l, p) {
				l = append(l, p)
			}
		}
	}
	slices.Sort(l)
	return l
}

// classes are the plural forms that a language has for whole numbers as people meet them
// here (CLDR), sorted; "other" is always one of them.
func classes(t *testing.T, name string) []string {
	t.Helper()
	lang, err := language.Parse(strings.TrimSuffix(name, ".json"))
	if err != nil {
		t.Fatal(err)
	}
	words := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	found := map[string]bool{"other": true}
	for n := range 200 {
		found[words[plural.Cardinal.MatchPlural(lang, n, 0, 0, 0, 0)]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func TestCatalogues(t *testing.T) {
	sourceKeys, source := raw(t, "en.json")
	names, _ := fs.Glob(files, "*.json")
	if len(names) < 2 {
		t.Fatalf("only %v", names)
	}
	for _, name := range names {
		t.Run(name+" has the source's keys and values, sorted, and nothing empty", func(t *testing.T) {
			keys, values := raw(t, name)
			if !slices.IsSorted(keys) {
				t.Error("keys are not sorted")
			}
			for _, k := range sourceKeys {
				forms, ok := values[k]
				if !ok {
					t.Errorf("%s is missing", k)
					continue
				}
				if got, want := holes(forms), holes(source[k]); !slices.Equal(got, want) {
					t.Errorf("%s holds %v, not %v", k, got, want)
				}
				if (len(source[k]) > 1) != (len(forms) > 1) {
					t.Errorf("%s has %d forms", k, len(forms))
				}
				if got := slices.Sorted(maps.Keys(forms)); len(forms) > 1 && !slices.Equal(got, classes(t, name)) {
					t.Errorf("%s has the plural forms %v, not %v", k, got, classes(t, name))
				}
				for class, text := range forms {
					if strings.TrimSpace(text) == "" || strings.TrimSpace(text) != text {
						t.Errorf("%s (%s) is empty or has blanks around it", k, class)
					}
					if name != "en.json" && text == source[k][class] && len(strings.Fields(text)) > 4 {
						t.Errorf("%s (%s) is not translated: %s", k, class, text)
					}
					if strings.ContainsAny(text, "<>") {
						t.Errorf("%s (%s) looks like HTML; values are text", k, class)
					}
				}
			}
			for _, k := range keys {
				if _, ok := source[k]; !ok {
					t.Errorf("%s is not in the source", k)
				}
			}
		})
	}
}

func TestSMS(t *testing.T) {
	hole := regexp.MustCompile(`\{\{.*?\}\}`)
	for _, lang := range []string{"sv", "da", "nb", "fi"} {
		t.Run(lang+" writes sms as a word, in one way", func(t *testing.T) {
			_, values := raw(t, lang+".json")
			for key, forms := range values {
				for _, said := range forms {
					if strings.Contains(hole.ReplaceAllString(said, ""), "SMS") {
						t.Errorf("%s: %q", key, said)
					}
				}
			}
			for _, folder := range []string{"notice", "handbook"} {
				err := fs.WalkDir(os.DirFS("../../embed/"+folder), lang, func(path string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					text, err := os.ReadFile("../../embed/" + folder + "/" + path)
					if strings.Contains(hole.ReplaceAllString(string(text), ""), "SMS") {
						t.Errorf("%s/%s says SMS", folder, path)
					}
					return err
				})
				if err != nil && !errors.Is(err, fs.ErrNotExist) { // the handbook is not in every language
					t.Error(err)
				}
			}
		})
	}
}

func TestPrinter(t *testing.T) {
	c := load(t)
	sv, en := c.For("sv"), c.For("en")
	t.Run("a missing key and a missing value show", func(t *testing.T) {
		if got := en.T("no.such"); got != "⟦no.such⟧" {
			t.Error(got)
		}
		if got := en.T("error.toomany"); got != "⟦error.toomany Seconds⟧" {
			t.Error(got)
		}
	})
	t.Run("values are put in as text", func(t *testing.T) {
		got := en.T("error.toomany", "Seconds", "{{.X}} <b>")
		if !strings.Contains(got, "{{.X}} <b>") {
			t.Error(got)
		}
		if got := en.Say("error.toomany", map[string]string{"Seconds": "7"}); !strings.Contains(got, "7 seconds") {
			t.Error(got)
		}
	})
	t.Run("so do those of an error, whose one value is the count", func(t *testing.T) {
		for _, tc := range []struct {
			p                  locale.Printer
			key, name, n, must string
		}{
			{en, "error.pin", "Left", "1", "one try left"},
			{en, "error.pin", "Left", "4", "4 tries left"},
			{sv, "error.lifetime.short", "Min", "1", "minst en dag."},
			{sv, "error.lifetime.short", "Min", "7", "minst 7 dagar."},
			{en, "error.lifetime", "Max", "1", "to one day."},
			{en, "error.toomany", "Seconds", "1", "in one second."},
		} {
			if got := tc.p.Say(tc.key, map[string]string{tc.name: tc.n}); !strings.Contains(got, tc.must) {
				t.Errorf("%s %s: %q", tc.key, tc.n, got)
			}
		}
	})
	t.Run("plurals follow the language", func(t *testing.T) {
		for n, want := range map[int]string{0: "0 bytes", 1: "1 byte", 2: "2 bytes"} {
			if got := en.N("size.bytes", n); got != want {
				t.Errorf("%d: %s", n, got)
			}
		}
	})
	t.Run("dates are of the house's zone and name the year only if it is another", func(t *testing.T) {
		zone := time.FixedZone("CEST", 2*3600)
		at := time.Date(2026, 4, 26, 23, 14, 0, 0, time.UTC)
		now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
		for _, tc := range []struct{ got, want string }{
			{sv.Date(at, now), "26 april"},
			{sv.In(zone).Date(at, now), "27 april"},
			{sv.In(zone).Moment(at, now), "27 april 01:14"},
			{en.Date(at, now.AddDate(1, 0, 0)), "26 April 2026"},
			{sv.Date(at.AddDate(0, 0, 7), now), "3 maj"},
			{sv.In(zone).Stamp(at), "2026-04-27T01:14:00+02:00"},
		} {
			if tc.got != tc.want {
				t.Errorf("%q, not %q", tc.got, tc.want)
			}
		}
	})
	t.Run("sizes are rounded for people", func(t *testing.T) {
		for n, want := range map[int64]string{
			-1: "0 byte", 1: "1 byte", 999: "999 byte", 1000: "1 kB", 182_400: "182 kB", 999_499: "999 kB", 999_500: "1 MB",
			1_440_000: "1,4 MB", 25_000_000: "25 MB", 123_456_789: "123 MB", 999_950_000: "1 GB", 2_100_000_000: "2,1 GB",
		} {
			if got := sv.Size(n); got != want {
				t.Errorf("%d: %q, not %q", n, got, want)
			}
		}
	})
}

func TestMatch(t *testing.T) {
	c := load(t)
	for _, tc := range []struct {
		fallback, want string
		wishes         []string
	}{
		{"sv", "sv", nil},
		{"en", "en", []string{""}},
		{"sv", "en", []string{"", "en-GB,en;q=0.9,sv;q=0.8"}},
		{"en", "sv", []string{"sv-FI"}},
		{"en", "fi", []string{"fi-FI,fi;q=0.9,sv;q=0.5"}},
		{"en", "nb", []string{"no"}},
		{"en", "nb", []string{"nn-NO"}},
		{"en", "da", []string{"da-DK"}},
		{"sv", "en", []string{"en", "sv"}},
		{"sv", "sv", []string{"ja"}},
		{"sv", "sv", []string{"<script>", strings.Repeat("en,", 1000)}},
		{"xx", "en", nil},
	} {
		if got := c.Match(tc.fallback, tc.wishes...); got != tc.want {
			t.Errorf("%q %q: %s, not %s", tc.fallback, tc.wishes, got, tc.want)
		}
	}
}

func TestLoad(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"no source language":         {"sv.json": {Data: []byte(`{"a":"b"}`)}},
		"a file that is not JSON":    {"en.json": {Data: []byte(`{`)}},
		"a sentence that computes":   {"en.json": {Data: []byte(`{"a":"{{if .X}}b{{end}}"}`)}},
		"a number for a sentence":    {"en.json": {Data: []byte(`{"a":5}`)}},
		"a file that is no language": {"en.json": {Data: []byte(`{}`)}, "x_y_z.json": {Data: []byte(`{}`)}},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if err := locale.Check(fsys); err == nil {
				t.Error("it was taken")
			}
		})
	}
	t.Run("all that is in the binary can be said", func(t *testing.T) {
		if err := locale.Check(files); err != nil {
			t.Error(err)
		}
	})
	t.Run("a new language is a new file and nothing else", func(t *testing.T) {
		c, err := locale.Load(fstest.MapFS{"en.json": {Data: []byte(`{"a":"b"}`)}, "fi.json": {Data: []byte(`{"a":"c"}`)}})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.For(c.Match("en", "fi-FI")).T("a"); got != "c" || !slices.Equal(c.Languages(), []string{"en", "fi"}) {
			t.Error(got, c.Languages())
		}
	})
}
