package vault

import (
	"context"
	"errors"
	"sync"
)

// Sound holds SQLite's tables and indexes against each other and against their rules.
// Pages have no check sum: a bit that the disk has turned may else take a letter out of
// a list without an error. It reads the whole database beside the writer. The error
// says what the first fault is.
func (db *DB) Sound(ctx context.Context) error {
	return db.View(ctx, func(tx *ReadTx) error { return sound(tx.c) })
}

func sound(c *conn) error {
	said, err := one(c, func(s scanner) (text string, err error) { return text, s.Scan(&text) }, `
		PRAGMA integrity_check(1)`)
	if err == nil && said != "ok" {
		err = errors.New("the database is damaged: " + said)
	}
	return err
}

// sweeper says whether what no row names may be erased. It looks when something is
// found, which after a clean end is nothing.
type sweeper func() bool

// mayErase lets nothing be erased while the database is damaged: a row that cannot be
// read names its slot no more, and the key would be gone before a backup can mend it.
func (db *DB) mayErase(c *conn) sweeper {
	return sync.OnceValue(func() bool {
		err := sound(c)
		if err != nil {
			db.cfg.Log.Error("the database is damaged; keys and blobs that no row names are kept", "part", "vault", "err", err)
		}
		return err == nil
	})
}
