package appliance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// reads gives a table to a unit's form.
func (o *organiser) reads(unit, table string) *browser {
	o.j.Helper()
	at := o.unit(unit) + "/import"
	return o.Get(at).SendForm(at, nil, map[string][]byte{"personer.csv": []byte(table)})
}

// imports reads a table, says the word, and waits for the end.
func (o *organiser) imports(unit, table string) *browser {
	o.j.Helper()
	at := o.unit(unit) + "/import"
	o.reads(unit, table).Sees("Nya avdelningar")
	o.Post(at + "/start")
	for deadline := time.Now().Add(4 * time.Minute); strings.Contains(o.page, "data-reload"); o.Get(at) {
		if time.Now().After(deadline) {
			o.j.Fatalf("it does not end:\n%s", o.page)
		}
		o.j.pause()
	}
	return o.browser
}

func TestImportPages(t *testing.T) {
	j := newJourney(t)
	karin := j.Organiser(karinAt)
	t.Run("nothing is done while a line is wrong, and each such line is told", func(t *testing.T) {
		b := karin.reads("Barn och familj", "e-post;namn\nbra@exempelkommun.se;Bra\nfel\n=cmd;Formel\nx@annan.se;Fel domän\n")
		b.Sees("Inget är inläst", "Rad 3:", "Rad 4:", "En cell börjar som en formel", "Rad 5:", "egna domänerna").SeesNot("Rad 2:")
		if b.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", b.code)
		}
		karin.reads("Barn och familj", "e-post\nbra@exempelkommun.se\nx@annan.se\n").Sees("Rad 3:", "egna domänerna")
		karin.Post(karin.unit("Barn och familj") + "/import/start").Sees("Filen finns inte kvar")
		if len(j.Trapped("email", "bra@exempelkommun.se")) != 0 || karin.look().people["bra@exempelkommun.se"] != "" {
			t.Error("made")
		}
	})
	t.Run("what it comes to is shown, and done when somebody says so", func(t *testing.T) {
		table := "Namn;E-post;Avdelning;Kst;Språk\r\nAnna Ås;anna.as@exempelkommun.se;Norr;5121\r\nBo Ek;bo.ek@exempelkommun.se;Norr/Familj;5122;en\r\nJohan;johan.lind@exempelkommun.se;Norr\r\n"
		karin.reads("Barn och familj", table).Sees("Norr, Familj", "English (1)").SeesNot("Klart")
		if karin.look().units["Norr"] != "" {
			t.Error("made before the word")
		}
		karin.imports("Barn och familj", table).Sees("Klart")
		karin.Get(karin.unit("Familj")).Sees("Bo Ek", "5122")
		karin.Get(karin.person(johanAt)).Sees("Norr", "5121")
		if s := j.Await("email", "bo.ek@exempelkommun.se", 1).Subject; !strings.Contains(s, "Your secure mailbox") {
			t.Errorf("the invitation is not in the language of the line: %q", s)
		}
		code := j.codeTo("anna.as@exempelkommun.se")
		j.Browser().ShowCode(code).At("/welcome").Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
	})
	t.Run("a table leads nobody out of another's branch, nor tells whom the house knows", func(t *testing.T) {
		figures := func(who string) string {
			page := karin.reads("Barn och familj", "e-post\n"+who+"@exempelkommun.se\n").page
			_, page, _ = strings.Cut(page, "<dl")
			page, _, _ = strings.Cut(page, "</dl>")
			return page
		}
		if known, guessed := figures("it"), figures("finns.inte"); known != guessed || !strings.Contains(known, "Personer som kommer in</dt><dd>1<") {
			t.Errorf("%s\n%s", known, guessed)
		}
		karin.imports("Barn och familj", "e-post\nit@exempelkommun.se\n").Sees("Klart")
		boss := j.Organiser(adminAt)
		boss.Get(boss.person(adminAt)).Sees("Barn och familj", "Exempelkommun")
		boss.reads("Barn och familj", "e-post\nnagon@exempelkommun.se\n").Sees("Nya personer", "har kvar sin hemvist").SeesNot("Personer som kommer in")
	})
	t.Run("what is hostile is refused with a sentence", func(t *testing.T) {
		b := karin.reads("Barn och familj", "e-post\n"+strings.Repeat(",", 1<<20)).Sees("Rad 2 är för lång")
		if b.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", b.code)
		}
		karin.reads("Barn och familj", "e-post\n"+strings.Repeat("x\n", 1000)).Sees("800 rader till")
	})
	t.Run("a group takes no table", func(t *testing.T) {
		at := karin.unit("Socialförvaltningen")
		karin.Get(at).Post(at+"/add", "name", "Ombud", "kind", "group")
		if b := karin.Get(karin.unit("Ombud") + "/import"); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
	})
}
