package appliance_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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
	return newEmptyBy(t, web, `listen = ""`)
}

// newEmptyBy is newEmpty with an authority, which acme tells of.
func newEmptyBy(t *testing.T, web, acme string) *empty {
	t.Helper()
	e := &empty{journey: &journey{TB: t, log: &safeBuffer{}}, dir: t.TempDir()}
	if !strings.Contains(web, "listen") {
		web += "\nlisten = \"127.0.0.1:0\""
	}
	text := "unfinished = true\n" + fmt.Sprintf("data = %q\nkeys = %q\nrun = %q\n", e.dir+"/data", e.dir+"/keys", e.dir+"/run") +
		"[web]\n" + web + "\n[smtp]\nlisten = \"127.0.0.1:0\"\n[acme]\n" + acme + "\n"
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
	e.until("the start", func() bool { return portalSaid.MatchString(e.words()[len(before):]) })
	e.info.Portal = portalSaid.FindString(e.words()[len(before):])
	e.at = "127.0.0.1" + e.info.Portal[strings.LastIndex(e.info.Portal, ":"):]
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
	b.Post("/setup/organisation", "house.name", "Provkommun", "house.department", "Omsorgen", "house.domains", "prov.example", "house.phone", "", "house.web", "").At("/setup/administrator")
	// A page that was asked for while the doors change over may still come from the one before.
	e.until("the name around the pages", func() bool {
		return strings.Contains(b.Get("/setup").At("/setup/administrator").page, "Provkommun")
	})
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
	b.Post("/setup/backup", bucket...).Sees("Fyll i hemligheten")
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

// world is what is around a machine that is set up.
type world struct {
	outside *journey // where mail comes out
	gateway *gatewayPeer
	web     string // where the certificate comes from
	mail    []string
	port    string // of the smarthost
}

// newWorld is one without TLS, and without an authority: it is all in this process.
func newWorld(t *testing.T) world {
	t.Helper()
	w := world{outside: &journey{TB: t, log: &safeBuffer{}}, gateway: newGatewayPeer(t), web: config.TLSInternal}
	host, port, err := net.SplitHostPort(smarthostTrap(t, w.outside))
	if err != nil {
		t.Fatal(err)
	}
	w.port, w.mail = port, []string{"smarthost.host", host, "smarthost.tls", "lab"}
	return w
}

// TestAnEmptyMachineIsSetUpInThePortal goes from nothing to the first citizen who reads.
func TestAnEmptyMachineIsSetUpInThePortal(t *testing.T) {
	newEmpty(t, "").isSetUp(t, newWorld(t))
}

// isSetUp goes through all steps, and to the first letter that is answered.
func (e *empty) isSetUp(t *testing.T, w world) {
	b := e.Browser()
	e.house(b)
	key := e.administrator(b)
	kit := e.kit(b)
	_, own, _ := net.SplitHostPort(strings.TrimPrefix(e.info.Portal, "https://"))
	portal := "https://brev.prov.example:" + own
	t.Run("the address and the certificate", func(t *testing.T) {
		b.Post("/setup/host", "web.base_url", "brev", "web.tls", "acme").Sees("Så här ska det se ut")
		missing := filepath.Join(e.dir, "none.pem")
		b.Post("/setup/host", "web.base_url", portal, "web.tls", "files", "web.tls_cert", missing, "web.tls_key", missing).
			Sees("inget certifikat ännu", "Certifikatet för brev.prov.example på disken går inte att läsa", "Se efter att båda filerna finns", "no such file")
		if w.web == config.TLSACME { // a name that leads nowhere
			b.Post("/setup/host", "web.base_url", strings.Replace(portal, "brev.", "fel.", 1), "web.tls", "acme").Sees("inget certifikat ännu", "fel.prov.example", "Öppna port 80", "Svaret:")
		}
		b.Post("/setup/host", "web.base_url", portal, "web.tls", w.web).At("/setup/mail")
	})
	mailAt := func(port string) []string {
		return slices.Concat(w.mail, []string{"notices.from", "sakerpost@prov.example", "notices.own_domain", "brev.prov.example", "smarthost.port", port})
	}
	smsBy := func(password string) []string {
		return []string{"kind", "generic", "from", "Provkommun", "secret", password, "url", w.gateway.URL,
			"body", `{"to":"{{to}}","text":"{{text}}"}`, "header", "Authorization: Bearer {{secret}}\r\nContent-Type: application/json"}
	}
	t.Run("outgoing mail is tried before it counts as done", func(t *testing.T) {
		b.Post("/setup/mail", mailAt("1")...).At("/setup/mail")
		b.Post("/setup/mail/try", "to", "karin@example.se").Sees("Mejlet gick inte i väg")
		b.Post("/setup/mail", mailAt(w.port)...).At("/setup/mail")
		b.Post("/setup/mail/try", "to", "karin@example.se").At("/setup/mail").Sees("En kod är på väg")
		m := w.outside.Await("email", "karin@example.se", 1)
		b.Post("/setup/mail/check", "code", "000000").Sees("försök kvar")
		b.Post("/setup/mail/check", "code", pinIn.FindStringSubmatch(m.Text)[1]).At("/setup/sms")
	})
	t.Run("so are text messages", func(t *testing.T) {
		b.Post("/setup/sms", smsBy("gateway-password")...).At("/setup/sms")
		b.SeesNot("gateway-password")
		b.Post("/setup/sms/try", "to", "070-999 88 77").At("/setup/sms").Sees("En kod är på väg")
		to, text, _ := w.gateway.last(t)
		if to != "+46709998877" {
			t.Errorf("to %s", to)
		}
		b.Post("/setup/sms/check", "code", pinIn.FindStringSubmatch(text)[1]).At("/setup/senders")
	})
	t.Run("what was tried is to be tried again when it changes, and only then", func(t *testing.T) {
		open := func() int { return strings.Count(b.Get("/setup/start").page, "inte ännu</span>") }
		before := open()
		if b.Get("/setup/sms").Post("/setup/sms", smsBy("")...); open() != before {
			t.Error("saved as it was, and no longer done")
		}
		if b.Get("/setup/sms").Post("/setup/sms", smsBy("gateway-password")...); open() != before+1 {
			t.Errorf("another secret, and %d are missing, where %d were", open(), before)
		}
		b.Get("/setup/sms").Post("/setup/sms/try", "to", "070-999 88 78").Sees("En kod är på väg") // to one number not twice at once
		_, text, _ := w.gateway.last(t)
		b.Post("/setup/sms/check", "code", pinIn.FindStringSubmatch(text)[1]).At("/setup/senders")
		if b.Get("/setup/mail").Post("/setup/mail", mailAt(w.port)...); open() != before {
			t.Error("mail was saved as it was, and is no longer done")
		}
		if b.Get("/setup/mail").Post("/setup/mail", mailAt("1")...); open() != before+1 {
			t.Error("mail goes elsewhere, and counts as tried")
		}
		b.Get("/setup/mail").Post("/setup/mail", mailAt(w.port)...)
		b.Post("/setup/mail/try", "to", "karin@example.se")
		m := w.outside.Await("email", "karin@example.se", 2)
		b.Post("/setup/mail/check", "code", pinIn.FindStringSubmatch(m.Text)[1])
	})
	t.Run("the program may be restarted, and nothing that was said is lost", func(t *testing.T) {
		e.end()
		e.start()
		b = e.Browser()
		b.Get("/setup").At("/in").Post("/in", "address", setupAdmin, "password", setupPassword, "next", "/setup").At("/in/factor").SeesNot("slutar på")
		b.Post("/in/factor", "code", e.totp(key, 1)).At("/setup/senders")
		b.Get("/setup/organisation").Sees("Provkommun", "Omsorgen")
		b.Get("/setup/mail").Sees(w.mail[1], "sakerpost@prov.example")
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
		if w.web == config.TLSACME && e.issuer() != "Pebble" {
			t.Errorf("its certificate is of %s", e.issuer())
		}
		f, err := config.Load(e.file(), appliance.Languages()...)
		if err != nil || f.Unfinished || f.Retention.Max != 90 || f.House.Name != "Provkommun" {
			t.Fatalf("%v %+v", err, f)
		}
	})
	e.info.Trap = w.outside.info.Trap
	var c, citizen *browser
	t.Run("the page of the first letter says what the door has refused, and what to do", func(t *testing.T) {
		c = e.Browser()
		c.Get("/in").Post("/in", "address", setupAdmin, "password", setupPassword, "next", "/setup/first").Post("/in/factor", "code", printed).At("/setup/first").Sees("Inget brev från dig")
		if err := e.TrySend(letter{from: setupAdmin, to: []string{anna}, subject: "Det första", body: "Hej Anna."}); err == nil {
			t.Error("a mail to no secure address was taken")
		}
		c.Get("/setup/first").Sees("Ett mejl från dig som inte togs emot", "Kom från organisationens egen e-postserver", "Att göra:").SeesNot("Vägen till")
	})
	t.Run("the first citizen reads", func(t *testing.T) { citizen = e.firstCitizen(w.gateway, 1) })
	t.Run("the page shows how far it has come, hop by hop, until the answer is there", func(t *testing.T) {
		c.Get("/setup/first").Sees("Vägen till "+anna, "Inlämnat", "Avisering levererad", "Sms skickat", "Läst", "Svarat", "inte ännu").SeesNot("inte togs emot", "hela vägen fungerar", "Hej Anna", "Det första")
		citizen.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack.", nil).Sees("Ditt svar har kommit fram")
		c.Get("/setup/first").Sees("hela vägen fungerar").SeesNot("inte ännu", "Tack.")
	})
	t.Run("the set-up is closed by who has finished it, and then it is nowhere", func(t *testing.T) {
		c.Post("/setup/first").At("/admin").Sees("Installationen är klar")
		if c.Get("/setup"); c.code != http.StatusNotFound {
			t.Errorf("/setup answers %d", c.code)
		}
	})
	t.Run("no secret stands where it does not belong", func(t *testing.T) {
		e.end()
		text := string(readFile(t, e.file()))
		secrets := []string{"gateway-password", "bucket-secret", setupPassword, key, e.code(), strings.ReplaceAll(e.code(), "-", ""), kit[len(kit)-40:]}
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

// firstCitizen sends the first letter and lets a citizen read it, by the nth notice to them.
func (e *empty) firstCitizen(gateway *gatewayPeer, n int) *browser {
	e.Helper()
	e.Send(letter{from: setupAdmin, to: []string{annaSecure}, subject: "Det första", body: "Hej Anna."})
	c := e.Browser().ShowCode(e.CodeOf(e.Await("email", anna, n))).At("/m/pin")
	to, text, _ := gateway.last(e)
	if to != annaPhone {
		e.Errorf("to %s", to)
	}
	return c.Post("/m/pin", "pin", pinIn.FindStringSubmatch(text)[1]).At("/m/letter").Sees("Hej Anna.")
}

// issuer is the first word of who has signed the portal's certificate.
func (e *empty) issuer() string {
	c, err := tls.Dial("tcp", e.at, &tls.Config{ServerName: "brev.prov.example", InsecureSkipVerify: true})
	if err != nil {
		return ""
	}
	defer c.Close()
	word, _, _ := strings.Cut(c.ConnectionState().PeerCertificates[0].Issuer.CommonName, " ")
	return word
}
