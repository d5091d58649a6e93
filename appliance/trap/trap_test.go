package trap_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"sigill/appliance/mail"
	"sigill/appliance/trap"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}
func (c *clock) Running() time.Duration { return 0 }

var start = time.Date(2026, 4, 26, 8, 14, 0, 0, time.UTC)

type rig struct {
	*trap.Trap
	t    testing.TB
	url  string
	smtp string
	port string
	fail error // what Advance answers
}

func listen(t testing.TB, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func run(t testing.TB) *rig {
	t.Helper()
	cl := &clock{now: start}
	r := &rig{t: t}
	smtpL, httpL := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	tr, err := trap.New(trap.Config{SMTP: smtpL, HTTP: httpL, Clock: cl, Log: slog.New(slog.DiscardHandler),
		Portal: "http://localhost:8080", MailIn: "127.0.0.1:2525",
		Accounts: []trap.Account{{Role: "caseworker", Email: "maria.ek@exempelkommun.se", Password: "granit-moln-sju-fjäll"},
			{Role: "organiser", Email: "per.lind@exempelkommun.se", Password: "harv-björk-nio-stig"}, {Role: "admin", Email: "it@exempelkommun.se", Password: "lykta-sten-tre-vind"}},
		Advance: func(_ context.Context, d time.Duration) ([]string, error) {
			if r.fail != nil {
				return nil, r.fail
			}
			cl.mu.Lock()
			defer cl.mu.Unlock()
			cl.now = cl.now.Add(d)
			if d >= 720*time.Hour {
				return []string{"1 letter ended, its key is erased", "1 <b>report</b> sent"}, nil
			}
			return nil, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tr.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error("Run: ", err)
		}
	})
	_, r.port, _ = net.SplitHostPort(httpL.Addr().String())
	r.Trap, r.url, r.smtp = tr, "http://"+httpL.Addr().String(), smtpL.Addr().String()
	return r
}

// do asks the trap; header are names and values in turn.
func (r *rig) do(method, path string, header ...string) (int, string, http.Header) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.url+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	req.Close = true // so that the trap need not wait for us when it ends
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b), res.Header
}

const letter = "From: =?utf-8?Q?Socialtj=C3=A4nsten?= <sakerpost@brev.exempelkommun.se>\r\nTo: anna@example.se\r\nSubject: =?utf-8?B?RHUgaGFyIGbDpXR0IGV0dCBicmV2?=\r\n" +
	"Mime-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"L=C3=A4s:  http://localhost:8080/m#K7FQ-2QDM-9XWT-4HBN-=\r\nT6RC\r\nHej\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head></head><body><p>L&auml;s <a href=\"http://localhost:8080/m#K7FQ-2QDM-9XWT-4HBN-T6RC\">brevet</a></p><script>top.location='/evil'</script><img src=\"http://evil.example/x\"></body></html>\r\n--b--\r\n"

