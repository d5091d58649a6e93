package appliance

import (
	"context"

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

// Before returns up to n entries before the one with number seq, newest first.
func (a audit) Before(ctx context.Context, seq int64, n int) ([]journal.Entry, error) {
	return a.read(ctx, func(tx *vault.ReadTx) ([]journal.Entry, error) { return tx.JournalBefore(seq, n) })
}

// KindBefore returns up to n entries of one kind, newest first, of the look entries before
// the one with number seq.
func (a audit) KindBefore(ctx context.Context, kind string, seq, look int64, n int) ([]journal.Entry, error) {
	return a.read(ctx, func(tx *vault.ReadTx) ([]journal.Entry, error) { return tx.JournalKindBefore(kind, seq, look, n) })
}

// From returns up to n entries from the one with number seq on, in order.
func (a audit) From(ctx context.Context, seq int64, n int) ([]journal.Entry, error) {
	return a.read(ctx, func(tx *vault.ReadTx) ([]journal.Entry, error) { return tx.JournalSince(seq-1, n) })
}

func (a audit) read(ctx context.Context, f func(tx *vault.ReadTx) ([]journal.Entry, error)) (list []journal.Entry, err error) {
	err = a.db.View(ctx, func(tx *vault.ReadTx) error {
		list, err = f(tx)
		return err
	})
	return list, err
}
