package appliance_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// composing is what helps a person who writes a letter.
func (w *walk) composing() {
	b := w.tab().Signs(caseworker)
	b.Goes("/write").picksDay(w.journey.Date(12)).Look("write-day")
	if w.script {
		w.suggested(b)
		w.entered(w.tab().Signs(caseworker))
		w.kept(w.tab().Signs(caseworker))
		w.dropped(w.tab().Signs(caseworker))
		w.resumed(w.tab().Signs(caseworker))
	}
	w.clash(w.tab())
	w.templates()
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
	// The number of whoever was chosen first must not stay with another: it gets the code.
	b.Goes("/write").Eval(`(window.real = window.fetch, window.fetch = (at, of) => at !== "/contacts/suggest" ? window.real(at, of) : Promise.resolve(new Response(JSON.stringify([
		{name: "Anna", address: "anna.lundh@example.se", phone: "0701234567", where: ""}, {name: "Anna", address: "anna.lundin@example.se", where: ""}]
		.filter(f => f.address.startsWith(of.body.get("q")))))), 0)`)
	phone := `document.querySelector("input[name=phone]").value`
	b.tabTo(`input[name=to]`).keys("anna.lundh").Becomes(options + ` === 1`).keys(kb.ArrowDown).keys(kb.Enter).Becomes(phone + ` === "0701234567"`)
	for range "h@example.se" {
		b.keys(kb.Backspace)
	}
	b.Becomes(phone + ` === ""`).keys("i").Becomes(options + ` === 1`).keys(kb.ArrowDown).keys(kb.Enter)
	b.Becomes(`document.activeElement.value === "anna.lundin@example.se" && ` + phone + ` === ""`)
}

// entered is Enter in a field, which leads to the summary and adds no recipient; and what is
// said of an address that somebody has written to before.
func (w *walk) entered(b *tab) {
	w.Send(letter{to: []string{"enok@example.se.0701234582.s"}, subject: "Ett", body: "Hej."})
	w.Await("email", "enok@example.se", 1)
	b.Goes("/write").Fills("text", "Hej.").tabTo(`input[name=to]`).keys("enok@example.se").keys(kb.Tab)
	b.Becomes(`document.querySelector(".known")?.textContent.includes("slutar på 82. Det angavs")`)
	b.Look("write-known")
	b.tabTo(`input[name=subject]`).keys("Beslut").keys(kb.Enter)
	b.Becomes(`location.pathname.endsWith("/check")`)
}

// saidOf is what the page says of the draft.
const saidOf = `document.querySelector("[data-saved]").textContent`

// kept is a draft that is kept while it is written, and one that cannot be.
func (w *walk) kept(b *tab) {
	b.Goes("/write").tabTo(`textarea`).keys("Kära Petra").Becomes(saidOf + `.startsWith("Sparat ") && location.pathname !== "/write"`)
	path := b.Path()
	b.keys(", hej").Becomes(`document.querySelector("form[data-autosave]").elements.version.value !== ""`).Look("write-kept")
	b.Presses(`a[href="/mail/drafts"]`).Goes(path) // what was typed last is sent while the page is left
	b.Becomes(`document.querySelector("textarea").value === "Kära Petra, hej"`)

	b.Eval(`(window.real = window.fetch, window.fetch = () => Promise.reject(new TypeError("lost")), 0)`)
	b.tabTo(`textarea`).keys("x").Becomes(saidOf + `.startsWith("Inte sparat: förbindelsen är bruten")`)
	b.act("press", chromedp.Click(`button[value=save]`, chromedp.ByQuery))
	b.Becomes(`location.pathname === "` + path + `" && document.querySelector("textarea").value.includes("x")`)
	b.Look("write-lost")
	b.Eval(`(window.fetch = window.real, 0)`)
	b.tabTo(`textarea`).keys("y").Becomes(saidOf + `.startsWith("Sparat ")`)

	other := w.tab().Signs(caseworker) // ends no session of b's
	other.Goes(path).tabTo(`textarea`).keys("andra fönstret").Becomes(saidOf + `.startsWith("Sparat ")`)
	b.tabTo(`textarea`).keys("z").Becomes(`!document.querySelector("[data-changed]").hidden`)
	b.Sees("ändrats i ett annat fönster").Look("write-changed")
	b.act("keep mine", chromedp.Click(`[data-keep]`, chromedp.ByQuery))
	b.Becomes(saidOf + `.startsWith("Sparat ") && document.querySelector("[data-changed]").hidden`)

	other.Goes(path).act("see what will end", chromedp.Click(`details:has(form[action$="/drop"]) summary`, chromedp.ByQuery))
	other.Presses(`form[action$="/drop"] button`).At("/mail/drafts")
	b.tabTo(`textarea`).keys("q").Becomes(saidOf + `.startsWith("Inte sparat: brevet har skickats eller slängts")`)

	// Signed out in another window of the same browser, and in again.
	b.Eval(`(fetch("/out", {method: "POST", body: new URLSearchParams({csrf: document.querySelector("[name=csrf]").value})}).then(() => { window.out = 1 }), 0)`)
	b.Becomes(`window.out === 1`)
	b.tabTo(`textarea`).keys("w").Becomes(saidOf + `.startsWith("Du har loggats ut")`)
	b.Look("write-out")
	b.Becomes(`document.querySelector("textarea").value.includes("z")`)
	w.again(w.tab().Signs(caseworker))
	w.another(w.tab().Signs(caseworker))
}

