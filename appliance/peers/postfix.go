package peers

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Postfix is a Postfix of our own as the house's smarthost: configuration and queue in a
// directory of the test, nothing of the machine's.
type Postfix struct {
	Pair []byte // its certificate and key, PEM
	Next string // the address of the server to which it carries everything
}

const postfixMain = `
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
`

const postfixMaster = `PORT inet n - n - - smtpd
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
`

// Start returns the port at which it takes mail, by STARTTLS alone. It refuses "refused@" for
// good and "later@" for now. It needs root, and serves until the test ends.
func (p Postfix) Start(t *testing.T) (port string) {
	t.Helper()
	needs(t, "Postfix; it needs root and the package postfix")
	dir, err := os.MkdirTemp("", "postfix") // its daemons are not root, and do not come into the test's own
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
	port = FreePort(t)
	host, next, _ := net.SplitHostPort(p.Next)
	fill := strings.NewReplacer("CONF", conf, "QUEUE", queue, "DATA", data, "NEXT", "["+host+"]:"+next, "PORT", "127.0.0.1:"+port)
	for name, text := range map[string]string{
		"cert.pem": string(p.Pair), "rcpt": "/^refused@/ 550 5.1.1 No such user\n/^later@/ 450 4.2.1 Come again\n",
		"main.cf": fill.Replace(postfixMain), "master.cf": fill.Replace(postfixMaster),
	} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [][]string{{"chown", "postfix", data}, {"postfix", "-c", conf, "check"}} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c[0], err, out)
		}
	}
	master := exec.Command("/usr/lib/postfix/sbin/master", "-c", conf, "-d")
	master.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it ends its children by its group
	if err := master.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = master.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = master.Process.Signal(syscall.SIGTERM)
		<-ended
	})
	listens(t, "Postfix", "127.0.0.1:"+port, ended)
	return port
}
