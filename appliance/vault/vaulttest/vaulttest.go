// Package vaulttest spares tests the making of an empty store: all migrations on an empty
// file take longer, with the race detector, than most tests of what is done with a store.
package vaulttest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sigill/appliance/vault"
)

// Open opens a store as vault.Open does. A directory that is empty gets a database that
// has been migrated once for all tests of the process.
func Open(tb testing.TB, cfg vault.Config) (*vault.DB, error) {
	tb.Helper()
	if list, err := os.ReadDir(cfg.Dir); err == nil && len(list) == 0 {
		b, err := empty()
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(cfg.Dir, "sigill.db"), b, 0o600); err != nil {
			return nil, err
		}
	}
	return vault.Open(context.Background(), cfg)
}

// empty is the database of a store in which nothing has happened yet.
var empty = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "sigill-empty-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := vault.Open(context.Background(), vault.Config{Dir: dir, Clock: never{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "sigill.db"))
})

// never is a clock for a store in which nothing happens.
type never struct{}

func (never) Now() time.Time         { return time.Unix(0, 0).UTC() }
func (never) Running() time.Duration { return 0 }
