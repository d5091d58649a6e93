package appliance_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/courier"
	"sigill/appliance/peers"
	"sigill/appliance/syslog"
)

// watchers are all that a machine tells to whom it tells how it is: a syslog server, a SIEM, a
// webhook, Prometheus, and who asks whether it is well.
type watchers struct {
	log, siem, calls safeBuffer
	figures          net.Listener
	secret           string // by which the webhook's calls are signed
	queue            *syslog.Queue
	line             *syslog.Line
	hook             *courier.Webhook
}

func newWatchers(t *testing.T) *watchers {
	o := &watchers{secret: "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	o.queue, o.line = syslog.NewQueue(takes(t, &o.log)), takes(t, &o.siem)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.queue.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	told := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(&o.calls, "%v\n", r.Header)
		_, _ = io.Copy(&o.calls, r.Body)
	}))
	t.Cleanup(told.Close)
	var err error
	if o.hook, err = courier.NewWebhook(courier.Webhook{URL: told.URL, Secret: courier.Secret(o.secret)}); err != nil {
		t.Fatal(err)
	}
	if o.figures, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return o
}

// takes is a line to a syslog server that keeps what it is told.
func takes(t *testing.T, into *safeBuffer) *syslog.Line {
	line, err := syslog.NewLine(syslog.Config{Way: syslog.TCP, Address: hearsLines(t, into)})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// hearsLines is a syslog server by TCP; it returns where.
func hearsLines(t *testing.T, into *safeBuffer) (addr string) {
	t.Helper()
	return peers.Serve(t, func(c net.Conn) {
		defer c.Close()
		_, _ = io.Copy(into, c)
	}).Addr().String()
}

// handler writes a log to the syslog server, as the configuration's [log] does.
func (o *watchers) handler() slog.Handler { return syslog.NewHandler(o.queue, slog.LevelDebug, false) }

func (o *watchers) watch(d *appliance.Demo) {
	appliance.LetBeWatched(d, appliance.Watched{Events: o.line, Hook: o.hook, Figures: o.figures})
}

// asked is what the appliance answers to who asks how it is.
func (c *canary) asked() map[string][]byte {
	c.Helper()
	said := map[string][]byte{"healthz": []byte(c.Browser().Get("/healthz").page)}
	for _, path := range []string{"/metrics", "/healthz"} {
		r, err := http.Get("http://" + c.out.figures.Addr().String() + path)
		if err != nil {
			c.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || len(b) == 0 {
			c.Fatalf("%s: %v", path, err)
		}
		said["figures "+path] = b
	}
	var err error
	if said["doctor --json"], err = appliance.DoctorSays(context.Background(), c.demo); err != nil {
		c.Fatal(err)
	}
	return said
}

// faulty lets the machine have a fault that lasts, of which all are told, and mends it.
func (c *canary) faulty() (mails []byte) {
	c.Helper()
	keys := c.dir + "/keys"
	if err := os.Chmod(keys, 0o755); err != nil {
		c.Fatal(err)
	}
	c.alarms(3)
	if err := os.Chmod(keys, 0o700); err != nil {
		c.Fatal(err)
	}
	c.alarms(3)
	for _, m := range c.Trapped("email", adminAt) {
		if strings.Contains(m.Text, "chmod") || strings.Contains(m.Subject, "igen") {
			mails = append(mails, m.Raw+"\n"+m.Text+"\n"+m.HTML...)
		}
	}
	if len(mails) == 0 {
		c.Fatalf("no mail tells of a fault: %v", c.summary())
	}
	return mails
}

func (c *canary) alarms(looks int) {
	c.Helper()
	for range looks {
		if err := appliance.Watches(context.Background(), c.demo); err != nil {
			c.Fatal(err)
		}
		c.Turn(5 * 60e9)
	}
}

// tellsNobody wants no mark in what the machine has told anybody of how it is, nor the keys
// by which it does.
func (c *canary) tellsNobody() {
	c.Helper()
	said := c.asked()
	said["alarms by mail"] = c.faulty()
	for name, b := range c.asked() {
		said[name+", after a fault"] = b
	}
	last := c.query(`SELECT max(seq) FROM journal`)[0][0].(int64)
	c.await("the last event at the SIEM", func() (trapped, bool) {
		return trapped{}, bytes.Contains(c.out.siem.Bytes(), fmt.Appendf(nil, "externalId=%d ", last))
	})
	said["SIEM"], said["syslog"], said["webhook"] = c.out.siem.Bytes(), measured.ReplaceAll(c.out.log.Bytes(), nil), c.out.calls.Bytes()
	keys := newMarks()
	keys.text("webhook's secret", c.out.secret)
	keys.text("webhook's secret", strings.TrimPrefix(c.out.secret, "whsec_"))
	for i, line := range strings.Fields(string(readFile(c, c.dir+"/keys/appliance.key"))) {
		if len(line) > 20 {
			keys.text(fmt.Sprintf("appliance key, word %d", i), line)
		}
	}
	for name, b := range said {
		if len(b) < 3 {
			c.Errorf("%s has said nothing", name)
		}
		for _, mark := range append(c.marks.in(b), keys.in(b)...) {
			c.Errorf("%s tells: %s", name, mark)
		}
	}
	if n := bytes.Count(said["SIEM"], []byte("CEF:0|")); n < 100 || len(said["syslog"]) < 10_000 || !bytes.Contains(said["webhook"], []byte("alarm.ended")) {
		c.Errorf("%d events, %d bytes of log: too few to prove anything; the webhook heard:\n%s", n, len(said["syslog"]), said["webhook"])
	}
}
