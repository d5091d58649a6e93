package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/retention"
	"sigill/appliance/vault"
)

// What a restore leaves in the data directory. While quarantineFile is there no door opens;
// when what it asks for is done its content goes on in restoredFile, and it is taken away.
const (
	quarantineFile = "quarantine"
	restoredFile   = "restored"
)

// restored is what is known of a restore.
type restored struct {
	At      time.Time `json:"at"`      // when it was done; zero: this appliance was never restored
	Set     time.Time `json:"set"`     // of which moment the rows are
	Slots   time.Time `json:"slots"`   // of which moment the keys are
	Over    bool      `json:"over"`    // somebody has said that the appliance before is gone
	Done    time.Time `json:"done"`    // when the quarantine ended
	Ended   int       `json:"ended"`   // accesses that had come back and were ended again
	Letters int       `json:"letters"` // whose notice had not left, and must be sent anew
	Mails   int       `json:"mails"`   // others that had not left
	Codes   int       `json:"codes"`   // people whose printed sign-in codes were ended
}

func readRestored(data string) (restored, error) { return readMarker(data, restoredFile) }

func readMarker(data, name string) (r restored, err error) {
	b, err := os.ReadFile(filepath.Join(data, name))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err == nil && r.At.IsZero() {
		err = errors.New("it does not say when")
	}
	if err != nil {
		return r, fmt.Errorf("what is remembered of the restore (%s): %w", name, err)
	}
	return r, nil
}

func (r restored) write(data, name string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(data, name), b, 0o600)
}

// inQuarantine is an error while a restored store has not been through its quarantine: no
// command may open it either.
func inQuarantine(data string) error {
	if !exists(filepath.Join(data, quarantineFile)) {
		return nil
	}
	return errors.New("this appliance was restored from a backup and has not been started since: start it first")
}

// quarantine makes a restored store fit for use, before anything listens: what has ended is
// ended again, what is due ends, what was to be used once is used up, and who waited to be
// told is given up, with a word to the sender. Each step may be repeated; the end of it all
// is one rename.
func (a *Appliance) quarantine(ctx context.Context) error {
	r, err := readMarker(a.c.Data, quarantineFile)
	if err != nil || r.At.IsZero() {
		return err
	}
	a.c.Log.Warn("this store was restored from a backup; it is in quarantine, and no door opens before that is over", "part", "restore", "set", r.Set, "slots", r.Slots)
	if err := a.plausible(r); err != nil {
		return err
	}
	ledger, err := a.db.LoadDestroyed(ctx)
	if err != nil {
		return err
	}
	if r.Ended, err = a.desk.Replay(ctx, ledger); err != nil {
		return fmt.Errorf("end what the ledger names: %w", err)
	}
	if _, err := a.desk.Expire(ctx); err != nil {
		return fmt.Errorf("end what is due: %w", err)
	}
	if _, err := a.desk.Purge(ctx); err != nil {
		return fmt.Errorf("erase what has ended: %w", err)
	}
	if r.Letters, r.Mails, err = a.desk.Unsent(ctx); err != nil {
		return fmt.Errorf("give up what had not left: %w", err)
	}
	if r.Codes, err = a.office.EndCodes(ctx); err != nil {
		return fmt.Errorf("end printed codes: %w", err)
	}
	r.Done = a.c.Clock.Now()
	err = a.db.Update(ctx, func(tx *vault.Tx) error {
		if err := tx.UseSteps(access.LastStep(tx.Now())); err != nil {
			return err
		}
		if err := tx.SetSetting(settingSeen, tx.Now().Format(time.RFC3339)); err != nil {
			return err
		}
		return tx.Note(mail.Event{
			Kind: journal.Restored, At: tx.Now(), Actor: mail.ActorSystem, Part: "restore",
			Detail: fmt.Sprintf("%s %s %d %d", r.Set.Format(time.RFC3339), r.Slots.Format(time.RFC3339), r.Ended, r.Letters+r.Mails),
		})
	})
	if err != nil {
		return err
	}
	if err := r.write(a.c.Data, restoredFile); err != nil {
		return err
	}
	a.c.Log.Warn("the quarantine is over", "part", "restore", "ended", r.Ended, "letters", r.Letters, "mails", r.Mails, "codes", r.Codes)
	return removeDurably(a.c.Data, quarantineFile)
}

// plausible is an error if the clock cannot be believed: it stands before the backup, or has
// leapt since somebody restored it. Else it is believed, however long the machine was away.
func (a *Appliance) plausible(r restored) error {
	now := a.c.Clock.Now()
	switch {
	case now.Before(r.At.Add(-time.Hour)):
		return fmt.Errorf("the clock of this machine says %s, which is before it was restored: set it right", now.Format(time.RFC3339))
	case now.Sub(r.At) > retention.Leap:
		return fmt.Errorf("the clock of this machine says %s, days after it was restored: set it right, or restore it again", now.Format(time.RFC3339))
	}
	a.brake.Release(now, a.c.Clock.Running())
	return nil
}

// removeDurably takes a file's name away and returns when that is durable.
func removeDurably(dir, name string) error {
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
