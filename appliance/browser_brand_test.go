package appliance_test

import (
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// brands is how a unit comes to a look of its own, and how its letters look then, on
// screens and on paper.
func (w *walk) brands() {
	boss := w.Organiser(adminAt)
	at := boss.unit("Bygg- och miljöförvaltningen") + "/brand"
	b := w.tab().Signs(adminAt)
	b.Goes(at).Sees("Utseende och texter", "från konfigurationen").Look("brand")
	b.Fills("main", "gult", "web", "annan.example").Sends(at+"#preview").Sees("Något behöver ändras", "era egna domäner").Look("brand-faults")
	logo := filepath.Join(w.TempDir(), "logo.png")
	if err := os.WriteFile(logo, arms(w), 0o600); err != nil {
		w.Fatal(err)
	}
	b.Goes(at).Fills("name", "Bygg och miljö", "main", "#ffcc00", "line", "#7a1fa2", "footer", "Storgatan 1, Exempelköping\nÖppet vardagar 9–15", "letterhead", "Bygg- och miljöförvaltningen\nBox 12, 123 45 Exempelköping", `[name="extra.letter.sv"]`, "Vi svarar i telefon mellan 9 och 11.")
	b.act("pick a logo", chromedp.SetUploadFiles(`[name=picture]`, []string{logo}, chromedp.ByQuery))
	b.Sends(at+"#preview").Sees("Så här kommer det att se ut", "för ljus för vit text").Look("brand-preview")
	boss.Get(at).Fills(at, fields{"name": "Byggkontoret"}, nil).Confirms(at)
	b.Sends(at+"/save").Sees("Någon annan har ändrat", "Så här kommer det att se ut").Look("brand-stale")
	b.Sends(at + "/save").Sees("Utseendet är sparat").Look("brand-saved")
	boss.Get(boss.person(johanAt)).Post(boss.person(johanAt)+"/home", "unit", boss.units["Bygglov"])
	w.Send(letter{from: johanAt, to: []string{"barbro@example.se.0701234561.s"}, subject: "Bygglov för uterum", body: "Hej Barbro.\n\nDu får bygga ditt uterum. Beslutet gäller i fem år.\n\nHälsningar\nJohan Lind\n"})
	notice := w.Await("email", "barbro@example.se", 1)
	c := w.tab()
	c.Code(w.CodeOf(notice)).Sends("/m").At("/m/pin").Look("brand-pin")
	c.Fills("pin", w.LastPIN("+46701234561")).Sends("/m/pin").At("/m/letter").Look("brand-letter")
	c.OnPaper("brand-letter")
	b.Sends(at + "/reset").Sees("Det som stod här är borttaget")
	boss.Post(boss.person(johanAt)+"/home", "unit", boss.units["Barn och familj"])
}

// OnPaper wants a letter's page to be printed as a letter: with its head, and without what
// one presses.
func (b *tab) OnPaper(name string) *tab {
	b.Helper()
	b.act("think of paper", emulation.SetEmulatedMedia().WithMedia("print"))
	for what, expression := range map[string]string{
		"the letterhead is not shown":  `getComputedStyle(document.querySelector(".letterhead")).display === "none"`,
		"the page's header is printed": `getComputedStyle(document.querySelector("header.top")).display !== "none"`,
		"buttons are printed":          `[...document.querySelectorAll("main button, main .ds-button")].some(e => e.offsetParent !== null)`,
	} {
		if b.Eval(`String(`+expression+`)`) != "false" {
			b.Errorf("%s: %s", name, what)
		}
	}
	if dir := os.Getenv("SIGILL_SHOTS"); dir != "" && b.script {
		b.picture(filepath.Join(dir, name+"-print.png"))
	}
	b.act("think of screens", emulation.SetEmulatedMedia().WithMedia(""))
	b.shown.scheme = ""
	return b
}
