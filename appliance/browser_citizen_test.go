package appliance_test

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// screens goes the citizen's way and stops at each page.
func (w *walk) screens(b *tab, name, number string, at func(page string)) {
	w.Helper()
	notice := w.letterTo(name, number, "Beslut om ekonomiskt bistånd för september")
	b.Goes("/m")
	at("code")
	b.Code(w.CodeOf(notice)).Sends("/m").At("/m/pin")
	at("pin")
	b.Fills("pin", w.LastPIN("+46"+number[1:])).Sends("/m/pin").At("/m/letter")
	at("letter")
	b.Goes("/m/letter/reply")
	at("reply")
	b.Fills("text", "Tack.").Sends("/m/letter/reply").Sees("kommit fram")
	at("replied")
	for _, page := range []string{"/genuine", "/accessibility"} {
		b.Goes(page)
		at(strings.TrimPrefix(page, "/"))
	}
}

// accessible is the statement, of which an administrator says the facts.
func (w *walk) accessible() {
	at := "/admin/accessibility"
	b := w.tab().Signs(adminAt).Goes("/admin").Presses(`a[href="` + at + `"]`).Sees("Hur väl uppfyller sidorna lagen?").Look("statement")
	b.Form(at, "lacks", strings.Repeat("å", 5)+strings.Repeat("Oavbrutet", 30)+"\n\nKartan på kontaktsidan saknar text. Ring oss i stället.", "burden", "Äldre filmer saknar syntolkning.", "outside", "Dokument från före den 23 september 2018.", "tested", "En konsult har provat tjugo sidor med skärmläsare.", "on", "2026-05-04").Sees("Ändringen är sparad").Look("statement-saved")
	b.Goes("/accessibility").Sees("En konsult har provat", "12 §", "9 §").Look("accessibility-said")
	b.Goes(at).act("choose", chromedp.SetValue("[name=meets]", "fully", chromedp.ByQuery))
	b.Sends(at).Sees("uppfyller inte lagen helt").Look("statement-error")
}

// typing goes from the code to the sent answer with Tab, Enter and letters, where no script
// helps.
func (w *walk) typing() {
	notice := w.letterTo("tyra", "0701234561", "Beslut")
	b := w.tab().Goes("/m")
	b.tabTo(`[name=code]`).keys(strings.ToLower(w.CodeOf(notice)) + kb.Enter).Becomes(`location.pathname === "/m/pin"`)
	b.tabTo(`[name=pin]`).keys(w.LastPIN("+46701234561") + kb.Enter).Becomes(`location.pathname === "/m/letter"`)
	b.tabTo(`a[href="/m/letter/reply"]`).keys(kb.Enter).Becomes(`location.pathname === "/m/letter/reply"`)
	b.tabTo(`textarea`).keys("Tack!").tabTo(`main form button`).keys(kb.Enter)
	b.Becomes(`document.querySelector("main h1")?.innerText.includes("kommit fram")`)
	b.tabTo(`main a[href="/m/letter"]`).keys(kb.Enter).Becomes(`location.pathname === "/m/letter"`)
	b.Sees("Inte läst än").Clean("the journey by keyboard, without JavaScript")
}

// hidden names what cannot be brought into sight: WCAG 2.2, 1.4.10 (reflow) and 2.4.11 (focus
// not obscured), in a window of 320 by 256, which is 1280 by 1024 at 400 %.
const hidden = `[...document.querySelectorAll("main a[href], main button:not([hidden]), main input:not([type=hidden]), main textarea, main h1, main summary")].filter(e => {
	if (!e.getClientRects().length) return false;
	e.scrollIntoView({block: "center"});
	const r = e.getClientRects()[0], top = document.elementFromPoint(r.x + r.width / 2, r.y + Math.min(r.height, 40) / 2);
	return !(top && (e.contains(top) || top.contains(e)));
}).map(e => e.outerHTML.slice(0, 100)).join("; ")`

// enlarged is somebody who enlarges all to 400 %.
func (w *walk) enlarged() {
	b := w.tab()
	w.screens(b, "zelda", "0701234562", func(page string) {
		b.act("enlarge", chromedp.EmulateViewport(320, 256))
		if s := b.Eval(widest); s != "" {
			b.Errorf("%s is moved sideways to be read: %s", page, s)
		}
		if s := b.Eval(hidden); s != "" {
			b.Errorf("%s hides %s", page, s)
		}
		b.keep("zoom-" + page)
		b.tall()
	})
	b.Clean("the journey at 400 %")
}

