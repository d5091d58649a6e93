package appliance_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance/mail"
)

// fields are what somebody fills into a form, by name.
type fields map[string]string

// Fills sends a form that takes a picture.
func (b *browser) Fills(path string, with fields, picture []byte) *browser {
	b.j.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if m := formToken.FindStringSubmatch(b.page); m != nil {
		w.WriteField("csrf", html.UnescapeString(m[1]))
	}
	if m := seenField.FindStringSubmatch(b.page); m != nil && with["seen"] == "" {
		w.WriteField("seen", m[1])
	}
	for name, value := range with {
		w.WriteField(name, value)
	}
	if picture != nil {
		f, err := w.CreateFormFile("picture", "logo.png")
		if err != nil {
			b.j.Fatal(err)
		}
		f.Write(picture)
	}
	w.Close()
	r, err := http.NewRequest("POST", b.j.info.Portal+path, &body)
	if err != nil {
		b.j.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Origin", b.j.info.Portal)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

var seenField = regexp.MustCompile(`<input type="hidden" name="seen" value="([^"]*)">`)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// Confirms sends the form that saves what a preview has shown.
func (b *browser) Confirms(at string) *browser {
	b.j.Helper()
	_, form, ok := strings.Cut(b.page, `action="`+at+`/save"`)
	if !ok {
		b.j.Fatalf("%s shows nothing to be saved:\n%s", b.at, b.page)
	}
	form, _, _ = strings.Cut(form, "</form>")
	with := fields{}
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		with[m[1]] = html.UnescapeString(m[2])
	}
	return b.Fills(at+"/save", with, nil)
}

// arms is a logo as somebody draws one: two colours on nothing.
func arms(t testing.TB) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 600, 200))
	for y := 20; y < 180; y++ {
		for x := 20; x < 580; x++ {
			c := color.NRGBA{0x0b, 0x4f, 0x8a, 255}
			if (x-100)*(x-100)+(y-100)*(y-100) < 60*60 {
				c = color.NRGBA{0xff, 0xcc, 0, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var pictureWithin = regexp.MustCompile(`src="data:image/png;base64,([^"]+)"`)

// logoName returns the name of the logo that a page shows, by which strangers get it.
func (b *browser) logoName() string {
	b.j.Helper()
	found := pictureWithin.FindStringSubmatch(b.page)
	if found == nil {
		b.j.Fatalf("no logo on %s", b.at)
	}
	data, err := base64.StdEncoding.DecodeString(html.UnescapeString(found[1]))
	if err != nil {
		b.j.Fatal(err)
	}
	return mail.Logo{Data: data}.Named().Name
}

var styleSheet = regexp.MustCompile(`href="(/tint/[^"]+)"`)

func TestBrand(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	social, building := boss.unit("Socialförvaltningen"), boss.unit("Bygg- och miljöförvaltningen")
	says := fields{
		"name": "Stöd & omsorg", "sender": "Stödenheten", "main": "#ffcc00", "line": "#7a1fa2", "phone": "0123-99 00 11", "web": "stod.exempelkommun.se/brev",
		"footer": "Storgatan 1\nÖppet 9–15", "letterhead": "Box 12\n123 45 Exempelköping", "extra.letter.sv": "Vi svarar i telefon mellan 9 och 11.",
	}
	maria, johan := "anna@example.se", "bo@example.org"
	t.Run("before saving one sees how it will look, and what was corrected; nothing is changed by that", func(t *testing.T) {
		b := boss.Get(social+"/brand").Sees("Utseende och texter", "från konfigurationen").Fills(social+"/brand", says, arms(t))
		b.Sees("Så här kommer det att se ut", "#ffcc00 är för ljus för vit text. Vi använder #", "Stödenheten, Exempelkommun", "Vi svarar i telefon mellan 9 och 11.", "är koden till ditt brev från Stöd & omsorg", "123 45 Exempelköping", `data-tint="ffcc00-7a1fa2"`, "data:image/png;base64,")
		j.Browser().Get("/").SeesNot("Stöd")
		boss.Get(social+"/brand").SeesNot("Stödenheten", "Ta tillbaka allt")
	})
	t.Run("each text of its own is seen in its mail, in its language", func(t *testing.T) {
		more := fields{"name": "Stöd & omsorg", "extra.letter.en": "We answer between 9 and 11.", "extra.recipient.fi": "Vastaamme kello 9–11.", "extra.number.da": "Ring før klokken 11."}
		b := boss.Get(social+"/brand").Fills(social+"/brand", more, nil)
		b.Sees("Det finns ett brev, English", "We answer between 9 and 11.", "Det finns ett brev i kontot, Suomi", "Mobilnumret är ändrat, Dansk", "67").SeesNot("Det finns ett brev, Svenska", "Inbjudan till ett konto, ")
		for _, m := range [...]struct{ lang, says string }{{"en", "We answer between 9 and 11."}, {"fi", "Vastaamme kello 9–11."}, {"da", "Ring før klokken 11."}} {
			if _, sample, ok := strings.Cut(b.page, `<div class="sample-main" lang="`+m.lang+`">`); !ok || !strings.Contains(sample, m.says) {
				t.Errorf("no mail in %s says %q", m.lang, m.says)
			}
		}
	})
	t.Run("what was seen is what is saved, the logo too", func(t *testing.T) {
		boss.Get(social+"/brand").Fills(social+"/brand", says, arms(t)).Confirms(social+"/brand").Sees("Utseendet är sparat", "Stödenheten", "data:image/png", "Ta tillbaka allt")
	})
	j.Send(letter{to: []string{maria + ".0701234567.s"}, subject: "Beslut", body: "Bifall."})
	notice := j.Await("email", maria, 1)
	t.Run("the notice of a letter from there has its sender, its words, its colours and the logo within it", func(t *testing.T) {
		if notice.From != "Stödenheten, Exempelkommun <sakerpost@brev.exempelkommun.se>" || notice.Subject != "Du har ett brev från Stödenheten, Exempelkommun" {
			t.Errorf("%q %q", notice.From, notice.Subject)
		}
		for _, w := range []string{"Vi svarar i telefon mellan 9 och 11.", "0123-99 00 11", "stod.exempelkommun.se/brev", "Storgatan 1\nÖppet 9–15"} {
			if !strings.Contains(strings.ReplaceAll(notice.Text, "\r", ""), w) {
				t.Errorf("the text does not say %q:\n%s", w, notice.Text)
			}
		}
		for _, w := range []string{`src="cid:logo.`, `alt="Stöd &amp; omsorg"`, "border-top:4px solid #7a1fa2", "Storgatan 1<br>"} {
			if !strings.Contains(notice.HTML, w) {
				t.Errorf("the page does not have %q:\n%s", w, notice.HTML)
			}
		}
		for _, w := range []string{"multipart/related", "Content-Id: <logo.", "image/png"} {
			if !strings.Contains(strings.ToLower(notice.Raw), strings.ToLower(w)) {
				t.Errorf("the mail does not have %q", w)
			}
		}
		if strings.Contains(notice.HTML, "http://") && strings.Contains(notice.HTML, "<img src=\"http") {
			t.Error("the mail fetches a picture")
		}
	})
	guest := j.Browser()
	t.Run("before the code the pages are the organisation's, and do not say whose letter it may be", func(t *testing.T) {
		guest.Get("/m").Sees("Exempelkommun").SeesNot("Stöd", "Socialtjänsten", "/tint/")
		guest.ShowCode("K7FQ-2QDM-9XWT-4HBN-T6RC").SeesNot("Stöd", "/tint/")
	})
	t.Run("with it they are the unit's, and so are the SMS and the letter, on paper too", func(t *testing.T) {
		guest.ShowCode(j.CodeOf(notice)).Sees("/logo/", `alt="Stöd & omsorg"`, "/tint/ffcc00-7a1fa2/", "Storgatan 1", "0123-99 00 11")
		sms := j.Trapped("sms", "+46701234567")
		if len(sms) != 1 || !strings.Contains(sms[0].Text, "är koden till ditt brev från Stöd & omsorg") {
			t.Errorf("%v", sms)
		}
		guest.GiveLastPIN("+46701234567").Sees("Brev från Stödenheten, Exempelkommun", `class="letterhead"`, "123 45 Exempelköping")
	})
	t.Run("style sheet and logo are kept by the browser for ever, and nothing else is there", func(t *testing.T) {
		css := styleSheet.FindStringSubmatch(guest.page)[1]
		picture := regexp.MustCompile(`src="(/logo/[^"]+)"`).FindStringSubmatch(guest.page)[1]
		for path, kind := range map[string]string{css: "text/css", picture: "image/png"} {
			b := j.Browser().Get(path)
			if b.code != 200 || !strings.HasPrefix(b.head.Get("Content-Type"), kind) || !strings.Contains(b.head.Get("Cache-Control"), "immutable") || len(b.page) > 9<<10 {
				t.Errorf("%s: %d %v, %d bytes", path, b.code, b.head, len(b.page))
			}
		}
		for _, path := range []string{css[:len(css)-1] + "x", "/tint/ffcc00-7a1fa/x", "/tint/..-../x", "/logo/" + strings.Repeat("0", 32), "/logo/x"} {
			if b := j.Browser().Get(path); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, b.code)
			}
		}
	})
	t.Run("another department's letters show nothing of it", func(t *testing.T) {
		boss.Get(boss.person(johanAt)).Post(boss.person(johanAt)+"/home", "unit", boss.units["Bygglov"])
		j.Send(letter{from: johanAt, to: []string{johan + ".0701234568.s"}, subject: "Bygglov", body: "Avslag."})
		m := j.Await("email", johan, 1)
		if m.From != "Socialtjänsten, Exempelkommun <sakerpost@brev.exempelkommun.se>" || strings.Contains(m.Raw, "multipart/related") {
			t.Errorf("%q", m.From)
		}
		j.Browser().ShowCode(j.CodeOf(m)).SeesNot("Stöd", "/tint/", "/logo/").GiveLastPIN("+46701234568").SeesNot("Stöd", "Box 12")
	})
	t.Run("a unit below says only what is its own, and shows the rest of the one above", func(t *testing.T) {
		below := boss.unit("Ekonomiskt bistånd") // Maria's
		b := boss.Get(below+"/brand").Sees("från Socialförvaltningen", "Utan egen: logotypen från Socialförvaltningen.")
		b.Fills(below+"/brand", fields{"name": "Ekonomiskt bistånd"}, nil).Sees("Ekonomiskt bistånd, Exempelkommun").Confirms(below + "/brand")
		j.Browser().ShowCode(j.CodeOf(notice)).Sees("/tint/ffcc00-7a1fa2/", `alt="Ekonomiskt bistånd"`, "Storgatan 1")
	})
	t.Run("a photograph stays as it is while other things are changed", func(t *testing.T) {
		m := image.NewGray(image.Rect(0, 0, 300, 100))
		for i := range m.Pix {
			m.Pix[i] = uint8(i * i / 97)
		}
		var photo bytes.Buffer
		if err := jpeg.Encode(&photo, m, nil); err != nil {
			t.Fatal(err)
		}
		at := building + "/brand"
		shown := func() string {
			return regexp.MustCompile(`src="data:image/jpeg;base64,([^"]+)"`).FindStringSubmatch(boss.Get(at).page)[1]
		}
		boss.Get(at).Fills(at, fields{"name": "Bygg"}, photo.Bytes()).Confirms(at)
		first := shown()
		boss.Get(at).Fills(at, fields{"name": "Bygg", "footer": "Storgatan 2", "kept": html.UnescapeString(first)}, nil).Confirms(at).Sees("Storgatan 2")
		if shown() != first {
			t.Error("it is another picture")
		}
		boss.Get(at).Post(at + "/reset")
	})
	t.Run("what is taken back shows the unit above again", func(t *testing.T) {
		below := boss.unit("Ekonomiskt bistånd")
		boss.Get(below + "/brand").Post(below + "/brand/reset").Sees("Det som stod här är borttaget").SeesNot("Ta tillbaka allt")
		boss.Get(social + "/brand").Post(social + "/brand/reset")
		j.Browser().ShowCode(j.CodeOf(notice)).SeesNot("/tint/", "/logo/", "Stöd")
	})
	t.Run("who saves over what somebody else has changed meanwhile is told, and shown both", func(t *testing.T) {
		at := building + "/brand"
		other := j.Organiser(adminAt)
		boss.Get(at).Fills(at, fields{"name": "Bygg", "footer": "Storgatan 2"}, nil)
		other.Get(at).Fills(at, fields{"name": "Byggkontoret"}, nil).SeesNot("Någon annan har ändrat").Confirms(at).Sees("Utseendet är sparat")

		boss.Confirms(at).Sees("Någon annan har ändrat", "Så här kommer det att se ut", "Storgatan 2")
		if boss.code != http.StatusConflict {
			t.Error(boss.code)
		}
		other.Get(at).Sees("Byggkontoret").SeesNot("Storgatan 2")
		boss.Confirms(at).Sees("Utseendet är sparat", "Storgatan 2") // who has been told decides

		stale := seenField.FindStringSubmatch(boss.Get(at).page)[1]
		other.Get(at).Fills(at, fields{"name": "Byggkontoret"}, nil).Confirms(at)
		boss.Fills(at, fields{"name": "Bygg", "main": "blått", "seen": stale}, nil).Sees("Något behöver ändras", `value="`+stale+`"`)
		boss.Fills(at, fields{"name": "Bygg", "seen": stale}, nil).Sees("Någon annan har ändrat", "Så här kommer det att se ut")
		boss.Get(at).Post(at+"/reset", "seen", stale).Sees("Någon annan har ändrat", "Byggkontoret")
		boss.Post(at+"/reset", "seen", seenField.FindStringSubmatch(boss.page)[1]).Sees("Det som stod här är borttaget")
	})
	t.Run("an organiser of another branch neither sees nor changes it", func(t *testing.T) {
		karin := j.Organiser(karinAt)
		own := func() { karin.Get(social + "/brand") } // whose token the next form has
		for _, tries := range []func() *browser{
			func() *browser { return karin.Get(building + "/brand") },
			func() *browser { return karin.Fills(building+"/brand", says, nil) },
			func() *browser { return karin.Fills(building+"/brand/save", says, nil) },
			func() *browser { return karin.Post(building + "/brand/reset") },
		} {
			if own(); tries().code != http.StatusNotFound {
				t.Errorf("%s: %d", karin.at, karin.code)
			}
		}
		karin.Get(social+"/brand").Fills(social+"/brand", says, nil).Sees("Så här kommer det att se ut")
	})
}

// weighs returns what a page costs over the wire, with all that it loads.
func (b *browser) weighs(path string) (total int) {
	b.j.Helper()
	var load func(path string)
	seen := map[string]bool{}
	load = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		r, err := http.NewRequest("GET", b.j.info.Portal+path, nil)
		if err != nil {
			b.j.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip") // asked for by hand, it is not unpacked
		b.do(r)
		total += len(b.page)
		for name, values := range b.head {
			total += len(name) + len(strings.Join(values, ", ")) + 4
		}
		if b.head.Get("Content-Encoding") != "" || !strings.HasPrefix(b.head.Get("Content-Type"), "text/html") {
			return
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="(/(?:static|tint|logo)/[^"]+)"`).FindAllStringSubmatch(b.page, -1) {
			load(html.UnescapeString(m[1]))
		}
	}
	load(path)
	return total
}

