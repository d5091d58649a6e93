package peers

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Pebble is Debian's ACME server, beside a DNS that knows some names alone.
type Pebble struct {
	URL  string         // of its directory
	CA   []byte         // by which its own certificate is signed, PEM
	Conf map[string]any // of pebble.json; what is changed counts from the next Start on

	t     *testing.T
	dir   string
	args  []string
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has
}

// NewPebble is one that asks at these ports of this computer, for names that lead here. It
// ends with the test.
func NewPebble(t *testing.T, http, alpn string, names ...string) *Pebble {
	t.Helper()
	needs(t, "Debian's pebble")
	p := &Pebble{t: t, dir: t.TempDir()}
	cert, key := SelfSigned(t, "localhost")
	p.CA = cert
	for name, text := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(p.dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	port := FreePort(t)
	p.URL = "https://localhost:" + port + "/dir"
	p.Conf = map[string]any{
		"listenAddress": "127.0.0.1:" + port, "managementListenAddress": "127.0.0.1:" + FreePort(t),
		"certificate": filepath.Join(p.dir, "cert.pem"), "privateKey": filepath.Join(p.dir, "key.pem"),
		"httpPort": number(t, http), "tlsPort": number(t, alpn),
	}
	p.args = []string{"-config", filepath.Join(p.dir, "pebble.json"), "-dnsserver", knows(t, names)}
	t.Cleanup(p.Stop)
	return p
}

func number(t *testing.T, port string) int {
	t.Helper()
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Start begins it anew, as it is configured now; it forgets accounts and orders with its end.
func (p *Pebble) Start() {
	p.t.Helper()
	p.Stop()
	text, err := json.Marshal(map[string]any{"pebble": p.Conf})
	if err == nil {
		err = os.WriteFile(filepath.Join(p.dir, "pebble.json"), text, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command("pebble", p.args...)
	p.cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0", "PEBBLE_WFE_NONCEREJECT=15")
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("%v: bash install/test.sh brings it", err)
	}
	cmd, ended := p.cmd, make(chan struct{})
	p.ended = ended
	go func() { _ = cmd.Wait(); close(ended) }()
	listens(p.t, "pebble", p.Conf["listenAddress"].(string), ended)
}

// Stop ends it. Start begins it again.
func (p *Pebble) Stop() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		<-p.ended
		p.cmd = nil
	}
}

// knows is a DNS server that finds names at this computer, and no others.
func knows(t *testing.T, names []string) (addr string) {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var run sync.WaitGroup
	t.Cleanup(func() { c.Close(); run.Wait() })
	run.Go(func() {
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			switch {
			case !slices.Contains(names, strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")):
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(out, from)
			}
		}
	})
	return c.LocalAddr().String()
}
