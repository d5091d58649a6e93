package appliance_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/door/wizard"
	"sigill/appliance/keyring"
	"sigill/backup/target/targettest"
)

// empty is a directory in which `sigill serve` begins with nothing but where to listen.
type empty struct {
	*journey
	dir  string
	mu   sync.Mutex
	said string
	at   string // where the portal listens, by whatever name
	end  func()
}

// newEmpty starts the program as `sigill serve` does. The portal is at a free port with the
// machine's own certificate; web says more of [web].
func newEmpty(t *testing.T, web string) *empty {
	t.Helper()
	e := &empty{journey: &journey{TB: t, log: &safeBuffer{}}, dir: t.TempDir()}
	if !strings.Contains(web, "listen") {
		web += "\nlisten = \"127.0.0.1:0\""
	}
	text := "unfinished = true\n" + fmt.Sprintf("data = %q\nkeys = %q\nrun = %q\n", e.dir+"/data", e.dir+"/keys", e.dir+"/run") +
		"[web]\n" + web + "\n[smtp]\nlisten = \"127.0.0.1:0\"\n[acme]\nlisten = \"\"\n"
	if err := os.WriteFile(e.file(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	e.start()
	t.Cleanup(func() { e.end() })
	return e
}

func (e *empty) file() string { return filepath.Join(e.dir, "sigill.toml") }

// start runs it until end is called. It returns when it has said where it goes on.
func (e *empty) start() {
	e.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	log := slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	before := e.words()
	go func() {
		done <- appliance.Serve(ctx, e.file(), appliance.Program{Config: e.file()}, log, func(format string, args ...any) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.said += fmt.Sprintf(format, args...)
		})
	}()
	e.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			e.Error(err)
		}
	})
	e.until("the start", func() bool { return len(e.words()) > len(before) })
	if m := portalSaid.FindAllString(e.words(), -1); m != nil {
		e.info.Portal = m[len(m)-1]
		e.at = "127.0.0.1" + e.info.Portal[strings.LastIndex(e.info.Portal, ":"):]
	}
}

func (e *empty) words() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.said
}

// until asks until it is so.
func (e *empty) until(what string, so func() bool) {
	e.Helper()
	for range 1500 {
		if so() {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	e.Fatalf("in vain waited for %s; it has said:\n%s\n%s", what, e.words(), e.log.Bytes())
}

var (
	portalSaid = regexp.MustCompile(`https?://[a-z.]+:[0-9]+`)
	codeSaid   = regexp.MustCompile(`/setup#([0-9A-Z-]{24})`)
	smtpSaid   = regexp.MustCompile(`SMTP (127\.0\.0\.1:[0-9]+)`)
	wordAsked  = regexp.MustCompile(`Ord ([0-9]+)<`)
)

// code is the one that was said last.
func (e *empty) code() string {
	e.Helper()
	m := codeSaid.FindAllStringSubmatch(e.words(), -1)
	if m == nil {
		e.Fatalf("no address in:\n%s", e.words())
	}
	return m[len(m)-1][1]
}

// Browser is one that takes the machine's own certificate, and finds every host here.
func (e *empty) Browser() *browser {
	b := e.journey.Browser()
	b.c.Transport = &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, e.at)
		},
	}
	return b
}

const (
	setupAdmin    = "karin.berg@prov.example"
	setupPassword = "fyra ord som passar"
)

// house says what the first steps ask for.
func (e *empty) house(b *browser) {
	e.Helper()
	b.Get("/setup").Post("/setup", "code", e.code()).At("/setup/language")
	b.Post("/setup/language", "house.language", "sv", "house.country", "SE", "house.zone", "Europe/Stockholm").At("/setup/organisation")
	b.Post("/setup/organisation", "house.name", "Provkommun", "house.department", "Omsorgen", "house.domains", "prov.example", "house.phone", "", "house.web", "").At("/setup/administrator").Sees("Provkommun")
}

// administrator makes the first one, and returns the key of their app.
func (e *empty) administrator(b *browser) (key string) {
	e.Helper()
	b.Post("/setup/administrator", "name", "Karin Berg", "address", setupAdmin, "password", setupPassword, "repeat", setupPassword).At("/setup/app")
	key = strings.ReplaceAll(keyOn.FindStringSubmatch(b.page)[1], " ", "")
	b.Post("/setup/app", "code", e.totp(key, 0)).At("/setup/kit")
	return key
}

func (e *empty) totp(key string, steps int) string {
	e.Helper()
	code, err := totp.GenerateCode(key, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		e.Fatal(err)
	}
	return code
}

