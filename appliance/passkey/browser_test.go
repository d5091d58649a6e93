package passkey_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"sigill/appliance/passkey"
	"sigill/appliance/peers"
	"sigill/embed"
)

// TestInBrowser lets Chromium make passkeys and sign in with them, by our script.
func TestInBrowser(t *testing.T) {
	chromium := peers.Chromium(t, 5*time.Minute)
	for name, kind := range map[string]struct {
		feature func(*webauthn.VirtualAuthenticatorOptions)
		again   string // how often it is asked again
	}{
		"when it is made":          {prfToo, "0"},
		"only when it is used":     {hmacSecret, "1"},
		"when it is made, by CTAP": {hmacSecretMC, "0"},
	} {
		t.Run("a passkey that gives its secret "+name+" signs in, and gives the same one each time", func(t *testing.T) {
			h := newHouse(t)
			h.sets(func() { h.silent = true }) // the page stays where it is
			b := h.window(chromium, kind.feature)
			b.opens("/create")
			b.eval(`window.again = 0; const get = navigator.credentials.get.bind(navigator.credentials); navigator.credentials.get = (o) => { again++; return get(o) }; ""`)
			b.presses()
			h.awaits("made")
			made := h.secret()
			if c := h.credential(); !c.PRF || len(made) != 32 || len(c.Transports) != 1 || c.Transports[0] != "internal" {
				t.Errorf("%+v, %d bytes", c, len(made))
			}
			if n := b.eval(`String(again)`); n != kind.again {
				t.Errorf("it was asked again %s times", n)
			}
			if left := b.eval(`[...document.forms[0].elements].filter(e => e.name !== "csrf").map(e => e.value).join("")`); left != "" {
				t.Errorf("when the form has gone this stays: %q", left)
			}
			h.sets(func() { h.silent = false })
			for range 2 {
				b.opens("/get").presses().sees("in")
				if string(h.secret()) != string(made) {
					t.Error("another secret")
				}
			}
			h.sets(func() { h.asked = true }) // with a list of passkeys instead of none
			b.opens("/get").presses().sees("in")
			if string(h.secret()) != string(made) {
				t.Error("another secret")
			}
			h.sets(func() { h.party.Salt = [32]byte{9} })
			b.opens("/get").presses().sees("in")
			if s := h.secret(); len(s) != 32 || string(s) == string(made) {
				t.Error("another house has the same secret")
			}
			h.sets(func() { h.party.Hints = []string{"security-key", "hybrid"} })
			b.opens("/get").presses().sees("in")
		})
	}
	t.Run("a passkey without secrets is made and signs in", func(t *testing.T) {
		h := newHouse(t)
		b := h.window(chromium)
		b.opens("/create").presses().sees("made")
		if h.credential().PRF || len(h.secret()) != 0 {
			t.Error("it has a secret")
		}
		b.opens("/get").presses().sees("in")
		if len(h.secret()) != 0 {
			t.Error("it has a secret")
		}
	})
	t.Run("who says no sees it, and may try again", func(t *testing.T) {
		h := newHouse(t)
		b := h.window(chromium, prfToo)
		b.verifies(false)
		b.opens("/create").presses().says("It did not work.")
		if at := b.eval(`document.activeElement.tagName`); at != "BUTTON" {
			t.Errorf("the focus is at %s", at)
		}
		b.renews(prfToo) // one who was wrong once is asked no more
		b.presses().sees("made")
		b.verifies(false)
		b.opens("/get").presses().says("It did not work.")
		b.renews(prfToo)
		b.presses().says("It did not work.") // which has no passkey
	})
	t.Run("who says no to the secret alone has a passkey without it", func(t *testing.T) {
		h := newHouse(t)
		b := h.window(chromium, hmacSecret)
		b.opens("/create")
		b.eval(`navigator.credentials.get = () => Promise.reject(new DOMException("no", "NotAllowedError")); ""`)
		b.presses().sees("made")
		if !h.credential().PRF || len(h.secret()) != 0 {
			t.Error("a secret")
		}
	})
	t.Run("who has a passkey on this device is told so", func(t *testing.T) {
		h := newHouse(t)
		b := h.window(chromium, prfToo)
		b.opens("/create").presses().sees("made")
		b.opens("/create").presses().says("There is one here.")
	})
	t.Run("a house that gives no options is told of", func(t *testing.T) {
		h := newHouse(t)
		b := h.window(chromium, prfToo)
		for _, why := range []string{"403", "303", "words", "{}"} {
			h.sets(func() { h.broken = why })
			b.opens("/create").presses().says("It did not work.")
		}
		h.sets(func() { h.broken = "" })
		b.presses().sees("made")
	})
	t.Run("a browser without passkeys shows no form", func(t *testing.T) {
		h := newHouse(t)
		b := h.window(chromium)
		b.first(`delete window.PublicKeyCredential`).opens("/get")
		if b.eval(`String(document.forms[0].hidden)`) != "true" {
			t.Error("there is one")
		}
	})
}

