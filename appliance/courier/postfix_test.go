package courier_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/peers"
)

// TestPostfix runs Debian's Postfix as the house's smarthost, with a configuration
// and a queue of its own, and behind it a server that collects what it carries on.
func TestPostfix(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to test against Postfix; needs root and the package postfix")
	}
	ca := newAuthority(t)
	last := newSmarthost(t, listen(t), withoutTLS)
	der, key := ca.issue("relay.example")
	text, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pair := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})...)
	port := peers.Postfix{Pair: pair, Next: last.addr}.Start(t)
	box, cl := newOutbox(), &clock{now: start}
	r := run(t, courier.Smarthost{Addr: "127.0.0.1:" + port, Name: "relay.example", Roots: ca.pool}, box, cl, 4)

	t.Run("200 notices go over verified STARTTLS and arrive once", func(t *testing.T) {
		for i := range 200 {
			box.add(start, letterTo(fmt.Sprintf("p%d@mottagare.example", i)))
		}
		r.settle()
		if n := box.count("sent"); n != 200 {
			t.Fatalf("%d of 200 taken: %+v", n, r.Status())
		}
		if d := box.rows[0].detail[0]; d != "250 2.0.0" {
			t.Errorf("detail %q", d)
		}
		seen := map[string]int{}
		for end := time.Now().Add(60 * time.Second); len(seen) < 200 && time.Now().Before(end); {
			seen = map[string]int{}
			for _, m := range last.all() {
				seen[m.to]++
				if !strings.HasPrefix(m.from, "bounce+") || !strings.Contains(m.data, "with ESMTPS") {
					t.Fatalf("from %s, not by TLS:\n%s", m.from, m.data)
				}
			}
			<-time.After(100 * time.Millisecond)
		}
		if len(seen) != 200 || len(last.all()) != 200 {
			t.Errorf("%d mails for %d recipients arrived", len(last.all()), len(seen))
		}
	})
	t.Run("a recipient whom Postfix refuses fails alone, with its number", func(t *testing.T) {
		ids := box.add(start, letterTo("refused@mottagare.example"), letterTo("later@mottagare.example"), letterTo("fine@mottagare.example"))
		r.settle()
		if a, b, c := box.get(ids[0]), box.get(ids[1]), box.get(ids[2]); a.state != "failed" || a.detail[0] != "550 5.1.1" ||
			b.state != "" || b.detail[0] != "450 4.2.1" || c.state != "sent" {
			t.Errorf("%s %v, %s %v, %s %v", a.state, a.detail, b.state, b.detail, c.state, c.detail)
		}
	})
	t.Run("under another name its certificate is refused", func(t *testing.T) {
		box := newOutbox()
		r := run(t, courier.Smarthost{Addr: "127.0.0.1:" + port, Name: "elsewhere.example", Roots: ca.pool}, box, cl, 1)
		box.add(start, letterTo("anna@mottagare.example"))
		r.settle()
		if st := r.Status(); st.Detail != courier.DetailCertificate || box.count("sent") != 0 {
			t.Errorf("%+v", st)
		}
	})
}
