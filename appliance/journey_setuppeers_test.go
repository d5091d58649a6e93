package appliance_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/peers"
)

// TestAnEmptyMachineMeetsRealPeers goes from nothing to the first citizen who reads, with
// Debian's Postfix as the smarthost and Debian's pebble as the authority: first in the portal,
// and then by a file of answers.
func TestAnEmptyMachineMeetsRealPeers(t *testing.T) {
	questions := peers.FreePort(t)
	authority := peers.NewPebble(t, questions, questions, "brev.prov.example")
	authority.Start()
	w := newWorld(t)
	cert, key := peers.SelfSigned(t, "localhost")
	w.web, w.port = config.TLSACME, peers.Postfix{Pair: append(cert, key...), Next: "127.0.0.1:" + w.port}.Start(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := write("postfix.pem", string(cert))
	w.mail = []string{"smarthost.host", "localhost", "smarthost.tls", "verify", "smarthost.ca_file", ca}
	acme := fmt.Sprintf("directory = %q\nca_file = %q\nlisten = %q", authority.URL, write("pebble.pem", string(authority.CA)), "127.0.0.1:"+questions)

	t.Run("in the portal", func(t *testing.T) { newEmptyBy(t, "", acme).isSetUp(t, w) })
	t.Run("by a file of answers", func(t *testing.T) {
		e := &empty{journey: &journey{TB: t, log: &safeBuffer{}}, dir: t.TempDir()}
		port := peers.FreePort(t)
		answers := write("answers.toml", fmt.Sprintf(answersOfPeers, e.dir+"/data", e.dir+"/keys", e.dir+"/run", setupAdmin, write("password", setupPassword+"\n"), port, port, acme, w.port, ca, w.gateway.URL, write("sms", "gateway-password\n")))
		if err := appliance.SetUp(context.Background(), e.file(), answers, func(string, ...any) {}); err != nil {
			t.Fatal(err)
		}
		e.start()
		defer e.end()
		e.info.SMTP, e.info.Trap = smtpSaid.FindStringSubmatch(e.words())[1], w.outside.info.Trap
		e.until("the authority's certificate", func() bool { return e.issuer() == "Pebble" })
		e.firstCitizen(w.gateway, 2)
	})
}

const answersOfPeers = `
data = %q
keys = %q
run = %q
[administrator]
name = "Karin Berg"
address = %q
password_file = %q
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
[web]
base_url = "https://brev.prov.example:%s"
listen = "127.0.0.1:%s"
tls = "acme"
[smtp]
hostname = "brev.prov.example"
listen = "127.0.0.1:0"
tls = "acme"
[acme]
%s
[senders]
networks = ["127.0.0.0/8"]
[smarthost]
host = "localhost"
port = %s
ca_file = %q
[notices]
from = "sakerpost@prov.example"
own_domain = "brev.prov.example"
[[sms.gateway]]
kind = "generic"
name = "sms"
from = "Provkommun"
url = %q
method = "POST"
body = '{"to":"{{to}}","text":"{{text}}"}'
secret_file = %q
success_from = 200
success_to = 299
[sms.gateway.header]
Authorization = "Bearer {{secret}}"
Content-Type = "application/json"
`