// house is a server with the two forms, as pages of ours have them.
type house struct {
	*testing.T
	url  string
	done chan string // how a form ended

	mu     sync.Mutex
	party  passkey.Party
	broken string // what stands in for the options
	silent bool   // forms are answered by nothing
	asked  bool   // for passkeys that the house knows
	known  []passkey.Credential
	ch     passkey.Challenge
	prf    []byte
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, done: make(chan string, 10)}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.url = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	p, err := passkey.New(h.url, "Exempelkommun", [32]byte{1}, &clock{running: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	h.party = p
	return h
}

// policy is that of door/web's pages.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Cache-Control", "no-store")
	switch path := r.URL.Path; {
	case path == "/passkey.js":
		script, err := embed.Static.ReadFile("static/passkey.js")
		if err != nil {
			h.Error(err)
		}
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write(script)
	case r.Method == http.MethodGet && (path == "/create" || path == "/get"):
		h.form(w, strings.TrimPrefix(path, "/"), r.URL.RawQuery)
	case r.Method == http.MethodPost && (r.PostFormValue("csrf") != "the token" || r.Header.Get("Sec-Fetch-Site") != "same-origin" || r.URL.RawQuery != ""):
		http.Error(w, "foreign", http.StatusForbidden)
	case path == "/create/options" || path == "/get/options":
		h.options(w, path)
	case path == "/create" || path == "/get":
		h.form(w, "", h.judge(path, r))
	default:
		http.NotFound(w, r)
	}
}

func (h *house) form(w http.ResponseWriter, kind, more string) {
	if kind == "" {
		h.done <- more
		if h.silent {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprintf(w, `<!doctype html><title>x</title><main>%s</main>`, html.EscapeString(more))
		return
	}
	fmt.Fprintf(w, `<!doctype html><html lang="en"><title>x</title><link rel="icon" href="data:,"><script type="module" src="/passkey.js"></script>
		<form method="post" action="/%[1]s" data-passkey="%[1]s" data-options="/%[1]s/options" data-failed="It did not work." data-known="There is one here." hidden>
		<input type="hidden" name="csrf" value="the token"><p role="alert"></p><button type="submit">Go</button></form>`, kind)
}

func (h *house) options(w http.ResponseWriter, path string) {
	var options []byte
	var err error
	if path == "/create/options" {
		options, h.ch, err = h.party.Create(anna, "anna@example.se", "Anna Ek", h.known)
	} else if h.asked {
		options, h.ch, err = h.party.Ask(append([]passkey.Credential{{ID: []byte("another")}}, h.known...))
	} else {
		options, h.ch, err = h.party.Ask(nil)
	}
	if err != nil {
		h.Error(err)
	}
	switch h.broken {
	case "":
		fmt.Fprintf(w, `{"publicKey": %s, "state": "here"}`, options)
	case "403":
		http.Error(w, "no", http.StatusForbidden)
	case "303":
		w.Header().Set("Location", "/get")
		w.WriteHeader(http.StatusSeeOther)
	default:
		fmt.Fprint(w, h.broken)
	}
}

// judge is what a page of ours does with the form.
func (h *house) judge(path string, r *http.Request) string {
	answer := []byte(r.PostFormValue("response"))
	secret, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("prf"))
	if err != nil || len(r.PostForm) != 4 || r.PostFormValue("state") != "here" {
		return fmt.Sprintf("%v, %d fields", err, len(r.PostForm))
	}
	h.prf = secret
	if path == "/create" {
		c, err := h.party.Created(h.ch, answer)
		if err != nil {
			return err.Error()
		}
		h.known = append(h.known, c)
		return "made"
	}
	id, user, err := h.party.Handle(answer)
	if err != nil || user != anna {
		return fmt.Sprintf("%x %v", user, err)
	}
	for i, c := range h.known {
		if string(c.ID) == string(id) {
			if h.known[i], err = h.party.Answered(h.ch, answer, user, c); err != nil {
				return err.Error()
			}
			return "in"
		}
	}
	return "unknown"
}

