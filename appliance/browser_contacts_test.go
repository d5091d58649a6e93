package appliance_test

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// contacts is whom people find in contact lists, and how organisers keep them.
func (w *walk) contacts() {
	boss := w.tab().Signs(adminAt)
	boss.Goes("/org").Presses(`.list tbody tr:nth-child(2) a`).Sees("Bygg- och miljöförvaltningen")
	list := boss.Path() + "/contacts"
	boss.Goes(list).Sees("Ingen står i listan än").Look("listed-empty")
	boss.Form(list, "name", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "address", strings.Repeat("lang", 14)+"@exempel-med-ett-langt-namn.example", "phone", "0701112233").Sees("Kontakten är tillagd")
	boss.Form(list, "name", "Egen", "address", "egen@exempelkommun.se").Sees("hör till huset").Look("listed-wrong")
	boss.Goes("/org").Presses(`.list tbody tr:first-child a`)
	root := boss.Path() + "/contacts"
	boss.Goes(root)
	for i := range 3 {
		boss.Form(root, "name", fmt.Sprintf("Tolkförmedlingen %d", i), "address", fmt.Sprintf("tolk%d@tolkar.example", i)).Sees("Kontakten är tillagd")
	}
	boss.act("unfold", chromedp.Click(`.list .more summary`, chromedp.ByQuery))
	boss.Look("listed")

	b := w.tab().Signs(caseworker)
	b.Goes("/contacts").Sees("En person i Norr").Look("contacts") // where the table has put her
	b.Presses(`.crumbs li:first-child a`).Sees("Tolkförmedlingen 1").Look("contacts-root")
	b.Fills("q", "x").Presses(`form.search button`).Sees("minst två tecken").Look("contacts-short")
	b.Fills("q", "finnsinte").Presses(`form.search button`).Sees("Ingen som du kan se").Look("contacts-none")
	b.Fills("q", "tolk").Presses(`form.search button`).Sees("3 träffar").Look("contacts-found")
	b.act("choose", chromedp.Click(`input[name=to]`, chromedp.ByQuery))
	b.Sends("/contacts/choose").Sees("Skriv brev").Look("write-chosen")
	b.Presses(`button[value=contacts]`).Sees("Tillbaka till brevet").Look("contacts-draft")
	b.Sends("/contacts/choose").Sees("Välj minst en").Look("contacts-nobody")
}
