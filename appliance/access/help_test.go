package access_test

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
)

var ctx = context.Background()

// cheap is what passwords cost here; the true cost has its tests in keyring.
var cheap = keyring.Cost{Passes: 1, Memory: 64}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// clock stands until it is turned.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	running time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Running() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running
}

// goes lets time pass.
func (c *clock) goes(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.running = c.now.Add(d), c.running+d
}

// turned turns the wall and nothing else.
func (c *clock) turned(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newCounter counts in a true store.
func newCounter(t testing.TB, c mail.Clock) access.Counter {
	t.Helper()
	db, err := vaulttest.Open(t, vault.Config{Dir: t.TempDir(), Clock: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func newApp() *keyring.App { return keyring.NewApp(seal.NewSecret(), keyring.NewSalt()) }

// want holds an error against a kind and the key of its sentence.
func want(t testing.TB, err error, k mail.Kind, say string) {
	t.Helper()
	e, ok := err.(*mail.Error)
	if !ok || e.Kind != k || e.Say != say {
		t.Errorf("error %v, want %v: %s", err, k, say)
	}
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