// kit types back what is asked for, and practises. It returns the line of page 1.
func (e *empty) kit(b *browser) string {
	e.Helper()
	pages, err := appliance.ReadPages([]string{filepath.Join(e.dir, "keys", "recovery-kit.txt")})
	if err != nil || len(pages) != 5 {
		e.Fatal(len(pages), err)
	}
	b.Get("/setup/kit/print").Sees("Provkommun", pages[1].Words()[0])
	b.Get("/setup/kit")
	asked := wordAsked.FindAllStringSubmatch(b.page, -1)
	if len(asked) != 10 {
		e.Fatalf("%d words are asked for", len(asked))
	}
	words := func(wrong int) (form []string) {
		for i, p := range pages {
			for j := range 2 {
				var n int
				fmt.Sscan(asked[2*i+j][1], &n)
				word := p.Words()[n-1]
				if i == wrong && j == 1 {
					word = p.Words()[n%24]
				}
				form = append(form, fmt.Sprintf("word-%d-%d", i, j), word)
			}
		}
		return form
	}
	b.Post("/setup/kit", words(3)...).Sees("stämmer inte", "Sida 3, del 2 av 3")
	b.Get("/setup/kit").Post("/setup/kit", words(-1)...).At("/setup/kit").Sees("bladen är utskrivna")
	line := func(p keyring.Page) string {
		text, err := p.Text()
		if err != nil {
			e.Fatal(err)
		}
		return text
	}
	first, app, one, two := line(pages[0]), line(pages[1]), line(pages[2]), line(pages[4])
	b.Post("/setup/kit/practise", "line-0", first, "line-1", app, "line-2", one, "line-3", one).Sees("hör inte till").SeesNot(app)
	b.Post("/setup/kit/practise", "line-0", first, "line-1", app, "line-2", one, "line-3", "").Sees("fattas sidor")
	b.Post("/setup/kit/practise", "line-0", first, "line-1", app, "line-2", one, "line-3", strings.ToLower(two)).At("/setup/host").Sees("raderat från maskinen")
	for _, name := range []string{"recovery-kit.txt", "recovery-kit.html"} {
		if _, err := os.Lstat(filepath.Join(e.dir, "keys", name)); err == nil {
			e.Errorf("%s is still there", name)
		}
	}
	return first
}

// backup tries a directory that is not there, a bucket that will not do, and then a directory
// that does.
func (e *empty) backup(b *browser) {
	e.Helper()
	dir, s := filepath.Join(e.dir, "copies"), targettest.NewService(e)
	ca := filepath.Join(e.dir, "s3.pem")
	if err := os.WriteFile(ca, []byte(s.PEM()), 0o600); err != nil {
		e.Fatal(err)
	}
	b.Post("/setup/backup", "kind", "dir", "dir.path", "copies").Sees("Så här ska det se ut", "/srv/backup/sigill")
	b.Post("/setup/backup", "kind", "dir", "dir.path", dir).Sees("finns inte på den här maskinen", "ReadWritePaths="+dir)
	bucket := []string{"kind", "s3", "s3.url", s.URL, "s3.bucket", targettest.Bucket, "s3.region", "us-east-1", "s3.user", "AKIDEXAMPLE", "s3.path_style", "true"}
	b.Post("/setup/backup", bucket...).Sees("Ange antingen")
	bucket = append(bucket, "s3.secret", "bucket-secret")
	b.Post("/setup/backup", bucket...).Sees("Stället går inte att nå", "certificate").SeesNot("bucket-secret")
	s.KeepVersions(e)
	b.Post("/setup/backup", append(bucket[:len(bucket)-2:len(bucket)-2], "s3.ca_file", ca)...).Sees("sparar gamla kopior", "Det finns ett sparat")
	kept := filepath.Join(e.dir, "secrets", "backup-s3-secret")
	if got := string(readFile(e, kept)); got != "bucket-secret\n" {
		e.Errorf("kept is %q", got)
	}
	if b.Get("/setup/start"); strings.Contains(b.page, "fattas") {
		e.Error("without backups it does not start")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		e.Fatal(err)
	}
	b.Get("/setup/backup").Post("/setup/backup", "kind", "dir", "dir.path", dir).At("/setup/start").Sees("Stället för säkerhetskopior fungerar")
	if _, err := os.Lstat(kept); err == nil {
		e.Error("the secret of a bucket that nothing names is still there")
	}
	f, err := config.Draft(e.file())
	if err != nil || len(f.Backups) != 1 || f.Backups[0] != (config.Backup{Name: "dir", Kind: "dir", Path: dir}) {
		e.Errorf("%v %+v", err, f.Backups)
	}
}

