package appliance_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// handbook is the help as a stranger and as somebody of the house meets it.
func (w *walk) handbook() {
	b := w.tab().Goes("/handbook").Look("handbook")
	b.Presses(`a[href="/handbook/citizen/no-sms"]`).Sees("Sms:et kommer inte").Look("handbook-chapter")
	b.Goes("/handbook/search").Fills("q", "SMSET").Presses(`form[action="/handbook/search"] button`).Sees("kapitel").Look("handbook-found")
	b.Goes("/handbook/search?q=kvantmekanik").Sees("Inget kapitel har de orden").Look("handbook-found-none")
	c := w.tab().Signs(caseworker).Goes("/write").Presses(`a.help`).At("/handbook/caseworker/writing").Look("handbook-signed-in")
	c.Goes("/handbook").Look("handbook-caseworker")
}

// gallery takes the pictures that the chapters show. Each is of a page that can be asked
// for, in each language of the handbook.
type gallery struct {
	*journey
	chrome *chrome
	dir    string // where they go; "" if they are only looked for
	taken  []string
}

// measures of a picture: of the window in CSS pixels, and how many dots one of them has.
type measures struct {
	suffix        string
	width, height int64
	scale         float64
}

var (
	phone   = measures{"phone", 390, 860, 1.5}
	desktop = measures{"desktop", 1100, 700, 1}
)

// TestHandbookPictures goes to every page that a chapter shows a picture of, in a town that
// is as tidy as a handbook wants it. With SIGILL_PICTURES it leaves the pictures there, made
// small; embed/handbook/README.md has the command.
func TestHandbookPictures(t *testing.T) {
	g := &gallery{chrome: newChrome(t), journey: newJourneyIn(t, t.TempDir()), dir: os.Getenv("SIGILL_PICTURES")}
	now := g.demo.Clock.Now().In(time.UTC)
	g.Turn(time.Date(now.Year(), now.Month(), now.Day()+1, 9, 14, 0, 0, time.UTC).Sub(now)) // when people are at work
	t.Run("what a citizen sees", g.citizen)
	t.Run("what a caseworker sees", g.caseworker)
	t.Run("what an organiser and an administrator see", g.organiser)
	t.Run("they are those that the chapters show", func(t *testing.T) {
		var shown []string
		for _, e := range editions(t) {
			for _, c := range e.Chapters {
				shown = append(shown, c.Pictures...)
			}
		}
		slices.Sort(shown)
		slices.Sort(g.taken)
		if shown = slices.Compact(shown); !slices.Equal(shown, g.taken) {
			t.Errorf("the chapters show\n%s\nand these are taken:\n%s", strings.Join(shown, "\n"), strings.Join(g.taken, "\n"))
		}
	})
}

// takes one picture in each language of the handbook, of a page by its path, which may have
// a fragment.
func (g *gallery) takes(b *tab, name string, m measures, path, sees string, prepare ...chromedp.Action) {
	g.Helper()
	place, fragment, _ := strings.Cut(path, "#")
	for _, lang := range []string{"en", "sv"} { // Swedish last: it is the language of the walk
		file := fmt.Sprintf("picture/%s/%s-%s.png", lang, name, m.suffix)
		g.taken = append(g.taken, file)
		if g.dir == "" && lang != "sv" {
			continue
		}
		b.prefers("light")
		b.act("show", chromedp.EmulateViewport(m.width, m.height, chromedp.EmulateScale(m.scale)))
		address := place + "?lang=" + lang
		if fragment != "" {
			address += "#" + fragment
		}
		b.Goes("/about").Goes(address) // a fragment alone loads no page
		if lang == "sv" {
			b.Sees(sees)
		}
		b.act("prepare", prepare...)
		if g.dir == "" {
			continue
		}
		var shot []byte
		b.act("shoot", chromedp.ActionFunc(func(ctx context.Context) (err error) {
			shot, err = page.CaptureScreenshot().Do(ctx)
			return err
		}))
		to := filepath.Join(g.dir, lang, name+"-"+m.suffix+".png")
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			g.Fatal(err)
		}
		if err := os.WriteFile(to, small(g, shot), 0o644); err != nil {
			g.Fatal(err)
		}
	}
	b.tall()
}

