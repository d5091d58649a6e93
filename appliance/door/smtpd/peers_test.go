package smtpd_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/door/smtpd"
	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

func full(t *testing.T, programs ...string) {
	t.Helper()
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to test with real peers")
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Fatalf("%s is not installed; install/test.sh does it", p)
		}
	}
}

// realReader puts intake in the reader's place.
func realReader(s *server) {
	s.house.set(func(r *smtpd.Rules) {
		r.Reader = smtpd.Intake{Grammar: intake.DefaultGrammar("SE"), Limits: intake.DefaultLimits()}
	})
}

func TestRealReader(t *testing.T) {
	s := open(t, "trusted")
	realReader(s)
	c := s.dial(t)
	c.say("250", "MAIL FROM:<%s>", house1)
	c.say("250", "RCPT TO:<bo@citizen.example.0701234567.s>")
	c.say("250", "RCPT TO:<cia@citizen.example,s>")
	c.say("250", "RCPT TO:<dan@citizen.example>")
	c.say("354", "DATA")
	c.send(small + ".\r\n")
	t.Run("a secure address, a near miss and an ordinary one beside them are taken", func(t *testing.T) {
		c.want("250")
		if got := s.desk.letters(); len(got) != 1 || len(strings.Fields(got[0].to)) != 3 {
			t.Fatalf("got %+v", got)
		}
	})
	t.Run("nothing that asks for it is refused, with a sentence", func(t *testing.T) {
		c.begin(house1, "dan@citizen.example")
		c.say("354", "DATA")
		c.send(small + ".\r\n")
		c.want("550 5.6.0")
	})
	t.Run("inbound mail from a gateway needs no trigger, and no tag counts", func(t *testing.T) {
		s := open(t, "peer")
		realReader(s)
		c := s.dial(t)
		c.begin("eve@world.example", house1)
		c.say("354", "DATA")
		c.send("From: eve@world.example\r\nSubject: [secure 0701234567] hi\r\n\r\nx\r\n.\r\n")
		c.want("250")
		if got := s.desk.letters(); len(got) != 1 || got[0].to != house1 || got[0].actor.Kind != mail.ActorPeer || got[0].from != "eve@world.example" {
			t.Fatalf("got %+v", got)
		}
	})
}

func TestSwaks(t *testing.T) {
	full(t, "swaks")
	send := func(s *server, args ...string) (string, error) {
		host, port, _ := net.SplitHostPort(s.addr)
		args = append([]string{"--server", host, "--port", port, "--from", house1, "--to", citizen, "--h-From", house1, "--ehlo", "client.example", "--timeout", "10"}, args...)
		out, err := exec.Command("swaks", args...).CombinedOutput()
		return string(out), err
	}
	for _, c := range []struct {
		name, who string
		args      []string
		ok        bool
	}{
		{"in the clear from the trusted network", "trusted", nil, true},
		{"by STARTTLS", "trusted", []string{"--tls"}, true},
		{"pipelined", "trusted", []string{"--pipeline"}, true},
		{"with an attachment", "trusted", []string{"--attach", "@smtpd_test.go"}, true},
		{"signed in by PLAIN", "submission", []string{"--tls", "--auth", "PLAIN", "--auth-user", "anna", "--auth-password", "app-password"}, true},
		{"signed in by LOGIN", "submission", []string{"--tls", "--auth", "LOGIN", "--auth-user", "anna", "--auth-password", "app-password"}, true},
		{"signed in over implicit TLS", "implicit", []string{"--tlsc", "--auth", "PLAIN", "--auth-user", "anna", "--auth-password", "app-password"}, true},
		{"with a wrong password", "submission", []string{"--tls", "--auth", "PLAIN", "--auth-user", "anna", "--auth-password", "wrong"}, false},
		{"as a stranger", "stranger", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, c.who)
			out, err := send(s, c.args...)
			if n, _ := s.desk.counts(); (err == nil) != c.ok || (n == 1) != c.ok {
				t.Fatalf("%d letters, %v\n%s", n, err, out)
			}
		})
	}
}

// TestPostfix has Debian's Postfix as the house's relay.
func TestPostfix(t *testing.T) {
	full(t, "postfix", "sendmail")
	if os.Getuid() != 0 {
		t.Skip("needs root to run Postfix")
	}
	s := open(t, "trusted")
	conf := postfix(t, s.addr)
	const n = 100
	bodies := map[string]bool{}
	for i := range n {
		body := fmt.Sprintf("mail %d\r\n.\r\n..\r\n.x\r\n%s\r\nåäö\r\n", i, strings.Repeat(".", i))
		bodies[body] = true
		text := strings.ReplaceAll("From: anna@kommun.example\r\nTo: bo@citizen.example.s\r\nSubject: =?utf-8?q?h=C3=A4r?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"+body, "\r\n", "\n")
		cmd := exec.Command("sendmail", "-C", conf, "-i", "-f", house1, citizen, "cia@citizen.example.s")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	deadline, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for len(s.desk.letters()) < n && deadline.Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	t.Run("every mail arrives once, byte for byte, over TLS", func(t *testing.T) {
		got := s.desk.letters()
		if len(got) != n {
			t.Fatalf("%d letters\n%s", len(got), s.log)
		}
		for _, l := range got {
			_, body, _ := strings.Cut(l.raw, "\r\n\r\n")
			if !bodies[body] {
				t.Fatalf("not sent, or twice: %q", l.raw)
			}
			delete(bodies, body)
			if !strings.Contains(l.raw, "with ESMTPS id") || l.to != citizen+" cia@citizen.example.s" {
				t.Fatalf("got %+v", l)
			}
		}
	})
}

// postfix starts one with its own configuration and queue, and returns where the
// configuration is. It ends with the test.
func postfix(t *testing.T, relay string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sigill-postfix")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	os.Chmod(dir, 0o755) // its own users come in, too
	owner, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	for _, d := range []string{"conf", "queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.Chown(filepath.Join(dir, "data"), uid, -1)
	host, port, _ := net.SplitHostPort(relay)
	settings := fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = relay.kommun.example
mydestination =
relayhost = [%[2]s]:%[3]s
inet_interfaces = loopback-only
inet_protocols = ipv4
smtp_tls_security_level = encrypt
smtp_host_lookup = native
maillog_file = %[1]s/data/log
maillog_file_prefixes = %[1]s
alias_maps =
import_environment = MAIL_CONFIG=%[1]s/conf
`, dir, host, port)
	services := `pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
	conf := filepath.Join(dir, "conf")
	for name, text := range map[string]string{"main.cf": settings, "master.cf": services} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("postfix", "-c", conf, "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v: %s", err, out)
	}
	master := exec.Command("/usr/lib/postfix/sbin/master", "-c", conf, "-d")
	master.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it ends its children by its group
	if err := master.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		master.Process.Signal(syscall.SIGTERM)
		master.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "data/log"))
			t.Logf("postfix: %s", log)
		}
	})
	for range 200 {
		if _, err := os.Stat(filepath.Join(dir, "queue/public/pickup")); err == nil {
			return conf
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("postfix does not start")
	return ""
}
