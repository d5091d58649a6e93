package appliance

import (
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/vault"
)

// audit is the journal as the auditor's page reads it.
type audit struct {
	db     *vault.DB
	points *journal.Checkpoints
}

// Head returns how many entries there are, and the newest signed checkpoint. The
// checkpoint is read first, so that it never counts more entries than there are.
func (a audit) Head(ctx context.Context) (entries int64, signed journal.Checkpoint, err error) {
	signed = a.points.Last()
	err = a.db.View(ctx, func(tx *vault.ReadTx) error {
		entries, _, err = tx.JournalHead()
		return err
	})
	return entries, signed, err
}

// Where returns up to n entries that are asked for.
func (a audit) Where(ctx context.Context, q journal.Query, n int) (list []journal.Entry, err error) {
	err = a.db.View(ctx, func(tx *vault.ReadTx) error {
		list, err = tx.JournalWhere(q, n)
		return err
	})
	return list, err
}

// At returns the number of the first entry that is not older than a moment.
func (a audit) At(ctx context.Context, at time.Time) (n int64, err error) {
	err = a.db.View(ctx, func(tx *vault.ReadTx) error {
		n, err = tx.JournalAt(at)
		return err
	})
	return n, err
}
