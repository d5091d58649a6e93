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
)

var ctx = context.Background()

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

// counter counts in a true store, as the appliance wires it.
type counter struct {
	db    *vault.DB
	clock mail.Clock
}

func newCounter(t testing.TB, c mail.Clock) counter {
	t.Helper()
	db, err := vault.Open(ctx, vault.Config{Dir: t.TempDir(), Clock: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return counter{db, c}
}

func (c counter) Count(ctx context.Context, name []byte, window time.Duration) (n int64, err error) {
	err = c.db.Update(ctx, func(tx *vault.Tx) error {
		n, err = tx.Count(name, tx.Now(), window)
		return err
	})
	return n, err
}

func (c counter) Counted(ctx context.Context, name []byte) (n int64, err error) {
	err = c.db.View(ctx, func(tx *vault.ReadTx) error {
		n, err = tx.Counter(name, c.clock.Now())
		return err
	})
	return n, err
}

func (c counter) GiveBack(ctx context.Context, name []byte) error {
	return c.db.Update(ctx, func(tx *vault.Tx) error { return tx.Uncount(name, tx.Now()) })
}

var _ access.Counter = counter{}

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
