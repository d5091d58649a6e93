package appliance_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestJourneysInBrowser does in a real browser what people do.
func TestJourneysInBrowser(t *testing.T) {
	c := newChrome(t)
	for name, do := range map[string]func(*walk){
		"a citizen reads, saves and answers":                    (*walk).citizen,
		"a citizen without JavaScript types the code":           func(w *walk) { w.script = false; w.citizen() },
		"a citizen has a keyboard only":                         (*walk).keyboard,
		"a citizen has a keyboard only and no JavaScript":       func(w *walk) { w.script = false; w.typing() },
		"a citizen enlarges the pages four times":               (*walk).enlarged,
		"a citizen gets a letter that is read from the right":   (*walk).fromTheRight,
		"a citizen is warned before the letter closes":          (*walk).warned,
		"a caseworker has a keyboard only":                      (*walk).keyboardOffice,
		"a caseworker has a keyboard only and no JavaScript":    func(w *walk) { w.script = false; w.keyboardOffice() },
		"a citizen has colours of their own":                    (*walk).forced,
		"a citizen has a browser of six years ago":              (*walk).aged,
		"a citizen is on a slow network":                        (*walk).slow,
		"programs that open links send no SMS and read nothing": (*walk).scanners,
		"a caseworker follows a letter and mends it":            (*walk).caseworker,
		"the first page is light":                               (*walk).light,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(&walk{journey: newJourney(t), chrome: c, script: true})
		})
	}
}

// linkIn returns the link of a notice, as a mail program opens it.
func linkIn(m trapped) string {
	_, rest, _ := strings.Cut(m.Text, "http://")
	link, _, _ := strings.Cut(rest, "\n")
	return "http://" + strings.TrimSpace(link)
}

func (w *walk) citizen() {
	var fetched atomic.Int32
	remote := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched.Add(1) }))
	defer remote.Close()
	file := make([]byte, 300_000)
	rand.Read(file)
	w.Send(letter{to: []string{"berit@example.se.0701234502.s"}, raw: outlook(remote.URL, file)})
	notice := w.Await("email", "berit@example.se", 1)

	b := w.tab()
	if w.script {
		b.act("follow the link", chromedp.Navigate(linkIn(notice)))
		b.Becomes(fmt.Sprintf(`document.querySelector("[name=code]").value === %q && location.hash === ""`, w.CodeOf(notice)))
		b.noCodeInHistory()
	} else {
		b.Goes("/m").act("type the code", chromedp.SendKeys("[name=code]", strings.ToLower(w.CodeOf(notice)), chromedp.ByQuery))
	}
	b.Sends("/m").At("/m/pin")
	b.act("type the PIN", chromedp.SendKeys("input[autocomplete=one-time-code]", w.LastPIN("+46701234502"), chromedp.ByQuery))
	b.Sends("/m/pin").At("/m/letter").Sees("Beslut om försörjningsstöd", "Du kan överklaga inom tre veckor")
	b.noCodeInHistory()

	b.act("open the formatted letter", chromedp.Click("details.formatted summary", chromedp.ByQuery))
	w.comes("/picture/")
	b.sandboxed()
	if n := fetched.Load(); n != 0 {
		w.Errorf("%d things of another host were fetched", n)
	}
	if name, got := b.Downloads(`.files li:first-child a`); name != "beslut.pdf" || !bytes.Equal(got, file) {
		w.Errorf("%s came with %d bytes", name, len(got))
	}

	answer := make([]byte, 3_000_000)
	rand.Read(answer)
	path := w.TempDir() + "/kvitto.pdf"
	writeFile(w, path, string(answer))
	b.Goes("/m/letter/reply").Fills("text", "Här är kvittot.")
	b.act("pick a file", chromedp.SetUploadFiles(`[name=files]`, []string{path}, chromedp.ByQuery))
	if w.script {
		b.drops()
		b.Eval(`(window.said = "", new MutationObserver(() => window.said += document.querySelector("[data-progress] [role=status]")?.textContent).observe(document.querySelector("[data-progress]"), {childList: true, subtree: true}))`)
	}
	b.act("send", chromedp.Click(`form[data-upload] button[type=submit]`, chromedp.ByQuery))
	b.Becomes(`document.querySelector("main h1").innerText.includes("kommit fram")`)
	if w.script && !strings.Contains(b.Eval(`window.said`), "%") {
		w.Errorf("no progress was shown: %q", b.Eval(`window.said`))
	}
	b.Goes("/m/letter").Sees("Inte läst än")
	maria := w.Browser().SignsIn(caseworker).Follow("/mail/[0-9a-zA-Z-]{10,}").Sees("Här är kvittot.", "kvitto.pdf")
	if got := maria.Follow("/mail/[^/]*/file/[0-9]+").page; got != string(answer) {
		w.Errorf("of %d bytes that were sent, %d came", len(answer), len(got))
	}
	b.Goes("/m/letter").Sees("Läst av Maria Ek")
	b.Clean("the citizen's journey")
}

