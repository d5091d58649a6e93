package appliance

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"sigill/appliance/desk"
	"sigill/appliance/erase"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
	"sigill/backup"
)

// trialBytes is how long the file of a letter for trial is: more than stands in a row.
const trialBytes = mail.InRow + 1000

// drill tries a target: it makes a letter, backs it up, restores everything to a place of its
// own by the drill's key, and opens the letter there. What it has restored it takes away,
// keys first. The letter ends with it.
func (a *Appliance) drill(ctx context.Context, t *backedUp) (err error) {
	defer func() {
		detail := t.conf.Name
		if err != nil {
			detail += " failed"
		}
		if ctx.Err() == nil {
			err = errors.Join(err, a.noteDrill(ctx, detail))
		}
	}()
	content := make([]byte, trialBytes)
	rand.Read(content)
	letter, err := a.desk.PutTrial(ctx, content)
	if err != nil {
		return fmt.Errorf("make a letter for trial: %w", err)
	}
	defer func() { err = errors.Join(err, a.desk.EndTrial(context.WithoutCancel(ctx), letter)) }()
	if err := t.set(ctx, a.c.Clock.Now()); err != nil {
		return err
	}
	dir := filepath.Join(t.with.State, "drill")
	disk := erase.Machine{}
	if err := backup.Discard(disk, dir); err != nil { // of one that was broken off
		return err
	}
	defer func() { err = errors.Join(err, backup.Discard(disk, dir)) }()
	key, err := backup.ParseVerifier(t.with.Sign.Public())
	if err != nil {
		return err
	}
	return t.reads(ctx, func(target backup.Target) error {
		done, err := backup.Restore(ctx, backup.Restoring{Target: target, Key: a.founding.app.DrillSeed(), Verifier: key, Dir: dir, Disk: disk, Room: a.room})
		if err != nil {
			return err
		}
		if len(done.Passed) > 0 {
			return fmt.Errorf("not everything can be restored: %w", errors.Join(done.Passed...))
		}
		return a.opensThere(ctx, dir, letter, content)
	})
}

// room is how many bytes may be used for a trial: half of what is free.
func (a *Appliance) room() (int64, error) {
	disk, err := erase.FileSystemOf(a.c.Data)
	return disk.Free / 2, err
}

// opensThere opens the letter in the restored store as the appliance would.
func (a *Appliance) opensThere(ctx context.Context, dir string, letter mail.ID, want []byte) (err error) {
	db, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: a.c.Clock, Log: a.c.Log})
	if err != nil {
		return fmt.Errorf("open what was restored: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Sound(ctx); err != nil {
		return fmt.Errorf("what was restored: %w", err)
	}
	if c := db.Checked(); c.Lost > 0 {
		return fmt.Errorf("%d keys that rows name are damaged in what was restored", c.Lost)
	}
	salt, err := saltOf(ctx, db)
	if err != nil {
		return err
	}
	there := desk.New(desk.Config{
		Store: deskStore{db, func(mail.ID) bool { return false }}, App: keyring.NewApp(a.founding.kapp, salt), Clock: a.c.Clock, Log: a.c.Log,
	})
	got, err := there.OpenTrial(ctx, letter)
	if err != nil {
		return fmt.Errorf("open the letter for trial: %w", err)
	}
	if !bytes.Equal(got, want) {
		return errors.New("the letter for trial opens, and is another one")
	}
	return nil
}

func (a *Appliance) noteDrill(ctx context.Context, detail string) error {
	return a.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.Note(mail.Event{Kind: journal.BackupDrilled, At: tx.Now(), Actor: mail.ActorSystem, Part: "backup", Detail: detail})
	})
}
