package appliance

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/doctor"
	"sigill/appliance/mail"
)

// account is one at 46elks, in the form of its own documentation: an SMS costs 0.35 SEK, and
// the balance is in 1/10000 of the currency.
func account(t *testing.T, left *atomic.Int64) courier.Gateway {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case user != "u1" || password != "p1":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method == "POST" && r.URL.Path == "/a1/sms":
			fmt.Fprintf(w, `{"id":"s70df59406a1b4643b96f3f91e0bfb7b0","status":"created","from":%q,"to":%q,"message":"x","created":"2026-04-26T08:00:05.123456","direction":"outgoing","cost":3500,"parts":1}`, r.PostFormValue("from"), r.PostFormValue("to"))
		case r.Method == "GET" && r.URL.Path == "/a1/me" && left.Load() > -1<<40:
			fmt.Fprintf(w, `{"id":"u70df59406a1b4643b96f3f91e0bfb7b0","displayname":"Kommunen","mobilenumber":"+46700000000","email":"it@kommun.example","usertype":"main","currency":"SEK","balance":%d}`, left.Load())
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	g, err := courier.NewElks(courier.Elks{URL: s.URL + "/a1/sms", User: "u1", Password: "p1", From: "Kommunen", Timeout: time.Second, Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	f, err := courier.NewFailover(courier.Named{Name: "46elks", Gateway: g})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestHowLongTheMoneyForSMSLasts(t *testing.T) {
	d, err := NewDemo(t.Context(), DemoConfig{Dir: t.TempDir(), Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	a := d.Appliance
	defer a.Close()
	now := d.Clock.Now().In(a.zone()) // so that no step below goes over midnight
	d.Clock.Turn(time.Date(now.Year(), now.Month(), now.Day()+1, 12, 0, 0, 0, now.Location()).Sub(now))
	var left atomic.Int64
	a.texter.gateway = account(t, &left)
	hook := hears(t)
	to, err := courier.NewWebhook(courier.Webhook{URL: hook.URL, Secret: hookSecretForTest})
	if err != nil {
		t.Fatal(err)
	}
	a.c.Alarms = Alarms{Mail: true, Warnings: true, Hook: to}
	text, err := a.texter.words.OwnPIN("sv", "123456")
	if err != nil {
		t.Fatal(err)
	}
	// says is what the doctor finds of the money, in words.
	says := func(balance int64) string {
		t.Helper()
		left.Store(balance)
		for _, f := range a.lookSlow(t.Context()) {
			if f.Check == "sms.balance" {
				return f.Grave.String() + " " + sayFinding(a.words.For("sv"), f)
			}
		}
		t.Fatal("nobody has looked")
		return ""
	}
	t.Run("before any was sent only what is left is known", func(t *testing.T) {
		if s := says(1_000_000); s != "good 100 SEK finns kvar hos 46elks." {
			t.Error(s)
		}
	})
	for range 2 { // seven on each of two days: 2.45 SEK a day
		for range 7 {
			r, err := a.texter.carry(t.Context(), "+46701234567", text, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			a.meter.ownSMS(t.Context(), mail.ID{}, r)
		}
		d.Clock.Turn(24 * time.Hour)
	}
	for _, c := range []struct {
		what    string
		balance int64
		want    string
	}{
		{"then it is said for how many days it is enough", 1_000_000, "good 100 SEK finns kvar hos 46elks. I förra veckans takt räcker det i 40 dagar."},
		{"of more than a year nobody counts the days", 100_000_000, "good 10000 SEK finns kvar hos 46elks. I förra veckans takt räcker det i mer än ett år."},
		{"less than a week is told", 100_000, "warn 10 SEK finns kvar hos 46elks. I förra veckans takt räcker det i 4 dagar."},
		{"one day is a day", 30_000, "warn 3 SEK finns kvar hos 46elks. I förra veckans takt räcker det i 1 dag."},
		{"nothing is a fault", 0, "fault Pengarna är slut hos 46elks (0 SEK). Inga koder skickas."},
		{"a provider that does not answer is said so", -1 << 41, "note 46elks har inte berättat hur mycket pengar som finns kvar."},
	} {
		t.Run(c.what, func(t *testing.T) {
			if s := says(c.balance); s != c.want {
				t.Error(s)
			}
		})
	}
	look := func() {
		t.Helper()
		if _, err := a.tell(t.Context(), a.lookSlow(t.Context()), isSlow); err != nil {
			t.Fatal(err)
		}
		if err := a.callHook(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.Clock.Turn(5 * time.Minute)
	}
	t.Run("the alarm says the same, once, and a silent provider does not end it", func(t *testing.T) {
		left.Store(100_000)
		look()
		look()
		left.Store(-1 << 41)
		look()
		look()
		left.Store(100_000)
		look()
		if len(hook.got) != 1 || hook.got[0].Type != "alarm.raised" || !strings.HasSuffix(hook.got[0].Data.Say, "räcker det i 4 dagar.") {
			t.Errorf("%+v", hook.got)
		}
	})
	t.Run("the doctor's JSON has the number of days", func(t *testing.T) {
		list, _, err := a.Findings(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		days := -1
		for _, f := range list {
			if n, ok := f.Days(); ok && f.What == "doctor.balance.low" {
				days = n
			}
		}
		if days != 4 || doctor.Worst(list) < doctor.Warn {
			t.Error(days)
		}
	})
	t.Run("a week without any SMS counts none", func(t *testing.T) {
		d.Clock.Turn(9 * 24 * time.Hour)
		if s := says(1_000_000); s != "good 100 SEK finns kvar hos 46elks." {
			t.Error(s)
		}
	})
}