// drops lets two files fall beside the one that was picked, one of them twice, and takes one out
// again.
func (b *tab) drops() {
	b.Helper()
	fall := `(name => { const t = new DataTransfer(); t.items.add(new File(["x".repeat(1500)], name, {lastModified: 1}));
		document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", {dataTransfer: t, bubbles: true, cancelable: true})) })`
	list := `[...document.querySelectorAll("[data-files] li")].map(l => l.innerText.replace(/\s+/g, " ")).join("; ")`
	for _, name := range []string{"ett.txt", "två.txt", "ett.txt"} {
		b.Eval(fall + `("` + name + `")`)
	}
	if s := b.Eval(list); s != "kvitto.pdf 3 MB Ta bort kvitto.pdf; ett.txt 1,5 kB Ta bort ett.txt; två.txt 1,5 kB Ta bort två.txt" {
		b.Errorf("the list says %q", s)
	}
	b.Look("reply-files")
	b.act("take one out", chromedp.Click(`[data-files] li:nth-child(2) button`, chromedp.ByQuery), chromedp.Click(`[data-files] li:nth-child(2) button`, chromedp.ByQuery))
	if s := b.Eval(`[...document.querySelector("[name=files]").files].map(f => f.name).join()`); s != "kvitto.pdf" {
		b.Errorf("of the files %s are left", s)
	}
}

// noCodeInHistory wants no address that the window has been at to hold a fragment.
func (b *tab) noCodeInHistory() {
	b.Helper()
	b.act("read the history", chromedp.ActionFunc(func(ctx context.Context) error {
		_, list, err := page.GetNavigationHistory().Do(ctx)
		for _, e := range list {
			if strings.Contains(e.URL, "#") {
				b.Errorf("the history holds %s", e.URL)
			}
		}
		return err
	}))
	if s := b.Eval(`document.referrer + location.href`); strings.Contains(s, "#") {
		b.Errorf("the page's address or referrer holds a fragment: %s", s)
	}
}

// sandboxed looks into the frame of the formatted letter, from outside: the mail's
// look is there with its own pictures, and nothing in it ran.
func (b *tab) sandboxed() {
	b.Helper()
	whole := cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Browser)
	var said string
	frames := map[target.ID]context.Context{}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); b.pause() {
		list, err := target.GetTargets().Do(whole)
		if err != nil {
			b.Fatal(err)
		}
		for _, i := range list {
			if i.Type != "iframe" || !strings.HasPrefix(i.URL, b.info.Portal) {
				continue
			}
			if frames[i.TargetID] == nil {
				ctx, cancel := chromedp.NewContext(b.chrome.ctx, chromedp.WithTargetID(i.TargetID))
				b.Cleanup(cancel) // closes what it looks at
				frames[i.TargetID] = ctx
			}
			chromedp.Run(frames[i.TargetID], chromedp.Evaluate(`JSON.stringify([document.title, document.scripts.length, getComputedStyle(document.querySelector("td")).backgroundColor,
				...[...document.images].map(i => i.complete && i.naturalWidth)])`, &said))
		}
		if said == `["",0,"rgb(222, 234, 246)",48,600]` {
			return
		}
	}
	b.Errorf("the frame is not as it should be: %s", said)
}

