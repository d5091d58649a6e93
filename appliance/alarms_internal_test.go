package appliance

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"sigill/appliance/courier"
	"sigill/appliance/doctor"
	"sigill/appliance/journal"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/metrics"
	"sigill/appliance/vault"
	"sigill/embed"
)

// listener is whom the webhook tells. While it is shut it takes nothing.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	shut bool
	got  []hookBody
	ids  []string
}

const hookSecretForTest = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func hears(t *testing.T) *listener {
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(hookSecretForTest, "whsec_"))
		m := hmac.New(sha256.New, key)
		io.WriteString(m, r.Header.Get("webhook-id")+"."+r.Header.Get("webhook-timestamp")+"."+string(body))
		var b hookBody
		if err != nil || r.Header.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)) || json.Unmarshal(body, &b) != nil {
			t.Errorf("a call that nobody signed: %s", body)
		}
		l.ids = append(l.ids, r.Header.Get("webhook-id"))
		if l.shut {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		l.got = append(l.got, b)
	}))
	t.Cleanup(l.Close)
	return l
}

// outgoing is how many mails wait: nobody carries them here.
func outgoing(t *testing.T, a *Appliance) (n int64) {
	t.Helper()
	err := a.db.View(t.Context(), func(tx *vault.ReadTx) (err error) { n, err = tx.CountOutgoing(); return err })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAlarms(t *testing.T) {
	d, err := NewDemo(t.Context(), DemoConfig{Dir: t.TempDir(), Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	a := d.Appliance
	defer a.Close()
	hook := hears(t)
	to, err := courier.NewWebhook(courier.Webhook{URL: hook.URL, Secret: hookSecretForTest})
	if err != nil {
		t.Fatal(err)
	}
	a.c.Alarms = Alarms{Mail: true, Hook: to}
	watch := func() {
		t.Helper()
		if err := a.watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.Clock.Turn(5 * time.Minute)
	}
	watch()
	waiting := outgoing(t, a)

	t.Run("a fault that lasts is told once, by mail and webhook, and the webhook again until it hears", func(t *testing.T) {
		if !a.Healthy() {
			t.Fatal(a.failing())
		}
		if err := os.Chmod(a.c.Keys, 0o755); err != nil {
			t.Fatal(err)
		}
		watch()
		if n := outgoing(t, a); n != waiting || len(hook.ids) != 0 {
			t.Fatalf("told at once: %d mails, %d calls", n-waiting, len(hook.ids))
		}
		hook.shut = true
		watch()
		hook.shut = false
		for range 3 {
			watch()
		}
		if n := outgoing(t, a) - waiting; n != 1 {
			t.Errorf("%d mails", n)
		}
		if len(hook.ids) != 2 || hook.ids[0] != hook.ids[1] || len(hook.got) != 1 || hook.got[0].Type != "alarm.raised" || hook.got[0].Data.Check != "machine.modes" || !strings.Contains(hook.got[0].Data.Do, "chmod 0700") {
			t.Errorf("%q %+v", hook.ids, hook.got)
		}
		if a.Healthy() {
			t.Error("a stranger is told that all is well")
		}
	})
	t.Run("its end is told once, with how long it lasted", func(t *testing.T) {
		d.Clock.Turn(3 * time.Hour)
		if err := os.Chmod(a.c.Keys, 0o700); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			watch()
		}
		if n := outgoing(t, a) - waiting; n != 2 {
			t.Errorf("%d mails", n)
		}
		if len(hook.got) != 2 || hook.got[1].Type != "alarm.ended" || hook.got[1].Data.Lasted != "3 timmar" {
			t.Errorf("%+v", hook.got)
		}
		known, err := a.office.Faults(t.Context())
		if err != nil || len(known) != 0 || !a.Healthy() {
			t.Errorf("%v %v %v", known, err, a.failing())
		}
	})
	t.Run("Prometheus is told, in its own form, and of nobody", func(t *testing.T) { figuresAreRead(t, a) })
	t.Run("who asks from elsewhere is told nothing", func(t *testing.T) {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = "198.51.100.7:4711"
		w := httptest.NewRecorder()
		metrics.New(metrics.Config{Figures: a.figures, Failing: a.failing, Log: a.c.Log}).Handler().ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Error(w.Code)
		}
	})
}

func figuresAreRead(t *testing.T, a *Appliance) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := metrics.New(metrics.Config{Listener: l, Figures: a.figures, Failing: a.failing, Log: a.c.Log})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	res, err := http.Get("http://" + l.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v\n%s", res.StatusCode, err, b)
	}
	p := expfmt.NewTextParser(model.UTF8Validation)
	all, err := p.TextToMetricFamilies(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sigill_smarthost_up", "sigill_mails_waiting", "sigill_disk_free_bytes", "sigill_check", "sigill_events_total", "sigill_locked", "sigill_mails_spooled", "sigill_job_failed", "go_goroutines"} {
		if all[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for _, x := range unsaid(a) {
		if strings.Contains(string(b), x) {
			t.Errorf("a figure says %q", x)
		}
	}
	if m := all["sigill_check"].GetMetric(); len(m) < 10 || len(m) > len(doctor.Checks()) {
		t.Errorf("%d checks", len(m))
	}
}

// unsaid is what no figure may say.
func unsaid(a *Appliance) (list []string) {
	for _, x := range demoAccounts() {
		list = append(list, x.Email, x.name)
	}
	return append(list, string(a.c.From), a.c.Own)
}

// TestEverySentence holds that whatever a check may say is in the catalogue, with what to do.
func TestEverySentence(t *testing.T) {
	cat, err := locale.Load(tree(embed.Locale, "locale"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	files, _ := filepath.Glob("doctor/*.go")
	files = append(files, "examine.go")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(doctor\.[a-z]+(\.[a-z]+)?)"`).FindAllStringSubmatch(string(b), -1) {
			said[m[1]] = true
		}
	}
	if len(said) < 60 {
		t.Fatalf("only %d sentences are found", len(said))
	}
	good := map[string]bool{"doctor.good": true, "doctor.tls.good": true, "doctor.size.good": true, "doctor.balance.good": true, "doctor.balance.lasts": true, "doctor.balance.year": true, "doctor.modes": true}
	p := cat.For("en")
	for k := range said {
		if !good[k] && (!p.Has(k) || !p.Has(k+".do")) {
			t.Errorf("%s, or what to do about it, is in no catalogue", k)
		}
	}
	for _, c := range doctor.Checks() {
		if !p.Has("doctor.check."+c) || !p.Has("doctor.group."+doctor.Finding{Check: c}.Group()) {
			t.Errorf("%s has no name", c)
		}
	}
}

func TestNobodyInEvents(t *testing.T) {
	f := &follower{name: func(kind string) string { return "Name of " + kind }}
	who := mail.NewID()
	for _, kind := range []string{"sign_in_failed", "domain_added", "recipient_invited", "opened"} {
		m := f.message(journal.Entry{Seq: 7, Event: mail.Event{Kind: kind, At: time.Unix(1, 0), Message: who, Holder: who, Part: "desk", Detail: "detail|=word"}})
		if strings.Contains(m.Text, who.String()) {
			t.Errorf("%s names somebody: %s", kind, m.Text)
		}
		if told := strings.Contains(m.Text, `reason=detail|\=word`); told != (kind == "sign_in_failed") {
			t.Errorf("%s: %s", kind, m.Text)
		}
		if !strings.HasPrefix(m.Text, "CEF:0|Sigill|Sigill|1|"+kind+"|Name of "+kind+"|") {
			t.Error(m.Text)
		}
	}
}

func TestDoctorWithoutAppliance(t *testing.T) {
	t.Run("a file that is not there is a fault, and says which", func(t *testing.T) {
		var out strings.Builder
		err := Doctor(t.Context(), filepath.Join(t.TempDir(), "none.toml"), false, &out)
		if err == nil || !strings.Contains(out.String(), "[fault] The configuration file") {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
}
