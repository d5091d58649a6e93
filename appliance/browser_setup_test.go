package appliance_test

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/peers"
)

// TestSetUpInBrowser goes through the set-up in Chromium from an empty directory, and looks at
// each of its pages.
func TestSetUpInBrowser(t *testing.T) {
	ssh := peers.StartSSHD(t)
	c := newChrome(t)
	port := peers.FreePort(t)
	// Plain HTTP on this computer: the tests' proxy, which sees what the browser asks for, reads
	// no TLS.
	e := newEmpty(t, fmt.Sprintf("base_url = \"http://localhost:%s\"\nlisten = \"127.0.0.1:%s\"", port, port))
	outside := &journey{TB: t, log: &safeBuffer{}}
	host, smtp, err := net.SplitHostPort(smarthostTrap(t, outside))
	if err != nil {
		t.Fatal(err)
	}
	gateway := newGatewayPeer(t)
	b := c.Tab(e.journey, true)
	b.Goes("/setup").Look("setup-enter")
	b.Goes("/setup#" + e.code()).Becomes(`document.querySelector("input[name=code]").value.length === 24 && location.hash === ""`)
	b.Sends("/setup").At("/setup/language").Look("setup-language")
	b.Sends("/setup/language").At("/setup/organisation").Look("setup-organisation")
	b.Fills("house.name", "Provkommun", "house.department", "Omsorgen", "house.domains", "prov", "house.phone", "0123-45 67 89").Sends("/setup/organisation")
	b.Fills("house.domains", "prov.example").Sends("/setup/organisation").At("/setup/administrator").Look("setup-administrator")
	b.Fills("name", "Karin Berg", "address", setupAdmin, "password", setupPassword, "repeat", setupPassword).Sends("/setup/administrator").At("/setup/app").Look("setup-app")
	key := strings.ReplaceAll(b.Eval(`document.querySelector(".key").textContent`), " ", "")
	b.Fills("code", e.totp(key, 0)).Sends("/setup/app").At("/setup/kit").Look("setup-kit")
	pages, err := appliance.ReadPages([]string{filepath.Join(e.dir, "keys", "recovery-kit.txt")})
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`Ord ([0-9]+)`).FindAllStringSubmatch(b.Eval(`document.querySelector("#prove").parentElement.textContent`), -1)
	var words []string
	for i, p := range pages {
		for j := range 2 {
			var n int
			fmt.Sscan(asked[2*i+j][1], &n)
			words = append(words, fmt.Sprintf("word-%d-%d", i, j), p.Words()[n-1])
		}
	}
	b.Fills(words...).Sends("/setup/kit").Sees("bladen är utskrivna").Look("setup-kit-practise")
	b.Goes("/setup/kit/print").Sees("Provkommun").Goes("/setup/kit").Sends("/setup/later").At("/setup/host").Look("setup-host")
	b.Fills("smtp.hostname", "brev.prov.example").Sends("/setup/host").At("/setup/mail")
	b.Fills("smarthost.host", host, "smarthost.port", smtp, "notices.from", "sakerpost@prov.example", "notices.own_domain", "brev.prov.example")
	b.Eval(`document.querySelector("[name='smarthost.tls']").value = "lab"`)
	b.Sends("/setup/mail").At("/setup/mail").Fills("to", "karin@example.se").Sends("/setup/mail/try").Sees("En kod är på väg").Look("setup-mail-try")
	b.Fills("code", pinIn.FindStringSubmatch(outside.Await("email", "karin@example.se", 1).Text)[1]).Sends("/setup/mail/check").At("/setup/sms").Look("setup-sms")
	b.Eval(`document.querySelector("[name=kind]").value = "generic"`)
	b.Fills("from", "Provkommun", "secret", "gateway-password", "url", gateway.URL, "body", `{"to":"{{to}}","text":"{{text}}"}`, "header", "Authorization: Bearer {{secret}}")
	b.Sends("/setup/sms").At("/setup/sms").Fills("to", "0709998877").Sends("/setup/sms/try").Sees("En kod är på väg")
	_, text, _ := gateway.last(t)
	b.Fills("code", pinIn.FindStringSubmatch(text)[1]).Sends("/setup/sms/check").At("/setup/senders").Look("setup-senders")
	b.Fills("networks", "127.0.0.0/8").Sends("/setup/senders").Sees("Det är sparat")
	b.Eval(`document.querySelector("[name=way]").value = "microsoft"`)
	b.Sends("/setup/senders").Sees("Hemligheten för Exchange Online").Eval(`document.querySelectorAll("details").forEach(d => d.open = true)`)
	b.Look("setup-senders-secret").Goes("/setup/retention").Look("setup-retention")
	b.Sends("/setup/retention").At("/setup/backup").Look("setup-backup")
	b.backsUp(ssh)
	b.At("/setup/start").Look("setup-start")
	b.Goes("/setup/first").Goes("/setup/start").Sends("/setup/start").Sees("Den startar nu").Look("setup-start-begun")
	b.Goes("/setup/first").At("/in").Fills("address", setupAdmin, "password", setupPassword).Sends("/in").At("/in/factor").Fills("code", e.totp(key, 1)).Sends("/in/factor").At("/setup/first").Look("setup-first")
}

// backsUp tries a directory that is not there, and then an SFTP server, whose key is compared
// before anything else is said to it.
func (b *tab) backsUp(s *peers.SSHD) {
	b.Helper()
	b.Fills("dir.path", s.Dir+"/none").Sends("/setup/backup").Sees("finns inte på den här maskinen", "ReadWritePaths=").Look("setup-backup-away")
	b.Eval(`(kind => { kind.value = "sftp"; kind.dispatchEvent(new Event("change", {bubbles: true})) })(document.querySelector("[name=kind]"))`)
	b.Fills("sftp.host", s.Addr, "sftp.user", s.User, "sftp.path", s.Dir, "sftp.key", string(s.Key)).Look("setup-backup-sftp")
	b.Sends("/setup/backup").Sees(s.HostKeys...).Look("setup-backup-keys")
	b.Eval(`document.querySelector("[name='sftp.host_key']").checked = true`)
	b.Sends("/setup/backup").Sees("Stället för säkerhetskopior fungerar")
}