func TestBrandWeighs(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	at := boss.unit("Exempelkommun") + "/brand"
	busy := image.NewNRGBA(image.Rect(0, 0, 900, 300))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range busy.Pix {
		busy.Pix[i] = uint8(r.IntN(256))
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, busy); err != nil {
		t.Fatal(err)
	}
	before := j.Browser().weighs("/m")
	boss.Get(at).Fills(at, fields{"name": "Exempelkommun", "main": "#0b4f8a", "line": "#ffcc00", "footer": strings.Repeat("Storgatan 1 i Exempelköping. ", 10)}, picture.Bytes()).Confirms(at).Sees("Utseendet är sparat")
	t.Run("with the largest logo that is taken, all colours and a long footer, the first page is below 40 kB", func(t *testing.T) {
		after := j.Browser().weighs("/m")
		t.Logf("%d bytes, %d before", after, before)
		if after > 40_000 || after < before+2000 {
			t.Errorf("%d bytes, %d before", after, before)
		}
	})
}

func TestHouseOnly(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	above, at := boss.unit("Socialförvaltningen"), boss.unit("Ekonomiskt bistånd")
	boss.Get(at+"/brand").Fills(at+"/brand", fields{"name": "Skyddsgruppen", "footer": "Hemliga gatan 1", "main": "#7a1fa2"}, arms(t)).Confirms(at + "/brand")
	boss.Get(above+"/brand").Fills(above+"/brand", fields{"name": "Skyddat boende", "houseonly": "yes"}, nil).Sees("Exempelkommun").SeesNot(`<p class="ds-heading" data-size="sm">Du har ett brev från Skyddat`).Confirms(above + "/brand")
	boss.Get(at + "/brand").Sees("Socialförvaltningen har bestämt att brev härifrån bara visar organisationen")
	j.Send(letter{to: []string{"anna@example.se.0701234567.s"}, subject: "Beslut", body: "Bifall."})
	m := j.Await("email", "anna@example.se", 1)
	t.Run("nothing in the notice tells of the unit", func(t *testing.T) {
		if m.From != "Exempelkommun <sakerpost@brev.exempelkommun.se>" || strings.Contains(m.Text+m.HTML, "Skydd") || strings.Contains(m.Text+m.HTML, "Socialtjänsten") || strings.Contains(m.Text, "Hemliga") || strings.Contains(m.Raw, "cid:") {
			t.Errorf("%s\n%s", m.From, m.Text)
		}
	})
	t.Run("nor in pages and SMS", func(t *testing.T) {
		b := j.Browser().ShowCode(j.CodeOf(m)).SeesNot("Skydd", "Hemliga", "/logo/", "/tint/")
		b.GiveLastPIN("+46701234567").SeesNot("Skydd", "Hemliga", "Socialtjänsten")
		if sms := j.Trapped("sms", "+46701234567"); !strings.Contains(sms[0].Text, "brev från Exempelkommun.") {
			t.Errorf("%q", sms[0].Text)
		}
	})
}

