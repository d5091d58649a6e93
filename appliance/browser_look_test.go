package appliance_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axe is the source of axe-core, which install/test.sh puts where caches belong.
var axe = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(filepath.Join(cache, "sigill/node_modules/axe-core/axe.min.js"))
	return string(b), err
})

// runAxe asks for every rule of WCAG 2.2 A and AA and for best practice; target-size
// is off in axe unless named. Where the page has been scrolled to, as by a field with a
// fault, the bar on top lies over a part of it.
var runAxe = fmt.Sprintf(runRules, "true")

// runWords asks for every rule but those that look at colours.
var runWords = fmt.Sprintf(runRules, "false")

const runRules = `(async () => {
  scrollTo(0, 0);
  const colours = {enabled: %s};
  const r = await axe.run(document, {iframes: false, resultTypes: ["violations"], rules: {"target-size": {enabled: true}, "color-contrast": colours, "link-in-text-block": colours},
    runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}});
  return r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target + ": " + n.failureSummary.replace(/\s+/g, " ")));
})()`

// runColours asks for those rules that look at colours.
const runColours = `(async () => {
  const r = await axe.run(document, {iframes: false, resultTypes: ["violations"], runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}});
  return r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target + ": " + n.failureSummary.replace(/\s+/g, " ")));
})()`

// twins finds ids that stand twice on a page.
const twins = `(() => { const seen = {}; for (const e of document.querySelectorAll("[id]")) seen[e.id] = (seen[e.id] || 0) + 1;
  return Object.keys(seen).filter(i => seen[i] > 1).join(" ") })()`

// unseenFocus describes the element that has the focus if nothing shows it.
const unseenFocus = `(() => { const e = document.activeElement; if (!e || e === document.body || e.tagName === "IFRAME") return "";
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  const ring = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== "none";
  const there = r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth;
  return ring && there ? "" : e.outerHTML.slice(0, 120) + (ring ? " is out of sight" : " shows no focus") })()`

// widest names what is wider than the window.
const widest = `(() => { const w = document.documentElement.clientWidth; if (document.documentElement.scrollWidth <= w) return "";
  return document.documentElement.scrollWidth + ": " + [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > w + 0.5).map(e => e.tagName + "." + e.className).slice(0, 5).join(", ") })()`

// everyView reports whether SIGILL_EVERY_VIEW asks for each page in each language, light and
// dark, on phone and desktop. That takes an hour; without it, views take turns.
func everyView() bool { return os.Getenv("SIGILL_EVERY_VIEW") != "" }

// sight is a way to look at a page.
type sight struct {
	width  int64
	scheme string
}

// sights are all there are. What differs by colour is seen after what differs by width.
var sights = []sight{{390, "light"}, {390, "dark"}, {1280, "light"}, {1280, "dark"}}

// abroad are those for the languages beside Swedish, whose phone is the smallest there is.
var abroad = []sight{{320, "light"}, {320, "dark"}, {1280, "light"}, {1280, "dark"}}

// sightsOf are those in which a page is examined in Swedish, as it stands: fewer if it is
// seen in every other language too, without script.
func (b *tab) sightsOf(name string, again bool) []sight {
	both := []sight{{390, "light"}, {1280, "dark"}}
	switch {
	case everyView():
		return sights
	case b.script && again:
		return both[len(name)%2:][:1]
	case b.script:
		return both
	case again:
		return nil
	}
	return []sight{{390, "dark"}}
}

// Look examines the page that is open: by axe-core in some sights; at 320 px for what sticks
// out; by keyboard for the focus. With SIGILL_SHOTS it leaves pictures there, to be looked at.
// A page that can be asked for again, by its address or its form, is seen in every other
// language too, without script (inOthers).
func (b *tab) Look(name string) *tab {
	b.Helper()
	form := b.posted()
	again := b.repeats(form)
	for _, s := range b.sightsOf(name, again) {
		b.examine(s, fmt.Sprintf("%s, script %t", name, b.script))
	}
	b.show(320, "light")
	if s := b.Eval(widest); s != "" {
		b.Errorf("%s is too wide for 320 px: %s", name, s)
	}
	if s := b.Eval(twins); s != "" {
		b.Errorf("%s: these ids stand twice: %s", name, s)
	}
	if b.script {
		b.show(1280, "light")
		b.focus(name)
		b.shoot(name)
	}
	if again {
		b.inOthers(name, form)
	}
	for _, l := range strings.Fields(b.Eval(`[...document.querySelectorAll("a[href]")].map(a => a.pathname).join("\n")`)) {
		b.links[l] = true
	}
	b.tall()
	b.Clean(name)
	return b
}

