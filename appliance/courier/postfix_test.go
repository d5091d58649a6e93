package courier_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/courier"
)

// TestPostfix runs Debian's Postfix as the house's smarthost, with a configuration
// and a queue of its own, and behind it a server that collects what it carries on.
func TestPostfix(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to test against Postfix; needs root and the package postfix")
	}
	ca := newAuthority(t)
	last := newSmarthost(t, listen(t), withoutTLS)
	port := startPostfix(t, ca, last.addr)
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

// startPostfix returns the port on which a fresh Postfix listens that relays to next.
func startPostfix(t *testing.T, ca *authority, next string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "postfix")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	conf, queue, data := filepath.Join(dir, "conf"), filepath.Join(dir, "queue"), filepath.Join(dir, "data")
	os.Chmod(dir, 0o755)
	for _, d := range []string{conf, queue, data} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	sh(t, "chown", "postfix", data)
	der, key := ca.issue("relay.example")
	pk, _ := x509.MarshalPKCS8PrivateKey(key)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))+string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pk})))
	l := listen(t)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close() // Postfix opens its port itself; nobody else takes it in this moment
	host, nextPort, _ := net.SplitHostPort(next)
	write("rcpt", "/^refused@/ 550 5.1.1 No such user\n/^later@/ 450 4.2.1 Come again\n")
	write("main.cf", strings.NewReplacer("CONF", conf, "QUEUE", queue, "DATA", data, "NEXT", "["+host+"]:"+nextPort).Replace(`
compatibility_level = 3.6
queue_directory = QUEUE
data_directory = DATA
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = NEXT
smtp_tls_security_level = none
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = CONF/cert.pem
smtpd_tls_key_file = CONF/cert.pem
smtpd_tls_received_header = yes
smtpd_helo_required = yes
smtpd_delay_reject = no
smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname
smtpd_recipient_restrictions = check_recipient_access regexp:CONF/rcpt, permit_mynetworks, reject
smtpd_client_connection_count_limit = 100
maillog_file = /dev/stdout
`))
	write("master.cf", strings.ReplaceAll(`PORT inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`, "PORT", "127.0.0.1:"+port))
	sh(t, "postfix", "-c", conf, "check")
	master := exec.Command("/usr/lib/postfix/sbin/master", "-c", conf, "-d")
	master.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it ends its children by its group
	if err := master.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		master.Process.Signal(syscall.SIGTERM)
		master.Wait()
	})
	for end := time.Now().Add(10 * time.Second); ; {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
			return port
		}
		if time.Now().After(end) {
			t.Fatal("Postfix does not listen: ", err)
		}
		<-time.After(50 * time.Millisecond)
	}
}

func sh(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}