func TestHostileBrand(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	at := boss.unit("Socialförvaltningen") + "/brand"
	refused := func(name string, with fields, picture []byte, say string) {
		t.Run(name, func(t *testing.T) {
			b := boss.Get(at).Fills(at, with, picture)
			if b.code != http.StatusUnprocessableEntity {
				t.Errorf("%d", b.code)
			}
			b.Sees(say).SeesNot("Så här kommer det att se ut")
			if b := boss.Get(at).Fills(at+"/save", with, picture); b.code != http.StatusUnprocessableEntity {
				t.Errorf("saved: %d", b.code)
			}
		})
	}
	refused("a name that begins a line of a header is refused", fields{"sender": "Stöd\r\nBcc: ond@ond.example"}, nil, "tecken som inte går att visa")
	refused("so is one that turns the direction of writing", fields{"name": "Stöd\u202Ednätsdöts"}, nil, "tecken som inte går att visa")
	refused("a name without end", fields{"name": strings.Repeat("Stöd ", 40)}, nil, "för lång")
	refused("another's address in a text", fields{"extra.letter.sv": "Läs brevet på exempelkommun.se.inloggning.example i stället."}, nil, "exempelkommun.se.inloggning.example")
	refused("another's address with a dot of another alphabet", fields{"footer": "Gå till ond。example"}, nil, "ser ut som en adress")
	refused("an address of digits", fields{"footer": "Gå till 192.0.2.1"}, nil, "192.0.2.1")
	refused("a mail address elsewhere", fields{"letterhead": "svar@ond.example"}, nil, "ond.example")
	refused("a page elsewhere", fields{"web": "ond.example/brev"}, nil, "era egna domäner")
	refused("a page that only begins as ours", fields{"web": "exempelkommun.se@ond.example"}, nil, "era egna domäner")
	refused("a phone that is a sentence", fields{"phone": "ring 0123"}, nil, "Skriv numret med siffror")
	refused("a colour that is a style", fields{"main": "red;background:url(//ond.example)"}, nil, "Skriv färgen")
	refused("a drawing that can run", nil, []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "PNG eller JPEG")
	refused("half a picture", nil, arms(t)[:200], "skadad")
	refused("a picture that the form hands on and that is none", fields{"kept": base64.StdEncoding.EncodeToString([]byte("<script>"))}, nil, "PNG eller JPEG")
	t.Run("markup in a name is a name", func(t *testing.T) {
		boss.Get(at).Fills(at, fields{"name": `<script>alert(1)</script>`, "footer": `"><img src=x onerror=alert(1)>`}, nil)
		if strings.Contains(boss.page, "<script>alert") || strings.Contains(boss.page, "<img src=x") {
			t.Fatal("it is markup on the preview")
		}
		boss.Confirms(at)
		j.Send(letter{to: []string{"anna@example.se.0701234567.s"}, subject: "Beslut", body: "Bifall."})
		m := j.Await("email", "anna@example.se", 1)
		b := j.Browser().ShowCode(j.CodeOf(m))
		for _, page := range []string{m.HTML, b.page, boss.page} {
			if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
				t.Errorf("it is markup:\n%s", page)
			}
		}
	})
	t.Run("a file that does not end is cut off", func(t *testing.T) {
		b := boss.Get(at).Fills(at, nil, append(arms(t), make([]byte, 3<<20)...))
		if b.code != http.StatusRequestEntityTooLarge && b.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", b.code)
		}
	})
}
