package appliance_test

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// composing is what helps a person who writes a letter.
func (w *walk) composing() {
	b := w.tab().Signs(caseworker)
	b.Goes("/write").picksDay(w.journey.Date(12)).Look("write-day")
	if w.script {
		w.suggested(b)
	}
	w.Send(letter{to: []string{"petra@example.se.0701234581.s"}, subject: "Ett", body: "Hej."})
	w.Await("email", "petra@example.se", 1)
	b.Goes("/write").Fills("to", "petra@example.se", "subject", "Beslut 811228-9874", "text", "Hej Petra,\ndet gäller 811228-9874 och\n131052-308T.").picksDay(w.journey.Date(12))
	b.Presses(`button[value=send]`).Sees("personnummer i ämnet", "personnummer i brevet", "Det angavs").Look("check-warned")
	b.Goes("/write").Fills("to", "petra@example.se", "text", "Hej.").picksDay("2020-01-01").Presses(`button[value=send]`).Sees("Välj en sista dag").Look("write-day-wrong")
}

// picksDay chooses a last day of one's own.
func (b *tab) picksDay(day string) *tab {
	b.Helper()
	b.act("choose another day", chromedp.Click(`[name=days][value=until]`, chromedp.ByQuery))
	return b.Fills("until", day)
}

// suggested are recipients who are found while an address is typed, by keyboard.
func (w *walk) suggested(b *tab) {
	b.Goes("/write").tabTo(`input[name=to]`).keys("lin")
	options := `document.querySelectorAll("[role=listbox]:not([hidden]) [role=option]").length`
	b.Becomes(options + ` > 0`)
	if said := b.Eval(`document.querySelector("[data-lookup] [role=status]").textContent`); said != fmt.Sprintf("%s förslag. Välj med piltangenterna och Retur.", b.Eval(options)) {
		w.Errorf("a screen reader is told %q", said)
	}
	b.keys(kb.ArrowDown)
	if b.Eval(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.getAttribute("aria-selected")`) != "true" {
		w.Errorf("what the arrow has come to is not marked")
	}
	b.shoot("write-suggested-open")
	b.Look("write-suggested")
	b.Goes("/write").tabTo(`input[name=to]`).keys("johan.l").Becomes(options + ` === 1`)
	b.keys(kb.Escape).Becomes(options + ` === 0 && document.activeElement.value === "johan.l"`)
	b.keys(kb.ArrowDown).Becomes(options + ` === 1`).keys(kb.ArrowDown).keys(kb.Enter)
	b.Becomes(options + ` === 0 && location.pathname === "/write" && document.activeElement.value === "johan.lind@exempelkommun.se"`)
	b.keys("x").keys("y").Becomes(`document.querySelector("[data-lookup] [role=status]").textContent === "Inga förslag."`)
}
