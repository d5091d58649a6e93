package overseer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"sigill/appliance/overseer"
	"sigill/appliance/peers"
)

// manager plays the service manager: it hears what is said to its socket.
type manager struct {
	testing.TB
	*net.UnixConn
}

// watch makes a manager that wants to hear again within a limit of microseconds; "" if it
// does not watch.
func watch(t *testing.T, limit string) manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", limit)
	t.Setenv("WATCHDOG_PID", "")
	return manager{t, c}
}

// hears returns the next that is said.
func (m manager) hears() string {
	m.Helper()
	b := make([]byte, 4096)
	n, err := m.Read(b)
	if err != nil {
		m.Fatal(err)
	}
	return string(b[:n])
}

// until returns what is said, up to the first that holds word.
func (m manager) until(word string) (all []string) {
	m.Helper()
	for {
		s := m.hears()
		if all = append(all, s); strings.Contains(s, word) {
			return all
		}
	}
}

// run runs an overseer of these parts until stop is called.
func run(t *testing.T, parts ...overseer.Part) (stop func()) {
	t.Helper()
	o, err := overseer.New(overseer.Config{Parts: parts, Status: "Works.", Log: slog.New(slog.DiscardHandler)})
	if err != nil || o == nil {
		t.Fatal(o, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- o.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestNobodyOversees(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if o, err := overseer.New(overseer.Config{}); o != nil || err != nil {
		t.Error(o, err)
	}
}

func TestOverseer(t *testing.T) {
	t.Run("it is ready once every part has answered, says so once, and says the end", func(t *testing.T) {
		m := watch(t, "")
		var open atomic.Bool
		asked := make(chan struct{}, 1)
		stop := run(t, overseer.Part{Name: "a door", Ask: func(context.Context) error {
			select {
			case asked <- struct{}{}:
			default:
			}
			if !open.Load() {
				return errors.New("closed")
			}
			return nil
		}})
		<-asked
		<-asked // it has been found closed, and asked anew
		open.Store(true)
		if all := m.until("READY=1"); len(all) != 3 || !strings.HasPrefix(all[0], "STATUS=Starting") ||
			all[1] != "STATUS=Does not answer: a door: closed" || all[2] != "STATUS=Works.\nREADY=1\n" {
			t.Errorf("%q", all)
		}
		stop()
		if s := m.hears(); !strings.HasPrefix(s, "STOPPING=1\n") {
			t.Errorf("%q", s)
		}
	})
	t.Run("who does not answer is said, the watchdog hears nothing meanwhile, and hears again", func(t *testing.T) {
		m := watch(t, "400000")
		var stuck atomic.Pointer[chan struct{}]
		stop := run(t, overseer.Part{Name: "the store", Ask: func(context.Context) error {
			if c := stuck.Load(); c != nil {
				<-*c
			}
			return nil
		}})
		defer stop()
		m.until("WATCHDOG=1")
		wait := make(chan struct{})
		stuck.Store(&wait)
		m.until("STATUS=Does not answer: the store: nobody answers")
		stuck.Store(nil)
		close(wait)
		if s := m.hears(); !strings.HasPrefix(s, "STATUS=Works.\n") || strings.Contains(s, "READY") || !strings.HasSuffix(s, "WATCHDOG=1") {
			t.Errorf("the first that is said then: %q", s)
		}
	})
}

func TestDoors(t *testing.T) {
	m := watch(t, "400000")
	greets := peers.Serve(t, func(c net.Conn) { fmt.Fprint(c, "220 here\r\n"); c.Close() })
	full := peers.Serve(t, func(c net.Conn) { c.Close() })
	t.Run("doors that greet, or are full and close at once, work", func(t *testing.T) {
		stop := run(t, overseer.Part{Name: "mail", Ask: overseer.SMTP(greets.Addr(), false)}, overseer.Part{Name: "the portal", Ask: overseer.HTTP(full.Addr(), false)})
		m.until("WATCHDOG=1")
		stop()
		m.until("STOPPING=1")
	})
	t.Run("one that is closed does not", func(t *testing.T) {
		if err := greets.Close(); err != nil {
			t.Fatal(err)
		}
		if err := overseer.SMTP(greets.Addr(), false)(t.Context()); err == nil {
			t.Error("it works")
		}
	})
	// The kernel lets people in here, and nobody opens to them.
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	for name, ask := range map[string]func(context.Context) error{
		"mail": overseer.SMTP(deaf.Addr(), false), "mail by TLS": overseer.SMTP(deaf.Addr(), true),
		"the portal": overseer.HTTP(deaf.Addr(), false), "the portal by TLS": overseer.HTTP(deaf.Addr(), true),
	} {
		t.Run("nor does one that lets nobody in: "+name, func(t *testing.T) {
			m := watch(t, "400000")
			defer run(t, overseer.Part{Name: "a hall", Ask: overseer.HTTP(full.Addr(), false)}, overseer.Part{Name: name, Ask: ask})()
			for _, s := range m.until("STATUS=Does not answer: " + name + ": nobody answers") {
				if strings.Contains(s, "WATCHDOG") || strings.Contains(s, "READY") {
					t.Errorf("said: %q", s)
				}
			}
		})
	}
}
