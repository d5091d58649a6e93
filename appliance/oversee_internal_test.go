package appliance

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/vault"
)

func TestTheServiceManagerHearsHowItGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	hears := func() string {
		b := make([]byte, 4096)
		n, err := manager.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	until := func(word string) string {
		for {
			if s := hears(); strings.Contains(s, word) {
				return s
			}
		}
	}
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "2000000")
	d, err := NewDemo(t.Context(), DemoConfig{Dir: t.TempDir(), Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	d.Appliance.c.Overseen = true // a demo is nobody's service
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()

	t.Run("once the store and every door answer, it is ready", func(t *testing.T) {
		if s := until("READY=1"); !strings.Contains(s, "STATUS=Portal http://localhost:") || !strings.Contains(s, "WATCHDOG=1") {
			t.Errorf("%q", s)
		}
	})
	t.Run("while the store's writer hangs the watchdog hears nothing, and then again", func(t *testing.T) {
		began, end := make(chan struct{}), make(chan struct{})
		go d.Appliance.db.Update(ctx, func(*vault.Tx) error {
			close(began)
			<-end
			return nil
		})
		<-began
		until("STATUS=Does not answer: the store")
		close(end)
		if s := hears(); !strings.HasPrefix(s, "STATUS=Portal ") || !strings.Contains(s, "WATCHDOG=1") {
			t.Errorf("the first that is said then: %q", s)
		}
	})
	t.Run("it says that it ends", func(t *testing.T) {
		cancel()
		until("STOPPING=1")
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
