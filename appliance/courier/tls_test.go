package courier_test

import (
	"bufio"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
)

func TestTLS(t *testing.T) {
	hold := mail.Notice{Kind: mail.NoticeHold, To: "maria@house.example", Code: "K7FQ-2QDM-9XWT-4HBN-T6RC", MustTLS: true,
		Outcomes: []mail.Outcome{{Address: "anna@example.se"}, {Address: "bo@example.se", Hold: mail.HoldNoNumber}}}
	try := func(t *testing.T, h *smarthost, c courier.Smarthost, n mail.Notice) (row, courier.Status) {
		t.Helper()
		box, cl := newOutbox(), &clock{now: start}
		c.Addr = h.addr
		r := run(t, c, box, cl, 1)
		id := box.add(start, n)[0]
		r.settle()
		return box.get(id), r.Status()
	}
	for _, c := range []struct {
		name   string
		opts   []option
		config func(h *smarthost) courier.Smarthost
		detail string
	}{
		{"a smarthost without TLS gets nothing", []option{withoutTLS},
			func(h *smarthost) courier.Smarthost { return courier.Smarthost{Roots: h.ca.pool} }, courier.DetailNoTLS},
		{"a certificate of an unknown CA is refused", nil,
			func(h *smarthost) courier.Smarthost { return courier.Smarthost{Roots: newAuthority(t).pool} }, courier.DetailCertificate},
		{"a certificate for another name is refused", []option{named("other.example")},
			func(h *smarthost) courier.Smarthost { return courier.Smarthost{Roots: h.ca.pool} }, courier.DetailCertificate},
		{"a wrong password is the smarthost's matter, not the notice's", nil,
			func(h *smarthost) courier.Smarthost {
				return courier.Smarthost{Roots: h.ca.pool, User: "sigill", Password: "wrong"}
			}, "auth 535 5.7.8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newSmarthost(t, listen(t), c.opts...)
			m, st := try(t, h, c.config(h), letterTo("anna@example.se"))
			if m.state != "" || m.Tries != 0 || len(h.all()) != 0 || st.Detail != c.detail || st.Down.IsZero() {
				t.Errorf("%+v %+v", m, st)
			}
		})
	}
	t.Run("with a password it signs in, and a password never goes without TLS", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		try(t, h, courier.Smarthost{Roots: h.ca.pool, User: "sigill", Password: "correct horse"}, letterTo("anna@example.se"))
		if l := h.all(); len(l) != 1 || l[0].user != "sigill" {
			t.Errorf("%+v", l)
		}
		h = newSmarthost(t, listen(t), withoutTLS)
		_, st := try(t, h, courier.Smarthost{Mode: courier.TLSOpportunistic, User: "sigill", Password: "correct horse"}, letterTo("anna@example.se"))
		if st.Detail != courier.DetailNoTLS || len(h.all()) != 0 {
			t.Errorf("%+v", st)
		}
	})
	t.Run("a hold over verified TLS has its code, and a reply address that reads back", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		try(t, h, courier.Smarthost{Roots: h.ca.pool}, hold)
		d := h.all()[0].data
		if !strings.Contains(d, "code K7FQ") || !strings.Contains(d, "Reply-To: hold+k7fq2qdm9xwt4hbnt6rc") {
			t.Error(d)
		}
	})
	for name, outcomes := range map[string][]mail.Outcome{
		"for an address that is a guess": {{Address: "anna@example.se"}, {Address: "bo@example.se", Hold: mail.HoldNearMiss}},
		"for two":                        {{Address: "anna@example.se", Hold: mail.HoldNumber}, {Address: "bo@example.se", Hold: mail.HoldNoNumber}},
	} {
		t.Run("a hold "+name+" has no reply address, for a number alone would not mend it", func(t *testing.T) {
			h := newSmarthost(t, listen(t))
			n := hold
			n.Outcomes = outcomes
			try(t, h, courier.Smarthost{Roots: h.ca.pool}, n)
			if d := h.all()[0].data; !strings.Contains(d, "code K7FQ") || strings.Contains(d, "hold+") {
				t.Error(d)
			}
		})
	}
	t.Run("an invitation, or a code after a recovery, never goes over a line that is not verified, not even bare: it waits, and the others go", func(t *testing.T) {
		n := mail.Notice{Kind: mail.NoticeInvitation, To: "maria@house.example", Code: "K7FQ-2QDM-9XWT-4HBN-T6RC", MustTLS: true}
		restored := n
		restored.Kind = mail.NoticeRecovered
		recipient := n
		recipient.Kind = mail.NoticeInvited
		for i, opts := range [][]option{nil, {withoutTLS}, nil, {withoutTLS}} {
			h := newSmarthost(t, listen(t), opts...)
			c := courier.Smarthost{Mode: courier.TLSOpportunistic, Roots: newAuthority(t).pool}
			m, st := try(t, h, c, []mail.Notice{n, n, restored, recipient}[i])
			if m.state != "" || m.Tries != 1 || len(h.all()) != 0 || !st.Down.IsZero() {
				t.Errorf("%+v %+v", m, st)
			}
			if m, _ := try(t, h, c, letterTo("anna@example.se")); m.state != "sent" {
				t.Errorf("%+v", m)
			}
		}
		h := newSmarthost(t, listen(t))
		if m, _ := try(t, h, courier.Smarthost{Mode: courier.TLSOpportunistic, Roots: h.ca.pool}, n); m.state != "sent" || !strings.Contains(h.all()[0].data, "code K7FQ") {
			t.Errorf("%+v over a verified line", m)
		}
	})
	for _, c := range []struct {
		name string
		opts []option
		tls  bool
	}{{"without TLS", []option{withoutTLS}, false}, {"with a certificate that proves nothing", []option{named("other.example")}, true}} {
		t.Run("on loopback "+c.name+" a letter goes, a hold without its code", func(t *testing.T) {
			h := newSmarthost(t, listen(t), c.opts...)
			cfg := courier.Smarthost{Mode: courier.TLSOpportunistic, Roots: h.ca.pool}
			try(t, h, cfg, letterTo("anna@example.se"))
			try(t, h, cfg, hold)
			careless := hold
			careless.MustTLS = false // its reply address holds the code all the same
			try(t, h, cfg, careless)
			l := h.all()
			if len(l) != 3 || l[0].tls != c.tls || !strings.Contains(l[0].data, "K7FQ") || strings.Contains(l[0].data, "X-Verified: true") {
				t.Fatalf("%+v", l)
			}
			if strings.Contains(l[1].data, "K7FQ") || strings.Contains(l[1].data+l[2].data, "hold+") {
				t.Errorf("the code went without a proven server:\n%s", l[1].data)
			}
		})
	}
	t.Run("on loopback a certificate that does prove the name is seen to", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		try(t, h, courier.Smarthost{Mode: courier.TLSOpportunistic, Roots: h.ca.pool}, hold)
		if d := h.all()[0].data; !strings.Contains(d, "code K7FQ") || !strings.Contains(d, "X-Verified: true") {
			t.Error(d)
		}
	})
	t.Run("unverified TLS beyond loopback is refused in the configuration", func(t *testing.T) {
		_, err := courier.New(courier.Config{Outbox: newOutbox(), Words: words{}, Clock: &clock{}, Returns: new(courier.Returns), Log: nil})
		if err == nil {
			t.Error("no log, no error")
		}
		h := courier.Smarthost{Addr: "mail.example.se:25", Mode: courier.TLSOpportunistic, Hello: "a"}
		if _, err := newCourier(h); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Error(err)
		}
	})
	t.Run("a CA of the house is read from its file", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		file := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.ca.cert.Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		roots, err := courier.LoadRoots(file)
		if err != nil {
			t.Fatal(err)
		}
		if m, _ := try(t, h, courier.Smarthost{Roots: roots}, letterTo("anna@example.se")); m.state != "sent" {
			t.Errorf("%+v", m)
		}
		os.WriteFile(file, []byte("nothing"), 0o600)
		if _, err := courier.LoadRoots(file); err == nil {
			t.Error("a file without a certificate is taken")
		}
	})
}

