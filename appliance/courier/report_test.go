package courier_test

import (
	"crypto/x509"
	"testing"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
)

func pool(p *provider) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	return roots
}

const form = "application/x-www-form-urlencoded"

func TestReport(t *testing.T) {
	gatewayAPI := courier.ReportForm{ID: "id", Status: "status", Code: "code", States: map[string]courier.State{
		"enroute": courier.StateSent, "delivered": courier.StateDelivered, "undeliverable": courier.StateFailed, "expired": courier.StateExpired}}
	twilio := courier.ReportForm{ID: "MessageSid", Status: "MessageStatus", Code: "ErrorCode", States: map[string]courier.State{
		"sent": courier.StateSent, "delivered": courier.StateDelivered, "undelivered": courier.StateFailed}}
	teknik := courier.ReportForm{ID: "ref", Status: "state", States: map[string]courier.State{"1": courier.StateDelivered}}
	for _, c := range []struct {
		name             string
		form             courier.ReportForm
		typ, query, body string
		id               string
		state            courier.State
		code             string
		at               string
		kind             mail.Kind
		fails            bool
	}{
		{name: "46elks delivered", form: courier.ElksReport(), typ: form, body: "id=s70&status=delivered&delivered=2026-04-26T08%3A00%3A05.123456", id: "s70", state: courier.StateDelivered, code: "delivered", at: "2026-04-26T08:00:05.123456Z"},
		{name: "46elks failed", form: courier.ElksReport(), typ: form + "; charset=utf-8", body: "id=s70&status=failed", id: "s70", state: courier.StateFailed, code: "failed"},
		{name: "a word that nobody knows", form: courier.ElksReport(), typ: form, body: "id=s70&status=%0d%0aSet-Cookie:+x", id: "s70", code: "Set-Cookiex"},
		{name: "GatewayAPI", form: gatewayAPI, typ: "application/json", body: `{"id":9007199254740993,"msisdn":45,"status":"UNDELIVERABLE","code":"0x0213"}`, id: "9007199254740993", state: courier.StateFailed, code: "0x0213"},
		{name: "Twilio", form: twilio, typ: form, body: "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003&To=%2B46", id: "SM1", state: courier.StateFailed, code: "30003"},
		{name: "by GET", form: teknik, query: "ref=7&state=1", id: "7", state: courier.StateDelivered, code: "1"},
		{name: "nothing", form: courier.ElksReport(), typ: form, fails: true, kind: mail.Invalid},
		{name: "no id", form: courier.ElksReport(), typ: form, body: "status=sent", fails: true, kind: mail.Invalid},
		{name: "broken JSON", form: gatewayAPI, typ: "application/json", body: `{"id":`, fails: true, kind: mail.Invalid},
		{name: "another type", form: gatewayAPI, typ: "text/html", body: `x`, fails: true, kind: mail.Invalid},
		{name: "too large", form: gatewayAPI, typ: form, body: string(make([]byte, 20<<10)), fails: true, kind: mail.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := c.form.Parse(c.typ, c.query, []byte(c.body))
			if c.fails {
				if mail.KindOf(err) != c.kind {
					t.Errorf("%+v %v", r, err)
				}
				return
			}
			if err != nil || r.ID != c.id || r.State != c.state || r.Code != c.code {
				t.Errorf("%+v %v", r, err)
			}
			if c.at != "" && r.Time.Format(time.RFC3339Nano) != c.at {
				t.Error(r.Time)
			}
		})
	}
	t.Run("whatever the order and however often, a state never goes backwards", func(t *testing.T) {
		const n = 6
		for a := range courier.State(n) {
			for b := range courier.State(n) {
				if a.Then(b) < a || a.Then(b) != b.Then(a) || a.Then(b).Then(b) != a.Then(b) {
					t.Errorf("%v then %v is %v", a, b, a.Then(b))
				}
			}
		}
		if courier.StateDelivered.Then(courier.StateFailed) != courier.StateDelivered || courier.StateFailed.Then(courier.StateDelivered) != courier.StateDelivered {
			t.Error("delivered is delivered")
		}
		if s, ok := courier.StateExpired.Step(); s != mail.StepSMSFailed || !ok {
			t.Error(s, ok)
		}
		if _, ok := courier.StateQueued.Step(); ok {
			t.Error("queued is no step")
		}
	})
}

func FuzzReport(f *testing.F) {
	f.Add(form, "", []byte("id=s70&status=delivered&delivered=2026-04-26T08%3A00%3A05"))
	f.Add("application/json", "", []byte(`{"id":1,"status":"sent","a":[{"b":null}]}`))
	f.Add("", "id=1&status=sent", []byte{})
	f.Add("application/json", "", []byte(`[[[[[[`))
	f.Fuzz(func(t *testing.T, typ, query string, body []byte) {
		for _, form := range []courier.ReportForm{courier.ElksReport(), {ID: "a.0.b", Status: "status", Code: "c", Time: "t"}} {
			r, err := form.Parse(typ, query, body)
			if err != nil {
				continue
			}
			if r.ID == "" || len(r.ID) > 128 || len(r.Code) > 32 {
				t.Fatalf("%+v", r)
			}
			for _, c := range r.Code {
				if c < '-' || c > 'z' {
					t.Fatalf("code %q", r.Code)
				}
			}
		}
	})
}