// TestNobodyElseTakesTheSetUpOver tries to.
func TestNobodyElseTakesTheSetUpOver(t *testing.T) {
	e := newEmpty(t, "")
	paths := []string{"/setup/language", "/setup/organisation", "/setup/administrator", "/setup/app", "/setup/kit", "/setup/kit/print", "/setup/host", "/setup/mail", "/setup/sms", "/setup/senders", "/setup/retention", "/setup/backup", "/setup/start", "/setup/first"}
	posts := []string{"/setup/language", "/setup/organisation", "/setup/administrator", "/setup/app", "/setup/kit", "/setup/kit/practise", "/setup/host", "/setup/mail", "/setup/mail/try", "/setup/mail/check", "/setup/mail/dns",
		"/setup/sms", "/setup/sms/try", "/setup/sms/check", "/setup/senders", "/setup/retention", "/setup/backup", "/setup/start", "/setup/first", "/setup/later"}
	t.Run("every route of the set-up is tried here", func(t *testing.T) {
		for _, r := range wizard.New(wizard.Config{}).Routes() {
			if list := map[string][]string{"GET": paths, "POST": posts}[r.Method]; r.Path != "/setup" && !slices.Contains(list, r.Path) {
				t.Errorf("%s %s is not", r.Method, r.Path)
			}
		}
	})
	// shut wants every page and every form to lead to a place.
	shut := func(t *testing.T, b *browser, to string, posts []string) {
		t.Helper()
		for _, p := range paths {
			if b.Get(p); b.at != to {
				t.Errorf("GET %s leads to %s (%d)", p, b.at, b.code)
			}
		}
		before := string(readFile(t, e.file()))
		for _, p := range posts {
			if b.Post(p, "house.name", "Nidingsdåd", "house.language", "sv"); b.at != to {
				t.Errorf("POST %s leads to %s (%d)", p, b.at, b.code)
			}
		}
		if string(readFile(t, e.file())) != before {
			t.Error("the file was changed")
		}
	}
	t.Run("who has no code gets no further than the question for it", func(t *testing.T) { shut(t, e.Browser(), "/setup", posts) })
	t.Run("a wrong code is refused, and so is the right one after too many", func(t *testing.T) {
		b := e.Browser().Get("/setup")
		for range 20 {
			b.Post("/setup", "code", "0000-0000-0000-0000-0000").Sees("stämmer inte")
		}
		b.Post("/setup", "code", e.code()).Sees("stämmer inte")
	})
	t.Run("who is root on the machine gets a new address", func(t *testing.T) {
		address, err := appliance.SetupAddress(context.Background(), appliance.Places{Data: e.dir + "/data", Keys: e.dir + "/keys", Run: e.dir + "/run"})
		if err != nil || !strings.Contains(address, "/setup#") {
			t.Fatal(address, err)
		}
		e.mu.Lock()
		e.said += address
		e.mu.Unlock()
	})
	b, other := e.Browser(), e.Browser()
	b.Get("/setup").Post("/setup", "code", e.code()).At("/setup/language")
	t.Run("the code is good once", func(t *testing.T) {
		other.Get("/setup").Post("/setup", "code", e.code()).Sees("stämmer inte")
		shut(t, other, "/setup", posts[:3])
	})
	e.end()
	e.start()
	b.Get("/setup").At("/setup/language") // the browser is known after a restart
	b.Post("/setup/language", "house.language", "sv", "house.country", "SE", "house.zone", "Europe/Stockholm").At("/setup/organisation")
	b.Post("/setup/organisation", "house.name", "Provkommun", "house.department", "Omsorgen", "house.domains", "prov.example").At("/setup/administrator")
	t.Run("the first administrator is somebody of the house, with a good password", func(t *testing.T) {
		b.Post("/setup/administrator", "name", "X", "address", "x@elsewhere.example", "password", setupPassword, "repeat", setupPassword).Sees("prov.example")
		b.Post("/setup/administrator", "name", "X", "address", setupAdmin, "password", "kort", "repeat", "kort").Sees("minst 12")
		b.Post("/setup/administrator", "name", "X", "address", setupAdmin, "password", setupPassword, "repeat", "annat").Sees("inte lika")
	})
	first := e.Browser()
	first.c.Jar = &oldCookie{first.c.Jar, b.c.Jar} // what the cookie of the set-up is worth afterwards
	e.administrator(b)
	t.Run("as soon as there is an administrator, the cookie is worth nothing", func(t *testing.T) {
		shut(t, first, "/in", posts)
		shut(t, other, "/in", posts[:3])
	})
	t.Run("after a restart an administrator signs in anew, and nobody else comes in", func(t *testing.T) {
		b.Get("/setup/kit").Sees("Återställningspaket")
		e.end()
		e.start()
		if n := strings.Count(e.words(), "An administrator goes on"); n == 0 {
			t.Errorf("it does not say how it goes on:\n%s", e.words())
		}
		shut(t, b, "/in", posts)
	})
}