func (h *house) sets(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

func (h *house) secret() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.prf
}

func (h *house) credential() passkey.Credential {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.known) == 0 {
		h.Fatal("there is no passkey")
	}
	return h.known[len(h.known)-1]
}

// awaits wants the next form to end so.
func (h *house) awaits(how string) {
	h.Helper()
	select {
	case got := <-h.done:
		if got != how {
			h.Fatalf("%s, and not: %s", got, how)
		}
	case <-time.After(20 * time.Second):
		h.Fatalf("no form comes; %s was awaited", how)
	}
}

// window is a browser's window with an authenticator of its own.
type window struct {
	*house
	ctx context.Context
	id  webauthn.AuthenticatorID
}

func prfToo(a *webauthn.VirtualAuthenticatorOptions)     { a.HasPrf = true }
func hmacSecret(a *webauthn.VirtualAuthenticatorOptions) { a.HasHmacSecret = true }
func hmacSecretMC(a *webauthn.VirtualAuthenticatorOptions) {
	a.HasHmacSecret, a.HasHmacSecretMc = true, true
}

func (h *house) window(chromium context.Context, features ...func(*webauthn.VirtualAuthenticatorOptions)) *window {
	h.Helper()
	ctx, cancel := chromedp.NewContext(chromium)
	h.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	h.Cleanup(stop)
	w := &window{house: h, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			h.Errorf("the script fails: %s", e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if strings.Contains(e.Entry.Text, "Content Security Policy") {
				h.Error(e.Entry.Text)
			}
		}
	})
	// Browsers ask only in the window that somebody looks at.
	w.does(page.BringToFront(), webauthn.Enable())
	w.adds(features...)
	return w
}

// adds puts an authenticator into the window's device.
func (w *window) adds(features ...func(*webauthn.VirtualAuthenticatorOptions)) {
	w.Helper()
	o := &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}
	for _, f := range features {
		f(o)
	}
	w.does(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		w.id, err = webauthn.AddVirtualAuthenticator(o).Do(ctx)
		return err
	}))
}

// renews puts another one, which is empty, in its place.
func (w *window) renews(features ...func(*webauthn.VirtualAuthenticatorOptions)) {
	w.Helper()
	w.does(webauthn.RemoveVirtualAuthenticator(w.id))
	w.adds(features...)
}

func (w *window) does(actions ...chromedp.Action) {
	w.Helper()
	if err := chromedp.Run(w.ctx, actions...); err != nil {
		w.Fatal(err)
	}
}

func (w *window) eval(script string) (s string) {
	w.Helper()
	w.does(chromedp.Evaluate(script, &s))
	return s
}

// first lets a script go before those of the pages that come.
func (w *window) first(script string) *window {
	w.Helper()
	w.does(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
	return w
}

func (w *window) opens(path string) *window {
	w.Helper()
	w.does(chromedp.Navigate(w.url + path))
	return w
}

func (w *window) presses() *window {
	w.Helper()
	w.does(chromedp.Click(`form[data-passkey] button:not([disabled])`, chromedp.ByQuery))
	return w
}

// sees wants the form to end so, and the page that comes then to say it.
func (w *window) sees(how string) {
	w.Helper()
	w.awaits(how)
	w.does(chromedp.WaitVisible(`main`, chromedp.ByQuery))
}

// says wants the form itself to say this, and to be there still.
func (w *window) says(what string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	err := chromedp.Run(ctx, chromedp.Poll(`document.querySelector("[role=alert]").textContent && document.querySelector("button:not([disabled])") && true`, nil, chromedp.WithPollingInterval(50*time.Millisecond)))
	if got := w.eval(`document.querySelector("[role=alert]").textContent`); err != nil || got != what {
		w.Fatalf("%q and not %q: %v", got, what, err)
	}
}

func (w *window) verifies(yes bool) {
	w.Helper()
	w.does(webauthn.SetUserVerified(w.id, yes))
}
