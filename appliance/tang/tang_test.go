package tang_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"sigill/appliance/peers"
	"sigill/appliance/tang"
)

func server(t *testing.T) (*peers.Tang, string) {
	t.Helper()
	p := peers.NewTang()
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	return p, s.URL
}

func lock(t *testing.T, url string) string {
	t.Helper()
	a, err := tang.Ask(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	line, err := tang.Lock(a, []byte("nyckelqz"))
	if err != nil {
		t.Fatal(err)
	}
	return line + "\n"
}

func TestLock(t *testing.T) {
	one, url := server(t)
	line := lock(t, url)
	t.Run("the server opens it, and no word of it stands in the line", func(t *testing.T) {
		got, err := tang.Open(t.Context(), line)
		if err != nil || got != "nyckelqz" || strings.Contains(line, "nyckelqz") || strings.Contains(line, base64.RawURLEncoding.EncodeToString([]byte("nyckelqz"))) {
			t.Error(got, err)
		}
	})
	t.Run("its keys are known by the thumbprint that it shows", func(t *testing.T) {
		a, err := tang.Ask(t.Context(), url+"/")
		if err != nil || !a.Trusts(one.Thumbprint()) || a.Trusts("x") || a.Trusts("") {
			t.Error(a.Signing, err)
		}
	})
	t.Run("another server at its address opens nothing", func(t *testing.T) {
		_, other := server(t)
		head, _, _ := strings.Cut(line, ".")
		text, err := base64.RawURLEncoding.DecodeString(head)
		if err != nil {
			t.Fatal(err)
		}
		moved := base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(string(text), url, other)))
		if _, err := tang.Open(t.Context(), strings.Replace(line, head, moved, 1)); !errors.Is(err, tang.ErrNone) {
			t.Error(err)
		}
	})
	t.Run("any of several is enough", func(t *testing.T) {
		two, second := server(t)
		both := line + lock(t, second)
		one.Down.Store(true)
		defer one.Down.Store(false)
		if got, err := tang.Open(t.Context(), both); err != nil || got != "nyckelqz" {
			t.Error(got, err)
		}
		two.Down.Store(true)
		if _, err := tang.Open(t.Context(), both); !errors.Is(err, tang.ErrNone) {
			t.Error(err)
		}
		if l := tang.Servers(both); len(l) != 2 || l[0] != url || l[1] != second {
			t.Error(l)
		}
	})
	t.Run("a server that is asked is asked once, and learns another point each time", func(t *testing.T) {
		before := one.Asked.Load()
		for range 2 {
			if _, err := tang.Open(t.Context(), line); err != nil {
				t.Fatal(err)
			}
		}
		if n := one.Asked.Load() - before; n != 2 {
			t.Error(n)
		}
	})
}

func TestBadServers(t *testing.T) {
	answers := func(body string, status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status == http.StatusFound {
				w.Header().Set("Location", "/elsewhere")
			}
			w.WriteHeader(status)
			w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	for name, url := range map[string]string{
		"no JSON": answers("x", 200), "nothing": answers("{}", 200), "too much": answers(strings.Repeat(" ", 65<<10), 200), "a redirect": answers("", 302), "a fault": answers("", 500),
		"keys that nobody signed": answers(`{"payload":"eyJrZXlzIjpbXX0","protected":"e30","signature":""}`, 200),
		"no address":              "tang.example.se", "a file": "file:///etc/passwd", "a password": "http://a:b@localhost", "nobody": "http://127.0.0.1:1",
	} {
		if _, err := tang.Ask(context.Background(), url); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestDebiansOwn holds the exchange against tangd and clevis as Debian has them.
func TestDebiansOwn(t *testing.T) {
	daemon, err := exec.LookPath("/usr/libexec/tangd")
	if err != nil {
		t.Skip("tang is not installed here; install/test.sh installs it")
	}
	keys := t.TempDir()
	if out, err := exec.Command("/usr/libexec/tangd-keygen", keys).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := httptest.NewServer(inetd(daemon, keys))
	defer s.Close()
	line := lock(t, s.URL)
	if got, err := tang.Open(t.Context(), line); err != nil || got != "nyckelqz" {
		t.Error(got, err)
	}
	clevis, err := exec.LookPath("clevis")
	if err != nil {
		t.Skip("clevis is not installed here")
	}
	cmd := exec.Command(clevis, "decrypt")
	cmd.Stdin = strings.NewReader(strings.TrimSpace(line))
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "nyckelqz" {
		t.Errorf("clevis: %v: %s", err, out)
	}
	cmd = exec.Command(clevis, "encrypt", "tang", `{"url":"`+s.URL+`"}`, "-y")
	cmd.Stdin = strings.NewReader("nyckelqz")
	theirs, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tang.Open(t.Context(), string(theirs)); err != nil || got != "nyckelqz" {
		t.Error(got, err)
	}
}
