package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"

	"sigill/appliance/journal"
	"sigill/appliance/vault"
)

// VerifyJournal checks the journal of a data directory against the signed checkpoints
// beside it. The error is a Fault's if anything was changed, cut off or made anew.
func VerifyJournal(ctx context.Context, data, keys string) (report string, err error) {
	clock := NewWall()
	if _, err := os.Stat(filepath.Join(data, "sigill.db")); err != nil {
		return "", fmt.Errorf("there is no journal in %s", data)
	}
	db, err := vault.Open(ctx, vault.Config{Dir: data, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	f, err := found(ctx, db, keys, "", clock.Now())
	if err != nil {
		return "", err
	}
	signer, err := journal.NewSigner(f.origin, f.app.JournalSeed())
	if err != nil {
		return "", err
	}
	points, err := os.Open(filepath.Join(data, "checkpoints"))
	if err != nil {
		return "", fmt.Errorf("the checkpoints: %w", err)
	}
	defer points.Close()
	r, err := journal.Verify(entries(ctx, db), io.Reader(points), signer.Public())
	if err != nil {
		return "", err
	}
	if !r.OK() {
		return "", errors.New(r.String())
	}
	return r.String(), nil
}

// entries reads the journal from its first entry on, a thousand at a time.
func entries(ctx context.Context, db *vault.DB) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		var seq int64
		for {
			var page []journal.Entry
			err := db.View(ctx, func(tx *vault.ReadTx) (err error) {
				page, err = tx.JournalSince(seq, 1000)
				return err
			})
			if err != nil {
				yield(journal.Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				seq = e.Seq
			}
			if len(page) == 0 {
				return
			}
		}
	}
}