// keyboard goes all the way without a pointer.
func (w *walk) keyboard() {
	notice := w.letterTo("karl", "0701234505", "Beslut")
	b := w.tab()
	b.act("follow the link", chromedp.Navigate(linkIn(notice)))
	b.Becomes(`document.activeElement.matches("form[data-code] button")`)
	b.keys(kb.Enter).Becomes(`location.pathname === "/m/pin" && document.activeElement.name === "pin"`)
	b.keys(w.LastPIN("+46701234505") + kb.Enter).Becomes(`location.pathname === "/m/letter"`)
	b.keys(kb.Tab).Becomes(`document.activeElement.matches(".ds-skip-link")`)
	b.keys(kb.Enter).Becomes(`document.activeElement.id === "main"`)
	b.tabTo(`a[href="/m/letter/reply"]`).keys(kb.Enter).Becomes(`location.pathname === "/m/letter/reply"`)
	b.tabTo(`textarea`).keys("Tack!").tabTo(`button[type=submit]`).keys(kb.Enter)
	b.Becomes(`document.querySelector("main h1")?.innerText.includes("kommit fram")`)
	b.tabTo(`main a[href="/m/letter"]`).keys(kb.Enter).Becomes(`location.pathname === "/m/letter"`)
	b.tabTo(`a[href="/m/letter/done"]`).keys(kb.Enter).Becomes(`location.pathname === "/m/letter/done"`)
	b.tabTo(`form[action="/m/letter/done"] button`).keys(kb.Enter)
	b.Becomes(`document.querySelector("main h1")?.innerText.includes("borta")`)
	b.Clean("the journey by keyboard")
}

func (b *tab) keys(text string) *tab {
	b.Helper()
	b.act("press keys", chromedp.KeyEvent(text))
	return b
}

// tabTo presses Tab until something has the focus. On the way each that has it stands behind the
// one before, and is seen.
func (b *tab) tabTo(sel string) *tab {
	b.Helper()
	for range 60 {
		if b.Eval(fmt.Sprintf(`document.activeElement.matches(%q)`, sel)) == "true" {
			return b
		}
		b.Eval(`window.sigillBefore = document.activeElement, 0`)
		b.keys(kb.Tab)
		if wrong := b.Eval(focusWrong); wrong != "" {
			b.Errorf("on the way to %s by keyboard: %s", sel, wrong)
		}
	}
	b.Fatalf("no way to %s by keyboard", sel)
	return b
}

// focusWrong says what is wrong with where the last Tab has led; "" for nothing. From the last
// element it leads to the browser itself, and from there to the first.
const focusWrong = `(() => {
  const now = document.activeElement, before = window.sigillBefore
  if (now === document.body || now.matches(".ds-skip-link")) return ""
  const r = now.getBoundingClientRect()
  if (r.width < 1 || r.height < 1 || r.bottom < 0 || r.top > innerHeight || r.right < 0 || r.left > innerWidth) return now.outerHTML.slice(0, 200) + " has the focus and is not seen"
  if (before?.isConnected && before !== document.body && !(before.compareDocumentPosition(now) & 4)) return now.outerHTML.slice(0, 200) + " gets the focus after " + before.outerHTML.slice(0, 200)
  return ""
})()`

// keyboardOffice signs in, writes a letter, sends it and puts an old one away without a pointer.
func (w *walk) keyboardOffice() {
	w.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: "Internt", body: "Hej Maria."})
	b := w.tab().Goes("/in")
	b.tabTo(`[name=address]`).keys(caseworker).tabTo(`[name=password]`).keys(w.passwordOf(caseworker) + kb.Enter)
	b.Becomes(`location.pathname === "/mail"`)
	b.tabTo(`a[href="/write"]`).keys(kb.Enter).Becomes(`location.pathname === "/write"`)
	b.tabTo(`input[name=to]`).keys("knut@example.se").tabTo(`input[name=phone]`).keys("0701234599")
	b.tabTo(`[name=subject]`).keys("Beslut").tabTo(`textarea`).keys("Hej Knut.").tabTo(`button[value=send]`).keys(kb.Enter)
	b.Becomes(`document.querySelector("main h1")?.innerText.includes("Granska")`)
	b.tabTo(`form[action$="/send"] button`).keys(kb.Enter)
	b.Becomes(`document.querySelector("main")?.innerText.includes("Brevet är skickat")`)
	w.Await("email", "knut@example.se", 1)

	b.tabTo(`a[href="/mail"]`).keys(kb.Enter).Becomes(`location.pathname === "/mail"`)
	b.tabTo(`.mails input[type=checkbox]`).keys(" ").Becomes(`document.querySelector(".mails input[type=checkbox]").checked`)
	b.Eval(`document.activeElement.blur(), 0`) // the tools stand before the list
	b.tabTo(`button[value=trash]`).keys(kb.Enter).Becomes(`document.querySelector("main").innerText.includes("Brevet ligger i papperskorgen")`)
	b.tabTo(`.ds-alert button`).keys(kb.Enter).Becomes(`document.querySelectorAll(".mails li").length === 1`)
	b.tabTo(`.mails a.main`).keys(kb.Enter).Becomes(`document.querySelector(".letter-text")?.innerText.includes("Hej Maria.")`)
	b.Clean("the caseworker's journey by keyboard")
}