// oldCookie is a jar that still has the cookie of the set-up.
type oldCookie struct {
	http.CookieJar
	from http.CookieJar
}

func (k *oldCookie) Cookies(u *url.URL) (list []*http.Cookie) {
	if k.from != nil {
		for _, c := range k.from.Cookies(u) {
			if strings.HasSuffix(c.Name, "sigill-setup") {
				k.CookieJar.SetCookies(u, []*http.Cookie{c})
				k.from = nil
			}
		}
	}
	return k.CookieJar.Cookies(u)
}

// TestSetUpByAnswers is the same by `sigill setup`.
func TestSetUpByAnswers(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	kit, copies := filepath.Join(dir, "kit.html"), filepath.Join(dir, "copies")
	if err := os.Mkdir(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	answers := write("answers.toml", fmt.Sprintf(`
data = %q
keys = %q
run = %q
[administrator]
name = "Karin Berg"
address = %q
password_file = %q
app_key_file = %q
[kit]
out = %q
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
recovery = "2-of-4"
[web]
base_url = "http://localhost:8080"
listen = "127.0.0.1:0"
[smtp]
hostname = "brev.prov.example"
listen = "127.0.0.1:0"
[smarthost]
host = "127.0.0.1"
port = 25
tls = "lab"
[notices]
from = "sakerpost@brev.prov.example"
own_domain = "brev.prov.example"
[[backup]]
name = "nas"
kind = "dir"
path = %q
`, dir+"/data", dir+"/keys", dir+"/run", setupAdmin, write("password", setupPassword+"\n"), write("app", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n"), kit, copies))
	path := filepath.Join(dir, "sigill.toml")
	setUpBy := func(answers string) (string, error) {
		var said strings.Builder
		err := appliance.SetUp(context.Background(), path, answers, func(format string, args ...any) { fmt.Fprintf(&said, format, args...) })
		return said.String(), err
	}
	setUp := func() string {
		t.Helper()
		said, err := setUpBy(answers)
		if err != nil {
			t.Fatal(err)
		}
		return said
	}
	t.Run("a place for backups that cannot be used is said, when all else is done", func(t *testing.T) {
		without := write("without.toml", strings.Replace(string(readFile(t, answers)), copies, copies+"-none", 1))
		said, err := setUpBy(without)
		if err == nil || !strings.Contains(err.Error(), "backup nas") || !strings.Contains(said, "cannot    back up to "+copies+"-none") || !strings.Contains(said, "made      the keys") {
			t.Errorf("%v, and it says:\n%s", err, said)
		}
	})
	if err := errors.Join(os.RemoveAll(dir+"/data"), os.RemoveAll(dir+"/keys"), os.Remove(kit)); err != nil {
		t.Fatal(err)
	}
	if said := setUp(); !strings.Contains(said, "made      the administrator "+setupAdmin) || !strings.Contains(said, "moved     the recovery kit") || strings.Contains(said, setupPassword) ||
		!strings.Contains(said, "tried     "+copies+": what was written there was read, and removed") {
		t.Errorf("it says:\n%s", said)
	}
	t.Run("the kit is where it was asked for, whole, and nowhere else", func(t *testing.T) {
		pages, err := appliance.ReadPages([]string{kit})
		if err != nil || len(pages) != 6 {
			t.Error(len(pages), err)
		}
		if left, _ := filepath.Glob(dir + "/keys/recovery-kit*"); left != nil {
			t.Error(left)
		}
	})
	t.Run("a second time nothing is changed", func(t *testing.T) {
		before := readFile(t, path)
		if said := setUp(); strings.Contains(said, "made") || strings.Contains(said, "wrote") {
			t.Errorf("it says:\n%s", said)
		}
		if string(readFile(t, path)) != string(before) {
			t.Error("the file is another one")
		}
	})
	t.Run("the administrator signs in, and there is no wizard", func(t *testing.T) {
		f, err := config.Load(path, appliance.Languages()...)
		if err != nil {
			t.Fatal(err)
		}
		j := serve(t, f)
		code, err := totp.GenerateCode("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b := j.Browser().Get("/in").Post("/in", "address", setupAdmin, "password", setupPassword, "next", "/admin").At("/in/factor")
		b.Post("/in/factor", "code", code).At("/admin")
		if b.Get("/setup"); b.code != http.StatusNotFound {
			t.Errorf("/setup answers %d", b.code)
		}
	})
	t.Run("what is wrong in it is said, all at once, and nothing is done", func(t *testing.T) {
		bad := write("bad.toml", "[house]\nname = \"\"\n[administrator]\nadress = \"x\"\n")
		if err := appliance.SetUp(context.Background(), filepath.Join(dir, "none.toml"), bad, t.Logf); err == nil || !strings.Contains(err.Error(), "administrator") {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Join(dir, "none.toml")); err == nil {
			t.Error("a file was written")
		}
	})
}

// TestAnEmptyMachineIsSetUpInThePortal goes from nothing to the first citizen who reads.
func TestAnEmptyMachineIsSetUpInThePortal(t *testing.T) {
	e := newEmpty(t, "")
	gateway := newGatewayPeer(t)
	outside := &journey{TB: t, log: &safeBuffer{}}
	host, port, err := net.SplitHostPort(smarthostTrap(t, outside))
	if err != nil {
		t.Fatal(err)
	}
	b := e.Browser()
	e.house(b)
	key := e.administrator(b)
	kit := e.kit(b)
	_, own, _ := net.SplitHostPort(strings.TrimPrefix(e.info.Portal, "https://"))
	portal := "https://brev.prov.example:" + own
	t.Run("the address and the certificate", func(t *testing.T) {
		b.Post("/setup/host", "web.base_url", "brev", "web.tls", "acme").Sees("Så här ska det se ut")
		missing := filepath.Join(e.dir, "none.pem")
		b.Post("/setup/host", "web.base_url", portal, "web.tls", "files", "web.tls_cert", missing, "web.tls_key", missing).Sees("inget certifikat ännu", "no such file")
		b.Post("/setup/host", "web.base_url", portal, "web.tls", "internal").At("/setup/mail")
	})
	t.Run("outgoing mail is tried before it counts as done", func(t *testing.T) {
		form := []string{"smarthost.host", host, "smarthost.tls", "lab", "notices.from", "sakerpost@prov.example", "notices.own_domain", "brev.prov.example"}
		b.Post("/setup/mail", append(form, "smarthost.port", "1")...).At("/setup/mail")
		b.Post("/setup/mail/try", "to", "karin@example.se").Sees("Mejlet gick inte i väg")
		b.Post("/setup/mail", append(form, "smarthost.port", port)...).At("/setup/mail")
		b.Post("/setup/mail/try", "to", "karin@example.se").At("/setup/mail").Sees("En kod är på väg")
		m := outside.Await("email", "karin@example.se", 1)
		b.Post("/setup/mail/check", "code", "000000").Sees("försök kvar")
		b.Post("/setup/mail/check", "code", pinIn.FindStringSubmatch(m.Text)[1]).At("/setup/sms")
	})
	t.Run("so are text messages", func(t *testing.T) {
		b.Post("/setup/sms", "kind", "generic", "from", "Provkommun", "secret", "gateway-password", "url", gateway.URL,
			"body", `{"to":"{{to}}","text":"{{text}}"}`, "header", "Authorization: Bearer {{secret}}\r\nContent-Type: application/json").At("/setup/sms")
		b.SeesNot("gateway-password")
		b.Post("/setup/sms/try", "to", "070-999 88 77").At("/setup/sms").Sees("En kod är på väg")
		to, text, _ := gateway.last(t)
		if to != "+46709998877" {
			t.Errorf("to %s", to)
		}
		b.Post("/setup/sms/check", "code", pinIn.FindStringSubmatch(text)[1]).At("/setup/senders")
	})
	t.Run("the program may be restarted, and nothing that was said is lost", func(t *testing.T) {
		e.end()
		e.start()
		b = e.Browser()
		b.Get("/setup").At("/in").Post("/in", "address", setupAdmin, "password", setupPassword, "next", "/setup").At("/in/factor").SeesNot("slutar på")
		b.Post("/in/factor", "code", e.totp(key, 1)).At("/setup/senders")
		b.Get("/setup/organisation").Sees("Provkommun", "Omsorgen")
		b.Get("/setup/mail").Sees(host, "sakerpost@prov.example")
	})
	t.Run("where mail comes from", func(t *testing.T) {
		b.Get("/setup/senders").Post("/setup/senders", "way", "own", "networks", "0.0.0.0/0").Sees("Så här ska det se ut")
		b.Post("/setup/senders", "way", "own", "networks", "127.0.0.0/8").Sees("Det är sparat", "*.s")
		b.Post("/setup/senders", "way", "microsoft").Sees("Exchange Online", "X-Sigill-Key", "New-TransportRule")
		secrets, err := filepath.Glob(filepath.Join(e.dir, "secrets", "transport-rule-microsoft-*"))
		if err != nil || len(secrets) != 1 {
			t.Fatal(secrets, err)
		}
		b.Sees(strings.TrimSpace(string(readFile(t, secrets[0]))))
		b.Get("/setup/senders").SeesNot(strings.TrimSpace(string(readFile(t, secrets[0]))))
	})
	t.Run("a step is put off, and taken up", func(t *testing.T) {
		b.Get("/setup/retention").Post("/setup/later", "step", "retention").At("/setup/backup").Sees("senare")
		b.Get("/setup/retention").Post("/setup/retention", "retention.open_within_days", "14", "retention.read_for_days", "20", "retention.min_days", "0", "retention.max_days", "10").Sees("Så här ska det se ut")
		b.Post("/setup/retention", "retention.open_within_days", "14", "retention.read_for_days", "20", "retention.min_days", "0", "retention.max_days", "90").At("/setup/backup")
	})
	t.Run("the place for backups is tried, and what is wrong is said with what to do", func(t *testing.T) { e.backup(b) })
	b.Get("/account/codes").Post("/account/codes")
	printed := printedOn.FindStringSubmatch(b.page)[1] // the app's next code is half a minute away
	b.Get("/setup/start")
	t.Run("it starts for real, at its own name", func(t *testing.T) {
		b.SeesNot("fattas").Post("/setup/start").Sees(portal + "/setup/first")
		e.until("the doors for mail", func() bool { return smtpSaid.MatchString(e.words()) })
		e.info.SMTP, e.info.Portal = smtpSaid.FindStringSubmatch(e.words())[1], portal
		f, err := config.Load(e.file(), appliance.Languages()...)
		if err != nil || f.Unfinished || f.Retention.Max != 90 || f.House.Name != "Provkommun" {
			t.Fatalf("%v %+v", err, f)
		}
	})
	t.Run("the first citizen reads", func(t *testing.T) {
		e.info.Trap = outside.info.Trap
		e.Send(letter{from: setupAdmin, to: []string{annaSecure}, subject: "Det första", body: "Hej Anna."})
		c := e.Browser().ShowCode(e.CodeOf(e.Await("email", anna, 1))).At("/m/pin")
		to, text, _ := gateway.last(t)
		if to != annaPhone {
			t.Errorf("to %s", to)
		}
		c.Post("/m/pin", "pin", pinIn.FindStringSubmatch(text)[1]).At("/m/letter").Sees("Hej Anna.")
	})
	t.Run("the set-up is closed by who has finished it, and then it is nowhere", func(t *testing.T) {
		c := e.Browser()
		c.Get("/in").Post("/in", "address", setupAdmin, "password", setupPassword, "next", "/setup/first").Post("/in/factor", "code", printed).At("/setup/first")
		c.Post("/setup/first").At("/admin").Sees("Installationen är klar")
		if c.Get("/setup"); c.code != http.StatusNotFound {
			t.Errorf("/setup answers %d", c.code)
		}
	})
	t.Run("no secret stands where it does not belong", func(t *testing.T) {
		e.end()
		text := string(readFile(t, e.file()))
		secrets := []string{"gateway-password", setupPassword, key, e.code(), strings.ReplaceAll(e.code(), "-", ""), kit[len(kit)-40:]}
		for _, word := range secrets {
			if strings.Contains(text, word) || strings.Contains(string(e.log.Bytes()), word) {
				t.Errorf("%q is in the file or in the log", word)
			}
		}
		err := filepath.WalkDir(e.dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if !strings.Contains(path, "/data/") && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s is of mode %v", path, info.Mode())
			}
			for i, word := range secrets {
				if !strings.Contains(path, "/secrets/") && strings.Contains(string(readFile(t, path)), word) {
					t.Errorf("%s holds secret %d", path, i)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
