package web_test

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sigill/appliance/door/web"
	"sigill/appliance/peers"
)

func TestFormerHosts(t *testing.T) {
	h := open(t, func(c *web.Config) {
		c.BaseURL, c.FormerHosts = "https://ny.example", []string{"gammal.example", "aldre.example"}
	}, get("/m", web.Anyone, plain("the page")), get("/in", web.SignedIn, plain("in")), post("/do", web.SignedIn, func(r *web.Request) error { return r.Done() }), post("/m", web.Anyone, func(r *web.Request) error { return r.Done() }),
		web.Route{Method: "POST", Path: "/hook/:secret", Need: web.Program, Body: web.Raw, Limit: 100, Handle: func(r *web.Request) error { return r.Done() }})
	ask := func(method, host, path string, headers ...string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(method, h.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := h.client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	t.Run("who comes to read is led on to the same place under the new name", func(t *testing.T) {
		for _, host := range []string{"gammal.example", "GAMMAL.example", "gammal.example:443", "gammal.example.", "aldre.example"} {
			for path, want := range map[string]string{"/m": "/m", "/m?lang=fi": "/m?lang=fi", "/in": "/in"} {
				for _, method := range []string{"GET", "HEAD"} {
					if r := ask(method, host, path); r.StatusCode != http.StatusFound || r.Header.Get("Location") != "https://ny.example"+want || r.Header.Get("Cache-Control") != "no-store" || len(r.Cookies()) > 0 {
						t.Errorf("%s %s of %s: %d %s", method, path, host, r.StatusCode, r.Header.Get("Location"))
					}
				}
			}
		}
	})
	t.Run("what is sent is not sent on", func(t *testing.T) {
		for path, want := range map[string]string{"/m": "/m", "/do": "/"} {
			if r := ask("POST", "gammal.example", path); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "https://ny.example"+want {
				t.Errorf("%s: %d %s", path, r.StatusCode, r.Header.Get("Location"))
			}
		}
	})
	t.Run("programs are served where they were told to come", func(t *testing.T) {
		if r := ask("POST", "gammal.example", "/hook/x"); r.StatusCode != http.StatusNoContent {
			t.Error(r.StatusCode, r.Header.Get("Location"))
		}
	})
	t.Run("any other name, and one that a stranger says was sent, lead nowhere else", func(t *testing.T) {
		for _, host := range []string{"ny.example", "evil.example", "x.gammal.example", "gammal.example.evil.example"} {
			if r := ask("GET", host, "/m", "X-Forwarded-Host", "gammal.example", "Forwarded", "host=gammal.example", "X-Forwarded-Proto", "http"); r.StatusCode != http.StatusOK || r.Header.Get("Location") != "" {
				t.Errorf("%s: %d %s", host, r.StatusCode, r.Header.Get("Location"))
			}
		}
	})
}

func TestStrictTransport(t *testing.T) {
	for name, x := range map[string]struct {
		base   string
		trial  bool
		strict bool
	}{
		"a house's own name is for TLS alone from then on":                          {"https://ny.example", false, true},
		"while a certificate is for trying out nobody is shut out by it later":      {"https://ny.example", true, false},
		"nor is anything else that runs on this computer":                           {"https://localhost:8443", false, false},
		"nor where the pages are in the clear, and nobody would believe the header": {"http://localhost:8080", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, func(c *web.Config) { c.BaseURL, c.Trial = x.base, x.trial }, get("/", web.Anyone, plain("x")))
			if r := h.do(h.client(), "GET", "/", nil); (r.Header.Get("Strict-Transport-Security") != "") != x.strict {
				t.Error(r.Header)
			}
		})
	}
}

// farther is a listener whose callers come from an address.
type farther struct {
	net.Listener
	from net.Addr
}

func (f *farther) Accept() (net.Conn, error) {
	c, err := f.Listener.Accept()
	return caller{c, f.from}, err
}

type caller struct {
	net.Conn
	from net.Addr
}

func (c caller) RemoteAddr() net.Addr { return c.from }

func TestOnlyNamedProxies(t *testing.T) {
	for name, x := range map[string]struct {
		base, from string
		served     bool
	}{
		"the proxy that is named is spoken to in the clear":   {"https://ny.example", "192.0.2.7", true},
		"so is this computer, which the watchdog is":          {"https://ny.example", "127.0.0.1", true},
		"nobody else is, for it would be in the clear":        {"https://ny.example", "192.0.3.7", false},
		"nor whoever comes by IPv6, where the proxy does not": {"https://ny.example", "2001:db8::7", false},
		"where the house itself is without TLS everybody is":  {"http://localhost:8080", "192.0.3.7", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, func(c *web.Config) {
				c.Listener = &farther{c.Listener, &net.TCPAddr{IP: net.ParseIP(x.from), Port: 1}}
				c.BaseURL, c.TrustedProxies = x.base, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
			}, get("/", web.Anyone, plain("x")))
			res, err := h.client().Get(h.url)
			if err == nil {
				res.Body.Close()
			}
			if (err == nil) != x.served {
				t.Errorf("served: %v", err == nil)
			}
		})
	}
}

// TestFormerHostInBrowser is of the code that no server sees.
func TestFormerHostInBrowser(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to follow an old link in Chromium")
	}
	var url string
	h := open(t, func(c *web.Config) {
		_, port, _ := net.SplitHostPort(c.Listener.Addr().String())
		url = "http://localhost:" + port
		c.BaseURL, c.FormerHosts = url, []string{"127.0.0.1"}
	}, get("/m", web.Anyone, plain("the page")))
	var at string
	if err := chromedp.Run(peers.Chromium(t, time.Minute), chromedp.Navigate(h.url+"/m?lang=sv#0K4T-9XQ2"), chromedp.Location(&at)); err != nil {
		t.Fatal(err)
	}
	if at != url+"/m?lang=sv#0K4T-9XQ2" {
		t.Errorf("the old link leads to %s", at)
	}
}
