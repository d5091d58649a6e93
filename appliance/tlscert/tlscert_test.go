package tlscert_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/tlscert"
)

// pair writes a certificate for names and its key as somebody else would, and returns them.
func pair(t testing.TB, now time.Time, serial int64, names ...string) (cert, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: names, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(60 * oneDay)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text})
}

func TestFiles(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	cert, key := filepath.Join(dir, "web.pem"), filepath.Join(dir, "web.key")
	put := func(path string, text []byte) {
		t.Helper()
		if err := os.WriteFile(path+".new", text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	conf := tlscert.Config{Dir: filepath.Join(dir, "tls"), Clock: c, Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromFiles, Hosts: []string{host, former}, Cert: cert, Key: key}}}
	first, firstKey := pair(t, c.Now(), 1, host, former)
	second, secondKey := pair(t, c.Now(), 2, host)
	put(cert, first)
	put(key, firstKey)
	h := open(t, conf)
	serial := func() int64 { return h.shown(host).SerialNumber.Int64() }
	t.Run("a pair is shown, and nothing is wrong with it", func(t *testing.T) {
		if s := h.States(); serial() != 1 || len(s) != 2 || s[0].Trouble != nil || s[1].Trouble != nil || s[1].Host != former || s[0].Ends.IsZero() {
			t.Errorf("%d %+v", serial(), s)
		}
	})
	t.Run("half a pair leaves the one before, and is told once", func(t *testing.T) {
		put(cert, second)
		h.Keep(t.Context())
		c.turn(time.Hour)
		h.Keep(t.Context())
		s := h.States()[0]
		if serial() != 1 || s.Trouble == nil || s.Trouble.Why != tlscert.Unfit || !s.Since.Equal(c.Now().Add(-time.Hour)) || strings.Count(h.log.String(), "unfit") != 1 {
			t.Errorf("%d %+v %+v\n%s", serial(), s, s.Trouble, h.log)
		}
	})
	t.Run("the other half makes it whole, without a new start", func(t *testing.T) {
		put(key, secondKey)
		if h.Keep(t.Context()); serial() != 2 || h.trouble(host) != "" {
			t.Errorf("%d %s", serial(), h.trouble(host))
		}
	})
	t.Run("a name that is not in it is told", func(t *testing.T) {
		if got := h.trouble(former); got != tlscert.OtherName {
			t.Error(got)
		}
	})
	t.Run("what cannot be read leaves the one before, and nobody waits for it", func(t *testing.T) {
		for name, spoil := range map[string]func() error{
			"gone":    func() error { return os.Remove(cert) },
			"rubbish": func() error { return os.WriteFile(cert, []byte("rubbish"), 0o600) },
			"huge":    func() error { return os.WriteFile(cert, append(make([]byte, 2<<20), second...), 0o600) },
			"pipe":    func() error { _ = os.Remove(cert); return syscall.Mkfifo(cert, 0o600) },
		} {
			if err := spoil(); err != nil {
				t.Fatal(err)
			}
			if h.Keep(t.Context()); serial() != 2 || h.trouble(host) != tlscert.Unreadable {
				t.Errorf("%s: %d %s", name, serial(), h.trouble(host))
			}
			put(cert, second)
			if h.Keep(t.Context()); h.trouble(host) != "" {
				t.Errorf("%s: mended, and still %s", name, h.trouble(host))
			}
		}
	})
	t.Run("one whose time is over goes on, and is told", func(t *testing.T) {
		c.turn(61 * oneDay)
		if got := h.trouble(host); got != tlscert.Over || serial() != 2 {
			t.Error(got)
		}
	})
	t.Run("to begin with, the pair must be whole", func(t *testing.T) {
		put(cert, first)
		if _, err := tlscert.Open(conf2(conf, h)); err == nil || !strings.HasPrefix(err.Error(), "web.tls_cert: ") || strings.Contains(err.Error(), "BEGIN") {
			t.Error(err)
		}
	})
	t.Run("a door without files speaks no TLS", func(t *testing.T) {
		none := open(t, tlscert.Config{Clock: c, Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromFiles, Hosts: []string{host}}}})
		if _, _, root := none.Root(); none.TLS("web") != nil || none.TLS("smtp") != nil || len(none.States()) != 0 || root {
			t.Errorf("%+v", none.States())
		}
	})
}

// conf2 is a configuration with the log of a house.
func conf2(c tlscert.Config, h *house) tlscert.Config {
	c.Log = h.c.Log
	return c
}