// faint names what one presses or types into that nothing but colour sets off from the page.
const faint = `[...document.querySelectorAll(".ds-button:not([hidden]), .ds-input, .ds-alert")].filter(e => {
	const s = getComputedStyle(e);
	return e.getClientRects().length && (s.borderTopStyle === "none" || parseFloat(s.borderTopWidth) < 1);
}).map(e => e.outerHTML.slice(0, 100)).join("; ")`

// forced is somebody whose system gives all pages its own few colours.
func (w *walk) forced() {
	b := w.tab()
	w.screens(b, "frej", "0701234563", func(page string) {
		b.prefers("dark", &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
		if s := b.Eval(`matchMedia("(forced-colors: active)").matches`); s != "true" {
			b.Fatal("the browser does not force colours")
		}
		if s := b.Eval(faint); s != "" {
			b.Errorf("%s shows only by colour: %s", page, s)
		}
		if n := b.Eval(`document.getAnimations().length`); n != "0" {
			b.Errorf("%s moves, though nothing should: %s", page, n)
		}
		b.keep("forced-" + page)
	})
	b.Clean("the journey in forced colours")
}

// makeOld takes out of a page's styles what a browser of November 2020 does not know, and gives it
// what is meant for such a one.
const makeOld = `(() => {
	const names = ["CSSLayerBlockRule", "CSSLayerStatementRule", "CSSContainerRule"];
	let layers = 0;
	const old = list => { for (let i = list.cssRules.length - 1; i >= 0; i--) {
		const r = list.cssRules[i];
		layers += r.constructor.name === "CSSLayerBlockRule";
		if (names.includes(r.constructor.name) || /:has\(|:is\(|:where\(|:focus-visible/.test(r.selectorText || "")) list.deleteRule(i);
		else if (r.constructor.name === "CSSSupportsRule" && r.conditionText.includes("1cqw")) {
			const inner = [...r.cssRules].map(x => x.cssText);
			list.deleteRule(i);
			inner.forEach((x, n) => list.insertRule(x, i + n));
		} else if (r.style) for (const p of ["gap", "row-gap", "column-gap", "inset", "rotate", "accent-color", "text-wrap", "text-wrap-style", "margin-block", "margin-inline", "padding-block", "padding-inline"]) {
			if (r.cssText.includes(" " + p + ":") && !(p.endsWith("gap") && r.style.display === "grid")) r.style.removeProperty(p);
		}
	} };
	for (const s of document.styleSheets) old(s);
	return layers;
})()`

// aged is somebody with a browser of six years ago: axe finds nothing, nothing sticks out, and
// what can be pressed looks so.
func (w *walk) aged() {
	b := w.tab()
	w.screens(b, "alma", "0701234564", func(page string) {
		if b.Eval(makeOld) == "0" {
			b.Fatal("Designsystemet was not there to be taken away")
		}
		for scheme, width := range map[string]int64{"light": 390, "dark": 1280} {
			b.show(width, scheme)
			for _, v := range b.violations(runAxe) {
				b.Errorf("%s in an old browser, %s: %s", page, scheme, v)
			}
			if s := b.Eval(widest); s != "" {
				b.Errorf("%s in an old browser is too wide for %d px: %s", page, width, s)
			}
			if s := b.Eval(faint); s != "" {
				b.Errorf("%s in an old browser shows only by colour: %s", page, s)
			}
			b.keep("aged-" + page + "-" + scheme)
		}
		b.tall()
	})
	b.Clean("the journey in an old browser")
}

// keep leaves one picture of the page as it is.
func (b *tab) keep(name string) {
	b.Helper()
	dir := os.Getenv("SIGILL_SHOTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	b.picture(filepath.Join(dir, name+".png"))
}

// again presses for another code. Where a script counts down, its minute is made to pass first:
// until then the button says no.
func (b *tab) again() *tab {
	b.Helper()
	if b.script && b.Eval(`!!document.querySelector("form[data-wait]")`) == "true" {
		if s := b.Eval(`document.querySelector("form[data-wait]").innerText`); !strings.Contains(s, "igen om ") {
			b.Errorf("nothing counts down: %q", s)
		}
		b.act("press too early", chromedp.Click(`form[data-wait] button`, chromedp.ByQuery))
		b.Eval(`(() => { const now = Date.now() + 60000; Date.now = () => now; return "" })()`)
		b.Becomes(`!document.querySelector("form[data-wait] [aria-disabled]") && document.querySelector("form[data-wait] [role=status]").innerText.includes("Nu kan du be om en ny kod")`)
	}
	return b.Sends("/m/again")
}
