package vault

import (
	"context"
	"errors"
	"sync"
)

// Sound holds SQLite's tables and indexes against each other and against their rules.
// Pages have no check sum: a bit that the disk has turned may else take a letter out of
// a list without an error. It reads the whole database twice beside the writer. The
// error says what the first fault is.
//
// While somebody reads, the log cannot begin anew, and grows. So each table is read by
// itself, and ctx is looked at between them. The last check finds what only the whole
// shows, such as a page that two tables have, or one that is in use and on the list of
// free ones. It leaves out the indexes, which take most of the time.
func (db *DB) Sound(ctx context.Context) error {
	var tables []string
	err := db.View(ctx, func(tx *ReadTx) (err error) {
		tables, err = all(tx.c, scanText, `
			SELECT name
			FROM sqlite_schema
			WHERE type = 'table'
			ORDER BY name`)
		return err
	})
	if err != nil {
		return err
	}
	check := func(query string, args ...any) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return db.View(ctx, func(tx *ReadTx) error { return firstFault(tx.c, query, args...) })
	}
	for _, t := range tables {
		if err := check(`SELECT integrity_check FROM pragma_integrity_check(?)`, t); err != nil {
			return err
		}
	}
	return check(`PRAGMA quick_check(1)`)
}

// sound is Sound in one check, for who is alone with the database.
func sound(c *conn) error { return firstFault(c, `PRAGMA integrity_check(1)`) }

// firstFault asks SQLite for faults, and returns the first one.
func firstFault(c *conn, query string, args ...any) error {
	said, err := one(c, scanText, query, args...)
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
		if db.cfg.Keep {
			return false
		}
		err := sound(c)
		if err != nil {
			db.cfg.Log.Error("the database is damaged; keys and blobs that no row names are kept", "part", "vault", "err", err)
		}
		return err == nil
	})
}
