package appliance_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance"
)

// fill is a field of a form, in the order in which browsers send them.
type fill struct{ name, value string }

// SendForm sends a multipart form, files last.
func (b *browser) SendForm(path string, fields []fill, files map[string][]byte) *browser {
	b.j.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if m := formToken.FindStringSubmatch(b.page); m != nil {
		w.WriteField("csrf", html.UnescapeString(m[1]))
	}
	for _, f := range fields {
		w.WriteField(f.name, f.value)
	}
	for name, content := range files {
		f, err := w.CreateFormFile("files", name)
		if err != nil {
			b.j.Fatal(err)
		}
		f.Write(content)
	}
	w.Close()
	r, err := http.NewRequest("POST", b.j.info.Portal+path, &body)
	if err != nil {
		b.j.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Origin", b.j.info.Portal)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func TestTheLevelIsChosen(t *testing.T) {
	form := func(level, do string) []fill {
		return []fill{{"to", anna}, {"phone", annaPhone}, {"level", level}, {"subject", "Kallelse"}, {"text", "Hej."}, {"do", do}}
	}
	t.Run("a house that accepts one level says what it asks of the reader, and has nothing to choose", func(t *testing.T) {
		j := newJourney(t)
		b := j.Browser().SignsIn(caseworker).Get("/write").Sees("Rekommenderat", "koden i mejlet och en kod som kommer som sms").SeesNot(`name="level"`, "Enkelt brev")
		b.SendForm("/write", form("letter", "send"), nil).Sees("Rekommenderat: kod i mejlet och sms").Post(strings.TrimSuffix(b.at, "/check") + "/send").Sees("Brevet är skickat")
		j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Kallelse")
	})
	t.Run("a house that accepts more offers each in words", func(t *testing.T) {
		j := newJourneyIn(t, t.TempDir(), appliance.AcceptLetter)
		b := j.Browser().SignsIn(caseworker).Get("/write").Sees("Enkelt brev", "Rekommenderat").SeesNot("Personligt")
		if !regexp.MustCompile(`value="registered"[^>]* checked`).MatchString(b.page) {
			t.Error("the stronger level is not the one that holds if nothing is chosen")
		}
		t.Run("the choice is kept with the draft", func(t *testing.T) {
			b.SendForm("/write", form("letter", "save"), nil)
			if !regexp.MustCompile(`value="letter"[^>]* checked`).MatchString(b.page) {
				t.Error(b.page)
			}
		})
		t.Run("and holds: such a letter opens with the code alone", func(t *testing.T) {
			b.SendForm(b.at, form("letter", "send"), nil).Sees("Enkelt brev: ett mejl med länk och kod").Post(strings.TrimSuffix(b.at, "/check") + "/send").Sees("Brevet är skickat")
			j.Browser().ShowCode(j.CodeOf(j.Await("email", anna, 1))).At("/m/letter").Sees("Kallelse")
			if n := len(j.Trapped("sms", "")); n != 0 {
				t.Errorf("%d SMS", n)
			}
		})
		t.Run("a level that the house does not accept is not taken from a form", func(t *testing.T) {
			b.Get("/write").SendForm("/write", form("eid", "send"), nil).Sees("Rekommenderat: kod i mejlet och sms")
		})
	})
}

func TestALetterIsWrittenInThePortal(t *testing.T) {
	j := newJourney(t)
	big := bytes.Repeat([]byte("nio megabyte och lite till "), 9<<20/27)
	b := j.Browser().SignsIn(caseworker).Get("/write").Sees("Mottagare")
	form := []fill{{"to", anna}, {"phone", "070-123 45 67"}, {"to", "johan.lind@exempelkommun.se"}, {"phone", ""}, {"subject", "Skrivet här"}, {"text", "Hej,\r\ndet här skrevs i portalen."}, {"days", "10"}}

	t.Run("a draft is kept, with a file of several pieces", func(t *testing.T) {
		b.SendForm("/write", append(form, fill{"do", "save"}), map[string][]byte{"stor fil.bin": big}).Sees("Utkastet är sparat", "stor fil.bin", "Skrivet här")
		j.Browser().SignsIn(caseworker).Get("/mail/drafts").Sees("Skrivet här").Follow("/write/[0-9a-z]{26}").Sees("det här skrevs i portalen", anna)
	})
	path := b.at
	t.Run("nobody else reaches it", func(t *testing.T) {
		o := j.Browser().SignsIn("johan.lind@exempelkommun.se")
		for _, p := range []string{path, path + "/check"} {
			if o.Get(p); o.code != http.StatusNotFound {
				t.Errorf("%s: %d", p, o.code)
			}
		}
	})
	t.Run("a file is taken out again, and its bytes with it", func(t *testing.T) {
		b.SendForm(path, append(form, fill{"do", "save"}), map[string][]byte{"fel.txt": []byte("fel fil")}).Sees("fel.txt")
		b.Post(b.Action(path + "/remove/17")).SeesNot("fel.txt").Sees("stor fil.bin")
	})
	t.Run("what is wrong is said before anything is sent", func(t *testing.T) {
		bad := append([]fill{{"to", "inte en adress"}, {"phone", ""}}, form...)
		b.SendForm(path, append(bad, fill{"do", "send"}), nil).Sees("inte en adress är inte fullständig")
	})
	t.Run("one summary says who gets what and how", func(t *testing.T) {
		b.Get(path).SendForm(path, append(form, fill{"do", "send"}), nil).At(path+"/check").Sees("sms till +46701234567", "första gången", "Kollega", "stor fil.bin")
		if n := len(j.Trapped("email", anna)); n != 0 {
			t.Errorf("%d mails before it was sent", n)
		}
	})
	t.Run("it is sent, and read by all with the whole file", func(t *testing.T) {
		b.Post(path+"/send").Sees("Brevet är skickat", "Inlämnat")
		guest := j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("det här skrevs i portalen.", "Skrivet här")
		guest.Follow("/m/letter/file/16")
		if guest.page != string(big) {
			t.Errorf("file of %d bytes, not %d", len(guest.page), len(big))
		}
		guest.Get("/m/letter/eml").Sees("From: Maria Ek", "To: <"+anna+">").SeesNot("johan.lind")
		j.Await("email", "johan.lind@exempelkommun.se", 1)
		j.Browser().SignsIn("johan.lind@exempelkommun.se").Sees("Skrivet här").Follow("/mail/[0-9a-z]{26}").Sees("det här skrevs i portalen.")
		b.Get("/mail/sent").Sees("Alla har läst")
		b.Get("/mail/drafts").SeesNot("Skrivet här")
	})
	t.Run("it cannot be sent twice", func(t *testing.T) {
		if b.Get("/mail/sent").Post(path + "/send"); b.code == http.StatusOK && b.at != "/mail/sent" {
			t.Errorf("%d at %s", b.code, b.at)
		}
		if n := len(j.Trapped("email", anna)); n != 1 {
			t.Errorf("%d notices", n)
		}
	})
	t.Run("a draft that is dropped is destroyed", func(t *testing.T) {
		b.Get("/write").SendForm("/write", append(form, fill{"do", "save"}), nil)
		dropped := b.at
		b.Post(dropped + "/drop").Sees("Utkastet är förstört")
		j.Turn(0)
		if b.Get(dropped); b.code != http.StatusNotFound && b.code != http.StatusGone {
			t.Errorf("%d", b.code)
		}
	})
}
