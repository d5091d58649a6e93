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

	"sigill/appliance/door/control"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// CheckJournal checks the journal of an appliance against its signed checkpoints: it
// asks the appliance if it runs, and opens the data itself if not. An appliance that
// runs is believed as far as its process is; who does not trust that, stops it first.
// The error has the report in it if anything was changed, cut off or made anew.
func CheckJournal(ctx context.Context, p Places) (report string, err error) {
	var r verified
	err = control.Ask(ctx, p.Run, askVerify, toVerify{p.Data}, &r)
	switch {
	case errors.Is(err, control.ErrNobody):
		return verifyStill(ctx, p.Data, keyPlaces{dir: p.Keys, credential: p.credential})
	case err != nil:
		return "", err
	}
	return r.result()
}

// VerifyJournal checks the journal of a data directory that no process has open. The
// error has the report in it if anything was changed, cut off or made anew.
func VerifyJournal(ctx context.Context, data, keys string) (report string, err error) {
	return verifyStill(ctx, data, keyPlaces{dir: keys})
}

func verifyStill(ctx context.Context, data string, keys keyPlaces) (report string, err error) {
	if err := inQuarantine(data); err != nil {
		return "", err
	}
	clock := NewWall()
	if _, err := os.Stat(filepath.Join(data, "sigill.db")); err != nil {
		return "", fmt.Errorf("there is no journal in %s", data)
	}
	db, err := vault.Open(ctx, vault.Config{Dir: data, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	f, err := found(ctx, db, keys, kitPaper{}, clock.Now())
	if err != nil {
		return "", err
	}
	points, err := os.Open(filepath.Join(data, "checkpoints"))
	if err != nil {
		return "", fmt.Errorf("the checkpoints: %w", err)
	}
	defer points.Close()
	r, err := verify(ctx, db, points, f)
	if err != nil {
		return "", err
	}
	return r.result()
}

// toVerify names the data directory that is meant.
type toVerify struct {
	Data string `json:"data"`
}

// verified is a report, and whether nothing is wrong.
type verified struct {
	Report string `json:"report"`
	Whole  bool   `json:"whole"`
}

func (v verified) result() (string, error) {
	if !v.Whole {
		return "", errors.New(v.Report)
	}
	return v.Report, nil
}

// meant is an error unless data is our directory: the configuration may have changed since
// the appliance started.
func (a *Appliance) meant(data string) error {
	ours, err := os.Stat(a.c.Data)
	if err != nil {
		return err
	}
	if theirs, err := os.Stat(data); err != nil || !os.SameFile(ours, theirs) {
		return mail.E(mail.Invalid, "", fmt.Errorf("the appliance that runs keeps its data in %s, not in %s", a.c.Data, data))
	}
	return nil
}

// verify answers a command. It reads beside the writer, and one at a time: others who
// read wait no longer than for a page of entries.
func (a *Appliance) verify(ctx context.Context, ask toVerify) (verified, error) {
	if err := a.meant(ask.Data); err != nil {
		return verified{}, err
	}
	select {
	case a.verifies <- struct{}{}:
		defer func() { <-a.verifies }()
	case <-ctx.Done():
		return verified{}, ctx.Err()
	}
	points, err := a.points.Reader() // before the entries, see there
	if err != nil {
		return verified{}, err
	}
	defer points.Close()
	return verify(ctx, a.db, points, a.founding)
}

func verify(ctx context.Context, db *vault.DB, points io.Reader, f *founding) (verified, error) {
	signer, err := journal.NewSigner(f.origin, f.app.JournalSeed())
	if err != nil {
		return verified{}, err
	}
	r, err := journal.Verify(entries(ctx, db), points, signer.Public())
	if err != nil {
		return verified{}, err
	}
	return verified{r.String(), r.OK()}, nil
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
