package web_test

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

func cookieText(t web.Token) string { return web.CookieText(t) }

func TestRoutes(t *testing.T) {
	h := open(t, nil,
		get("/", web.Anyone, plain("start")),
		get("/inbox", web.SignedIn, plain("inbox")),
		get("/admin", web.Admin, plain("admin")),
		get("/journal", web.Auditor, plain("journal")),
		get("/usage", web.Statistics, plain("usage")),
		get("/guest", web.GuestProof, plain("guest")),
		get("/letter/:id", web.SignedIn, func(r *web.Request) error {
			if r.Param("id") != "mine" {
				return mail.E(mail.Absent, "error.absent", errors.New("another's"))
			}
			return plain("letter")(r)
		}),
		post("/do", web.Anyone, func(r *web.Request) error { return r.Redirect("/") }),
	)
	t.Run("HEAD answers like GET, without the page", func(t *testing.T) {
		g, d := h.do(h.client(), "GET", "/", nil), h.do(h.client(), "HEAD", "/", nil)
		if g.StatusCode != 200 || d.StatusCode != 200 || d.body != "" || d.ContentLength != int64(len(g.body)) {
			t.Errorf("%d, %d with %d bytes of %d", g.StatusCode, d.StatusCode, d.ContentLength, len(g.body))
		}
	})
	t.Run("a wrong method is 405 and says which are right", func(t *testing.T) {
		if r := h.do(h.client(), "POST", "/", nil); r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
			t.Error(r.StatusCode, r.Header.Get("Allow"))
		}
		if r := h.do(h.client(), "GET", "/do", nil); r.StatusCode != 405 || r.Header.Get("Allow") != "POST" {
			t.Error(r.StatusCode, r.Header.Get("Allow"))
		}
	})
	t.Run("so it is with the methods that no page has, and where there is nothing they find nothing", func(t *testing.T) {
		for _, m := range []string{"PUT", "DELETE", "PATCH", "OPTIONS"} {
			for path, allow := range map[string]string{"/": "GET, HEAD", "/do": "POST", "/letter/mine": "GET, HEAD"} {
				if r := h.do(h.client(), m, path, nil); r.StatusCode != 405 || r.Header.Get("Allow") != allow || r.Header.Get("Content-Security-Policy") == "" {
					t.Errorf("%s %s: %d, %q", m, path, r.StatusCode, r.Header.Get("Allow"))
				}
			}
			for _, path := range []string{"/nowhere", "/letter/mine/more", "/letter"} {
				if r := h.do(h.client(), m, path, nil); r.StatusCode != 404 || r.Header.Get("Allow") != "" {
					t.Errorf("%s %s: %d", m, path, r.StatusCode)
				}
			}
		}
	})
	t.Run("missing and forbidden are the same bytes", func(t *testing.T) {
		strip := func(r reply, path string) string {
			return strings.ReplaceAll(r.body, path, "PATH") + r.Header.Get("Content-Security-Policy")
		}
		c := h.as(person)
		missing := h.do(c, "GET", "/nowhere", nil)
		if missing.StatusCode != 404 || !strings.Contains(missing.body, "Sidan finns inte") {
			t.Fatal(missing.StatusCode, missing.body)
		}
		for _, path := range []string{"/admin", "/journal", "/guest", "/letter/theirs", "/letter/no", "/static/x/none.css"} {
			r := h.do(c, "GET", path, nil)
			if r.StatusCode != 404 || strip(r, path) != strip(missing, "/nowhere") {
				t.Errorf("%s differs: %d\n%s\n%s", path, r.StatusCode, strip(r, path), strip(missing, "/nowhere"))
			}
		}
	})
	t.Run("who has the right gets in", func(t *testing.T) {
		admin, auditor, organiser := person, person, person
		admin.Roles, auditor.Roles, organiser.Roles = mail.RoleAdmin, mail.RoleAuditor, mail.RoleOrganiser|mail.RoleHelpDesk
		for _, tc := range []struct {
			path string
			who  web.Viewer
			want int
		}{
			{"/inbox", person, 200}, {"/inbox", web.Viewer{}, 404}, {"/inbox", web.Viewer{Kind: web.Guest}, 404},
			{"/admin", admin, 200}, {"/admin", person, 404}, {"/admin", auditor, 404},
			{"/journal", auditor, 200}, {"/journal", admin, 200}, {"/journal", organiser, 404}, {"/journal", web.Viewer{Kind: web.Guest, Roles: mail.RoleAuditor}, 404},
			{"/usage", auditor, 200}, {"/usage", admin, 200}, {"/usage", organiser, 200}, {"/usage", person, 404},
			{"/guest", web.Viewer{Kind: web.Guest}, 200}, {"/letter/mine", person, 200},
		} {
			if r := h.do(h.as(tc.who), "GET", tc.path, nil); r.StatusCode != tc.want {
				t.Errorf("%s as %v: %d, not %d", tc.path, tc.who.Kind, r.StatusCode, tc.want)
			}
		}
	})
	t.Run("a redirect goes to no other host", func(t *testing.T) {
		for _, to := range []string{"//evil", "https://evil", `/\evil`, "", "evil", "/a\r\nX: y"} {
			h := open(t, nil, get("/", web.Anyone, func(r *web.Request) error { return r.Redirect(to) }))
			if r := h.do(h.client(), "GET", "/", nil); r.StatusCode != 500 || r.Header.Get("Location") != "" || r.Header.Get("X") != "" {
				t.Errorf("%q: %d %v", to, r.StatusCode, r.Header)
			}
		}
	})
}

