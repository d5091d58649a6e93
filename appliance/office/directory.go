package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// directoryReads is what the office reads of the directory's people.
type directoryReads interface {
	DirectoryPeople() ([]mail.DirectoryPerson, error)
	DirectoryRun() (mail.DirectoryRun, error)
}

// directoryWrites is what it writes of them.
type directoryWrites interface {
	PutDirectoryPerson(mail.DirectoryPerson) error
	PutDirectoryRun(mail.DirectoryRun) error
}

// DirectoryRules is the house's directory, and what is made of it.
type DirectoryRules struct {
	// Read gives each person of it. Whoever is not given has left, so it is an error if it
	// could not be read whole.
	Read        func(ctx context.Context, each func(mail.DirectoryEntry) error) error
	Unit        []string // names from below the root: there everybody is put
	SuspendGone bool     // who is not in it any more is suspended
	Brake       int      // percent of its people who may be suspended, moved and new at once
	Settings    []DirectorySetting
}

// DirectorySetting is one of the configuration's, as pages show it: never a secret.
type DirectorySetting struct{ Key, Value string }

// brakeLeast is how many people the brake lets through however few there are.
const brakeLeast = 5

// DirectoryRun is how a reading of the directory went. Without Failed and Braked, all of
// it was done.
type DirectoryRun struct {
	At     time.Time     `json:"-"`
	Failed string        `json:"failed,omitempty"` // key: why not all of it was done
	Braked int           `json:"braked,omitempty"` // it would have come to so many people that nothing was done
	Held   DirectoryHeld `json:"held"`             // who they are, if it was braked
	Allow  string        `json:"allow,omitempty"`  // what says yes to those, and to no others
	Begun  bool          `json:"begun,omitempty"`  // an administrator's own reading has gone well, now or before
	Kept   int           `json:"kept,omitempty"`   // people who have left, and could not be suspended
	// Said is the cost centre of each unit, by its id, as the directory last said it.
	Said map[string]string `json:"said,omitempty"`
	DirectoryCounts
	Problems org.Report `json:"problems"`
}

// DirectoryCounts is what a reading comes to, or came to.
type DirectoryCounts struct {
	Entries   int `json:"entries"` // in the directory
	Disabled  int `json:"disabled"`
	Units     int `json:"units"` // departments that are made
	New       int `json:"new"`
	Moved     int `json:"moved"`
	Renamed   int `json:"renamed"`
	Costs     int `json:"costs"` // departments with another cost centre
	Suspended int `json:"suspended"`
	Resumed   int `json:"resumed"`
	Same      int `json:"same"`
}

// Changes is how much there is to do.
func (c DirectoryCounts) Changes() int {
	return c.Units + c.New + c.Moved + c.Renamed + c.Costs + c.Suspended + c.Resumed
}

// Progress is how far something is; Total is 0 until it is known.
type Progress struct{ Done, Total atomic.Int64 }

// DirectoryOn reports whether there is a directory.
func (o *Office) DirectoryOn() bool { return o.Directory.Read != nil }

// DirectorySettings are those of the configuration.
func (o *Office) DirectorySettings() []DirectorySetting { return o.Directory.Settings }

// mayDirectory is the right over all that comes from the directory.
func (o *Office) mayDirectory(by mail.Actor) error {
	if !o.DirectoryOn() || by.Kind != mail.ActorSystem && o.Roles(by.ID)&mail.RoleAdmin == 0 {
		return absent()
	}
	return nil
}

// TryDirectory reads the directory and says what it would come to. Nothing is done. The
// errors are Absent for who is no administrator, Busy while it is read already, and
// sentences about the directory.
func (o *Office) TryDirectory(ctx context.Context, by mail.Actor) (DirectoryRun, error) {
	if err := o.mayDirectory(by); err != nil {
		return DirectoryRun{}, err
	}
	if !o.reading.TryLock() {
		return DirectoryRun{}, mail.E(mail.Busy, "error.directory.busy", nil)
	}
	defer o.reading.Unlock()
	p, err := o.planDirectory(ctx)
	if err != nil {
		return DirectoryRun{}, err
	}
	run := p.run()
	run.At = o.Clock.Now()
	p.brake(&run, "")
	return run, nil
}

