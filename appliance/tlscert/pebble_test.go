package tlscert_test

import (
	"crypto/x509"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sigill/appliance/tlscert"
)

// pebble is Debian's ACME server, beside a DNS that knows the house alone.
type pebble struct {
	t     *testing.T
	dir   string
	conf  map[string]any
	args  []string
	cmd   *exec.Cmd
	roots *x509.CertPool
	url   string
}

// freePort is one that nobody listens to now.
func freePort(t *testing.T) int {
	t.Helper()
	l := listen(t)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func portOf(t *testing.T, a net.Addr) int {
	t.Helper()
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func newPebble(t *testing.T, http, alpn net.Addr) *pebble {
	t.Helper()
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to get certificates from Debian's pebble")
	}
	if _, err := exec.LookPath("pebble"); err != nil {
		t.Fatal("pebble is missing: bash install/test.sh brings it")
	}
	p := &pebble{t: t, dir: t.TempDir(), roots: x509.NewCertPool()}
	cert, key := pair(t, time.Now(), 1, "localhost")
	p.roots.AppendCertsFromPEM(cert)
	for name, text := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(p.dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	port := strconv.Itoa(freePort(t))
	p.url = "https://localhost:" + port + "/dir"
	p.conf = map[string]any{
		"listenAddress": "127.0.0.1:" + port, "managementListenAddress": "127.0.0.1:" + strconv.Itoa(freePort(t)),
		"certificate": filepath.Join(p.dir, "cert.pem"), "privateKey": filepath.Join(p.dir, "key.pem"),
		"httpPort": portOf(t, http), "tlsPort": portOf(t, alpn),
	}
	p.args = []string{"-config", filepath.Join(p.dir, "pebble.json"), "-dnsserver", names(t)}
	t.Cleanup(p.stop)
	return p
}

// start begins it anew, as it is configured now; it forgets accounts and orders with its end.
func (p *pebble) start() {
	p.t.Helper()
	p.stop()
	text, err := json.Marshal(map[string]any{"pebble": p.conf})
	if err == nil {
		err = os.WriteFile(filepath.Join(p.dir, "pebble.json"), text, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command("pebble", p.args...)
	p.cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0", "PEBBLE_WFE_NONCEREJECT=15")
	said := &listening{ready: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = said, said
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-said.ready:
	case <-p.t.Context().Done():
	}
	for { // it says so a moment before it is true
		c, err := net.Dial("tcp", p.conf["listenAddress"].(string))
		if err == nil {
			c.Close()
			return
		}
		if p.t.Context().Err() != nil {
			return
		}
	}
}

func (p *pebble) stop() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

// listening closes ready when pebble says that it listens.
type listening struct {
	mu    sync.Mutex
	text  strings.Builder
	ready chan struct{}
	once  sync.Once
}

func (l *listening) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(b)
	if strings.Contains(l.text.String(), "ACME directory available") {
		l.once.Do(func() { close(l.ready) })
	}
	return len(b), nil
}

// names is a DNS server that finds the house's two names at this computer, and no others.
func names(t *testing.T) (addr string) {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var run sync.WaitGroup
	t.Cleanup(func() { c.Close(); run.Wait() })
	run.Go(func() {
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			switch name := strings.TrimSuffix(strings.ToLower(q.Name.String()), "."); {
			case name != host && name != former:
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(out, from)
			}
		}
	})
	return c.LocalAddr().String()
}

func TestPebble(t *testing.T) {
	c := newClock()
	web, port := listen(t), listen(t)
	p := newPebble(t, port.Addr(), web.Addr())
	p.conf["certificateValidityPeriod"] = 6 * 24 * 3600
	p.conf["externalAccountBindingRequired"] = true
	p.conf["externalAccountMACKeys"] = map[string]string{"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}
	p.start()
	conf := tlscert.Config{
		Dir: t.TempDir(), Clock: c, Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromACME, Hosts: []string{host, former}}, {Name: "smtp", Source: tlscert.FromACME, Hosts: []string{"nowhere.kommun.example"}}},
		ACME: tlscert.ACME{Directory: p.url, Contact: "drift@kommun.example", Roots: p.roots, HTTP: true},
	}
	h := openAt(t, conf, web, port)
	t.Run("without the account that it wants there is none", func(t *testing.T) {
		h.Keep(t.Context())
		if got := h.trouble(host); got != tlscert.NoAccount {
			t.Error(got, h.log)
		}
		h.close()
	})
	web, port = again(t, web), again(t, port)
	conf.ACME.KeyID, conf.ACME.MAC = "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
	h = openAt(t, conf, web, port)
	of := func(name string) string { return h.shown(name).Issuer.CommonName }
	serial := func() string { return h.shown(host).SerialNumber.String() }
	t.Run("with it there is, by HTTP-01, and a name that leads nowhere is told", func(t *testing.T) {
		h.Keep(t.Context())
		for _, name := range []string{host, former} {
			if !strings.HasPrefix(of(name), "Pebble") || h.trouble(name) != "" || h.shown(name).VerifyHostname(name) != nil {
				t.Errorf("%s: %s, %s\n%s", name, of(name), h.trouble(name), h.log)
			}
		}
		if got := h.trouble("nowhere.kommun.example"); got != tlscert.Closed { // pebble does not say why it came nowhere
			t.Error(got, h.log)
		}
	})
	h.close()
	web, port = again(t, web), again(t, port)
	conf.Doors[1].Hosts = []string{host}
	conf.ACME.HTTP, conf.ACME.ALPN = false, true
	h = openAt(t, conf, web, port)
	t.Run("it is renewed in time by TLS-ALPN-01, by an authority that has forgotten us", func(t *testing.T) {
		p.start()
		before := serial()
		h.Keep(t.Context())
		if serial() != before {
			t.Fatal("renewed too early")
		}
		c.turn(h.shown(host).NotAfter.Sub(c.Now()) - oneDay)
		h.Keep(t.Context())
		if serial() == before || !strings.HasPrefix(of(former), "Pebble") || h.trouble(host) != "" {
			t.Error(h.trouble(host), h.log)
		}
	})
	t.Run("while it is away the old one goes on, and that is told", func(t *testing.T) {
		p.stop()
		before := serial()
		h.Keep(t.Context())
		if serial() != before || h.trouble(host) != tlscert.NotThere {
			t.Error(h.trouble(host))
		}
		p.start()
		h.Again()
		if h.Keep(t.Context()); serial() == before || h.trouble(host) != "" {
			t.Error(h.trouble(host), h.log)
		}
	})
	h.close()
	c.turn(30 * oneDay)
	conf.ACME.HTTP, conf.ACME.ALPN = true, false
	h = openAt(t, conf, listen(t), listen(t))
	t.Run("one that asks at a closed port is told apart from one that is away", func(t *testing.T) {
		h.Keep(t.Context())
		if got := h.trouble(host); got != tlscert.Closed {
			t.Error(got, h.log)
		}
	})
	if t.Failed() {
		return
	}
	openssl(t, h.web.String())
}

// openssl asks as other people's programs do.
func openssl(t *testing.T, addr string) {
	t.Helper()
	ask := func(more ...string) string {
		cmd := exec.Command("openssl", append([]string{"s_client", "-connect", addr, "-servername", host}, more...)...)
		out, _ := cmd.CombinedOutput() // it fails where the handshake does
		return string(out)
	}
	t.Run("openssl gets TLS 1.3 and 1.2, and nothing older or weaker", func(t *testing.T) {
		for _, x := range []struct {
			args []string
			good bool
		}{
			{[]string{"-tls1_3"}, true},
			{[]string{"-tls1_2"}, true},
			{[]string{"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}, false},
			{[]string{"-tls1", "-cipher", "ALL:@SECLEVEL=0"}, false},
			{[]string{"-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"}, false},
			{[]string{"-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0"}, false},
		} {
			if out := ask(x.args...); strings.Contains(out, "Cipher is (NONE)") == x.good {
				t.Errorf("%v: %s", x.args, out)
			}
		}
	})
}