func TestInternal(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	names := []string{"prov.kommun.example", "192.0.2.7"}
	conf := tlscert.Config{Dir: dir, Clock: c, Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromInternal, Hosts: names}}}
	h := open(t, conf)
	root, print, ok := h.Root()
	trusts := func(name string) error {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(root)
		_, err := h.shown("").Verify(x509.VerifyOptions{Roots: pool, DNSName: name, CurrentTime: c.Now()})
		return err
	}
	t.Run("a browser that has the root trusts the names, and a stranger's does not", func(t *testing.T) {
		if !ok || len(print) != 95 || strings.Count(print, ":") != 31 || strings.Contains(string(root), "PRIVATE") {
			t.Errorf("%v %s\n%s", ok, print, root)
		}
		for _, n := range names {
			if err := trusts(n); err != nil {
				t.Error(n, err)
			}
		}
		if _, err := h.shown("").Verify(x509.VerifyOptions{DNSName: names[0], CurrentTime: c.Now()}); err == nil {
			t.Error("everybody trusts it")
		}
	})
	t.Run("whoever steals the root's key deceives about no other name", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(dir, "internal", "root.pem"))
		if err != nil {
			t.Fatal(err)
		}
		stolen, err := tls.X509KeyPair(text, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"bank.example", "kommun.example", "192.0.2.8", "::1"} {
			leaf := &x509.Certificate{SerialNumber: big.NewInt(9), NotBefore: c.Now().Add(-time.Minute), NotAfter: c.Now().Add(time.Hour), DNSNames: []string{name}}
			if ip := parseIP(name); ip != nil {
				leaf.DNSNames, leaf.IPAddresses = nil, ip
			}
			key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			der, err := x509.CreateCertificate(rand.Reader, leaf, stolen.Leaf, key.Public(), stolen.PrivateKey)
			if err != nil {
				t.Fatal(err)
			}
			made, _ := x509.ParseCertificate(der)
			pool := x509.NewCertPool()
			pool.AppendCertsFromPEM(root)
			if _, err := made.Verify(x509.VerifyOptions{Roots: pool, DNSName: name, CurrentTime: c.Now()}); err == nil {
				t.Errorf("%s is believed", name)
			}
		}
	})
	t.Run("it is renewed by itself, under the same root", func(t *testing.T) {
		before := h.shown("").SerialNumber
		c.turn(61 * oneDay)
		h.Keep(t.Context())
		if h.shown("").SerialNumber.Cmp(before) == 0 || trusts(names[0]) != nil || h.trouble(names[0]) != "" {
			t.Error("not renewed:", trusts(names[0]))
		}
	})
	t.Run("it is the same after a new start", func(t *testing.T) {
		before := h.shown("").SerialNumber
		again := open(t, conf)
		if _, now, _ := again.Root(); now != print || again.shown("").SerialNumber.Cmp(before) != 0 {
			t.Error("another")
		}
	})
	t.Run("another name has another root, for the one before is not good for it", func(t *testing.T) {
		conf.Doors = []tlscert.Door{{Name: "web", Source: tlscert.FromInternal, Hosts: []string{"Skarpt.kommun.example"}}}
		h = open(t, conf)
		var now string
		if root, now, _ = h.Root(); now == print || trusts("skarpt.kommun.example") != nil {
			t.Error(trusts("skarpt.kommun.example"))
		}
	})
	t.Run("a damaged one is made anew", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "internal", "root.pem"), []byte("rubbish"), 0o600); err != nil {
			t.Fatal(err)
		}
		if h = open(t, conf); h.shown("") == nil {
			t.Error("nothing")
		}
	})
	t.Run("without a directory nothing is kept", func(t *testing.T) {
		i, err := tlscert.NewInternal("", c.Now(), "x.example")
		if err != nil || i.Certificate().Leaf.VerifyHostname("x.example") != nil {
			t.Error(err)
		}
	})
}

func TestVersions(t *testing.T) {
	c := newClock()
	h := open(t, tlscert.Config{Dir: t.TempDir(), Clock: c, Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromInternal, Hosts: []string{host}}}})
	dial := func(conf *tls.Config) (tls.ConnectionState, error) {
		conf.InsecureSkipVerify = true
		x, err := tls.Dial("tcp", h.web.String(), conf)
		if err != nil {
			return tls.ConnectionState{}, err
		}
		defer x.Close()
		return x.ConnectionState(), nil
	}
	t.Run("1.3 with the post-quantum hybrid is what one gets", func(t *testing.T) {
		if s, err := dial(&tls.Config{}); err != nil || s.Version != tls.VersionTLS13 || s.CurveID != tls.X25519MLKEM768 {
			t.Errorf("%x %v %v", s.Version, s.CurveID, err)
		}
	})
	t.Run("1.1 is refused", func(t *testing.T) {
		if s, err := dial(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
			t.Errorf("%x", s.Version)
		}
	})
	t.Run("of 1.2 only what keeps old conversations secret and is not of the old kind", func(t *testing.T) {
		for _, suite := range append(tls.InsecureCipherSuites(), tls.CipherSuites()...) {
			if suite.SupportedVersions[0] == tls.VersionTLS13 {
				continue
			}
			good := strings.HasPrefix(suite.Name, "TLS_ECDHE_ECDSA_") && (strings.Contains(suite.Name, "GCM") || strings.Contains(suite.Name, "CHACHA20"))
			if _, err := dial(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID}}); (err == nil) != good {
				t.Errorf("%s: %v", suite.Name, err)
			}
		}
	})
}

func TestQuestions(t *testing.T) {
	h := open(t, tlscert.Config{Dir: t.TempDir(), Clock: newClock()})
	ask := func(method, target, host string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+h.port.String()+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	t.Run("who comes to read is led on to the house's own name, whatever name they sent", func(t *testing.T) {
		for target, want := range map[string]string{"/": "/", "/m?lang=fi": "/m?lang=fi", "//evil.example/x": "//evil.example/x", "/%0d%0aX:y": "/%0d%0aX:y"} {
			for _, name := range []string{host, "evil.example", former} {
				if r := ask("GET", target, name); r.StatusCode != http.StatusFound || r.Header.Get("Location") != "https://"+host+want || len(r.Cookies()) > 0 {
					t.Errorf("%s of %s: %d %s", target, name, r.StatusCode, r.Header.Get("Location"))
				}
			}
		}
	})
	t.Run("nobody can send anything", func(t *testing.T) {
		for _, m := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"} {
			if r := ask(m, "/m", host); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Location") != "" {
				t.Errorf("%s: %d", m, r.StatusCode)
			}
		}
	})
	t.Run("a question that the authority has not asked has no answer", func(t *testing.T) {
		if r := ask("GET", "/.well-known/acme-challenge/x", host); r.StatusCode != http.StatusNotFound {
			t.Error(r.StatusCode)
		}
	})
}

// parseIP is a list of the address that a name is; nil if it is none.
func parseIP(name string) []net.IP {
	if ip := net.ParseIP(name); ip != nil {
		return []net.IP{ip}
	}
	return nil
}
