package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sigill/appliance/door/web"
)

// demoView has one of every part.
type demoView struct {
	web.Frame
	Title, Lead, Go, Back, Remove, FilesTitle, StepsTitle, HelpTitle, Help string
	Alert                                                                  web.Alert
	Code, Number, Text                                                     web.Field
	Files                                                                  []demoFile
	Badge, Other                                                           web.Badge
	Steps                                                                  []web.Step
	When                                                                   time.Time
}

type demoFile struct {
	Name  string
	Bytes int64
}

func demo(r *web.Request) error {
	v := &demoView{
		Title: "Du har ett brev från Socialtjänsten", Lead: "Brevet kan läsas till och med 3 maj. Du behöver mobilen med numret som slutar på 67.",
		Go: "Skicka kod till min mobil", Back: "Avbryt", Remove: "Ta bort min kopia",
		FilesTitle: "Bilagor", StepsTitle: "Vad har hänt?", HelpTitle: "Kan du inte ta emot sms?", Help: "Ring oss på 0123-45 67 89. Senast ändrat",
		Alert:  web.Alert{Tone: web.Warning, Title: "Koden har gått ut", Text: "Det har gått mer än tio minuter. Be om en ny kod, så skickar vi den."},
		Code:   web.Field{Name: "code", Label: "Kod i mejlet", Hint: "Tjugo bokstäver och siffror", Value: "K7FQ-2QDM-9XWT-4HBN-T6RC", Required: true},
		Number: web.Field{Name: "pin", Label: "Sexsiffrig kod i sms:et", Auto: "one-time-code", Mode: "numeric", Max: 6, Short: true, Error: "Koden stämmer inte. Du har fyra försök kvar.", Value: "123456"},
		Text:   web.Field{Name: "text", Label: "Ditt svar", Rows: 4},
		Badge:  web.Badge{Tone: web.Success, Word: "Läst"}, Other: web.Badge{Tone: web.Danger, Word: "Sms kom inte fram"},
		Steps: []web.Step{
			{Word: "Inlämnat", When: "26 april 10:14", Stamp: "2026-04-26T10:14:00+02:00", Tone: web.Success},
			{Word: "Sms kom inte fram", When: "26 april 10:16", Stamp: "2026-04-26T10:16:00+02:00", Detail: "Numret finns inte. Ange ett annat nummer.", Tone: web.Danger},
			{Word: "Läst", Tone: web.Neutral},
		},
		When: r.Now(),
	}
	v.Files = []demoFile{{"beslut om försörjningsstöd 2026 med ett mycket långt namn.pdf", 182_000}, {"bilaga.docx", 1_440_000}}
	return r.Page("test/demo", v)
}

func demoHouse(t *testing.T) *house {
	return open(t, nil, get("/", web.Anyone, demo), post("/do", web.Anyone, func(r *web.Request) error { return r.Redirect("/") }),
		get("/signed", web.SignedIn, demo))
}

func TestFirstPage(t *testing.T) {
	h := demoHouse(t)
	r := h.do(h.client(), "GET", "/", nil)
	if r.StatusCode != 200 || strings.Contains(r.body, "⟦") {
		t.Fatal(r.StatusCode, r.body)
	}
	t.Run("it is less than 40 kB over the wire, with all that it loads", func(t *testing.T) {
		total := len(r.body) + headerSize(r.Response)
		loads := regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(r.body, -1)
		seen := map[string]bool{}
		for _, m := range loads {
			if seen[m[1]] {
				continue
			}
			seen[m[1]] = true
			a := h.do(h.client(), "GET", m[1], nil, "Accept-Encoding", "gzip, br")
			if a.StatusCode != 200 {
				t.Errorf("%s: %d", m[1], a.StatusCode)
			}
			total += len(a.body) + headerSize(a.Response)
			t.Logf("%s %d", m[1], len(a.body))
		}
		t.Logf("%d bytes in all, of them %d the page's", total, len(r.body))
		if total > 40_000 || len(seen) < 2 {
			t.Errorf("%d bytes, %d files", total, len(seen))
		}
	})
	t.Run("nothing in it needs what the policy forbids", func(t *testing.T) {
		if m := regexp.MustCompile(`(?i)<script(?:>| [^>]*>[^<])|<style| style=| on[a-z]+="|https?://`).FindString(r.body); m != "" {
			t.Errorf("%q", m)
		}
	})
	t.Run("its links, labels and descriptions have their ends", func(t *testing.T) {
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(r.body, -1) {
			if ids[m[1]] {
				t.Errorf("id %s twice", m[1])
			}
			ids[m[1]] = true
		}
		for _, m := range regexp.MustCompile(` (?:for|aria-describedby)="([^"]+)"`).FindAllStringSubmatch(r.body, -1) {
			for id := range strings.FieldsSeq(m[1]) {
				if !ids[id] {
					t.Errorf("nothing has the id %s", id)
				}
			}
		}
	})
}