// examine has axe look at the page in one way. In every view the dark one comes after the
// light one of the same width, and only colours are new in it. Colours are the same in every
// language, and take axe longer than all else: else they are looked at in Swedish alone.
func (b *tab) examine(s sight, what string) {
	b.Helper()
	b.show(s.width, s.scheme)
	run := runAxe
	switch {
	case everyView() && s.scheme == "dark":
		run = runColours
	case b.foreign && !everyView():
		run = runWords
	}
	for _, v := range b.violations(run) {
		b.Errorf("%s, %d px, %s: %s", what, s.width, s.scheme, v)
	}
}

// show has the window as wide as that, and light or dark.
func (b *tab) show(width int64, scheme string) {
	b.Helper()
	if b.shown.scheme != scheme {
		b.prefers(scheme)
	}
	if b.shown.width != width {
		b.shown.width = width
		b.act("show", chromedp.EmulateViewport(width, 900))
	}
}

// prefers has the pages know what somebody has chosen in their system: light or dark, that
// nothing moves, since what does cannot be hit by a click that was aimed before, and more.
func (b *tab) prefers(scheme string, more ...*emulation.MediaFeature) {
	b.Helper()
	if b.shown.scheme = scheme; len(more) > 0 {
		b.shown.scheme = "" // none of those to look at
	}
	b.act("prefer", emulation.SetEmulatedMedia().WithFeatures(append(more,
		&emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme}, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})))
}

// tall has a window in which everything is in sight: a click needs no scrolling, after
// which a busy browser may still look for its target where it was before.
func (b *tab) tall() {
	b.Helper()
	b.shown.width = 0 // none of those either
	b.act("stand tall", chromedp.EmulateViewport(1280, 4000))
}

func (b *tab) violations(run string) (list []string) {
	b.Helper()
	source, err := axe()
	if err != nil {
		b.Fatalf("install/test.sh brings axe-core: %v", err)
	}
	actions := []chromedp.Action{}
	if !b.script {
		// The page came without script and nothing of it runs now; axe must.
		actions = append(actions, emulation.SetScriptExecutionDisabled(false))
	}
	if b.Eval(`typeof axe`) == "undefined" {
		actions = append(actions, chromedp.ActionFunc(func(ctx context.Context) error { return b.bringAxe(ctx, source) }))
	}
	actions = append(actions, chromedp.Evaluate(run, &list, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if !b.script {
		actions = append(actions, emulation.SetScriptExecutionDisabled(true))
	}
	b.act("run axe", actions...)
	return list
}

// bringAxe runs axe's source on the page. A window keeps it compiled from page to page, as
// long as Chromium gives it no other process.
func (b *tab) bringAxe(ctx context.Context, source string) error {
	if b.axe != "" && b.runsAxe(ctx) == nil {
		return nil
	}
	id, thrown, err := runtime.CompileScript(source, "axe.js", true).Do(ctx)
	switch {
	case err != nil:
		return err
	case thrown != nil:
		return thrown
	}
	b.axe = id
	return b.runsAxe(ctx)
}

// runsAxe runs it as it was compiled.
func (b *tab) runsAxe(ctx context.Context) error {
	_, thrown, err := runtime.RunScript(b.axe).Do(ctx)
	if err == nil && thrown != nil {
		err = thrown
	}
	return err
}

// focus goes through the page by keyboard and wants to see where it is.
func (b *tab) focus(name string) {
	b.Helper()
	stops := 0
	b.act("count", chromedp.Evaluate(`document.querySelectorAll("a[href],button:not([hidden]),input:not([type=hidden]),textarea,select,summary,[tabindex='0']").length`, &stops))
	for range min(stops+1, 12) {
		b.act("tab", chromedp.KeyEvent(kb.Tab))
		unseen := b.unseen()
		if unseen != "" { // once more, as a person would: a busy browser may take the key for no key
			b.act("tab back", chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(input.ModifierShift)))
			b.act("tab", chromedp.KeyEvent(kb.Tab))
			unseen = b.unseen()
		}
		if unseen != "" {
			b.Errorf("%s: %s", name, unseen)
		}
	}
	b.act("unfocus", chromedp.Evaluate(`document.activeElement.blur(); scrollTo(0, 0)`, nil))
}

// unseen describes the element that has the focus if nothing shows it. A busy browser may
// draw the ring a moment after the key.
func (b *tab) unseen() (what string) {
	b.Helper()
	for range 20 {
		if what = b.Eval(unseenFocus); what == "" {
			return ""
		}
		b.pause()
	}
	return what
}

// shoot leaves pictures of the page.
func (b *tab) shoot(name string) {
	b.Helper()
	dir := os.Getenv("SIGILL_SHOTS")
	if dir == "" {
		return
	}
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.show(width, scheme)
			b.picture(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)))
		}
	}
}

func (b *tab) picture(path string) {
	b.Helper()
	var png []byte
	b.act("shoot", chromedp.FullScreenshot(&png, 100))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.Fatal(err)
	}
}
