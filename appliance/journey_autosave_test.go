package appliance_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// kept is what the write page's script is told.
type kept struct{ Path, Version, Say string }

// keeps sends what is filled in as that script does.
func (b *browser) keeps(path, version string, fields ...fill) (k kept) {
	b.j.Helper()
	page := b.page
	b.SendForm(path, append([]fill{{"version", version}}, append(fields, fill{"do", "auto"})...), nil)
	if b.head.Get("Content-Type") == "application/json" {
		if err := json.Unmarshal([]byte(b.page), &k); err != nil {
			b.j.Fatalf("%d %v: %s", b.code, err, b.page)
		}
	}
	b.page = page // the script stays where it is
	return k
}

// version returns over what the form of a page is filled in.
func (b *browser) version() string {
	b.j.Helper()
	m := regexp.MustCompile(`name="version" value="([0-9a-f]*)"`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("%s (%d) has no version:\n%s", b.at, b.code, b.page)
	}
	return m[1]
}

func TestADraftIsKeptWhileItIsWritten(t *testing.T) {
	j := newJourney(t)
	b := j.Browser().SignsIn(caseworker).Get("/write")
	if v := b.version(); v != "" {
		t.Errorf("a letter that nobody has begun has version %q", v)
	}
	first := b.keeps("/write", "", fill{"to", anna}, fill{"phone", annaPhone}, fill{"text", "Hej"})
	t.Run("the first words begin it, the next are the same draft's", func(t *testing.T) {
		if !regexp.MustCompile(`^/write/[0-9a-z]{26}$`).MatchString(first.Path) || first.Version == "" || !regexp.MustCompile(`^Sparat [0-9]{2}:[0-9]{2}$`).MatchString(first.Say) {
			t.Fatalf("%+v", first)
		}
		second := b.keeps(first.Path, first.Version, fill{"to", anna}, fill{"phone", annaPhone}, fill{"text", "Hej Anna"})
		if second.Path != first.Path || second.Version == first.Version {
			t.Errorf("%+v", second)
		}
		if got := b.Get(first.Path).written(); got != "Hej Anna" || b.version() != second.Version {
			t.Errorf("%q", got)
		}
		if n := strings.Count(b.Get("/mail/drafts").page, first.Path); n != 1 {
			t.Errorf("%d drafts", n)
		}
	})
	t.Run("what another window has saved is not written over unsaid", func(t *testing.T) {
		b.Get(first.Path)
		one, seen := j.Browser().SignsIn(caseworker).Get(first.Path), b.version()
		there := one.keeps(first.Path, seen, fill{"subject", "Ettan"}, fill{"text", "Från det ena"})
		clash := b.keeps(first.Path, seen, fill{"text", "Från det andra"})
		if b.code != http.StatusConflict || clash.Version != there.Version {
			t.Fatalf("%d %+v, not %+v", b.code, clash, there)
		}
		if got := one.Get(first.Path).written(); got != "Från det ena" {
			t.Errorf("%q", got)
		}
		t.Run("without a script the page has both, and the next press decides", func(t *testing.T) {
			b.SendForm(first.Path, []fill{{"version", seen}, {"subject", "Tvåan"}, {"text", "Från det andra"}, {"do", "save"}}, nil)
			if b.code != http.StatusConflict || b.written() != "Från det andra" {
				t.Errorf("%d %q", b.code, b.written())
			}
			b.Sees("ändrats i ett annat fönster", "Ettan", "Från det ena", `value="Tvåan"`)
			b.SendForm(first.Path, []fill{{"version", b.version()}, {"text", b.written()}, {"do", "save"}}, nil).Sees("Utkastet är sparat")
			if got := b.Get(first.Path).written(); got != "Från det andra" {
				t.Errorf("%q", got)
			}
		})
		t.Run("and a file that comes with it is not lost in it either: it is not taken", func(t *testing.T) {
			b.SendForm(first.Path, []fill{{"version", seen}, {"text", "Från ett tredje"}, {"do", "save"}}, map[string][]byte{"fil.txt": []byte("x")})
			if b.code != http.StatusConflict || strings.Contains(b.page, "fil.txt") {
				t.Errorf("%d", b.code)
			}
		})
	})
	t.Run("what was looked at is what is sent", func(t *testing.T) {
		letter := []fill{{"to", anna}, {"phone", annaPhone}, {"text", "Granskad"}}
		b.SendForm(first.Path, append(letter, fill{"do", "send"}), nil).At(first.Path + "/check")
		state := func() string {
			return regexp.MustCompile(`name="state" value="([0-9a-f]{32})"`).FindStringSubmatch(b.page)[1]
		}
		other := j.Browser().SignsIn(caseworker).Get(first.Path)
		changed := append(letter[:2:2], fill{"text", "Ändrad"})
		version := other.keeps(first.Path, other.version(), changed...).Version
		b.Post(first.Path+"/send", "state", state()).At(first.Path+"/check").Sees("Granska det en gång till", "Ändrad")
		other.SendForm(first.Path, append(changed, fill{"version", version}, fill{"do", "save"}), map[string][]byte{"fel-bilaga.txt": []byte("x")}).Sees("fel-bilaga.txt")
		b.Post(first.Path+"/send", "state", state()).At(first.Path+"/check").Sees("Granska det en gång till", "fel-bilaga.txt")
		if n := len(j.Trapped("email", anna)); n != 0 {
			t.Errorf("%d mails", n)
		}
		b.Post(first.Path+"/send", "state", state()).Sees("Brevet är skickat")
		b.keeps(first.Path, version, fill{"text", "För sent"})
		if b.code != http.StatusNotFound {
			t.Errorf("%d: a letter that was sent is written on", b.code)
		}
		j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Ändrad").SeesNot("För sent")
	})
	t.Run("who is signed out keeps nothing, and is not told that it is kept", func(t *testing.T) {
		out := j.Browser().SignsIn(caseworker).Get("/write")
		page := out.page
		out.Post("/out")
		out.page = page
		if k := out.keeps("/write", "", fill{"text", "hemligt"}); k.Path != "" || out.at != "/in" {
			t.Errorf("%d at %s: %+v", out.code, out.at, k)
		}
	})
}
