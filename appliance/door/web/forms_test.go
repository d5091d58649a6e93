package web_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/web"
)

func TestForeignForms(t *testing.T) {
	ran := 0
	h := open(t, nil,
		get("/", web.Anyone, plain("start")), get("/in", web.SignedIn, plain("in")),
		post("/do", web.Anyone, func(r *web.Request) error { ran++; return r.Redirect("/") }),
		post("/act", web.SignedIn, func(r *web.Request) error { ran++; return r.Redirect("/in") }),
	)
	try := func(name string, c *http.Client, path, token string, want int, headers ...string) {
		t.Helper()
		before := ran
		r := h.post(c, path, url.Values{"csrf": {token}}, headers...)
		if r.StatusCode != want || (ran > before) != (want == 303) {
			t.Errorf("%s: %d, not %d; ran %d times", name, r.StatusCode, want, ran-before)
		}
	}
	same := []string{"Sec-Fetch-Site", "same-origin"}
	t.Run("a person's form needs the session's token and no foreign origin", func(t *testing.T) {
		c := h.as(person)
		token := formToken(t, h.do(c, "GET", "/in", nil).body)
		try("as our page sends it", c, "/act", token, 303, same...)
		try("older browser", c, "/act", token, 303, "Origin", h.url)
		try("no browser headers", c, "/act", token, 303)
		try("no token", c, "/act", "", 403, same...)
		try("wrong token", c, "/act", token[1:]+"x", 403, same...)
		try("cross-site", c, "/act", token, 403, "Sec-Fetch-Site", "cross-site")
		try("neighbour host", c, "/act", token, 403, "Sec-Fetch-Site", "same-site")
		try("foreign origin", c, "/act", token, 403, "Origin", "https://evil.example")
		try("null origin", c, "/act", token, 403, "Origin", "null")
		try("origin with our name as a prefix", c, "/act", token, 403, "Origin", h.url+".evil.example")
		other := formToken(t, h.do(h.as(person), "GET", "/in", nil).body)
		try("another session's token", c, "/act", other, 403, same...)
	})
	t.Run("a stranger's form works without cookies where the browser speaks, and only with the token where it does not", func(t *testing.T) {
		c := h.client()
		try("web view without cookies", h.client(), "/do", "", 303, same...)
		try("the same, older", h.client(), "/do", "", 303, "Origin", h.url)
		try("cross-site", h.client(), "/do", "", 403, "Sec-Fetch-Site", "cross-site")
		try("silent, no token", h.client(), "/do", "", 403)
		page := h.do(c, "GET", "/", nil)
		token := formToken(t, page.body)
		try("silent, with cookie and token", c, "/do", token, 303)
		try("silent, token without cookie", h.client(), "/do", token, 403)
		try("silent, cookie with another's token", c, "/do", formToken(t, h.do(h.client(), "GET", "/", nil).body), 403)
	})
	t.Run("a planted cookie has no token that fits", func(t *testing.T) {
		r := h.post(h.client(), "/do", url.Values{"csrf": {"AAAAAAAAAAAAAAAAAAAAAA"}}, "Cookie", "sigill-form=AAAAAAAAAAAAAAAAAAAAAA")
		if r.StatusCode != 403 {
			t.Error(r.StatusCode)
		}
	})
}