// fromTheRight is a letter in Arabic and Swedish: each paragraph begins at its own side.
func (w *walk) fromTheRight() {
	w.Send(letter{to: []string{"amira@example.se.0701234598.s"}, subject: "قرار بشأن المساعدة", body: "مرحبا أميرة، لديك قرار جديد.\n\nHej Amira, du har ett nytt beslut.\n"})
	b := w.tab()
	b.Code(w.CodeOf(w.Await("email", "amira@example.se", 1))).Sends("/m").Fills("pin", w.LastPIN("+46701234598")).Sends("/m/pin").At("/m/letter")
	for what, c := range map[string]struct{ box, word, side string }{
		"the Arabic subject":    {".letter h1", "قرار", "right"},
		"the Arabic paragraph":  {".letter-text", "مرحبا", "right"},
		"the Swedish paragraph": {".letter-text", "Hej", "left"},
	} {
		apart := b.Eval(fmt.Sprintf(`(() => {
  const box = document.querySelector(%q), text = box.firstChild, at = text.data.indexOf(%q), range = document.createRange()
  range.setStart(text, at)
  range.setEnd(text, at + 3)
  return Math.round(Math.abs(range.getBoundingClientRect().%[3]s - box.getBoundingClientRect().%[3]s))
})()`, c.box, c.word, c.side))
		if apart != "0" && apart != "1" {
			b.Errorf("%s begins %s pixels from the %s", what, apart, c.side)
		}
	}
	b.Look("letter-arabic")
	b.Clean("a letter that is read from the right")
}

// warned is somebody who is called away from an answer, once for less than half an hour.
func (w *walk) warned() {
	notice := w.letterTo("wera", "0701234597", "Beslut")
	b := w.tab()
	b.Code(w.CodeOf(notice)).Sends("/m").Fills("pin", w.LastPIN("+46701234597")).Sends("/m/pin").At("/m/letter").Goes("/m/letter/reply")
	later := func(d time.Duration) {
		w.Turn(d)
		b.Eval(fmt.Sprintf(`Date.now = (now => () => now() + %d)(Date.now.bind(Date)), 0`, d.Milliseconds()))
	}
	const shown = `!document.querySelector("[data-stay]").hidden`
	asked := func(n int) string {
		return fmt.Sprintf(`performance.getEntriesByType("resource").filter(e => e.name.endsWith("/stay")).length === %d && !(%s)`, n, shown)
	}
	b.act("type", chromedp.SendKeys("textarea", "Tack för ", chromedp.ByQuery))
	later(6 * time.Minute)
	b.Becomes(asked(1)) // by itself
	later(29 * time.Minute)
	b.Becomes(shown).Sees("Snart loggas du ut").shoot("stay-soon")
	b.Eval(`fetch("/stay").then(() => new BroadcastChannel("stay").postMessage("")), 0`) // as another page of theirs
	b.Becomes(asked(2))
	later(29 * time.Minute)
	b.Becomes(shown)
	b.act("say that one is there", chromedp.Click("[data-stay] button", chromedp.ByQuery))
	b.Becomes(asked(3))
	later(20 * time.Minute)
	b.act("type", chromedp.SendKeys("textarea", "beslutet.", chromedp.ByQuery))
	b.Becomes(asked(4))
	later(20 * time.Minute)
	b.Presses("form[data-upload] button[type=submit]").Sees("kommit fram")

	b.Goes("/m/letter/reply")
	b.act("type", chromedp.SendKeys("textarea", "En sak till.", chromedp.ByQuery))
	later(31 * time.Minute)
	b.Becomes(shown).Sees("Det du har skrivit är inte skickat").shoot("stay-over")
	b.Presses("form[data-upload] button[type=submit]").Sees("Du är utloggad")
	b.Becomes(`document.querySelector("#left").value === "En sak till."`).shoot("left")
	b.Clean("a session that ends")
}

