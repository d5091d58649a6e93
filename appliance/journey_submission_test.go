package appliance_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/mail"
)

const submissionHost = "sakerpost.exempelkommun.se"

// certificateIn writes a certificate for submissionHost and its key.
func certificateIn(t *testing.T, dir string) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{submissionHost}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, key, roots = write("smtp.pem", "CERTIFICATE", der), write("smtp.key", "PRIVATE KEY", b), x509.NewCertPool()
	roots.AppendCertsFromPEM(readFile(t, cert))
	return cert, key, roots
}

// submitting is a house whose people may send from mail programs.
type submitting struct {
	*serving
	gateway            *gatewayPeer
	roots              *x509.CertPool
	dir                string
	starttls, implicit string // ports, as the page tells them
}

// newSubmitting serves the demo's house and people by a configuration file, which may say
// more at its end.
func newSubmitting(t *testing.T, more ...string) *submitting {
	t.Helper()
	return newSubmittingBy(t, appliance.NewWall(), more...)
}

// newSubmittingBy is newSubmitting by a clock that may be turned.
func newSubmittingBy(t *testing.T, clock mail.Clock, more ...string) *submitting {
	t.Helper()
	dir := t.TempDir()
	settle(t, dir)
	s := &submitting{gateway: newGatewayPeer(t), dir: dir}
	outside := &journey{TB: t, log: &safeBuffer{}}
	host, port, err := net.SplitHostPort(smarthostTrap(t, outside))
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "gateway-secret")
	if err := os.WriteFile(secret, []byte("gateway-password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var cert, key string
	cert, key, s.roots = certificateIn(t, dir)
	p := appliance.DemoPlaces(dir)
	path := filepath.Join(dir, "sigill.toml")
	err = os.WriteFile(path, fmt.Appendf(nil, `
data = %q
keys = %q
run = %q
[house]
name = "Exempelkommun"
department = "Socialtjänsten"
domains = ["exempelkommun.se"]
[web]
base_url = "http://localhost:8080"
listen = "127.0.0.1:0"
[smtp]
hostname = %q
listen = "127.0.0.1:0"
submission = "127.0.0.1:0"
submissions = "127.0.0.1:0"
tls_cert = %q
tls_key = %q
[smarthost]
host = %q
port = %s
tls = "lab"
[notices]
from = "sakerpost@brev.exempelkommun.se"
own_domain = "brev.exempelkommun.se"
[[sms.gateway]]
kind = "generic"
name = "prov"
from = "Kommunen"
secret_file = %q
url = %q
body = '{"to":"{{to}}","text":"{{text}}"}'
id_path = "id"
[sms.gateway.header]
Content-Type = "application/json"
Authorization = "Bearer {{secret}}"
%s`, p.Data, p.Keys, p.Run, submissionHost, cert, key, host, port, secret, s.gateway.URL, strings.Join(more, "\n")), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	f, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s.serving = serveBy(t, f, clock)
	served := s.info
	s.readInfo(dir)
	s.info.Portal, s.info.SMTP, s.info.Trap = served.Portal, served.SMTP, outside.info.Trap
	return s
}

var (
	appPasswordOn = regexp.MustCompile(`mono" translate="no">((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})<`)
	implicitOn    = regexp.MustCompile(`(\d+) med SSL/TLS`)
	starttlsOn    = regexp.MustCompile(`(\d+) med STARTTLS`)
	appRowOn      = regexp.MustCompile(`name="id" value="([0-9a-z]{26})"`)
)

// makesApp makes an app password on the page.
func (b *browser) makesApp(address, name string) string {
	b.j.Helper()
	b.Get("/account/prove").Post("/account/prove", "next", "/account/apps", "password", b.j.passwordOf(address)).At("/account/apps")
	m := appPasswordOn.FindStringSubmatch(b.Post("/account/apps", "name", name).page)
	if m == nil {
		b.j.Fatalf("no password on %s (%d):\n%s", b.at, b.code, b.page)
	}
	return m[1]
}

// submission is one mail that a mail program hands in.
type submission struct {
	implicit             bool // TLS from the first byte, and AUTH LOGIN; else STARTTLS and AUTH PLAIN
	user, password, from string
	body                 string
}

// submit hands it in as a mail program does, whose certificate check is on.
func (s *submitting) submit(m submission) error {
	s.Helper()
	t := &tls.Config{RootCAs: s.roots, ServerName: submissionHost}
	dial, port, auth := smtp.DialStartTLS, s.starttls, sasl.NewPlainClient("", m.user, m.password)
	if m.implicit {
		dial, port, auth = smtp.DialTLS, s.implicit, sasl.NewLoginClient(m.user, m.password)
	}
	c, err := dial("127.0.0.1:"+port, t)
	if err != nil {
		s.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(auth); err != nil {
		return err
	}
	l := letter{from: m.from, to: []string{annaSecure}, subject: "Från datorn", body: m.body}
	return c.SendMail(m.from, l.to, bytes.NewReader(l.bytes()))
}

// swaks is submit by the program of that name; the error has what it and the server said.
func (s *submitting) swaks(m submission) error {
	s.Helper()
	port, how := s.starttls, []string{"--tls", "--auth", "PLAIN"}
	if m.implicit {
		port, how = s.implicit, []string{"--tlsc", "--auth", "LOGIN"}
	}
	out, err := exec.Command("swaks", append(how, "--server", "127.0.0.1", "--port", port, "--auth-user", m.user, "--auth-password", m.password,
		"--from", m.from, "--h-From", m.from, "--to", annaSecure, "--header", "Subject: swaks", "--body", m.body, "--ehlo", "client.example", "--timeout", "20")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func TestMailPrograms(t *testing.T) {
	testMailPrograms(t, (*submitting).submit)
}

func TestMailProgramsBySwaks(t *testing.T) {
	full(t, "it needs swaks")
	testMailPrograms(t, (*submitting).swaks)
}

func testMailPrograms(t *testing.T, send func(*submitting, submission) error) {
	s := newSubmitting(t)
	maria := s.Browser().SignsIn(caseworker)
	maria.Get("/account").Sees("E-postprogram").Follow("/account/apps")
	password := maria.makesApp(caseworker, "Datorn på jobbet")
	t.Run("the page says where a mail program sends, and the password this once", func(t *testing.T) {
		maria.Sees("Datorn på jobbet", submissionHost, caseworker)
		for at, on := range map[*string]*regexp.Regexp{&s.implicit: implicitOn, &s.starttls: starttlsOn} {
			m := on.FindStringSubmatch(maria.page)
			if m == nil {
				t.Fatalf("no port:\n%s", maria.page)
			}
			*at = m[1]
		}
		maria.Get("/account/apps").Sees("Datorn på jobbet", "aldrig använt").SeesNot(password)
		s.Await("email", caseworker, 1)
		if m := s.Trapped("email", caseworker)[0]; !strings.Contains(m.Subject, "applösenord") || strings.Contains(m.Raw, password) {
			t.Errorf("told: %s", m.Raw)
		}
	})
	if t.Failed() {
		return
	}
	refused := func(t *testing.T, m submission, code string) {
		t.Helper()
		if err := send(s, m); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("not %s but: %v", code, err)
		}
	}
	const clear = "solrosfrö i ett obevakat skåp"
	for i, implicit := range []bool{false, true} {
		name := map[bool]string{false: "by STARTTLS and AUTH PLAIN", true: "by TLS from the first byte and AUTH LOGIN"}[implicit]
		t.Run("a letter goes out "+name+", and lies here sealed", func(t *testing.T) {
			typed := password
			if implicit {
				typed = strings.ToLower(strings.ReplaceAll(password, "-", ""))
			}
			if err := send(s, submission{implicit, caseworker, typed, caseworker, clear}); err != nil {
				t.Fatal(err)
			}
			notice := s.Await("email", anna, i+1)
			if i == 0 { // an SMS a minute
				b := s.Browser().ShowCode(s.CodeOf(notice)).At("/m/pin")
				_, text, _ := s.gateway.last(t)
				b.Post("/m/pin", "pin", pinIn.FindStringSubmatch(text)[1]).At("/m/letter").Sees(clear)
			}
			maria.Get("/mail/sent").Sees("anna@example.se")
		})
	}
	t.Run("nothing of it lies on the disk in clear, nor the password", func(t *testing.T) {
		s.holdsNot(t, clear, password, strings.ReplaceAll(password, "-", ""), "Datorn på jobbet")
	})
	t.Run("the password of the account is refused", func(t *testing.T) {
		refused(t, submission{false, caseworker, s.passwordOf(caseworker), caseworker, "x"}, "535")
	})
	t.Run("another's app password is refused, and an address that nobody has", func(t *testing.T) {
		refused(t, submission{false, johanAt, password, johanAt, "x"}, "535")
		refused(t, submission{true, "ingen@exempelkommun.se", password, caseworker, "x"}, "535")
	})
	t.Run("another From is refused", func(t *testing.T) {
		refused(t, submission{false, caseworker, password, johanAt, "x"}, "550")
	})
	t.Run("without TLS no AUTH is offered, and nothing is taken", func(t *testing.T) {
		c, err := smtp.Dial("127.0.0.1:" + s.starttls)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if ok, _ := c.Extension("AUTH"); ok {
			t.Error("offered")
		}
		if err := c.Mail(caseworker, nil); err == nil || !strings.Contains(err.Error(), "Sign in") {
			t.Errorf("MAIL: %v", err)
		}
	})
	t.Run("a removed one is refused, and the row says so no more", func(t *testing.T) {
		maria.Get("/account/apps").SeesNot("aldrig använt").Post("/account/apps/remove", "id", appRowOn.FindStringSubmatch(maria.page)[1])
		maria.At("/account/apps").Sees("borttaget").SeesNot("Datorn på jobbet")
		refused(t, submission{false, caseworker, password, caseworker, "x"}, "535")
	})
	t.Run("who guesses is told to wait, and nobody is kept from the portal by it", func(t *testing.T) {
		right := maria.makesApp(caseworker, "Skrivaren")
		for range 10 {
			if err := s.submit(submission{false, caseworker, "fel", caseworker, "x"}); err == nil {
				t.Fatal("taken")
			}
		}
		refused(t, submission{false, caseworker, right, caseworker, "x"}, "454")
		s.Browser().SignsIn(caseworker)
	})
}

// holdsNot looks for words in all that the appliance has written.
func (s *submitting) holdsNot(t *testing.T, words ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(filepath.Join(s.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == "reserve" {
			return err
		}
		files++
		b := readFile(t, path)
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s has %q", d.Name(), w)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatal(files, err)
	}
	for _, w := range words {
		if bytes.Contains(s.log.Bytes(), []byte(w)) {
			t.Errorf("the log has %q", w)
		}
	}
}

func TestAppPasswordPages(t *testing.T) {
	j := newJourneyIn(t, t.TempDir(), appliance.LetProgramsSend)
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	maria.makesApp(caseworker, "Datorn")
	id := appRowOn.FindStringSubmatch(maria.Get("/account/apps").page)[1]
	t.Run("the page has the ports of both ways", func(t *testing.T) {
		maria.makesApp(caseworker, "Skrivaren")
		maria.Sees("465 med SSL/TLS", "587 med STARTTLS")
	})
	t.Run("a colleague sees none of it, and removes none", func(t *testing.T) {
		johan.Get("/account/prove").Post("/account/prove", "next", "/account/apps", "password", j.passwordOf(johanAt)).At("/account/apps").SeesNot("Datorn")
		if johan.Post("/account/apps/remove", "id", id); johan.code != http.StatusNotFound {
			t.Errorf("%d", johan.code)
		}
		maria.Get("/account/apps").Sees("Datorn")
	})
	t.Run("a name that will not do is told at the field", func(t *testing.T) {
		for _, name := range []string{"", strings.Repeat("å", 61)} {
			if maria.Get("/account/apps").Post("/account/apps", "name", name).Sees("högst 60 tecken"); maria.code != http.StatusUnprocessableEntity {
				t.Errorf("%d", maria.code)
			}
		}
	})
	t.Run("a name is text and no more", func(t *testing.T) {
		maria.makesApp(caseworker, "<b>fet</b>")
		if maria.Get("/account/apps"); strings.Contains(maria.page, "<b>fet") {
			t.Error("it is HTML")
		}
	})
	t.Run("after ten there is no form, and none is made", func(t *testing.T) {
		for i := range 7 {
			maria.makesApp(caseworker, fmt.Sprint("Nummer ", i))
		}
		maria.Get("/account/apps").Sees("fler kan du inte ha").SeesNot("Vad heter programmet?")
		if maria.Post("/account/apps", "name", "Den elfte").Sees("redan tio"); maria.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", maria.code)
		}
	})
	t.Run("to make one takes the password of the last five minutes, and to remove one does not", func(t *testing.T) {
		maria.Get("/account/apps")
		j.Turn(6 * time.Minute)
		maria.Post("/account/apps", "name", "Sent").At("/account/prove")
		maria.Post("/account/apps/remove", "id", id).At("/account/prove") // which leads to the list
		maria.Post("/account/prove", "next", "/account/apps", "password", j.passwordOf(caseworker)).At("/account/apps").SeesNot(id)
	})
}

// TestNoMailPrograms has a house that has not turned them on.
func TestNoMailPrograms(t *testing.T) {
	b := newJourney(t).Browser().SignsIn(caseworker)
	b.Get("/account").SeesNot("/account/apps")
	if b.Get("/account/apps"); b.code != http.StatusNotFound {
		t.Errorf("GET: %d", b.code)
	}
	for _, path := range []string{"/account/apps", "/account/apps/remove"} {
		if b.Get("/account").Post(path, "name", "Datorn", "id", "0"); b.code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, b.code)
		}
	}
}
