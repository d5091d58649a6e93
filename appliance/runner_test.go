package appliance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"sigill/appliance"
)

// journey is one demo, driven through its real doors: SMTP, HTTP, and the trap that
// plays the rest of the world. Its clock is turned, never waited for.
type journey struct {
	testing.TB
	demo *appliance.Demo
	info struct {
		Portal, SMTP, Trap string
		Accounts           []struct{ Role, Email, Password string }
	}
	log  *safeBuffer
	stop func()
}

// safeBuffer takes the log of all parts.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) Bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b.Bytes())
}

func newJourney(t testing.TB) *journey { return newJourneyIn(t, t.TempDir()) }

// founded is a demo's directory with its people in it, made once: each of them costs an
// Argon2id, and there are many journeys.
var founded = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "sigill-founded-"); err != nil {
		return "", err
	}
	foundedIn = dir
	d, err := appliance.NewDemo(context.Background(), appliance.DemoConfig{
		Dir: dir, Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return dir, err
	}
	return dir, appliance.CloseDemo(d) // it never runs: each journey is the first to begin
})

var foundedIn string // "" until somebody has asked

func TestMain(m *testing.M) {
	if told := os.Getenv(guessing); told != "" {
		os.Exit(guess(told))
	}
	code := m.Run()
	if foundedIn != "" {
		os.RemoveAll(foundedIn)
	}
	os.Exit(code)
}

// settle copies what founded has into a directory that is empty yet. The reserve is
// made again by whoever opens the store.
func settle(t testing.TB, dir string) {
	t.Helper()
	if list, err := os.ReadDir(dir); err == nil && len(list) > 0 {
		return
	}
	from, err := founded()
	if err != nil {
		t.Fatal(err)
	}
	copyHouse(t, from, dir)
}

// copyHouse copies the directory of a demo that does not run.
func copyHouse(t testing.TB, from, dir string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, strings.TrimPrefix(path, from))
		switch {
		case e.IsDir():
			return os.MkdirAll(to, 0o700)
		case e.Name() == "reserve" || !e.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// newJourneyIn starts the demo in a directory, which may have been used before. Each
// of prepare sees it before it runs.
func newJourneyIn(t testing.TB, dir string, prepare ...func(*appliance.Demo)) *journey {
	t.Helper()
	settle(t, dir)
	j := &journey{TB: t, log: &safeBuffer{}}
	ctx, cancel := context.WithCancel(context.Background())
	demo, err := appliance.NewDemo(ctx, appliance.DemoConfig{
		Dir: dir, Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0",
		Log: slog.New(slog.NewTextHandler(j.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	j.demo = demo
	for _, p := range prepare {
		p(demo)
	}
	done := make(chan error, 1)
	go func() { done <- demo.Run(ctx) }()
	j.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the demo ended with: %v", err)
		}
	})
	t.Cleanup(j.stop)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log's end:\n%s", lastLines(j.log.Bytes(), 400))
		}
	})
	j.readInfo(dir)
	return j
}

// lastLines returns the last n lines: a town's log has forty thousand, and what failed stands before them.
func lastLines(log []byte, n int) []byte {
	for i := len(log) - 1; i > 0; i-- {
		if log[i-1] == '\n' {
			if n--; n == 0 {
				return log[i:]
			}
		}
	}
	return log
}

func (j *journey) readInfo(dir string) {
	j.Helper()
	b := readFile(j, dir+"/demo.json")
	if err := json.Unmarshal(b, &j.info); err != nil {
		j.Fatal(err)
	}
}

// letter is a mail that somebody of the house sends.
type letter struct {
	from    string
	to      []string
	subject string
	header  string // more header lines
	body    string // with its MIME header, if raw
	raw     string // the whole mail instead
}