// SyncDirectory reads the directory and does what it comes to: who is new is made and
// invited, who has another department or name there gets it here, who may not sign in
// there or is gone is suspended, and who is back may sign in again. Only who came from the
// directory is ever suspended by it; never an administrator, nor the only organiser of a
// branch.
//
// The appliance itself does nothing before an administrator's own reading has gone well:
// whatever of the configuration does not fit, somebody sees it before anybody is invited.
//
// If more people than the brake lets through would be suspended or moved, or be new, nothing
// is done; the first time all may be new. allow is DirectoryRun.Allow of the reading of which
// somebody has seen whom it holds, and said yes to; if it would be others by now, it brakes
// again. The errors are those of TryDirectory. How it went is kept, also if it did not; see
// LastDirectory.
func (o *Office) SyncDirectory(ctx context.Context, by mail.Actor, allow string, progress *Progress) (DirectoryRun, error) {
	if err := o.mayDirectory(by); err != nil {
		return DirectoryRun{}, err
	}
	if !o.reading.TryLock() {
		return DirectoryRun{}, mail.E(mail.Busy, "error.directory.busy", nil)
	}
	defer o.reading.Unlock()
	last, _, err := o.LastDirectory(ctx, by)
	if err != nil || by.Kind == mail.ActorSystem && !last.Begun {
		return DirectoryRun{}, err
	}
	run, err := o.syncDirectory(ctx, by, allow, progress)
	run.At = o.Clock.Now()
	if err != nil {
		run.Said = last.Said // what was not done is done the next time
	}
	if run.Entries == 0 {
		run.Kept = last.Kept // nothing is known of them since
	}
	run.Begun = last.Begun || err == nil && run.Braked == 0
	if err != nil {
		run.Failed = "error.directory.stopped"
		if e := (*mail.Error)(nil); errors.As(err, &e) && e.Kind != mail.Internal && e.Say != "" {
			run.Failed = e.Say
		}
	}
	return run, errors.Join(err, o.keepRun(context.WithoutCancel(ctx), run))
}

func (o *Office) syncDirectory(ctx context.Context, by mail.Actor, allow string, progress *Progress) (DirectoryRun, error) {
	p, err := o.planDirectory(ctx)
	if err != nil {
		return DirectoryRun{}, err
	}
	run := p.run()
	if p.brake(&run, allow) {
		return run, o.noteDirectory(ctx, by, journal.DirectoryHeld, fmt.Sprintf("%d %d %d", run.New, run.Moved, run.Suspended))
	}
	progress.Total.Store(int64(run.Changes()))
	if err := o.noteDirectory(ctx, by, journal.DirectoryRead, fmt.Sprintf("%d %d %d %d", run.New, run.Moved, run.Suspended, run.Resumed)); err != nil {
		return run, err
	}
	err = p.carryOut(ctx, progress)
	run = p.run()
	run.Said = p.nowSaid()
	return run, err
}

func (o *Office) noteDirectory(ctx context.Context, by mail.Actor, kind, detail string) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: by.Kind, Part: by.Name, Who: o.App.Who(by.ID), Detail: detail})
	})
}

func (o *Office) keepRun(ctx context.Context, run DirectoryRun) error {
	b, err := json.Marshal(run)
	if err != nil {
		return fmt.Errorf("a reading of the directory: %w", err)
	}
	return o.Store.Update(ctx, func(tx Tx) error {
		return tx.PutDirectoryRun(mail.DirectoryRun{At: run.At, Box: o.App.SealDirectory(b)})
	})
}

// LastDirectory returns how the directory was last read; ok is false before the first
// time. The error is Absent for who is no administrator.
func (o *Office) LastDirectory(ctx context.Context, by mail.Actor) (run DirectoryRun, ok bool, err error) {
	if err := o.mayDirectory(by); err != nil {
		return run, false, err
	}
	var row mail.DirectoryRun
	err = o.Store.View(ctx, func(tx ReadTx) (err error) {
		row, err = tx.DirectoryRun()
		return err
	})
	if mail.KindOf(err) == mail.Absent {
		return run, false, nil
	}
	if err != nil {
		return run, false, err
	}
	b, err := o.App.OpenDirectory(row.Box)
	if err != nil {
		return run, false, mail.E(mail.Internal, "error.internal", fmt.Errorf("open a reading of the directory: %w", err))
	}
	if err := json.Unmarshal(b, &run); err != nil {
		return run, false, fmt.Errorf("a reading of the directory: %w", err)
	}
	run.At = row.At
	return run, true, nil
}
