package courier_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
)

var pin = mail.SMS{To: "+46701234567", Text: `908172 "är" <din> & kod\ +1%` + "\n@brev.example #908172", Ref: "r1", TTL: 10 * time.Minute}

// provider is a provider's HTTPS server and the last request it got.
type provider struct {
	*httptest.Server
	calls  atomic.Int32
	method string
	path   string
	query  url.Values
	form   url.Values
	body   string
	header http.Header
}

func newProvider(t *testing.T, answer http.HandlerFunc) *provider {
	p := &provider{}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls.Add(1)
		b, _ := io.ReadAll(r.Body)
		p.method, p.path, p.query, p.body, p.header = r.Method, r.URL.Path, r.URL.Query(), string(b), r.Header
		p.form, _ = url.ParseQuery(p.body)
		answer(w, r)
	}))
	p.Config.ErrorLog = nil
	t.Cleanup(p.Close)
	return p
}

func (p *provider) elks(t *testing.T) courier.Gateway {
	g, err := courier.NewElks(courier.Elks{URL: p.URL + "/a1/sms", User: "u1", Password: "p1", From: "Kommunen",
		Hook: "https://brev.example/hook/sms/elks/s3cret", Timeout: time.Second, Roots: pool(p)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); io.WriteString(w, body) }
}

// silent checks that an error shows nothing of the SMS.
func silent(t *testing.T, err error) *courier.GatewayError {
	t.Helper()
	var ge *courier.GatewayError
	if !errors.As(err, &ge) {
		t.Fatalf("no GatewayError: %v", err)
	}
	for _, s := range []string{fmt.Sprint(err), fmt.Sprintf("%+v %#v", ge, ge)} {
		if strings.Contains(s, "908172") || strings.Contains(s, "701234567") || strings.Contains(s, "p1") || strings.Contains(s, "http") {
			t.Errorf("the error tells too much: %s", s)
		}
	}
	return ge
}