// scanners are mail filters: they open each link, run its scripts, and some send every
// form they find.
func (w *walk) scanners() {
	w.Send(letter{to: []string{"siri@example.se.0701234506.s"}, subject: "Beslut [säker kvitto]", body: "Hej."})
	notice := w.Await("email", "siri@example.se", 1)
	w.Await("email", caseworker, 1) // the report
	b := w.tab()
	for i := range 50 {
		b.act("open the link", chromedp.Navigate("about:blank"), chromedp.Navigate(linkIn(notice)))
		b.Becomes(`document.querySelector("[name=code]").value != ""`)
		switch i {
		case 10:
			b.act("send the form", chromedp.Evaluate(`document.querySelector("form[data-code]").submit()`, nil))
			b.Becomes(`document.body.innerText.includes("Tryck på knappen")`)
		case 20:
			b.act("press the button", chromedp.Evaluate(`document.querySelector("form[data-code] button").click()`, nil))
			b.Becomes(`document.body.innerText.includes("Tryck på knappen")`)
		}
	}
	if n := len(w.Trapped("sms", "")); n != 0 {
		w.Errorf("%d SMS were sent", n)
	}
	if n := len(w.Trapped("email", caseworker)); n != 1 {
		w.Errorf("the sender got %d mails: %v", n, w.summary())
	}
	w.tab().Opens(notice, "+46701234506").Sees("Hej.")
	w.Await("email", caseworker, 2) // now the receipt
}

func (w *walk) caseworker() {
	notice := w.letterTo("tove", "0701234507", "Beslut")
	w.Browser().Opens(notice, "+46701234507").Get("/m/letter/reply").Upload("/m/letter/reply", "Jag ringer i morgon.", map[string]string{"a.txt": "a"})
	b := w.tab().Signs(caseworker).Sees("tove@example.se", "Re: Beslut")
	b.Presses(`.mails a`).Sees("Jag ringer i morgon.", "a.txt")
	b.Presses(`a[href="/mail/sent"]`).Sees("Läst").Presses(`.mails a`).Sees("Svarat")
	change := func(do string) string { return `.recipient form:has(input[value=` + do + `]) ` }
	open := func() {
		b.act("open what can be changed", chromedp.Click(`.recipient summary`, chromedp.ByQuery), chromedp.WaitVisible(change("end")+"button", chromedp.ByQuery))
	}
	open()
	b.Fills(change("end")+"[name=days]", "90").Presses(change("end")+"button").Sees("Slutdatumet är ändrat", "Förlängt")
	open()
	b.Fills(change("number")+"[name=phone]", "070-123 45 08", change("number")+"[name=repeat]", "070-123 45 09").Presses(change("number") + "button").Sees("Numren är inte lika")
	b.Fills(change("number")+"[name=phone]", "070-123 45 08", change("number")+"[name=repeat]", "070-123 45 08").Presses(change("number")+"button").Sees("Numret är ändrat", "slutar på 08")
	b.Presses(`form[action$="/recall"] button`).Sees("Brevet är återkallat", "Återkallat")
	b.Clean("the caseworker's journey")
	w.Browser().ShowCode(w.CodeOf(notice)).Sees("går inte längre att läsa")
}

// light weighs the first page as it goes over the wire.
func (w *walk) light() {
	w.tab().Goes("/m")
	total := 0
	var list []string
	for _, a := range w.chrome.Asked(w.info.Portal) {
		total += a.size.size()
		list = append(list, fmt.Sprintf("%s %d", a.path, a.size.size()))
	}
	w.Logf("%d bytes: %s", total, strings.Join(list, ", "))
	if total > 40<<10 || len(list) < 4 {
		w.Errorf("/m costs %d bytes in %d requests: %v", total, len(list), list)
	}
}