func TestCookies(t *testing.T) {
	token := web.NewToken()
	routes := []web.Route{
		get("/in", web.Anyone, func(r *web.Request) error { r.SetToken(token); return plain("x")(r) }),
		get("/out", web.Anyone, func(r *web.Request) error { r.ClearToken(); r.Flash("page.knock.title"); return r.Redirect("/") }),
		get("/", web.Anyone, plain("x")),
	}
	t.Run("over https they are __Host-, Secure, HttpOnly and Strict", func(t *testing.T) {
		h := open(t, func(c *web.Config) { c.BaseURL = "https://brev.example.se" }, routes...)
		r := h.do(h.client(), "GET", "/in", nil)
		all := strings.Join(r.Header.Values("Set-Cookie"), "\n")
		for _, line := range r.Header.Values("Set-Cookie") {
			for _, want := range []string{"__Host-sigill", "path=/", "HttpOnly", "secure", "SameSite=Strict"} {
				if !strings.Contains(strings.ToLower(line), strings.ToLower(want)) {
					t.Errorf("%q lacks %s", line, want)
				}
			}
			if strings.Contains(strings.ToLower(line), "domain=") {
				t.Errorf("%q names a domain", line)
			}
		}
		if !strings.Contains(all, "__Host-sigill="+cookieText(token)) || r.Header.Get("Strict-Transport-Security") == "" {
			t.Error(all, r.Header)
		}
	})
	t.Run("the mark of a browser is Lax, stays for a year, and comes back", func(t *testing.T) {
		h := open(t, func(c *web.Config) { c.BaseURL = "https://brev.example.se" },
			get("/mark", web.Anyone, func(r *web.Request) error { r.SetDevice("mark"); return plain("x")(r) }),
			get("/which", web.Anyone, func(r *web.Request) error { return plain("[" + r.Device() + "]")(r) }))
		line := strings.ToLower(strings.Join(h.do(h.client(), "GET", "/mark", nil).Header.Values("Set-Cookie"), "\n"))
		for _, want := range []string{"__host-sigill-device=mark", "max-age=31536000", "path=/", "httponly", "secure", "samesite=lax"} {
			if !strings.Contains(line, want) {
				t.Errorf("%q lacks %s", line, want)
			}
		}
		if r := h.do(h.client(), "GET", "/which", nil, "Cookie", "__Host-sigill-device=mark; sigill-device=planted"); !strings.Contains(r.body, "[mark]") {
			t.Error(r.body)
		}
	})
	t.Run("a token is only read whole", func(t *testing.T) {
		h := open(t, nil, get("/who", web.SignedIn, plain("x")))
		s := h.sessions.begin(person)
		for value, want := range map[string]int{cookieText(s): 200, cookieText(s)[1:]: 404, cookieText(s) + "A": 404, "": 404, strings.Repeat("A", 9000): 404} {
			if r := h.do(h.client(), "GET", "/who", nil, "Cookie", "sigill="+value); r.StatusCode != want {
				t.Errorf("%d characters: %d, not %d", len(value), r.StatusCode, want)
			}
		}
	})
	t.Run("a flash is shown once", func(t *testing.T) {
		h := open(t, nil, routes...)
		c := h.client()
		h.do(c, "GET", "/out", nil)
		if r := h.do(c, "GET", "/", nil); !strings.Contains(r.body, "Ett ögonblick") {
			t.Error(r.body)
		}
		if r := h.do(c, "GET", "/", nil); strings.Contains(r.body, "Ett ögonblick") {
			t.Error("twice")
		}
	})
	t.Run("a token prints as secret", func(t *testing.T) {
		if token.String() != "[secret]" || token.LogValue().String() != "[secret]" {
			t.Error(token)
		}
	})
}

func TestKnock(t *testing.T) {
	h := open(t, nil, get("/letter/:id", web.SignedIn, plain("secret words")))
	away := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}
	t.Run("who comes by a link in a mail loads the page again, with the cookie this time", func(t *testing.T) {
		r := h.do(h.client(), "GET", "/letter/1?a=b&c", nil, away...) // the browser kept the Strict cookie back
		if r.StatusCode != 200 || !strings.Contains(r.body, `content="0; url=/letter/1?a=b&amp;c"`) || strings.Contains(r.body, "secret words") {
			t.Fatal(r.StatusCode, r.body)
		}
		if r := h.do(h.as(person), "GET", "/letter/1?a=b&c", nil, "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate"); !strings.Contains(r.body, "secret words") {
			t.Error(r.StatusCode)
		}
	})
	t.Run("it does not turn in circles", func(t *testing.T) {
		if r := h.do(h.client(), "GET", "/letter/1", nil, "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate"); r.StatusCode != 404 {
			t.Error(r.StatusCode)
		}
	})
}