// send sends a mail over verified TLS, as the courier does.
func (r *rig) send(from, to, msg string) {
	r.t.Helper()
	c, err := smtp.DialStartTLS(r.smtp, &tls.Config{ServerName: "localhost", RootCAs: r.Roots()})
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	if err := c.SendMail(from, []string{to}, strings.NewReader(msg)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) messages() []trap.Message {
	r.t.Helper()
	status, body, _ := r.do("GET", "/messages.json")
	var l []trap.Message
	if err := json.Unmarshal([]byte(body), &l); err != nil || status != 200 {
		r.t.Fatal(status, err, body)
	}
	return l
}

func TestContract(t *testing.T) {
	t.Run("messages come oldest first, with exactly the contract's fields", func(t *testing.T) {
		r := run(t)
		if _, body, _ := r.do("GET", "/messages.json"); body != "[]" {
			t.Errorf("empty is %s", body)
		}
		r.send("bounce+1@brev.exempelkommun.se", "anna@example.se", letter)
		rec, err := r.Send(t.Context(), mail.SMS{To: "+46701234567", Text: "908172 är koden"})
		if err != nil || rec.ID == "" || rec.Provider != "trap" {
			t.Fatal(rec, err)
		}
		_, body, _ := r.do("GET", "/messages.json")
		var raw []map[string]any
		if err := json.Unmarshal([]byte(body), &raw); err != nil || len(raw) != 2 {
			t.Fatal(err, body)
		}
		for _, m := range raw {
			for _, f := range []string{"id", "kind", "at", "from", "to", "subject", "text", "html", "raw"} {
				if _, ok := m[f]; !ok {
					t.Errorf("no %s in %v", f, m["kind"])
				}
			}
			if len(m) != 9 {
				t.Errorf("%d fields", len(m))
			}
		}
		l := r.messages()
		m := l[0]
		if m.Kind != "email" || m.From != "Socialtjänsten <sakerpost@brev.exempelkommun.se>" || m.To[0] != "anna@example.se" || m.Subject != "Du har fått ett brev" ||
			m.Text != "Läs:  http://localhost:8080/m#K7FQ-2QDM-9XWT-4HBN-T6RC\nHej" || !strings.Contains(m.HTML, "<p>L&auml;s") ||
			!strings.HasPrefix(m.Raw, "Return-Path: <bounce+1@brev.exempelkommun.se>\r\nFrom:") || !m.At.Equal(start) {
			t.Errorf("%+v", m)
		}
		if s := l[1]; s.Kind != "sms" || s.To[0] != "+46701234567" || s.Text != "908172 är koden" || s.From != "Sigill" {
			t.Errorf("%+v", s)
		}
		if status, _, _ := r.do("DELETE", "/messages.json"); status != 200 || len(r.messages()) != 0 {
			t.Error("not emptied: ", status)
		}
	})
	t.Run("the clock is told, and turned before the answer comes", func(t *testing.T) {
		r := run(t)
		if status, body, _ := r.do("GET", "/clock"); status != 200 || body != `{"now":"2026-04-26T08:14:00Z"}` {
			t.Error(status, body)
		}
		status, body, _ := r.do("POST", "/clock?advance=720h")
		if status != 200 || !strings.Contains(body, `"now":"2026-05-26T08:14:00Z"`) || !strings.Contains(body, "1 letter ended") {
			t.Error(status, body)
		}
		if _, body, _ := r.do("GET", "/clock"); body != `{"now":"2026-05-26T08:14:00Z"}` {
			t.Error(body)
		}
		if _, body, _ := r.do("POST", "/clock?advance=1d"); !strings.Contains(body, `"now":"2026-05-27T08:14:00Z"`) || !strings.Contains(body, `"done":[]`) {
			t.Error(body)
		}
		for _, bad := range []string{"", "x", "-1h", "1e9h", "99999999h", "-3d", "9999999999d"} {
			if status, _, _ := r.do("POST", "/clock?advance="+bad); status != 400 {
				t.Errorf("advance=%q: %d", bad, status)
			}
		}
		r.fail = errors.New("secret cause")
		if status, body, _ := r.do("POST", "/clock?advance=1h"); status != 500 || strings.Contains(body, "secret") {
			t.Error(status, body)
		}
	})
}

func TestGuard(t *testing.T) {
	r := run(t)
	t.Run("only names of loopback are answered, with the right port", func(t *testing.T) {
		for host, want := range map[string]int{
			"localhost:" + r.port: 200, "127.0.0.1:" + r.port: 200, "[::1]:" + r.port: 200, "LOCALHOST:" + r.port: 200,
			"evil.example:" + r.port: 421, "localhost": 421, "localhost:1": 421, "127.0.0.1.evil.example:" + r.port: 421, "localhost.evil.example:" + r.port: 421,
		} {
			for _, path := range []string{"/", "/messages.json", "/clock", "/state"} {
				if status, body, _ := r.do("GET", path, "Host", host); status != want || want == 421 && strings.Contains(body, "{") {
					t.Errorf("%s %s: %d, want %d", host, path, status, want)
				}
			}
		}
	})
	t.Run("another site can turn and empty nothing", func(t *testing.T) {
		for _, h := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"},
			{"Origin", "http://localhost:1"}, {"Origin", "https://127.0.0.1:" + r.port}, {"Sec-Fetch-Site", "same-origin", "Origin", "http://evil.example"},
		} {
			for _, ask := range [][2]string{{"POST", "/clock?advance=1h"}, {"POST", "/clear"}, {"DELETE", "/messages.json"}} {
				if status, _, _ := r.do(ask[0], ask[1], h...); status != 403 {
					t.Errorf("%v %v: %d", h, ask, status)
				}
			}
		}
		if status, _, head := r.do("POST", "/clock?advance=1h", "Origin", r.url, "Sec-Fetch-Site", "same-origin", "Accept", "text/html"); status != 303 || head.Get("Location") != "/" {
			t.Error("the page itself is refused: ", status)
		}
	})
	t.Run("it does not listen beyond loopback", func(t *testing.T) {
		all := listen(t, "0.0.0.0:0")
		defer all.Close()
		own := listen(t, "127.0.0.1:0")
		defer own.Close()
		for _, c := range []trap.Config{{SMTP: all, HTTP: own}, {SMTP: own, HTTP: all}} {
			c.Clock, c.Log = &clock{}, slog.New(slog.DiscardHandler)
			c.Advance = func(context.Context, time.Duration) ([]string, error) { return nil, nil }
			if _, err := trap.New(c); err == nil || !strings.Contains(err.Error(), "loopback") {
				t.Error(err)
			}
		}
	})
}