func (l letter) bytes() []byte {
	if l.raw != "" {
		return []byte(strings.ReplaceAll(l.raw, "\n", "\r\n"))
	}
	m := "From: " + l.from + "\nTo: " + strings.Join(l.to, ", ") + "\nSubject: " + l.subject +
		"\nMessage-ID: <" + fmt.Sprint(time.Now().UnixNano()) + "@exempelkommun.se>\n" + l.header
	if !strings.Contains(l.header, "Content-Type") {
		m += "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	}
	return []byte(strings.ReplaceAll(m+"\n"+l.body, "\n", "\r\n"))
}

const caseworker = "maria.ek@exempelkommun.se"

// Send hands a letter in by SMTP and wants it taken.
func (j *journey) Send(l letter) {
	j.Helper()
	if err := j.TrySend(l); err != nil {
		j.Fatalf("send: %v", err)
	}
}

// TrySend hands a letter in by SMTP.
func (j *journey) TrySend(l letter) error {
	j.Helper()
	if l.from == "" {
		l.from = caseworker
	}
	c, err := smtp.Dial(j.info.SMTP)
	if err != nil {
		j.Fatal(err)
	}
	defer c.Close()
	return c.SendMail(l.from, l.to, bytes.NewReader(l.bytes()))
}

// trapped is one mail or SMS in the trap.
type trapped struct {
	ID, Kind, From, Subject, Text, HTML, Raw string
	To                                       []string
}

// Trapped returns what is in the trap for one address or number, oldest first.
func (j *journey) Trapped(kind, to string) []trapped {
	j.Helper()
	var all []trapped
	j.getJSON(j.info.Trap+"/messages.json", &all)
	return slices.DeleteFunc(all, func(m trapped) bool { return m.Kind != kind || to != "" && !slices.Contains(m.To, to) })
}

func (j *journey) getJSON(url string, into any) {
	j.Helper()
	r, err := http.Get(url)
	if err != nil {
		j.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		j.Fatal(err)
	}
}

// Await returns the n-th mail (from 1) to an address, once the courier has carried it.
func (j *journey) Await(kind, to string, n int) trapped {
	j.Helper()
	return j.await(fmt.Sprintf("%s number %d to %s", kind, n, to), func() (trapped, bool) {
		all := j.Trapped(kind, to)
		if len(all) < n {
			return trapped{}, false
		}
		return all[n-1], true
	})
}

// AwaitSaying returns the first mail to an address that has words in its text: for
// whom several mails are on their way to, in whatever order the courier carries them.
func (j *journey) AwaitSaying(kind, to, words string) trapped {
	j.Helper()
	return j.await(fmt.Sprintf("%s to %s that says %q", kind, to, words), func() (trapped, bool) {
		all := j.Trapped(kind, to)
		i := slices.IndexFunc(all, func(m trapped) bool { return strings.Contains(m.Text, words) })
		if i < 0 {
			return trapped{}, false
		}
		return all[i], true
	})
}

func (j *journey) await(what string, look func() (trapped, bool)) trapped {
	j.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for time.Now().Before(deadline) {
		if m, is := look(); is {
			return m
		}
		j.pause()
	}
	j.Fatalf("no %s; there is: %v", what, j.summary())
	return trapped{}
}

// pause lets the courier work: it is another goroutine behind real sockets, so there
// is nothing here to wait on but a little time.
func (j *journey) pause() { <-time.After(5 * time.Millisecond) }

func (j *journey) summary() []string {
	var s []string
	for _, m := range append(j.Trapped("email", ""), j.Trapped("sms", "")...) {
		s = append(s, m.Kind+" to "+strings.Join(m.To, ",")+": "+m.Subject)
	}
	return s
}

// Turn lets time go by; what is due is done when it returns.
func (j *journey) Turn(d time.Duration) {
	j.Helper()
	r, err := http.Post(j.info.Trap+"/clock?advance="+url.QueryEscape(d.String()), "", nil)
	if err != nil {
		j.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusOK {
		j.Fatalf("turn the clock: %s %s", r.Status, b)
	}
}

// Days turns the clock by days.
func (j *journey) Days(n int) { j.Helper(); j.Turn(time.Duration(n) * 24 * time.Hour) }

// stockholm is the demo's house's zone: its days are not the machine's.
func (j *journey) stockholm() *time.Location {
	j.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		j.Fatal(err)
	}
	return zone
}

// Date is the house's date in n days.
func (j *journey) Date(n int) string {
	j.Helper()
	return j.demo.Clock.Now().In(j.stockholm()).AddDate(0, 0, n).Format(time.DateOnly)
}

// browser is a person's browser, with cookies.
type browser struct {
	j    *journey
	c    *http.Client
	page string // of the last answer
	code int
	at   string // path of the last page
	head http.Header
}

// Browser opens a fresh browser.
func (j *journey) Browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		j.Fatal(err)
	}
	return &browser{j: j, c: &http.Client{Jar: jar}}
}

func (b *browser) do(r *http.Request) *browser {
	b.j.Helper()
	r.Header.Set("Accept-Language", "sv")
	res, err := b.c.Do(r)
	if err != nil {
		b.j.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.j.Fatal(err)
	}
	b.page, b.code, b.head, b.at = string(body), res.StatusCode, res.Header, res.Request.URL.Path
	if _, after, missing := strings.Cut(b.page, "⟦"); missing && strings.HasPrefix(b.head.Get("Content-Type"), "text/") { // as the catalogue shows what it has no words for
		b.j.Errorf("%s has no words for %.40q", b.at, after)
	}
	return b
}

// Get opens a path of the portal.
func (b *browser) Get(path string) *browser {
	b.j.Helper()
	r, err := http.NewRequest("GET", b.j.info.Portal+path, nil)
	if err != nil {
		b.j.Fatal(err)
	}
	return b.do(r)
}

var (
	formToken = regexp.MustCompile(`name="csrf" value="([^"]*)"`)
	codeIn    = regexp.MustCompile(`/m#([0-9A-Z-]{24})`)
	pinIn     = regexp.MustCompile(`\b([0-9]{6})\b`)
)

