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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a process that was started to be measured.
type child struct {
	cmd  *exec.Cmd
	errs bytes.Buffer
	smtp string
	web  string
}

// startup is how long a child may take until it answers.
const startup = 30 * time.Second

// spawn starts a command. What it writes is kept for the case that it fails.
func spawn(ctx context.Context, env []string, exe string, args ...string) (*child, error) {
	c := &child{cmd: exec.CommandContext(ctx, exe, args...)}
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.Stderr = &c.errs
	// Ctrl-C goes to the whole group of a terminal; the children end when we say so.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c, c.cmd.Start()
}

// end kills the child. Nothing is lost by it: what it kept was for this run only.
func (c *child) end() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}

// serve runs `sigill serve` on a data directory of its own, with notices going to a
// mail server that never answers: they wait, as mails in a hold queue do.
func (b *bench) serve(ctx context.Context, exe, name string, park *parked) (*child, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	web, err := freePort()
	if err != nil {
		return nil, err
	}
	smtp, err := freePort()
	if err != nil {
		return nil, err
	}
	file, err := settings(dir, web, smtp, park)
	if err != nil {
		return nil, err
	}
	c, err := spawn(ctx, []string{"TMPDIR=" + filepath.Join(b.dir, "tmp")}, exe, "serve", "--config", file)
	if err != nil {
		return nil, err
	}
	c.smtp, c.web = smtp, web
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// settings writes the configuration file of a house that knows nobody yet.
func settings(dir, web, smtp string, park *parked) (string, error) {
	host, port, _ := net.SplitHostPort(park.Addr().String())
	text := fmt.Sprintf(`
data = %q
keys = %q
run = %q
[house]
name = "Bench"
department = "Bench"
domains = [%q]
[web]
base_url = "http://%s"
listen = "%s"
[smtp]
hostname = "mail.%s"
listen = "%s"
[senders]
networks = ["127.0.0.0/8"]
[smarthost]
host = "%s"
port = %s
tls = "lab"
[notices]
from = "noreply@%s"
own_domain = "svar.%s"
`, filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "run"), house, web, web, notices, smtp, host, port, notices, notices)
	file := filepath.Join(dir, "sigill.toml")
	return file, os.WriteFile(file, []byte(text), 0o600)
}

// ready waits until the mail door says hello.
func (c *child) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startup)
	defer cancel()
	for {
		s, err := dial(ctx, c.smtp)
		if err == nil {
			s.close()
			return nil
		}
		select {
		case <-ctx.Done():
			c.end()
			return errors.Join(fmt.Errorf("the child does not answer: %s", strings.TrimSpace(c.errs.String())), err)
		case <-time.After(time.Millisecond):
		}
	}
}

// status returns a line of /proc/PID/status that counts kilobytes, in MB.
func (c *child) status(field string) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kb / 1000 * 1.024, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc", field)
}

// resetPeak makes the kernel count the peak of memory from now on (proc(5),
// clear_refs).
func (c *child) resetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", c.cmd.Process.Pid), []byte("5"), 0)
}

// freePort returns an address on loopback that nobody listens on. Somebody else may
// take it before the child does; then the child says so and the row is not measured.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// parked is a mail server that takes connections and never says a word.
type parked struct{ net.Listener }

func park() (*parked, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		var held []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				for _, h := range held {
					h.Close()
				}
				return
			}
			held = append(held, c)
		}
	}()
	return &parked{l}, nil
}
