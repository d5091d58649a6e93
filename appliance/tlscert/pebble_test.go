package tlscert_test

import (
	"crypto/x509"
	"net"
	"os/exec"
	"strings"
	"testing"

	"sigill/appliance/peers"
	"sigill/appliance/tlscert"
)

func TestPebble(t *testing.T) {
	c := newClock()
	web, port := listen(t), listen(t)
	p := peers.NewPebble(t, portOf(t, port), portOf(t, web), host, former)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.CA)
	p.Conf["certificateValidityPeriod"] = 6 * 24 * 3600
	p.Conf["externalAccountBindingRequired"] = true
	p.Conf["externalAccountMACKeys"] = map[string]string{"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}
	p.Start()
	conf := tlscert.Config{
		Dir: t.TempDir(), Clock: c, Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromACME, Hosts: []string{host, former}}, {Name: "smtp", Source: tlscert.FromACME, Hosts: []string{"nowhere.kommun.example"}}},
		ACME: tlscert.ACME{Directory: p.URL, Contact: "drift@kommun.example", Roots: roots, HTTP: true},
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
		p.Start()
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
		p.Stop()
		before := serial()
		h.Keep(t.Context())
		if serial() != before || h.trouble(host) != tlscert.NotThere {
			t.Error(h.trouble(host))
		}
		p.Start()
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

func portOf(t *testing.T, l net.Listener) string {
	t.Helper()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
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
