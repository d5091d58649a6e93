package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Where Debian and most others put the daemons of Postfix.
const (
	postfixDaemons  = "/usr/lib/postfix/sbin"
	postfixCommands = "/usr/sbin"
)

// postfix is a Postfix of our own: configuration and queue in our directory, nothing
// of the machine's. Every mail goes into its hold queue, which is the cheapest way in
// which it makes mail durable.
type postfix struct {
	*child
	queue string
}

// postfixConfig holds mail, and leaves out what would slow it down without need.
const postfixConfig = `
compatibility_level = 3.6
queue_directory = QUEUE
data_directory = DATA
command_directory = COMMANDS
daemon_directory = DAEMONS
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.kommun.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
message_size_limit = 104857600
in_flow_delay = 0
smtpd_recipient_restrictions = check_recipient_access static:HOLD, permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_tls_security_level = none
`

const postfixServices = `PORT inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
`

// startPostfix starts it as our child, without a shell around it. It needs root,
// because its master does.
func (b *bench) startPostfix(ctx context.Context) (*postfix, error) {
	master := filepath.Join(postfixDaemons, "master")
	if _, err := os.Stat(master); err != nil {
		return nil, errors.New("no Postfix is installed")
	}
	if os.Geteuid() != 0 {
		return nil, errors.New("the master of Postfix needs root")
	}
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, "postfix")
	conf, queue, data := filepath.Join(dir, "conf"), filepath.Join(dir, "queue"), filepath.Join(dir, "data")
	for _, d := range []string{dir, conf, queue, data} {
		// Its daemons are not root. Chmod as well: this process's umask is not the point.
		if err := errors.Join(os.Mkdir(d, 0o755), os.Chmod(d, 0o755)); err != nil {
			return nil, err
		}
	}
	fill := strings.NewReplacer("QUEUE", queue, "DATA", data, "COMMANDS", postfixCommands, "DAEMONS", postfixDaemons, "PORT", addr)
	for name, text := range map[string]string{"main.cf": postfixConfig, "master.cf": postfixServices} {
		path := filepath.Join(conf, name)
		if err := errors.Join(os.WriteFile(path, []byte(fill.Replace(text)), 0o644), os.Chmod(path, 0o644)); err != nil {
			return nil, err
		}
	}
	for _, c := range [][]string{{"chown", "postfix", data}, {filepath.Join(postfixCommands, "postfix"), "-c", conf, "check"}} {
		if out, err := exec.CommandContext(ctx, c[0], c[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w: %s", c[0], err, bytes.TrimSpace(out))
		}
	}
	c, err := spawn(ctx, nil, master, "-c", conf, "-d")
	if err != nil {
		return nil, err
	}
	c.smtp = addr
	return &postfix{c, queue}, c.ready(ctx)
}

// end lets the master end its own children; it does so when it is told to stop.
func (p *postfix) end() {
	done := make(chan struct{})
	go func() { p.cmd.Wait(); close(done) }()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		p.cmd.Process.Kill()
		<-done
	}
}

// empty takes the held mails away, so that a round finds the directory as the one
// before did.
func (p *postfix) empty() error {
	list, err := filepath.Glob(filepath.Join(p.queue, "hold", "*"))
	for _, f := range list {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// source drives a server by Postfix's own generator, as a cross-check of ours. It
// returns mails a second.
func source(ctx context.Context, addr string, l load, mails int) (float64, error) {
	exe, err := exec.LookPath("smtp-source")
	if err != nil {
		return 0, errors.New("smtp-source is not installed")
	}
	first := l.letters.next(0, 0)
	host, port, _ := net.SplitHostPort(addr)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, "-d", "-4", "-s", fmt.Sprint(l.sessions), "-m", fmt.Sprint(mails), "-l", fmt.Sprint(len(first.rest)),
		"-f", first.from, "-t", first.to, "inet:"+host+":"+port)
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("smtp-source: %w: %s", err, bytes.TrimSpace(out))
	}
	return float64(mails) / time.Since(begin).Seconds(), nil
}