// again is who has signed in again elsewhere while the page shows what cannot be sent, at the
// summary's address: the text is kept.
func (w *walk) again(b *tab) {
	b.Goes("/write").Fills("to", "petra", "text", "Hej").Presses(`button[value=send]`).Sees("petra")
	for _, a := range w.info.Accounts {
		if a.Email == caseworker {
			b.Eval(fmt.Sprintf(`(fetch("/out", {method: "POST", body: new URLSearchParams({csrf: document.querySelector("[name=csrf]").value})})
				.then(() => fetch("/in", {method: "POST", body: new URLSearchParams({address: %q, password: %q})}))
				.then(a => { window.again = a.url.endsWith("/mail") }), 0)`, a.Email, a.Password))
		}
	}
	b.Becomes(`window.again && location.pathname.endsWith("/check")`)
	b.tabTo(`textarea`).keys(", hej").Becomes(saidOf + `.startsWith("Sparat ")`)
}

// another is somebody else who signs in in the browser in which a text was begun: it is not
// kept in their mailbox.
func (w *walk) another(b *tab) {
	b.Goes("/write")
	for _, a := range w.info.Accounts {
		if a.Email != johanAt {
			continue
		}
		b.Eval(fmt.Sprintf(`(fetch("/out", {method: "POST", body: new URLSearchParams({csrf: document.querySelector("[name=csrf]").value})})
			.then(() => fetch("/in", {method: "POST", body: new URLSearchParams({address: %q, password: %q})}))
			.then(a => { window.other = a.url.endsWith("/mail") }), 0)`, a.Email, a.Password))
	}
	b.Becomes(`window.other`)
	b.tabTo(`input[name=subject]`).keys("Bara mellan oss").Becomes(saidOf + `.startsWith("Du har loggats ut")`)
	w.Browser().SignsIn(johanAt).Get("/mail/drafts").SeesNot("Bara mellan oss")
}

// clash is what a page without a script says of two windows.
func (w *walk) clash(b *tab) {
	b.Signs(caseworker).Goes("/write").Fills("text", "Hej Petra.").Presses(`button[value=save]`)
	path := b.Path()
	other := w.Browser().SignsIn(caseworker).Get(path)
	other.SendForm(path, []fill{{"subject", "Från det andra"}, {"text", "Hej igen."}, {"do", "save"}}, nil).Sees("sparat")
	b.Fills("text", "Hej Petra, från det ena.").Presses(`button[value=save]`).Sees("ändrats i ett annat fönster", "Hej igen.").Look("write-clash")
	b.Presses(`button[value=save]`).Sees("Utkastet är sparat")
}

// dropped are files that are dragged to the field, one of which is taken away again.
func (w *walk) dropped(b *tab) {
	drop := func(at, name, words string) {
		b.Eval(fmt.Sprintf(`(() => { const d = new DataTransfer(); d.items.add(new File([%q], %q)); document.querySelector(%q).dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: d})); })()`, words, name, at))
	}
	const names = `[...document.querySelectorAll("[data-attached] li .main")].map(e => e.firstChild.textContent.trim()).join()`
	b.Goes("/write").Sees("släppa filer här").Fills("to", "petra@example.se", "text", "Se bilagan.")
	drop("[data-drop]", "ett.txt", "det första")
	drop("#f-files", "två.txt", "det andra")
	drop("h1", "bredvid.txt", "fel ställe")
	b.Becomes(names + ` === "ett.txt,två.txt" && document.querySelectorAll("[data-attached] li progress").length === 2 && location.pathname !== "/write"`)
	b.Becomes(`document.querySelector("[data-attached]").innerText.split("Hela filen är framme").length === 3`).Look("write-dropped")
	b.act("take one away", chromedp.Click(`[data-attached] li:first-child [form=remove]`, chromedp.ByQuery))
	b.Becomes(names + ` === "två.txt"`)
	b.act("save", chromedp.Click(`button[value=save]`, chromedp.ByQuery))
	b.Becomes(`document.body.innerText.includes("Utkastet är sparat") && ` + names + ` === "två.txt"`)
	b.tabTo(`textarea`).keys("Mer. ").act("take the file out", chromedp.Click(`[data-attached] [form=remove]`, chromedp.ByQuery))
	b.Becomes(`document.querySelector("[data-attached]").hidden && document.querySelector("textarea").value.includes("Mer. ")`)
}