func TestElks(t *testing.T) {
	const ok = `{"id":"s70df59406a1b4643b96f3f91e0bfb7b0","status":"created","from":"Kommunen","to":"+46701234567","cost":3500,"parts":1}`
	t.Run("an SMS is one form post, not to be logged there", func(t *testing.T) {
		p := newProvider(t, say(200, ok))
		r, err := p.elks(t).Send(t.Context(), pin)
		if err != nil || r.ID != "s70df59406a1b4643b96f3f91e0bfb7b0" {
			t.Fatal(r, err)
		}
		u, pw, _ := (&http.Request{Header: p.header}).BasicAuth()
		if u != "u1" || pw != "p1" || p.form.Get("message") != pin.Text.Reveal() || p.form.Get("to") != "+46701234567" || p.form.Get("from") != "Kommunen" ||
			p.form.Get("dontlog") != "message" || p.form.Get("whendelivered") == "" || p.path != "/a1/sms" {
			t.Errorf("%v %v", p.form, p.path)
		}
	})
	t.Run("what it costs is said in millionths, with how many parts it has", func(t *testing.T) {
		r, err := newProvider(t, say(200, ok)).elks(t).Send(t.Context(), pin)
		if err != nil || r.Cost != 350_000 || !r.Priced || r.Parts != 1 {
			t.Errorf("%+v %v", r, err)
		}
	})
	for _, odd := range []string{`"cost":"3500","parts":"1"`, `"cost":-1,"parts":-1`, `"cost":0.35,"parts":1.5`, `"cost":null,"parts":null`, `"cost":99999999999999999999,"parts":99999999999`, `"cost":{},"parts":[]`, `"x":1`} {
		t.Run("a cost that cannot be is not known, and the SMS went nonetheless: "+odd, func(t *testing.T) {
			r, err := newProvider(t, say(200, `{"id":"s1","status":"created",`+odd+`}`)).elks(t).Send(t.Context(), pin)
			if err != nil || r.ID != "s1" || r.Cost != 0 || r.Priced || r.Parts != 0 {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	t.Run("one that is free is known to be", func(t *testing.T) {
		r, err := newProvider(t, say(200, `{"id":"s1","cost":0,"parts":2}`)).elks(t).Send(t.Context(), pin)
		if err != nil || r.Cost != 0 || !r.Priced || r.Parts != 2 {
			t.Errorf("%+v %v", r, err)
		}
	})
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		status int
		detail string
		sure   bool
	}{
		{"a wrong password", say(401, "Access denied for +46701234567"), 401, "status", true},
		{"no money", say(403, "Not enough credits"), 403, "status", true},
		{"too fast", say(429, "slow down"), 429, "status", true},
		{"their fault, after which it may have gone all the same", say(500, "908172"), 500, "status", false},
		{"a proxy that has lost the provider's answer", say(502, ""), 502, "status", false},
		{"a proxy that has not waited for it", say(504, ""), 504, "status", false},
		{"a redirect is not followed, and says nothing of what was done", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, 307, "status", false},
		{"an answer in other words may mean that it went", say(200, "OK"), 200, "answer", false},
		{"no id", say(200, `{"status":"created"}`), 200, "answer", false},
		{"failed at once", say(200, `{"id":"s1","status":"failed"}`), 200, "failed", true},
		{"an endless answer", func(w http.ResponseWriter, _ *http.Request) {
			for range 1000 {
				if _, err := w.Write(make([]byte, 4096)); err != nil {
					return
				}
			}
		}, 200, "answer", false},
		{"a line that breaks after the request", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, 0, "network", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProvider(t, c.answer)
			_, err := p.elks(t).Send(t.Context(), pin)
			ge := silent(t, err)
			if ge.Status != c.status || ge.Detail != c.detail || ge.Sure != c.sure {
				t.Errorf("%+v", ge)
			}
			if p.calls.Load() != 1 {
				t.Errorf("%d requests", p.calls.Load())
			}
		})
	}
	t.Run("each SMS has a connection of its own, on which nothing can be repeated", func(t *testing.T) {
		from := map[string]bool{}
		p := newProvider(t, func(w http.ResponseWriter, r *http.Request) { from[r.RemoteAddr] = true; say(200, ok)(w, r) })
		g := p.elks(t)
		for range 3 {
			if _, err := g.Send(t.Context(), pin); err != nil {
				t.Fatal(err)
			}
		}
		if len(from) != 3 {
			t.Errorf("%d connections for 3 SMS", len(from))
		}
	})
	t.Run("one that is slow is left, and it is not said that nothing went", func(t *testing.T) {
		stop := make(chan struct{})
		p := newProvider(t, func(http.ResponseWriter, *http.Request) { <-stop })
		defer close(stop)
		g, _ := courier.NewElks(courier.Elks{URL: p.URL, User: "u", Password: "p", From: "Kommunen", Timeout: 100 * time.Millisecond, Roots: pool(p)})
		_, err := g.Send(t.Context(), pin)
		if ge := silent(t, err); ge.Detail != "timeout" || ge.Sure {
			t.Errorf("%+v", ge)
		}
	})
	t.Run("one that is not there, or not who he says, has certainly sent nothing", func(t *testing.T) {
		p := newProvider(t, say(200, ok))
		g, _ := courier.NewElks(courier.Elks{URL: p.URL, User: "u", Password: "p", From: "Kommunen", Roots: newAuthority(t).pool})
		_, err := g.Send(t.Context(), pin)
		if ge := silent(t, err); !ge.Sure || p.calls.Load() != 0 {
			t.Errorf("%+v", ge)
		}
		p.Close()
		_, err = p.elks(t).Send(t.Context(), pin)
		if ge := silent(t, err); !ge.Sure {
			t.Errorf("%+v", ge)
		}
	})
	t.Run("what is unsafe is refused in the configuration", func(t *testing.T) {
		for _, e := range []courier.Elks{
			{URL: "http://api.46elks.com/a1/sms", User: "u", Password: "p", From: "Kommunen"},
			{User: "u", From: "Kommunen"},
			{User: "u", Password: "p", From: "X"},
			{User: "u", Password: "p", From: "Exempelkommun"},
			{User: "u", Password: "p", From: "9lives"},
			{User: "u", Password: "p", From: "Kom\r\nmun"},
		} {
			if _, err := courier.NewElks(e); err == nil {
				t.Errorf("%+v is taken", e)
			}
		}
	})
}

func TestGeneric(t *testing.T) {
	send := func(t *testing.T, answer http.HandlerFunc, g courier.Generic) (*provider, mail.Receipt, error) {
		t.Helper()
		p := newProvider(t, answer)
		g.Name, g.URL, g.Roots, g.From = "gen", p.URL+g.URL, pool(p), "Kommunen"
		gw, err := courier.NewGeneric(g)
		if err != nil {
			t.Fatal(err)
		}
		r, err := gw.Send(t.Context(), pin)
		return p, r, err
	}
	text := pin.Text.Reveal()
	t.Run("JSON: GatewayAPI's classic form, with a number and an id in a list", func(t *testing.T) {
		p, r, err := send(t, say(200, `{"ids":[421332671,4421332672],"usage":{"currency":"DKK"}}`), courier.Generic{
			URL: "/rest/mtsms", Header: map[string]courier.Secret{"Content-Type": "application/json", "Authorization": "Token abc"},
			Body:   `{"sender":"{{from}}","message":"{{text}}","recipients":[{"msisdn":{{digits}}}],"userref":"{{ref}}","validity_period":{{ttl}}}`,
			IDPath: "ids.0",
		})
		if err != nil || r.ID != "421332671" {
			t.Fatal(r, err)
		}
		var got struct {
			Message    string
			Recipients []struct{ MSISDN int64 }
			Validity   int `json:"validity_period"`
		}
		if err := json.Unmarshal([]byte(p.body), &got); err != nil || got.Message != text || got.Recipients[0].MSISDN != 46701234567 || got.Validity != 600 {
			t.Errorf("%s %v", p.body, err)
		}
		if p.header.Get("Authorization") != "Token abc" {
			t.Error(p.header)
		}
	})
	t.Run("form: Twilio's", func(t *testing.T) {
		p, r, err := send(t, say(201, `{"sid":"SM123","status":"queued","error_code":null}`), courier.Generic{
			URL: "/2010-04-01/Accounts/AC1/Messages.json", Header: map[string]courier.Secret{"Content-Type": "application/x-www-form-urlencoded"},
			Body: "To={{to}}&From={{from}}&Body={{text}}", IDPath: "sid"})
		if err != nil || r.ID != "SM123" || p.form.Get("Body") != text || p.form.Get("To") != "+46701234567" || len(p.form) != 3 {
			t.Error(r, err, p.form)
		}
	})
	t.Run("XML: SMS Teknik's, which says no with status 200", func(t *testing.T) {
		g := courier.Generic{
			URL: "/send/xml/", Header: map[string]courier.Secret{"Content-Type": "text/xml; charset=utf-8"},
			Body:    `<sms-teknik><udmessage>{{text}}</udmessage><smssender>{{from}}</smssender><items><recipient><nr>{{to}}</nr></recipient></items></sms-teknik>`,
			Success: `^[1-9][0-9]*(;|$)`, IDRegexp: `^([0-9]+)`}
		p, r, err := send(t, say(200, "83746353"), g)
		var got struct {
			Text string `xml:"udmessage"`
		}
		if e := xml.Unmarshal([]byte(p.body), &got); err != nil || e != nil || got.Text != text || r.ID != "83746353" {
			t.Error(r, err, e, got)
		}
		_, _, err = send(t, say(200, "0:Access denied"), g)
		if ge := silent(t, err); !ge.Sure || ge.Detail != "answer" {
			t.Errorf("%+v", ge)
		}
	})
	for status, sure := range map[int]bool{301: false, 400: true, 401: true, 403: true, 429: true, 500: false, 502: false, 503: false, 504: false} {
		t.Run(fmt.Sprintf("only 4xx says that nothing was sent: %d", status), func(t *testing.T) {
			g := courier.Generic{URL: "/?to={{to}}"}
			_, _, err := send(t, say(status, ""), g)
			if ge := silent(t, err); ge.Sure != sure || ge.Status != status || ge.Detail != "status" {
				t.Errorf("%+v", ge)
			}
		})
	}
	t.Run("nobody listens: nothing was sent", func(t *testing.T) {
		p := newProvider(t, say(200, ""))
		p.Close()
		g, err := courier.NewGeneric(courier.Generic{Name: "g", URL: p.URL + "/?to={{to}}", Roots: pool(p)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Send(t.Context(), pin)
		if ge := silent(t, err); !ge.Sure || ge.Detail != "network" {
			t.Errorf("%+v", ge)
		}
		if ge := silent(t, func() error { _, err := p.elks(t).Send(t.Context(), pin); return err }()); !ge.Sure {
			t.Errorf("%+v", ge)
		}
	})
	t.Run("LINK: no resultCode 1005 is a no", func(t *testing.T) {
		g := courier.Generic{URL: "/sms/send", Header: map[string]courier.Secret{"Content-Type": "application/json"},
			Body: `{"destination":"{{to}}","userData":"{{text}}"}`, Success: `"resultCode":\s*1005`, IDPath: "messageId"}
		if _, r, err := send(t, say(200, `{"messageId":"m1","resultCode":1005,"description":"Queued"}`), g); err != nil || r.ID != "m1" {
			t.Error(r, err)
		}
		_, _, err := send(t, say(200, `{"messageId":"m1","resultCode":2201}`), g)
		silent(t, err)
	})
	t.Run("GET: everything in the URL, which stands in no error", func(t *testing.T) {
		g := courier.Generic{Method: "GET", URL: "/send/{{ref}}?to={{to}}&text={{text}}&from={{from}}"}
		p, _, err := send(t, say(200, "OK"), g)
		if err != nil || p.query.Get("text") != text || p.query.Get("to") != "+46701234567" || p.path != "/send/r1" || len(p.query) != 3 {
			t.Error(err, p.query, p.path)
		}
		_, _, err = send(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, g)
		silent(t, err)
	})
	t.Run("plain text goes as it is", func(t *testing.T) {
		p, _, err := send(t, say(204, ""), courier.Generic{URL: "/?n={{to}}", Header: map[string]courier.Secret{"Content-Type": "text/plain; charset=utf-8"}, Body: "{{ text }}"})
		if err != nil || p.body != text {
			t.Error(err, p.body)
		}
	})
	t.Run("a text that looks like a placeholder stays a text", func(t *testing.T) {
		p := newProvider(t, say(200, ""))
		g, _ := courier.NewGeneric(courier.Generic{Name: "g", URL: p.URL, Roots: pool(p), Body: "{{text}}", Header: map[string]courier.Secret{"Content-Type": "text/plain"}})
		if _, err := g.Send(t.Context(), mail.SMS{To: "+46701234567", Text: "{{to}}"}); err != nil || p.body != "{{to}}" {
			t.Error(err, p.body)
		}
	})
	t.Run("a slip in the configuration is found at start", func(t *testing.T) {
		js := map[string]courier.Secret{"Content-Type": "application/json"}
		for name, g := range map[string]courier.Generic{
			"http":                 {URL: "http://sms.example/{{to}}"},
			"host from a value":    {URL: "https://{{text}}/"},
			"unknown placeholder":  {URL: "https://sms.example/{{too}}"},
			"broken placeholder":   {URL: "https://sms.example/{{to"},
			"not JSON":             {URL: "https://sms.example/", Header: js, Body: `{"to":{{to}}`},
			"unknown type":         {URL: "https://sms.example/", Header: map[string]courier.Secret{"Content-Type": "application/x-foo"}, Body: `{{to}}`},
			"no type":              {URL: "https://sms.example/", Body: `{{to}}`},
			"text in a header":     {URL: "https://sms.example/{{to}}", Header: map[string]courier.Secret{"X-Text": "{{text}}"}},
			"no placeholder":       {URL: "https://sms.example/"},
			"bad expression":       {URL: "https://sms.example/{{to}}", Success: "("},
			"expression, no group": {URL: "https://sms.example/{{to}}", IDRegexp: "x"},
			"method":               {URL: "https://sms.example/{{to}}", Method: "DELETE"},
		} {
			g.Name = "g"
			if gw, err := courier.NewGeneric(g); err == nil || gw != nil {
				t.Errorf("%s is taken", name)
			}
		}
	})
}

type fakeGateway struct {
	err   error
	texts []string
}

func (f *fakeGateway) Send(_ context.Context, s mail.SMS) (mail.Receipt, error) {
	f.texts = append(f.texts, s.Text.Reveal())
	return mail.Receipt{ID: "x"}, f.err
}

func TestFailover(t *testing.T) {
	for _, c := range []struct {
		name          string
		first         error
		second, fails bool
	}{
		{"the first takes it: the second is not asked", nil, false, false},
		{"the first says no: the second gets the same text", &courier.GatewayError{Sure: true, Status: 429}, true, false},
		{"the first is silent: it may have gone, so the second is not asked", &courier.GatewayError{Detail: "timeout"}, false, true},
		{"an error that says nothing is taken for silence", errors.New("?"), false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := &fakeGateway{err: c.first}, &fakeGateway{}
			f, err := courier.NewFailover(courier.Named{Name: "a", Gateway: a}, courier.Named{Name: "b", Gateway: b})
			if err != nil {
				t.Fatal(err)
			}
			r, err := f.Send(t.Context(), pin)
			if (err != nil) != c.fails || (len(b.texts) == 1) != c.second || len(a.texts) != 1 {
				t.Errorf("%v, %d and %d asked", err, len(a.texts), len(b.texts))
			}
			if c.second && (b.texts[0] != a.texts[0] || r.Provider != "b") {
				t.Error("not the same text, or the wrong name: ", r)
			}
		})
	}
	t.Run("when no report comes in time, the next provider gets the same text; after the last there is none", func(t *testing.T) {
		a, b := &fakeGateway{}, &fakeGateway{}
		f, _ := courier.NewFailover(courier.Named{Name: "a", Gateway: a}, courier.Named{Name: "b", Gateway: b})
		r, _ := f.Send(t.Context(), pin)
		r, err := f.Resend(t.Context(), pin, r)
		if err != nil || r.Provider != "b" || b.texts[0] != a.texts[0] {
			t.Error(r, err)
		}
		if _, err = f.Resend(t.Context(), pin, r); err == nil {
			t.Error("a third provider out of nowhere")
		}
	})
	if _, err := courier.NewFailover(); err == nil {
		t.Error("no gateway is no failover")
	}
}
