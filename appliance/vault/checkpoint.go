package vault

import "fmt"

// The log's length in pages of 4 KiB: checkpointAt begins to copy it into the
// database, so that it stays below 64 MiB. A longer log copies a page that changed
// often only once, but makes the first read after a crash slower.
const checkpointAt = 8 << 10

// checkEvery is after how many jobs the log's length is looked at. A job seldom
// touches more than 30 pages, so between two looks the log grows by some MiB.
const checkEvery = 64

// checkpoint copies the log into the database when it has grown long. It runs
// between two batches, not within a commit: SQLite's own would hide its errors, and
// after a failed sync of the database nothing may overwrite the log.
func (w *writer) checkpoint() {
	if w.unchecked < checkEvery {
		return
	}
	w.unchecked = 0
	n, err := w.walPages()
	if err == nil && n < checkpointAt {
		return
	}
	if err == nil {
		err = w.copyLog()
	}
	w.c.dead = nil
	if err != nil {
		_ = w.db.answer("checkpoint", fmt.Errorf("copy the log: %w", err))
	}
}

// copyLog copies the log into the database. It is passive and waits for no reader: what one
// still needs stays in the log and is copied the next time.
func (w *writer) copyLog() error {
	if len(w.db.remembering.all()) > 0 {
		if err := w.remember(); err != nil {
			w.db.cfg.Log.Error("the log cannot be read: the next backup reads the whole database", "part", "vault", "err", err)
		}
	}
	_, err := one(w.c, scanCheckpoint, `PRAGMA wal_checkpoint(PASSIVE)`)
	return err
}

// walPages returns how many pages of the log are not yet in the database.
func (w *writer) walPages() (int64, error) {
	c, err := one(w.c, scanCheckpoint, `PRAGMA wal_checkpoint(NOOP)`)
	return c.log - c.copied, err
}

// checkpointed is the answer of PRAGMA wal_checkpoint, in pages.
type checkpointed struct{ busy, log, copied int64 }

func scanCheckpoint(s scanner) (c checkpointed, err error) {
	return c, s.Scan(&c.busy, &c.log, &c.copied)
}
