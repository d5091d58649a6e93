package appliance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"time"

	"sigill/appliance/door/admin"
	"sigill/appliance/jobs"
	"sigill/appliance/mail"
	"sigill/backup"
)

// Backups says how it goes with all targets, for the administrator's page.
func (a *Appliance) Backups(context.Context) (admin.BackupState, error) {
	var s admin.BackupState
	for _, t := range a.backups.list {
		s.Targets = append(s.Targets, t.shown(a.c.Clock.Now()))
	}
	r, err := readRestored(a.c.Data)
	if err != nil || r.At.IsZero() {
		return s, err
	}
	s.Restored = admin.Restored{At: r.At, Set: r.Set, Slots: r.Slots, Ended: r.Ended, Letters: r.Letters, Mails: r.Mails}
	return s, nil
}

// BackUp begins a task with a target.
func (a *Appliance) BackUp(_ context.Context, _ mail.Actor, name, what string) error {
	if !slices.Contains(admin.BackupTasks[:], what) {
		return mail.E(mail.Absent, "error.absent", fmt.Errorf("nobody knows how to %q", what))
	}
	t, err := a.backups.find(name)
	if err != nil {
		return err
	}
	_, err = t.ask(task(what))
	return err
}

// shown is the target as the page has it.
func (t *backedUp) shown(now time.Time) admin.Backup {
	s := t.seen()
	b := admin.Backup{
		Name: t.conf.Name, Where: t.conf.Where(), Schedule: t.conf.When(), Set: s.Last.Set, Slots: later(s.Last.Slots, s.Last.Kept), Every: t.every(now),
		Failed: s.Failed, Doing: string(s.Doing), Since: s.Since,
		Begun: s.Tried.Begun, Verified: s.Tried.Verified, Damaged: s.Tried.Damaged, Drilled: s.Tried.Drilled, Undrilled: s.Tried.Undrilled,
	}
	b.Days, b.Weeks, b.Months = t.conf.Kept()
	if s.Fault != nil {
		b.Fault, b.Detail = faultOf(s.Fault), saidOf(s.Fault)
		if b.Fault == "other" {
			b.Said = sentenceOf(s.Fault)
		}
	}
	return b
}

// every is how long it is from one set to the next, at most; a day if nobody can say.
func (t *backedUp) every(now time.Time) time.Duration {
	next, err := jobs.Next(t.conf.When(), now)
	if err != nil {
		return 24 * time.Hour
	}
	after, err := jobs.Next(t.conf.When(), next)
	if err != nil {
		return 24 * time.Hour
	}
	return after.Sub(next)
}

// faultOf names a fault as the page's sentences do.
func faultOf(err error) string {
	switch {
	case errors.Is(err, backup.ErrForeign):
		return "foreign"
	case errors.Is(err, backup.ErrAlive):
		return "alive"
	case errors.Is(err, backup.ErrSlotsLost):
		return "lost"
	case errors.Is(err, backup.ErrFull), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "full"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, backup.ErrEmptied):
		return "away"
	}
	return "other"
}

// sentenceOf is the key of the sentence that a fault of a target brings with it; "" if it has
// none.
func sentenceOf(err error) string {
	var e *mail.Error
	switch {
	case errors.Is(err, backup.ErrKept): // found while it is written to
		return "error.target.kept"
	case errors.As(err, &e) && strings.HasPrefix(e.Say, "error.target."):
		return e.Say
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
