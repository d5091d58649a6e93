package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigill/appliance/mail"
)

// View runs do on one unchanging state of the store, beside the writer and other
// readers. ctx bounds the wait for a reader; do must not keep tx. The error is do's
// own, or ctx's.
func (db *DB) View(ctx context.Context, do func(tx *ReadTx) error) (err error) {
	var c *conn
	select {
	case c = <-db.readers:
	case <-ctx.Done():
		return ctx.Err()
	case <-db.keeper:
		return mail.E(mail.Again, "error.again", errors.New("the store is closed"))
	}
	defer func() { db.readers <- c }()
	c.dead = nil
	// Deferred: the first SELECT fixes the state that is read.
	if _, err := c.exec("BEGIN DEFERRED"); err != nil {
		return db.answer("begin reading", err)
	}
	tx := &ReadTx{c: c, db: db, now: db.cfg.Clock.Now()}
	defer func() {
		tx.c = nil
		c.dead = nil
		if _, end := c.exec("ROLLBACK"); end != nil {
			err = errors.Join(err, fmt.Errorf("end reading: %w", end))
		}
	}()
	return do(tx)
}

// ReadTx is a transaction that reads. What it does not find gives an error of the
// kind Absent, never an empty value.
type ReadTx struct {
	c       *conn
	db      *DB
	now     time.Time
	pending *effects // of the batch, if a writer reads
}

// Now is the one time of this transaction, in UTC.
func (tx *ReadTx) Now() time.Time { return tx.now }

// SlotValue returns a slot's content, sealed as keyring made it. The errors are
// Gone for a slot that is erased, Absent for no slot, Internal for one that is
// damaged in both files.
func (tx *ReadTx) SlotValue(s mail.Slot) (mail.SlotValue, error) {
	if s.IsZero() || s.File > mail.Link {
		return mail.SlotValue{}, absent()
	}
	if tx.pending != nil {
		if v, ok := tx.pending.value(s); ok {
			return v, nil
		}
	}
	return tx.db.slots[s.File].read(s.N)
}
