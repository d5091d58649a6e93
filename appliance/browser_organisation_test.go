package appliance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// organisation is what an organiser and an administrator see of units and people.
func (w *walk) organisation() {
	karin := w.tab().Signs("karin.berg@exempelkommun.se")
	karin.Goes("/org").Sees("Socialförvaltningen").Look("org-branch")
	b := w.tab().Signs("it@exempelkommun.se")
	b.Goes("/todo").Sees("Ingen har övat").Look("todo")
	b.Goes("/org").Sees("Det finns bara en administratör").Look("org")
	b.Presses(`.list tbody tr:first-child a`).Sees("Hela organisationen").Look("unit-root")

	b.Goes("/org").Presses(`.list tbody tr:nth-child(2) a`).Sees("Bygg- och miljöförvaltningen").Look("unit-empty")
	unit := b.Path()
	b.Form(unit+"/add", "name", "Ombud och gode män", "kind", "group").Sees("Enheten finns nu").Look("unit-group")
	group := b.Path()
	b.Form(group+"/change", "first", "2026-03-01", "last", "2026-02-01").Sees("Sista dagen är före").Look("unit-error")
	b.Form(group+"/people", "address", "advokat@byra.example", "name", "Ada Advokat").Sees("Ada Advokat")
	b.Goes(unit)
	for i := range 3 {
		b.Form(unit+"/people", "address", fmt.Sprintf("handlaggare%d@exempelkommun.se", i), "name", strings.Repeat("Anna-Karin ", i+1)+"Sjöström").Sees("får en inbjudan")
	}
	b.Form(unit+"/appoint", "address", "maria.ek@exempelkommun.se").Sees("Ta bort rätten").Look("unit-people")
	b.Fills("q", "finns inte").Presses(`form.search button`).Sees("Ingen här heter så").Look("unit-search-none")
	b.Fills("q", "handlaggare").Presses(`form.search button`).Sees("handlaggare1@").Look("unit-search-found")
	b.Goes("/org/people").Presses(`th[aria-sort="none"] a`).Fills("q", "sjöström").Presses(`form.search button`).Sees("handlaggare1@", "Visa alla").Look("people-found")
	if name, table := b.Downloads(`button[value="csv"]`); !strings.HasSuffix(name, ".csv") || !strings.Contains(string(table), "handlaggare1@") || strings.Contains(string(table), "maria.ek@") {
		b.Errorf("%s: %s", name, table)
	}
	b.Goes("/org/units").Look("units").Goes("/org/mailboxes").Look("mailboxes")
	b.Goes(unit).Presses(`.list a[href^="/org/person/"]`).Sees("Har aldrig loggat in").Look("person-invited")
	person := b.Path()
	b.Form(person + "/join").Sees("Ändringen är sparad").Look("person-member")
	b.act("choose a role", chromedp.Click("#f-role-auditor", chromedp.ByQuery))
	b.Form(person + "/roles").Sees("Ändringen är sparad")
	w.importing(b)
}

// importing is a table that is wrong, and one that is right.
func (w *walk) importing(b *tab) {
	b.Goes("/org").Presses(`.list tbody tr:nth-child(3) a`).Sees("Bygglov").Presses(`a[href$="/import"]`).Look("import")
	at := b.Path()
	b.picks("e-post;namn\nx@annan.se;Xerxes\n=1+1;Formel\nbo@exempelkommun.se;Bo\nbo@exempelkommun.se;Bo igen\n").Sends(at).Sees("Rader att rätta").Look("import-problems")
	b.Goes(at).picks("e-post;namn;avdelning;kst\nbo@exempelkommun.se;Bo;Norr/Öst;2111\nmaria.ek@exempelkommun.se;Maria;Norr;2112\n").Sends(at).Sees("Nya avdelningar").Look("import-plan")
	b.Sends(at + "/start")
	for range 200 {
		if strings.Contains(b.Goes(at).Eval(`document.body.innerText`), "Klart") {
			break
		}
		w.pause()
	}
	b.Sees("Klart").Look("import-done")
}

// picks chooses a table for the form.
func (b *tab) picks(table string) *tab {
	b.Helper()
	path := filepath.Join(b.TempDir(), "personer.csv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		b.Fatal(err)
	}
	b.act("pick a table", chromedp.SetUploadFiles(`[name=files]`, []string{path}, chromedp.ByQuery))
	return b
}

// Form fills the fields of the form with this action, by name, and presses its button.
// A box in which it stands is unfolded first.
func (b *tab) Form(action string, pairs ...string) *tab {
	b.Helper()
	form := fmt.Sprintf(`form[action=%q]`, action)
	if b.script {
		b.act("unfold", chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).closest("details")?.setAttribute("open", "")`, form), nil))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		b.Fills(form+" [name="+pairs[i]+"]", pairs[i+1])
	}
	return b.Sends(action)
}
