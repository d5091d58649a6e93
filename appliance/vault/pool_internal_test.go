package vault

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"sigill/appliance/mail"
)

type still struct{}

func (still) Now() time.Time         { return time.Unix(1800000000, 0).UTC() }
func (still) Running() time.Duration { return 0 }

func openStill(t *testing.T) *DB {
	t.Helper()
	db, err := Open(context.Background(), Config{Dir: t.TempDir(), Clock: still{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestEveryConnectionHasThePragmas(t *testing.T) {
	db := openStill(t)
	conns := map[string]*conn{"writer": db.writer.c}
	for i := range db.cfg.Readers {
		conns["reader "+string(rune('1'+i))] = <-db.readers
	}
	want := map[string]int64{
		"secure_delete": 1, "synchronous": 2, "foreign_keys": 1, "auto_vacuum": 0, "temp_store": 2,
		"journal_size_limit": -1, "wal_autocheckpoint": 0, "trusted_schema": 0, "busy_timeout": 10000, "cell_size_check": 1,
	}
	for name, c := range conns {
		for pragma, n := range want {
			got, err := one(c, scanInt, "PRAGMA "+pragma)
			if err != nil || got != n {
				t.Errorf("%s: %s is %d, want %d (%v)", name, pragma, got, n, err)
			}
		}
		mode, err := one(c, scanText, "PRAGMA journal_mode")
		if err != nil || mode != "wal" {
			t.Errorf("%s: journal_mode is %q (%v)", name, mode, err)
		}
		only, err := one(c, scanInt, "PRAGMA query_only")
		if err != nil || (only == 1) != (name != "writer") {
			t.Errorf("%s: query_only is %d (%v)", name, only, err)
		}
		if name != "writer" {
			if _, err := c.exec("DELETE FROM setting"); err == nil {
				t.Errorf("%s can write", name)
			}
			c.dead = nil
			db.readers <- c
		}
	}
}

func TestTheLogStaysShort(t *testing.T) {
	db := openStill(t)
	for range 100 {
		err := db.Update(context.Background(), func(tx *Tx) error {
			for range 200 {
				id := mail.NewID()
				if err := tx.putEpoch(mail.Epoch{ID: id, Owner: id, Box: make(mail.Box, 3000)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	reader := <-db.readers
	c, err := one(reader, scanCheckpoint, "PRAGMA wal_checkpoint(NOOP)")
	db.readers <- reader
	if err != nil || c.log > 2*checkpointAt || c.log == 0 {
		t.Errorf("the log has %d pages (%v)", c.log, err)
	}
}