// connection makes that of a window slow, or cuts it.
func (b *tab) connection(offline bool, upload float64) {
	b.Helper()
	b.cut = b.cut || offline
	b.act("change the connection", chromedp.ActionFunc(func(ctx context.Context) error {
		how := map[string]any{"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload}
		return cdp.Execute(ctx, "Network.emulateNetworkConditions", how, nil)
	}))
}

// resumed is a file that is paused, loses its page and its connection on the way, and arrives
// whole.
func (w *walk) resumed(b *tab) {
	film := make([]byte, 4_000_000)
	rand.NewChaCha8([32]byte{}).Read(film)
	path := filepath.Join(w.TempDir(), "film från besöket.mp4")
	writeFile(w, path, string(film))
	const says = `(document.querySelector("[data-attached] li [data-say]")?.textContent ?? "")`
	pick := func(share int) {
		b.connection(false, 500e3)
		b.act("pick a file", chromedp.SetUploadFiles(`[name=files]`, []string{path}, chromedp.ByQuery))
		b.Becomes(fmt.Sprintf(`document.querySelector("[data-attached] li progress").value >= %d`, share))
	}
	b.Goes("/write").Fills("to", "pia@example.se", "phone", "0701234596", "subject", "Filmen", "text", "Se filmen.")
	pick(30)
	b.act("pause", chromedp.Click(`[data-pause]`, chromedp.ByQuery))
	b.Becomes(says + `.startsWith("Pausad. ")`)
	b.connection(false, -1)
	b.Goes(b.Path()).Becomes(says + `.includes("Välj samma fil igen")`).Look("write-half")
	b.Presses(`button[value=send]`).Sees("inte helt framme")

	pick(50)
	b.connection(true, -1)
	b.Becomes(says + `.startsWith("Förbindelsen är bruten. ")`).Look("write-broken")
	b.connection(false, -1)
	b.Becomes(`document.querySelector("[data-attached]").innerText.includes("Hela filen är framme")`)
	b.Presses(`button[value=send]`)
	b.Presses(`form[action$="/send"] button`).Sees("Brevet är skickat")
	guest := w.Browser().Opens(w.Await("email", "pia@example.se", 1), "+46701234596")
	if got := guest.Follow("/m/letter/file/[0-9]+").page; got != string(film) {
		w.Errorf("of %d bytes %d came, or others", len(film), len(got))
	}
}

// templates are what an organiser keeps for letters, and what becomes of one.
func (w *walk) templates() {
	boss := w.tab().Signs(adminAt)
	boss.Goes("/org").Presses(`.list tbody tr:first-child a`)
	at := boss.Path() + "/templates"
	boss.Presses(`a[href="` + at + `"]`).Sees("Här finns ingen mall än").Look("templates-empty")
	boss.Form(at, "name", " ", "subject", "Kallelse").Sees("behöver ett namn").Look("templates-wrong")
	boss.Goes(at).Form(at, "name", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "text", strings.Repeat("lång", 100)).Sees("Mallen är tillagd")
	boss.Form(at, "name", "Kallelse till möte", "subject", "Kallelse", "text", "Hej,\n\nvälkommen till ett möte.\n").Sees("Mallen är tillagd")
	boss.Form(at+"/signature", "signature", "Exempelkommun\n0123-45 67 89").Sees("Ändringen är sparad")
	boss.act("unfold", chromedp.Click(`.list tr:last-child summary`, chromedp.ByQuery))
	boss.Look("templates")

	b := w.tab().Signs(caseworker)
	b.Goes("/write").Sees("Kallelse till möte (Exempelkommun)").Look("write-templates")
	choose := func() {
		b.act("choose", chromedp.Evaluate(`(() => { const s = document.querySelector("[name=template]"); s.value = [...s.options].find(o => o.text.startsWith("Kallelse till möte")).value })()`, nil))
		b.Presses(`button[value=template]`)
	}
	choose()
	b.Becomes(`document.querySelector("textarea").value === "Hej,\n\nvälkommen till ett möte.\n\nExempelkommun\n0123-45 67 89"`)
	choose()
	b.Sees("Det står redan en text").Look("template").Presses(`button[value=below]`)
	b.Becomes(`document.querySelector("textarea").value.split("välkommen till ett möte").length === 3`)
	b.Goes("/account").Fills("signature", strings.Repeat("x", 1001)).Sends("/account/signature").Sees("för lång").Look("account-signature")
	boss.Goes(at).Form(at+"/signature", "signature", " ").Sees("Ändringen är sparad")
}