func headerSize(r *http.Response) int {
	n := 0
	for k, v := range r.Header {
		n += len(k) + len(strings.Join(v, "")) + 4
	}
	return n
}

func TestAssets(t *testing.T) {
	h := demoHouse(t)
	path, err := h.assets.Path("narrow.css")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("compressed only for who takes it", func(t *testing.T) {
		for accept, want := range map[string]string{"gzip": "gzip", "br, gzip;q=0.5": "gzip", "gzip;q=0": "", "gzip; q=0.0": "", "br": "", "": ""} {
			r := h.do(h.client(), "GET", path, nil, "Accept-Encoding", accept)
			if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != want || r.Header.Get("Vary") != "Accept-Encoding" || r.Header.Get("Content-Type") != "text/css; charset=utf-8" {
				t.Errorf("%q: %d %q", accept, r.StatusCode, r.Header.Get("Content-Encoding"))
			}
		}
	})
	t.Run("an older release's path gets today's file, not to be kept", func(t *testing.T) {
		r := h.do(h.client(), "GET", "/static/0123456789abcdef/wide.css", nil)
		if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" {
			t.Error(r.StatusCode, r.Header)
		}
	})
	t.Run("what is no asset is absent", func(t *testing.T) {
		for _, p := range []string{"/static/x/../wide.css", "/static/x/sigill.css", "/static/x/wide.bundle", "/static/x/designsystemet/LICENSE", "/static/x/designsystemet/base.css", "/static/", "/static/x/", "/static/x/%2e%2e/embed.go"} {
			if r := h.do(h.client(), "GET", p, nil); r.StatusCode != 404 {
				t.Errorf("%s: %d", p, r.StatusCode)
			}
		}
	})
}