func TestForms(t *testing.T) {
	var got url.Values
	h := open(t, nil, post("/do", web.Anyone, func(r *web.Request) error {
		got = url.Values{"a": r.FormAll("a"), "b": {r.Form("b")}}
		return r.Done()
	}), web.Route{Method: "POST", Path: "/none", Need: web.Anyone, Handle: func(r *web.Request) error { return r.Done() }})
	same := []string{"Sec-Fetch-Site", "same-origin"}
	t.Run("fields come as they were sent, and stay", func(t *testing.T) {
		if r := h.post(h.client(), "/do", url.Values{"a": {"å+ä", "2"}, "b": {"x\xffy"}}, same...); r.StatusCode != 204 {
			t.Fatal(r.StatusCode, r.body)
		}
		h.post(h.client(), "/none", nil, same...)
		if len(got["a"]) != 2 || got["a"][0] != "å+ä" || got.Get("b") != "x\uFFFDy" {
			t.Error(got)
		}
	})
	for name, tc := range map[string]struct {
		body, kind string
		want       int
	}{
		"a form of more than 64 KiB":  {"a=" + strings.Repeat("x", 65<<10), formType, 413},
		"a form with 101 fields":      {strings.Repeat("a=b&", 101), formType, 400},
		"a form with a broken escape": {"a=%zz", formType, 400},
		"a form of another type":      {"{}", "application/json", 415},
		"a form without a type":       {"a=b", "", 415},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if r := h.do(h.client(), "POST", "/do", strings.NewReader(tc.body), append(same, "Content-Type", tc.kind)...); r.StatusCode != tc.want {
				t.Errorf("%d, not %d", r.StatusCode, tc.want)
			}
		})
	}
	t.Run("a chunked form is limited as well", func(t *testing.T) {
		body := struct{ *strings.Reader }{strings.NewReader("a=" + strings.Repeat("x", 70<<10))}
		if r := h.do(h.client(), "POST", "/do", body, append(same, "Content-Type", formType)...); r.StatusCode != 413 {
			t.Error(r.StatusCode)
		}
	})
	t.Run("a body where none is taken is refused", func(t *testing.T) {
		if r := h.post(h.client(), "/none", url.Values{"a": {"b"}}, same...); r.StatusCode != 415 {
			t.Error(r.StatusCode)
		}
	})
}

func TestThrottle(t *testing.T) {
	proxy := func(c *web.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		c.Posts = web.Rate{PerMinute: 6, Burst: 3}
	}
	done := func(r *web.Request) error { return r.Done() }
	h := open(t, proxy, post("/do", web.Anyone, done), get("/", web.Anyone, done), get("/in", web.SignedIn, plain("x")), post("/act", web.SignedIn, done))
	send := func(from string) reply {
		return h.post(h.client(), "/do", nil, "Sec-Fetch-Site", "same-origin", "X-Forwarded-For", from)
	}
	t.Run("too many POSTs get 429 and a time to wait, and go on after it", func(t *testing.T) {
		for range 3 {
			if r := send("192.0.2.1"); r.StatusCode != 204 {
				t.Fatal(r.StatusCode)
			}
		}
		r := send("192.0.2.1")
		if r.StatusCode != 429 || r.Header.Get("Retry-After") != "10" || !strings.Contains(r.body, "10 sekunder") {
			t.Fatal(r.StatusCode, r.Header.Get("Retry-After"), r.body)
		}
		h.clock.Add(10 * time.Second)
		if r := send("192.0.2.1"); r.StatusCode != 204 {
			t.Error(r.StatusCode)
		}
	})
	t.Run("another address is not concerned; a /64 of IPv6 is one", func(t *testing.T) {
		if r := send("192.0.2.2"); r.StatusCode != 204 {
			t.Error(r.StatusCode)
		}
		for i, from := range []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::", "2001:db8::3"} {
			if r := send(from); (r.StatusCode == 429) != (i == 3) {
				t.Error(from, r.StatusCode)
			}
		}
	})
	t.Run("what the client wrote before the proxy's address changes nothing", func(t *testing.T) {
		for i := range 4 {
			if r := send("10.9.9." + string(rune('1'+i)) + ", 192.0.2.7"); (r.StatusCode == 429) != (i == 3) {
				t.Error(i, r.StatusCode)
			}
		}
	})
	t.Run("people are counted by session, not by the town hall's address", func(t *testing.T) {
		for range 5 {
			c := h.as(person)
			token := formToken(t, h.do(c, "GET", "/in", nil).body)
			if r := h.post(c, "/act", url.Values{"csrf": {token}}, "Sec-Fetch-Site", "same-origin", "X-Forwarded-For", "192.0.2.9"); r.StatusCode != 204 {
				t.Error(r.StatusCode)
			}
		}
	})
	t.Run("reading is not counted", func(t *testing.T) {
		for range 10 {
			if r := h.do(h.client(), "GET", "/", nil, "X-Forwarded-For", "192.0.2.1"); r.StatusCode != 204 {
				t.Fatal(r.StatusCode)
			}
		}
	})
}

