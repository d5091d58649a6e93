package appliance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/mail"
	"sigill/appliance/trap"
)

// gatewayPeer plays an SMS provider that speaks JSON over HTTP.
type gatewayPeer struct {
	*httptest.Server
	mu   sync.Mutex
	sent []struct{ To, Text, Hook string }
}

func newGatewayPeer(t *testing.T) *gatewayPeer {
	g := &gatewayPeer{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		var m struct{ To, Text, Hook string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.Header.Get("Authorization") != "Bearer gateway-password" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		g.sent = append(g.sent, m)
		fmt.Fprintf(w, `{"id":"sms-%d"}`, len(g.sent))
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gatewayPeer) last(t testing.TB) (to, text, hook string) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.sent) == 0 {
		t.Fatal("no SMS")
	}
	m := g.sent[len(g.sent)-1]
	return m.To, m.Text, m.Hook
}

// serving is an appliance made from a configuration file, on free ports.
type serving struct {
	*journey
	kit  []string
	end  func()
	data string
	a    *appliance.Appliance
}

// serve starts the appliance of a configuration as sigill serve does.
func serve(t *testing.T, f config.Config) *serving {
	t.Helper()
	return serveBy(t, f, appliance.NewWall())
}

// serveBy is serve by a clock that may be turned.
func serveBy(t *testing.T, f config.Config, clock mail.Clock) *serving {
	t.Helper()
	return serveWith(t, f, clock, func(*appliance.Config) {})
}

// serveWith is serveBy with something of the configuration that no file says.
func serveWith(t *testing.T, f config.Config, clock mail.Clock, change func(*appliance.Config)) *serving {
	t.Helper()
	s := &serving{journey: &journey{TB: t, log: &safeBuffer{}}, data: f.Data}
	c, err := appliance.FromFile(f, slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	c.Clock = clock
	_, port, _ := net.SplitHostPort(c.Web.Addr().String())
	c.BaseURL = "http://localhost:" + port
	change(&c)
	ctx, cancel := context.WithCancel(context.Background())
	a, err := appliance.Open(ctx, c)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	s.a = a
	s.kit, s.info.Portal, s.info.SMTP = a.Kit(), c.BaseURL, c.SMTP[0].Addr().String()
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	s.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.end)
	return s
}

// smarthostTrap plays the house's smarthost.
func smarthostTrap(t *testing.T, j *journey) (addr string) {
	t.Helper()
	var l [2]net.Listener
	for i := range l {
		var err error
		if l[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := trap.New(trap.Config{SMTP: l[0], HTTP: l[1], Clock: appliance.NewWall(), Log: slog.New(slog.DiscardHandler), Advance: func(context.Context, time.Duration) ([]string, error) { return nil, nil }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tr.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	j.info.Trap = "http://" + l[1].Addr().String()
	return l[0].Addr().String()
}

func TestServeIsTheSameMachine(t *testing.T) {
	dir := t.TempDir()
	gateway := newGatewayPeer(t)
	outside := &journey{TB: t, log: &safeBuffer{}}
	host, port, err := net.SplitHostPort(smarthostTrap(t, outside))
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "gateway-secret")
	if err := os.WriteFile(secret, []byte("gateway-password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	toml := fmt.Sprintf(`
data = %q
keys = %q
run = %q
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
admin = "it@prov.example"
[web]
base_url = "http://localhost:8080"
listen = "127.0.0.1:0"
[smtp]
hostname = "brev.prov.example"
listen = "127.0.0.1:0"
[senders]
networks = ["127.0.0.0/8"]
[smarthost]
host = %q
port = %s
tls = "lab"
[notices]
from = "sakerpost@brev.prov.example"
own_domain = "brev.prov.example"
[[sms.gateway]]
kind = "generic"
name = "prov"
from = "Provkommun"
secret_file = %q
url = %q
body = '{"to":"{{to}}","text":"{{text}}","hook":"{{hook}}"}'
id_path = "id"
report_id = "id"
report_status = "status"
report_delivered = ["delivered"]
report_failed = ["failed"]
[sms.gateway.header]
Content-Type = "application/json"
Authorization = "Bearer {{secret}}"
`, filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "run"), host, port, secret, gateway.URL)
	path := filepath.Join(dir, "sigill.toml")
	if err := os.WriteFile(path, []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	j := serve(t, f)
	j.info.Trap = outside.info.Trap

	t.Run("the first start writes the recovery kit once, and says where", func(t *testing.T) {
		if len(j.kit) != 2 {
			t.Fatalf("kit %q", j.kit)
		}
		for _, path := range j.kit {
			if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 || !strings.Contains(string(readFile(t, path)), "AGE-SECRET-KEY-PQ-1") {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
	const sender = "eva@prov.example"
	j.Send(letter{from: sender, to: []string{annaSecure}, subject: "På riktigt", body: "Hej Anna."})
	notice := j.Await("email", anna, 1)
	b := j.Browser().ShowCode(j.CodeOf(notice)).At("/m/pin")
	to, text, hook := gateway.last(t)
	t.Run("the smarthost is only on this machine and unproven, so no invitation has gone, with a code or without", func(t *testing.T) {
		if m := j.Trapped("email", "it@prov.example"); len(m) != 0 {
			t.Errorf("the first administrator was sent:\n%s", m[0].Text)
		}
	})
	t.Run("the PIN goes through the configured gateway", func(t *testing.T) {
		if to != annaPhone {
			t.Errorf("to %s", to)
		}
		b.Post("/m/pin", "pin", pinIn.FindStringSubmatch(text)[1]).At("/m/letter").Sees("Hej Anna.")
	})
	t.Run("a delivery report is taken in, and a stranger's is not", func(t *testing.T) {
		post := func(url, body string) int {
			r, err := http.Post(url, "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			io.Copy(io.Discard, r.Body)
			return r.StatusCode
		}
		if code := post(hook, `{"id":"sms-1","status":"delivered"}`); code != http.StatusNoContent {
			t.Errorf("report: %d", code)
		}
		if code := post(hook[:len(hook)-4]+"0000", `{"id":"sms-1","status":"failed"}`); code != http.StatusNotFound {
			t.Errorf("stranger: %d", code)
		}
	})
	t.Run("a sender may ask for hours, as the demo lets him", func(t *testing.T) {
		j.Send(letter{from: sender, to: []string{"bo@example.se.0707654321.s"}, subject: "Kort [säker 12h]", body: "Hej Bo."})
		j.Browser().ShowCode(j.CodeOf(j.Await("email", "bo@example.se", 1))).At("/m/pin")
	})
	t.Run("after a restart everything is there, and the journal is whole", func(t *testing.T) {
		j.end()
		report, err := appliance.VerifyJournal(context.Background(), f.Data, f.Keys)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(strings.TrimSpace(report))
		again := serve(t, f)
		if again.kit != nil {
			t.Error("a second kit was written")
		}
		again.info.Trap = outside.info.Trap
		// The SMS pause of a minute is over real time here; the page says so, and nothing
		// else is asked.
		again.Browser().ShowCode(j.CodeOf(notice)).At("/m/pin").Sees("inte gått en minut")
	})
}
