package vault_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/vault"
)

// pageSize is SQLite's, in bytes.
const pageSize = 4096

// damaged makes a store with a letter and with free pages, lets do change its pages
// while nobody has it open, and opens it again.
func damaged(t *testing.T, do func(db *sql.DB, pages []byte)) *vault.DB {
	t.Helper()
	dir := t.TempDir()
	db := open(t, dir)
	l := newLetter(t, db, newClock().Now())
	update(t, db, l.put)
	update(t, db, func(tx *vault.Tx) error { return tx.SetSetting("long", strings.Repeat("x", 20*pageSize)) })
	update(t, db, func(tx *vault.Tx) error { return tx.SetSetting("long", "short") })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sigill.db")
	raw, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if n := number(t, raw, "PRAGMA wal_checkpoint(TRUNCATE)"); n != 0 {
		t.Fatal("the log is still needed")
	}
	pages, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	do(raw, pages)
	if err := os.WriteFile(path, pages, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

// number is the first column of the first row.
func number(t *testing.T, db *sql.DB, query string) (n int64) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(sql.RawBytes)
	}
	into[0] = &n
	if !rows.Next() {
		t.Fatal(query, rows.Err())
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSound(t *testing.T) {
	t.Run("a store as it should be is sound", func(t *testing.T) {
		if err := damaged(t, func(*sql.DB, []byte) {}).Sound(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Run("an index that says something else than its table is found", func(t *testing.T) {
		db := damaged(t, func(db *sql.DB, pages []byte) {
			root := number(t, db, "SELECT rootpage FROM sqlite_schema WHERE name = 'holder_message'")
			pages[root*pageSize-3] ^= 1 // within a message's id, or a row's number
		})
		if err := db.Sound(ctx); err == nil || !strings.Contains(err.Error(), "holder_message") {
			t.Error(err)
		}
	})
	t.Run("a page that is in use and on the list of free ones is found", func(t *testing.T) {
		db := damaged(t, func(db *sql.DB, pages []byte) {
			root := number(t, db, "SELECT rootpage FROM sqlite_schema WHERE name = 'journal'")
			trunk := pages[(binary.BigEndian.Uint32(pages[32:])-1)*pageSize:]
			if binary.BigEndian.Uint32(trunk[4:]) == 0 {
				t.Fatal("no page is free")
			}
			binary.BigEndian.PutUint32(trunk[8:], uint32(root))
		})
		if err := db.Sound(ctx); err == nil || !strings.Contains(err.Error(), "2nd reference") {
			t.Error(err)
		}
	})
	t.Run("who waits no longer is heard between two tables", func(t *testing.T) {
		db := open(t, t.TempDir())
		for _, looks := range []int{0, 3} {
			if err := db.Sound(&impatient{ctx, looks}); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
}

// impatient is a context that ends after it was looked at so many times.
type impatient struct {
	context.Context
	looks int
}

func (i *impatient) Err() error {
	if i.looks--; i.looks < 0 {
		return context.Canceled
	}
	return nil
}