func TestPage(t *testing.T) {
	r := run(t)
	r.send("a@brev.exempelkommun.se", "anna@example.se", letter)
	r.send("a@brev.exempelkommun.se", "bo@example.se", "Subject: <script>alert(1)</script>\r\n\r\n<img src=x onerror=alert(1)> javascript:alert(1) http://x.example/\"onmouseover=alert(1).\r\n")
	r.do("POST", "/clock?advance=30d")
	status, body, head := r.do("GET", "/")
	t.Run("it shows accounts, links and what happened, escaped", func(t *testing.T) {
		for _, s := range []string{"granit-moln-sju-fjäll", `href="http://localhost:8080/m#K7FQ-2QDM-9XWT-4HBN-T6RC"`, "1 letter ended, its key is erased",
			"&lt;b&gt;report", "&lt;script&gt;alert(1)", "swaks --server 127.0.0.1:2525 --from maria.ek@exempelkommun.se"} {
			if !strings.Contains(body, s) {
				t.Errorf("%q is not there", s)
			}
		}
		for _, s := range []string{"<script>alert", "<img src=x", `href="javascript`, " onmouseover="} {
			if strings.Contains(body, s) {
				t.Errorf("%q is there", s)
			}
		}
		if status != 200 || !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Error(status, head)
		}
	})
	t.Run("a mail's HTML has a sandbox of its own", func(t *testing.T) {
		id := r.messages()[0].ID
		status, body, head := r.do("GET", "/message/"+id)
		csp := head.Get("Content-Security-Policy")
		if status != 200 || !strings.HasPrefix(csp, "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'") || !strings.Contains(body, `<base target="_blank">`) {
			t.Error(status, csp)
		}
		if status, body, head = r.do("GET", "/message/"+id+"/raw"); status != 200 || !strings.HasPrefix(head.Get("Content-Type"), "text/plain") || head.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(body, "Return-Path") {
			t.Error(status, head)
		}
		for _, path := range []string{"/message/none", "/message/none/raw", "/nothing", "/message/" + r.messages()[1].ID} {
			if status, _, _ := r.do("GET", path); status != 404 {
				t.Errorf("%s: %d", path, status)
			}
		}
	})
	t.Run("the state changes when something came", func(t *testing.T) {
		_, a, _ := r.do("GET", "/state")
		r.send("a@brev.exempelkommun.se", "anna@example.se", letter)
		if _, b, _ := r.do("GET", "/state"); a == b || !strings.Contains(b, `"time":"08:14:00"`) {
			t.Error(a, b)
		}
	})
}

func TestBounds(t *testing.T) {
	t.Run("a thousand messages are held, the oldest give way", func(t *testing.T) {
		r := run(t)
		for i := range 1010 {
			r.Send(t.Context(), mail.SMS{To: "+46701234567", Text: mail.SMSText(fmt.Sprint(i))})
		}
		l := r.messages()
		if len(l) != 1000 || l[0].Text != "10" || l[999].Text != "1009" {
			t.Errorf("%d, from %s to %s", len(l), l[0].Text, l[len(l)-1].Text)
		}
	})
	t.Run("64 MiB are held", func(t *testing.T) {
		r := run(t)
		big := "Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("a", 900)+"\r\n", 7500)
		for range 7 {
			r.send("a@b.example", "anna@example.se", big)
		}
		n := 0
		for _, m := range r.Messages() {
			n += len(m.Raw) + len(m.Text)
		}
		if n > 64<<20 || n < 40<<20 {
			t.Errorf("%d bytes", n)
		}
	})
	t.Run("what is no mail is kept as it came", func(t *testing.T) {
		r := run(t)
		for _, raw := range []string{"no header at all\r\n", "Content-Type: multipart/mixed\r\n\r\nx\r\n", "Content-Type: text/plain; charset=klingon\r\n\r\nx\r\n", "\r\n",
			"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 500)} {
			r.send("a@b.example", "anna@example.se", raw)
		}
		if l := r.messages(); len(l) != 5 || !strings.Contains(l[0].Raw, "no header at all") {
			t.Errorf("%d", len(l))
		}
	})
}