func TestAddressOnTheWire(t *testing.T) {
	send := func(t *testing.T, to string, opts ...option) (*smarthost, row) {
		h := newSmarthost(t, listen(t), opts...)
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1)
		id := box.add(start, letterTo(to))[0]
		r.settle()
		return h, box.get(id)
	}
	t.Run("a Swedish domain goes in ASCII without any extension", func(t *testing.T) {
		h, m := send(t, "anna@malmö.se")
		if m.state != "sent" || h.all()[0].to != "anna@xn--malm-8qa.se" || h.all()[0].mailOpts.UTF8 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a Swedish local part needs SMTPUTF8, and fails in words without", func(t *testing.T) {
		h, m := send(t, "åsa@malmö.se", withUTF8)
		if m.state != "sent" || h.all()[0].to != "åsa@xn--malm-8qa.se" || !h.all()[0].mailOpts.UTF8 {
			t.Errorf("%+v", m)
		}
		if _, m = send(t, "åsa@malmö.se"); m.state != "failed" || m.detail[0] != courier.DetailAddress {
			t.Errorf("%+v", m)
		}
	})
}

// TestHostileSmarthost speaks by hand what no server says.
func TestHostileSmarthost(t *testing.T) {
	for _, c := range []struct {
		name, detail string
		lines        []string // each after one line of ours
	}{
		{"words behind STARTTLS are not believed", courier.DetailInjected,
			[]string{"220 hi\r\n", "250-x\r\n250 STARTTLS\r\n", "220 go\r\n250 injected\r\n"}},
		{"an endless answer is cut off", courier.DetailNetwork, []string{"220 hi\r\n", strings.Repeat("250-x\r\n", 100_000)}},
		{"a refusal to talk is told in numbers", "554 5.7.1", []string{"554 5.7.1 anna@example.se is not welcome\r\n"}},
		{"what is not SMTP is not taken", courier.DetailNetwork, []string{"HTTP/1.1 200 OK\r\n"}},
		{"a broken handshake", courier.DetailTLS, []string{"220 hi\r\n", "250 STARTTLS\r\n", "220 go\r\n", "this is no TLS record at all, nor will it be"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listen(t)
			defer l.Close()
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer conn.Close()
						conn.SetDeadline(time.Now().Add(5 * time.Second))
						in := bufio.NewReader(conn)
						for i, line := range c.lines {
							if i == len(c.lines)-1 && c.detail == courier.DetailTLS {
								in.Read(make([]byte, 1000))
							} else if i > 0 {
								in.ReadString('\n')
							}
							conn.Write([]byte(line))
						}
						in.WriteTo(nowhereWriter{})
					}()
				}
			}()
			box, cl := newOutbox(), &clock{now: start}
			r := run(t, courier.Smarthost{Addr: l.Addr().String(), Timeout: 3 * time.Second}, box, cl, 1)
			box.add(start, letterTo("anna@example.se"))
			r.settle()
			if st := r.Status(); st.Detail != c.detail {
				t.Errorf("%q, want %q", st.Detail, c.detail)
			}
		})
	}
	t.Run("one that accepts and is silent is left after the timeout", func(t *testing.T) {
		l := listen(t)
		defer l.Close()
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, _ := l.Accept()
			accepted <- conn
		}()
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: l.Addr().String(), Timeout: 200 * time.Millisecond}, box, cl, 1)
		box.add(start, letterTo("anna@example.se"))
		r.settle()
		if st := r.Status(); st.Detail != courier.DetailNetwork {
			t.Errorf("%+v", st)
		}
		if conn := <-accepted; conn != nil {
			conn.Close()
		}
	})
}

type nowhereWriter struct{}

func (nowhereWriter) Write(p []byte) (int, error) { return len(p), nil }
