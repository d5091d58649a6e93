package appliance

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/smtp"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/jobs"
	"sigill/appliance/tlscert"
)

// ShowCertificates has the demo's pages as they are where the portal shows a certificate of
// this machine's own, and an authority that is away should give one for mail. Nothing shows
// them. It must be called before Run.
func ShowCertificates(d *Demo) {
	a := d.Appliance
	k, err := tlscert.Open(tlscert.Config{Dir: filepath.Join(a.c.Keys, "tls"), Clock: a.c.Clock, Log: a.c.Log, ACME: tlscert.ACME{Directory: "https://127.0.0.1:1/directory", HTTP: true}, Doors: []tlscert.Door{
		{Name: "web", Source: tlscert.FromInternal, Hosts: []string{"sakerpost.exempelkommun.se", "brev.exempelkommun.se"}},
		{Name: "smtp", Source: tlscert.FromACME, Hosts: []string{"mx.exempelkommun.se"}},
	}})
	if err != nil {
		panic(err)
	}
	k.Keep(context.Background())
	a.c.Certificates = k
}

// putPair writes a certificate with a serial number, and its key, as an operator would.
func putPair(t *testing.T, dir, name string, serial int64) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(60 * 24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	for file, b := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// running is the appliance of a configuration until the test ends, with what it logs.
func running(t *testing.T, f config.Config) (*Appliance, *recorder, context.Context) {
	t.Helper()
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	log := &recorder{}
	c, err := FromFile(f, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	c.Overseen = false
	a, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, log, ctx
}

// provHouse is a configuration of a house in a directory, with what is needed and no TLS.
func provHouse(dir, host string) config.Config {
	f := config.Default()
	f.Data, f.Keys, f.Run = filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "run")
	f.House = config.House{Name: "Prov", Department: "Prov", Country: "SE", Zone: "Europe/Stockholm", Language: "sv", Domains: []string{"prov.example"}, Recovery: "2-of-3"}
	f.Web.BaseURL, f.Web.Listen = "https://"+host, "127.0.0.1:0"
	f.SMTP.Hostname, f.SMTP.Listen = host, "127.0.0.1:0"
	f.Smarthost.Host, f.Notices = "127.0.0.1", config.Notices{From: "post@prov.example", Own: "svar.prov.example"}
	return f
}

func TestCertificatesFromAnAuthority(t *testing.T) {
	const host = "post.prov.example"
	f := provHouse(t.TempDir(), host)
	f.Web.TLS, f.SMTP.TLS = config.TLSACME, config.TLSACME
	f.ACME.Directory, f.ACME.Listen = "https://127.0.0.1:1/directory", "127.0.0.1:0"
	a, _, ctx := running(t, f)
	t.Run("until it has given one the doors are open with this machine's own, and what is wrong is told", func(t *testing.T) {
		c, err := tls.Dial("tcp", a.c.Web.Addr().String(), &tls.Config{ServerName: host, InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.ConnectionState().PeerCertificates[0].VerifyHostname(host); err != nil {
			t.Error(err)
		}
		if err := a.keepCertificates(ctx); err != nil {
			t.Error(err)
		}
		if got := a.certificates(); len(got) != 2 || got[0].Why != "notthere" || !got[0].StandIn || got[1].Of != "smtp" || got[1].Why != "notthere" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("the port where it asks leads others to the portal", func(t *testing.T) {
		r, err := http.DefaultTransport.RoundTrip(&http.Request{Method: "GET", Header: http.Header{}, Host: "evil.example", URL: &url.URL{Scheme: "http", Host: a.c.Questions.Addr().String(), Path: "/m"}})
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusFound || r.Header.Get("Location") != "https://"+host+"/m" {
			t.Error(r.StatusCode, r.Header)
		}
	})
	t.Run("they are looked after every minute", func(t *testing.T) {
		if !slices.ContainsFunc(a.jobs.Last(), func(j jobs.Result) bool { return j.Name == "certificates" }) {
			t.Errorf("%+v", a.jobs.Last())
		}
	})
}

func TestCertificatesOfTheDoors(t *testing.T) {
	const host, former, mx = "post.prov.example", "brev.prov.example", "mx.prov.example"
	dir := t.TempDir()
	putPair(t, dir, mx, 1)
	f := provHouse(dir, host)
	f.Web.FormerHosts, f.Web.TLS = []string{former}, config.TLSInternal
	f.SMTP.Hostname, f.SMTP.TLSCert, f.SMTP.TLSKey = mx, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	a, log, ctx := running(t, f)
	web, mail := a.c.Web.Addr().String(), a.c.SMTP[0].Addr().String()
	root, _, ok := a.OwnRoot()
	if !ok {
		t.Fatal("no root")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	browser := &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "tcp", web)
			}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	get := func(t *testing.T, url string) *http.Response {
		t.Helper()
		r, err := browser.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r
	}
	t.Run("whoever has the root gets the pages, and is not told to shut out other certificates from then on", func(t *testing.T) {
		if r := get(t, "https://"+host+"/m"); r.StatusCode != http.StatusOK || r.Header.Get("Strict-Transport-Security") != "" {
			t.Error(r.StatusCode, r.Header)
		}
	})
	t.Run("a link that was sent under a former name leads on to the same page", func(t *testing.T) {
		if r := get(t, "https://"+former+"/m"); r.StatusCode != http.StatusFound || r.Header.Get("Location") != "https://"+host+"/m" {
			t.Error(r.StatusCode, r.Header)
		}
	})
	serial := func(t *testing.T) int64 {
		t.Helper()
		s, err := smtp.Dial(mail)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
			t.Fatal(err)
		}
		state, _ := s.TLSConnectionState()
		return state.PeerCertificates[0].SerialNumber.Int64()
	}
	t.Run("a certificate for mail that was renewed on the disk is shown without a new start", func(t *testing.T) {
		if n := serial(t); n != 1 {
			t.Fatal(n)
		}
		putPair(t, dir, mx, 2)
		if err := a.keepCertificates(ctx); err != nil || serial(t) != 2 {
			t.Error(err, serial(t))
		}
	})
	t.Run("STARTTLS takes nothing older than 1.2", func(t *testing.T) {
		s, err := smtp.Dial(mail)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.StartTLS(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
			t.Error("taken")
		}
	})
	t.Run("the administrator is told of each name, and of what is wrong", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("rubbish"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.keepCertificates(ctx); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range a.certificates() {
			got = append(got, fmt.Sprintf("%s %s %s %s", c.Of, c.Host, c.Source, c.Why))
		}
		want := "web " + host + " internal |web " + former + " internal |smtp " + mx + " files unreadable"
		if strings.Join(got, "|") != want || serial(t) != 2 {
			t.Errorf("%s", strings.Join(got, "|"))
		}
	})
	t.Run("no private key is in the log", func(t *testing.T) {
		for _, path := range []string{filepath.Join(f.Keys, "tls", "internal", "root.pem"), filepath.Join(f.Keys, "tls", "internal", "leaf.pem"), filepath.Join(dir, "key.pem")} {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Split(string(text), "\n"); !strings.Contains(lines[0], "PRIVATE KEY") || log.has(lines[1]) || log.has(lines[2]) {
				t.Errorf("%s is in the log", path)
			}
		}
	})
}

// recorder keeps what is logged.
type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *recorder) has(s string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Contains(r.text.String(), s)
}