func TestNewRefuses(t *testing.T) {
	ok := get("/", web.Anyone, plain("x"))
	for name, routes := range map[string][]web.Route{
		"a route that says nothing of who may call it": {{Method: "GET", Path: "/", Handle: plain("x")}},
		"a route without a handler":                    {{Method: "GET", Path: "/", Need: web.Anyone}},
		"a GET with a body":                            {{Method: "GET", Path: "/", Need: web.Anyone, Body: web.Form, Handle: plain("x")}},
		"an upload without a limit":                    {{Method: "POST", Path: "/", Need: web.Anyone, Body: web.Upload, Handle: plain("x")}},
		"two routes of one method and path":            {ok, ok},
		"an unknown method":                            {{Method: "FOO", Path: "/", Need: web.Anyone, Handle: plain("x")}},
	} {
		t.Run(name+" does not start", func(t *testing.T) {
			_, err := web.New(web.Config{Addr: "127.0.0.1:0", BaseURL: "http://x", Clock: newClock(), Routes: routes})
			if err == nil || !strings.Contains(err.Error(), "route") {
				t.Error(err)
			}
		})
	}
	for _, base := range []string{"", "brev.example.se", "https://x/path", "ftp://x", "https://u@x"} {
		if _, err := web.New(web.Config{Addr: "127.0.0.1:0", BaseURL: base}); err == nil || !strings.Contains(err.Error(), "base URL") {
			t.Errorf("base URL %q: %v", base, err)
		}
	}
}

func TestErrors(t *testing.T) {
	canary := "C4NARY-" + time.Now().Format("150405")
	fails := map[string]error{
		"/invalid": mail.E(mail.Invalid, "error.address", nil), "/denied": mail.E(mail.Denied, "error.foreign", nil),
		"/absent": mail.E(mail.Absent, "error.absent", nil), "/gone": mail.E(mail.Gone, "error.absent", nil),
		"/large": mail.E(mail.TooLarge, "error.toolarge", nil), "/busy": mail.E(mail.Busy, "error.toomany", nil).Tell("Seconds", "9"),
		"/again": mail.E(mail.Again, "error.internal", nil), "/locked": mail.E(mail.Locked, "error.internal", nil), "/internal": errOurs, "/plain": errors.New("raw"),
	}
	want := map[string]int{"/invalid": 400, "/denied": 403, "/absent": 404, "/gone": 410, "/large": 413, "/busy": 429, "/again": 503, "/locked": 403, "/internal": 500, "/plain": 500}
	routes := []web.Route{get("/panic", web.Anyone, func(r *web.Request) error { panic(canary + r.Query("q")) })}
	for path, err := range fails {
		routes = append(routes, get(path, web.Anyone, func(*web.Request) error { return err }))
	}
	h := open(t, nil, routes...)
	t.Run("each kind has its status, in the reader's language and the house's layout", func(t *testing.T) {
		for path, status := range want {
			for lang, word := range map[string]string{"sv": "Exempelkommun", "en": "Exempelkommun"} {
				r := h.do(h.client(), "GET", path, nil, "Accept-Language", lang)
				if r.StatusCode != status || !strings.Contains(r.body, word) || !strings.Contains(r.body, `<html lang="`+lang) || strings.Contains(r.body, "⟦") {
					t.Errorf("%s in %s: %d\n%s", path, lang, r.StatusCode, r.body)
				}
			}
		}
		if r := h.do(h.client(), "GET", "/busy", nil); r.Header.Get("Retry-After") != "9" {
			t.Error("no Retry-After")
		}
	})
	t.Run("an internal error shows a number that stands in the log, and nothing else", func(t *testing.T) {
		for _, path := range []string{"/internal", "/plain", "/panic?q=" + canary} {
			r := h.do(h.client(), "GET", path, nil)
			m := regexp.MustCompile(`class="mono">([0-9A-F]{8})<`).FindStringSubmatch(r.body)
			if r.StatusCode != 500 || m == nil {
				t.Fatalf("%s: %d %s", path, r.StatusCode, r.body)
			}
			if !strings.Contains(h.logs.String(), "level=ERROR msg=\"request failed\" part=web req="+m[1]) {
				t.Errorf("%s: %s is not in the log", path, m[1])
			}
			if strings.Contains(r.body, "raw") || strings.Contains(r.body, "short write") || strings.Contains(r.body, canary) {
				t.Error("the cause is shown to the reader")
			}
		}
		if strings.Contains(h.logs.String(), canary) {
			t.Error("what the handler panicked with is in the log")
		}
	})
	t.Run("a script is told in JSON", func(t *testing.T) {
		r := h.do(h.client(), "GET", "/large", nil, "Accept", "application/json")
		if r.StatusCode != 413 || !strings.HasPrefix(r.body, `{"number":"","say":"Det är större`) {
			t.Error(r.StatusCode, r.body)
		}
	})
}

func TestHeaders(t *testing.T) {
	h := open(t, nil, get("/", web.Anyone, plain("start")), post("/do", web.Anyone, plain("done")))
	css, err := h.assets.Path("wide.css")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]reply{
		"page": h.do(h.client(), "GET", "/", nil), "missing": h.do(h.client(), "GET", "/x", nil), "asset": h.do(h.client(), "GET", css, nil),
		"coded": h.do(h.client(), "POST", "/do", strings.NewReader("x"), "Content-Encoding", "gzip"), "unknown method": h.do(h.client(), "FOO", "/", nil),
		"robots": h.do(h.client(), "GET", "/robots.txt", nil), "form": h.post(h.client(), "/do", url.Values{}, "Sec-Fetch-Site", "same-origin"),
	} {
		for k, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy": "accelerometer=()", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
		} {
			if name == "asset" && k == "Cache-Control" {
				want = "public, max-age=31536000, immutable"
			}
			if got := r.Header.Get(k); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q", name, k, got)
			}
		}
		if r.Header.Get("Server") != "" {
			t.Errorf("%s: names its server", name)
		}
	}
}