// Post sends a form with the token of the page that is open.
func (b *browser) Post(path string, fields ...string) *browser {
	b.j.Helper()
	v := url.Values{}
	if m := formToken.FindStringSubmatch(b.page); m != nil {
		v.Set("csrf", html.UnescapeString(m[1]))
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == "csrf" {
			v.Del("csrf")
		}
		v.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest("POST", b.j.info.Portal+path, strings.NewReader(v.Encode()))
	if err != nil {
		b.j.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.j.info.Portal)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// Upload sends a form with text and files.
func (b *browser) Upload(path, text string, files map[string]string) *browser {
	b.j.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if m := formToken.FindStringSubmatch(b.page); m != nil {
		w.WriteField("csrf", html.UnescapeString(m[1]))
	}
	w.WriteField("text", text)
	for name, content := range files {
		f, err := w.CreateFormFile("files", name)
		if err != nil {
			b.j.Fatal(err)
		}
		io.WriteString(f, content)
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

// Sees wants the page to say something.
func (b *browser) Sees(words ...string) *browser {
	b.j.Helper()
	for _, w := range words {
		if !strings.Contains(html.UnescapeString(b.page), w) {
			b.j.Fatalf("%s (%d) does not say %q:\n%.6000s", b.at, b.code, w, b.page)
		}
	}
	return b
}

// SeesNot wants the page not to say something.
func (b *browser) SeesNot(words ...string) *browser {
	b.j.Helper()
	for _, w := range words {
		if strings.Contains(html.UnescapeString(b.page), w) {
			b.j.Fatalf("%s says %q", b.at, w)
		}
	}
	return b
}

// At wants the browser to be at a path.
func (b *browser) At(path string) *browser {
	b.j.Helper()
	if b.at != path {
		b.j.Fatalf("at %s (%d), not at %s:\n%s", b.at, b.code, path, b.page)
	}
	return b
}

// CodeOf returns the code in a notice.
func (j *journey) CodeOf(m trapped) string {
	j.Helper()
	found := codeIn.FindStringSubmatch(m.Text)
	if found == nil {
		j.Fatalf("no link in:\n%s", m.Text)
	}
	return found[1]
}

// codeTo returns the code in the newest mail to an address that has one. A newcomer's
// first letter sends two, the invitation and the notice, in whatever order the courier
// carries them.
func (j *journey) codeTo(address string) string {
	j.Helper()
	return j.CodeOf(j.await("email to "+address+" with a code", func() (trapped, bool) {
		for _, m := range slices.Backward(j.Trapped("email", address)) {
			if codeIn.MatchString(m.Text) {
				return m, true
			}
		}
		return trapped{}, false
	}))
}

// Shows a code: the reader has typed it and pressed the button.
func (b *browser) ShowCode(code string) *browser {
	b.j.Helper()
	return b.Get("/m").Post("/m", "code", code)
}

// GiveLastPIN types the PIN of the last SMS to a number.
func (b *browser) GiveLastPIN(number string) *browser {
	b.j.Helper()
	return b.Post("/m/pin", "pin", b.j.LastPIN(number))
}

// LastPIN returns the PIN of the last SMS to a number.
func (j *journey) LastPIN(number string) string {
	j.Helper()
	all := j.Trapped("sms", number)
	if len(all) == 0 {
		j.Fatalf("no SMS to %s; there is: %v", number, j.summary())
	}
	m := pinIn.FindStringSubmatch(all[len(all)-1].Text)
	if m == nil {
		j.Fatalf("no PIN in %q", all[len(all)-1].Text)
	}
	return m[1]
}

// Opens opens a letter as its reader does, from the notice to the text.
func (b *browser) Opens(m trapped, number string) *browser {
	b.j.Helper()
	return b.ShowCode(b.j.CodeOf(m)).At("/m/pin").GiveLastPIN(number).At("/m/letter")
}

// SignsIn signs a person of the demo in.
func (b *browser) SignsIn(address string) *browser {
	b.j.Helper()
	for _, a := range b.j.info.Accounts {
		if a.Email == address {
			return b.SignsInAs(address, a.Password)
		}
	}
	b.j.Fatalf("%s is nobody in the demo", address)
	return b
}

// SignsInAs signs somebody in who is not of the demo's own people.
func (b *browser) SignsInAs(address, password string) *browser {
	b.j.Helper()
	return b.Get("/in").Post("/in", "address", address, "password", password).At("/mail")
}

// Follow opens the first link whose path matches.
func (b *browser) Follow(pattern string) *browser {
	b.j.Helper()
	m := regexp.MustCompile(`href="(` + pattern + `)"`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("no link %s on %s:\n%s", pattern, b.at, b.page)
	}
	return b.Get(html.UnescapeString(m[1]))
}

// Action returns the target of the first form whose path matches.
func (b *browser) Action(pattern string) string {
	b.j.Helper()
	m := regexp.MustCompile(`action="(` + pattern + `)"`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("no form %s on %s:\n%s", pattern, b.at, b.page)
	}
	return html.UnescapeString(m[1])
}