// TestInBrowser looks at the demo page in Chromium: no violation that axe knows,
// nothing wider than a small phone, and forms that work without JavaScript.
// SIGILL_SHOTS names a directory for the pictures.
func TestInBrowser(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to look at the pages in Chromium")
	}
	h := demoHouse(t)
	axe := axeSource(t)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true))
	if bin, err := exec.LookPath("chromium"); err == nil {
		opts = append(opts, chromedp.ExecPath(bin))
	}
	alloc, end := chromedp.NewExecAllocator(context.Background(), opts...)
	defer end()
	for _, tc := range []struct {
		name, path, scheme string
		width, height      int64
	}{
		{"phone", "/", "light", 390, 844}, {"desktop", "/", "light", 1280, 900}, {"dark", "/", "dark", 1280, 900}, {"narrow", "/", "light", 320, 640},
		{"missing", "/nowhere?lang=en", "light", 390, 844},
	} {
		t.Run(tc.name+" has no violation and nothing that sticks out", func(t *testing.T) {
			tab, end := chromedp.NewContext(alloc)
			defer end()
			tab, stop := context.WithTimeout(tab, 60*time.Second)
			defer stop()
			var found string
			var wide bool
			var shot []byte
			err := chromedp.Run(tab,
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: tc.scheme}}),
				chromedp.EmulateViewport(tc.width, tc.height),
				chromedp.Navigate(h.url+tc.path),
				chromedp.FullScreenshot(&shot, 100),
				chromedp.Evaluate(`document.documentElement.scrollWidth > document.documentElement.clientWidth`, &wide),
				chromedp.Evaluate(axe+";0", nil),
				chromedp.Evaluate(`axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}).then(r=>JSON.stringify({violations:r.violations.map(x=>x.id+' '+x.nodes.map(n=>n.target+' '+n.failureSummary)),passes:r.passes.length}))`,
					&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
			)
			if err != nil {
				t.Fatal(err)
			}
			if dir := os.Getenv("SIGILL_SHOTS"); dir != "" {
				_ = os.WriteFile(filepath.Join(dir, tc.name+".png"), shot, 0o600)
			}
			var r struct {
				Violations []string
				Passes     int
			}
			if err := json.Unmarshal([]byte(found), &r); err != nil {
				t.Fatal(err)
			}
			if len(r.Violations) > 0 || r.Passes < 10 {
				t.Errorf("%d passes, violations: %s", r.Passes, strings.Join(r.Violations, "\n"))
			}
			if wide {
				t.Error("something is wider than the screen")
			}
		})
	}
	t.Run("a form works without JavaScript, and the browser names our origin", func(t *testing.T) {
		origin := make(chan string, 1)
		h := open(t, nil, get("/", web.Anyone, plain("start")), post("/do", web.Anyone, func(r *web.Request) error {
			origin <- r.Header("Origin") + " " + r.Header("Sec-Fetch-Site")
			return plain("it worked")(r)
		}))
		tab, end := chromedp.NewContext(alloc)
		defer end()
		tab, stop := context.WithTimeout(tab, 60*time.Second)
		defer stop()
		var title string
		var cookies []*network.Cookie
		err := chromedp.Run(tab, emulation.SetScriptExecutionDisabled(true), chromedp.Navigate(h.url+"/"),
			chromedp.Click("button", chromedp.ByQuery), chromedp.WaitVisible(`//h1[text()="it worked"]`, chromedp.BySearch), // not the h1 before
			chromedp.ActionFunc(func(ctx context.Context) (err error) {
				cookies, err = network.GetCookies().Do(ctx)
				return err
			}))
		if err != nil {
			t.Fatal(err)
		}
		if got := <-origin; got != h.url+" same-origin" {
			t.Error(got)
		}
		if err := chromedp.Run(tab, chromedp.Title(&title)); err != nil || !strings.HasPrefix(title, "it worked") {
			t.Error(title, err)
		}
		bound := false
		for _, c := range cookies { // cookies know no port: those of the pages above are among them
			bound = bound || c.Name == "sigill-form"
			if !c.HTTPOnly || c.SameSite != network.CookieSameSiteStrict {
				t.Errorf("%+v", c)
			}
		}
		if !bound {
			t.Error("the form's cookie is missing")
		}
	})
	t.Run("a link from another site arrives signed in", func(t *testing.T) {
		h := open(t, nil, get("/signed", web.SignedIn, plain("for me")))
		token := h.sessions.begin(person)
		port := h.url[strings.LastIndex(h.url, ":"):]
		mail := open(t, nil, get("/mail", web.Anyone, plain("mail"))) // another site: localhost is not 127.0.0.1
		tab, end := chromedp.NewContext(alloc)
		defer end()
		tab, stop := context.WithTimeout(tab, 60*time.Second)
		defer stop()
		var text string
		err := chromedp.Run(tab, network.SetCookie("sigill", cookieText(token)).WithURL(h.url).WithSameSite(network.CookieSameSiteStrict),
			chromedp.Navigate(strings.Replace(mail.url, "127.0.0.1", "localhost", 1)+"/mail"),
			page.SetBypassCSP(true),
			chromedp.Evaluate(`location.href = "http://127.0.0.1`+port+`/signed"; 0`, nil),
			chromedp.WaitVisible(`//h1[text()="for me"]`, chromedp.BySearch), chromedp.Text("h1", &text, chromedp.ByQuery))
		if err != nil || text != "for me" {
			t.Error(text, err)
		}
	})
}

// axeSource returns axe-core, fetched through npm into a place of its own, or
// from SIGILL_AXE.
func axeSource(t *testing.T) string {
	t.Helper()
	path := os.Getenv("SIGILL_AXE")
	if path == "" {
		dir := t.TempDir()
		c := exec.Command("npm", "pack", "--silent", "axe-core@4.14.1")
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("fetch axe-core: %v\n%s", err, out)
		}
		c = exec.Command("tar", "xzf", "axe-core-4.14.1.tgz", "package/axe.min.js")
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("unpack axe-core: %v\n%s", err, out)
		}
		path = filepath.Join(dir, "package", "axe.min.js")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