func TestAddress(t *testing.T) {
	var got netip.Addr
	note := get("/", web.Anyone, func(r *web.Request) error { got = r.Address(); return r.Done() })
	plainHouse := open(t, nil, note)
	proxied := open(t, func(c *web.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")}
	}, note)
	for _, tc := range []struct {
		h               *house
		forwarded, want string
	}{
		{plainHouse, "192.0.2.1", "127.0.0.1"},
		{proxied, "192.0.2.1", "192.0.2.1"},
		{proxied, "6.6.6.6, 192.0.2.1, 10.1.1.1", "192.0.2.1"},
		{proxied, "192.0.2.1, nonsense", "127.0.0.1"},
		{proxied, "::ffff:192.0.2.5", "192.0.2.5"},
		{proxied, "", "127.0.0.1"},
	} {
		tc.h.do(tc.h.client(), "GET", "/", nil, "X-Forwarded-For", tc.forwarded)
		if got.String() != tc.want {
			t.Errorf("%q: %s, not %s", tc.forwarded, got, tc.want)
		}
	}
}

func TestLanguages(t *testing.T) {
	h := open(t, nil, get("/", web.Anyone, plain("x")), post("/do", web.Anyone, plain("y")))
	lang := func(r reply) string {
		_, rest, _ := strings.Cut(r.body, `<html lang="`)
		return rest[:2]
	}
	t.Run("the browser's wish, then the pick, which stays", func(t *testing.T) {
		c := h.client()
		for _, tc := range []struct{ path, accept, want string }{
			{"/", "", "sv"}, {"/", "en-GB", "en"}, {"/?lang=sv", "en-GB", "sv"}, {"/", "en-GB", "sv"}, {"/?lang=xx", "en-GB", "sv"}, {"/?lang=en", "", "en"}, {"/nowhere", "sv", "en"},
		} {
			if got := lang(h.do(c, "GET", tc.path, nil, "Accept-Language", tc.accept)); got != tc.want {
				t.Errorf("%s with %q: %s, not %s", tc.path, tc.accept, got, tc.want)
			}
		}
	})
	t.Run("the picker leads to a page that can be asked for", func(t *testing.T) {
		if r := h.do(h.client(), "GET", "/", nil); !strings.Contains(r.body, `href="/?lang=en" lang="en" hreflang="en">English`) {
			t.Error(r.body)
		}
		if r := h.post(h.client(), "/do", nil, "Sec-Fetch-Site", "same-origin"); !strings.Contains(r.body, `href="/?lang=en"`) {
			t.Error(r.body)
		}
	})
	t.Run("in which language somebody was told comes before the browser's, and after the pick", func(t *testing.T) {
		h := open(t, nil, get("/", web.Anyone, func(r *web.Request) error {
			r.Prefer("fi")
			return plain("picked " + r.Picked() + ".")(r)
		}))
		c := h.client()
		if r := h.do(c, "GET", "/", nil, "Accept-Language", "sv"); lang(r) != "fi" || !strings.Contains(r.body, "picked .") {
			t.Error(r.body)
		}
		for _, path := range []string{"/?lang=en", "/"} {
			if r := h.do(c, "GET", path, nil, "Accept-Language", "sv"); lang(r) != "en" || !strings.Contains(r.body, "picked en.") {
				t.Error(r.body)
			}
		}
	})
	t.Run("a person's own language comes before the browser's", func(t *testing.T) {
		v := person
		v.Lang = "en"
		if got := lang(h.do(h.as(v), "GET", "/", nil, "Accept-Language", "sv")); got != "en" {
			t.Error(got)
		}
	})
}