// small writes a picture of a page with at most 48 colours: pages have few, and the rest are
// the edges of letters.
func small(t testing.TB, shot []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	box := from.Bounds()
	count := map[color.RGBA]int{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			count[coarse(from.At(x, y))]++
		}
	}
	var colours []color.RGBA
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return slices.Compare([]uint8{a.R, a.G, a.B}, []uint8{b.R, b.G, b.B}) // the same picture twice is the same file
	})
	var palette color.Palette
	for _, c := range colours[:min(len(colours), 48)] {
		palette = append(palette, c)
	}
	to := image.NewPaletted(box, palette)
	near := map[color.RGBA]uint8{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := coarse(from.At(x, y))
			i, ok := near[c]
			if !ok {
				i = uint8(palette.Index(c))
				near[c] = i
			}
			to.SetColorIndex(x, y, i)
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// coarse is a colour by its higher bits, but white is white.
func coarse(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	cut := func(v uint32) uint8 { return uint8(min(255, (v>>8+4)/8*8)) }
	return color.RGBA{cut(r), cut(g), cut(b), 255}
}

func (g *gallery) citizen(t *testing.T) {
	g.TB = t
	g.Send(letter{to: []string{"anna@example.se.0701234567.s"}, raw: tidyLetter})
	notice := g.Await("email", "anna@example.se", 1)
	b := g.chrome.Tab(g.journey, true)
	g.takes(b, "code-filled", phone, "/m#"+g.CodeOf(notice), "Du har ett brev", until(`document.querySelector("[name=code]").value !== ""`))
	b.Code(g.CodeOf(notice)).Sends("/m").At("/m/pin")
	g.takes(b, "pin", phone, "/m/pin", "slutar på 67")
	b.Fills("pin", g.LastPIN("+46701234567")).Sends("/m/pin").At("/m/letter")
	g.takes(b, "letter", phone, "/m/letter", "Beslut om bistånd")
}

// until waits until an expression is true.
func until(expression string) chromedp.Action { return chromedp.Poll(expression, nil) }

// tidyLetter is a letter as one would like to get it.
const tidyLetter = `From: Maria Ek <maria.ek@exempelkommun.se>
To: anna@example.se
Subject: =?utf-8?Q?Beslut_om_bist=C3=A5nd?=
Message-ID: <tidy@exempelkommun.se>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="_1_"

--_1_
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Hej Anna,

du får det bistånd som du har sökt för maj. Beslutet är bifogat.

Hör av dig om något har ändrats.

Hälsningar
Maria Ek
--_1_
Content-Type: application/pdf; name="beslut.pdf"
Content-Disposition: attachment; filename="beslut.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--_1_--
`

func (g *gallery) caseworker(t *testing.T) {
	g.TB = t
	g.Send(letter{to: []string{"bo@example.se.0701234568.s", "cecilia@example.se.0701234569.s"}, subject: "Kallelse till möte", body: "Välkommen till oss.\n\nMaria Ek\n"})
	guest := g.Browser().Opens(g.Await("email", "bo@example.se", 1), "+46701234568")
	guest.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack, jag kommer.", nil)
	g.Await("email", "cecilia@example.se", 1)
	g.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: "Underlag inför mötet", body: "Hej."})
	g.Send(letter{from: karinAt, to: []string{caseworker + ".s"}, subject: "Semesterlista", body: "Hej."})
	g.Send(letter{to: []string{"disa@example.se.s"}, subject: "Komplettering", body: "Hej."})
	b := g.chrome.Tab(g.journey, true).Signs(caseworker)
	g.takes(b, "inbox", desktop, "/mail", "Underlag inför mötet")
	g.takes(b, "held", desktop, "/mail/held", "disa@example.se")
	b.Goes("/mail/sent").Presses(`.mails li:nth-child(2) a.main`).Sees("Kallelse till möte")
	g.takes(b, "sent", desktop, b.Path(), "bo@example.se", chromedp.Evaluate(`document.querySelector("#recipients").scrollIntoView()`, nil))
	b.Goes("/write").Fills("to", "anna@example.se", "subject", "Nytt beslut", "text", "Hej Anna,\n\nhär kommer det nya beslutet.\n\nMaria Ek").Presses(`button[value=save]`).Sees("Utkastet är sparat")
	draft := b.Path()
	g.takes(b, "write", desktop, draft, "Mottagare")
	g.takes(b, "check", desktop, draft+"/check", "Granska")
}

func (g *gallery) organiser(t *testing.T) {
	g.TB = t
	boss := g.Organiser(adminAt)
	unit := boss.unit("Socialförvaltningen")
	b := g.chrome.Tab(g.journey, true).Signs(adminAt)
	b.Goes(unit).Form(unit+"/mailbox", "name", "Socialförvaltningens reception", "address", "reception@exempelkommun.se").Sees("Ingen läser här")
	at := b.Path()
	b.Form(at+"/join", "address", caseworker).Sees("Maria Ek")
	b.Form(at+"/join", "address", johanAt).Sees("Johan Lind")
	b.Form(at+"/substitute", "address", karinAt).Sees("Karin Berg")
	g.Send(letter{from: johanAt, to: []string{"reception@exempelkommun.se.s"}, subject: "Besök på torsdag", body: "Hej."})
	g.Send(letter{from: karinAt, to: []string{"reception@exempelkommun.se.s"}, subject: "Nycklar till mötesrummet", body: "Hej."})
	box := "/box/" + strings.TrimPrefix(at, "/org/mailbox/")
	c := g.chrome.Tab(g.journey, true).Signs(caseworker)
	c.Goes(box).Sees("Besök på torsdag").Presses(`.mails a.main`)
	c.Sends(c.Path() + "/claim").Sees("Du har hand om")
	g.takes(c, "box", desktop, box, "Hos dig")
	g.takes(b, "unit", desktop, unit, "Enheter här under")
	g.takes(b, "mailbox-organiser", desktop, at, "De som läser här")
	g.takes(b, "brand", desktop, unit+"/brand", "Utseende och texter")
	g.takes(b, "usage", desktop, "/org/usage", "Summa")
	g.takes(b, "admin", desktop, "/admin", "Läget")
}
