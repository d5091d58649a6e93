package admin

import (
	"context"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Backups is what the page asks of the copies that are made of everything; the appliance is
// one.
type Backups interface {
	Backups(ctx context.Context) (BackupState, error)
	// BackUp begins a task with a target: one of BackupTasks. The error is Absent if there is
	// no such target or task, and Busy if another waits.
	BackUp(ctx context.Context, by mail.Actor, name, task string) error
}

// BackupTasks are what somebody may have done with a target.
var BackupTasks = [...]string{"now", "verify", "drill"}

// BackupState is how it goes with all targets.
type BackupState struct {
	Targets  []Backup
	Restored Restored
}

// Backup is how it goes with one target.
type Backup struct {
	Name, Where         string
	Schedule            string        // cron, UTC
	Days, Weeks, Months int           // for how long sets are kept
	Set, Slots          time.Time     // the newest of each; zero: there is none
	Every               time.Duration // between two sets
	Failed              time.Time     // since when it fails; zero: it does not
	Fault               string        // key of why: "foreign", "alive", "lost", "full", "away" or "other"
	Detail              string        // the same for an operator
	Doing               string        // one of BackupTasks; "" for nothing
	Since               time.Time     // that it is done
	Begun               time.Time     // when the target was first seen
	Verified            time.Time     // when everything was last read; zero: never
	Damaged             string        // what was wrong then; "" for nothing
	Drilled             time.Time     // when it was last restored for trial; zero: never
	Undrilled           string        // why that went wrong; "" if it went well
}

// Restored is that this machine was put together from a backup; the zero value: it never was.
type Restored struct {
	At, Set, Slots        time.Time // when, and of which moments rows and keys are
	Ended, Letters, Mails int       // what was ended again, and what had not left
}

const backupPath = "/admin/backup"

func (d *Door) backupRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: backupPath, Need: web.Admin, Handle: d.backupPage},
		{Method: "POST", Path: backupPath, Need: web.Admin, Body: web.Form, Handle: d.backUp},
	}
}

// backupPage is where copies of everything go, and how they are.
type backupPage struct {
	web.Frame
	BackupState
	Doing bool
}

func (d *Door) backupPage(r *web.Request) error {
	s, err := d.backups.Backups(r.Context())
	if err != nil {
		return err
	}
	page := &backupPage{BackupState: s}
	for _, b := range s.Targets {
		page.Doing = page.Doing || b.Doing != ""
	}
	return r.Page("admin/backup", page)
}

func (d *Door) backUp(r *web.Request) error {
	if err := d.backups.BackUp(r.Context(), actor(r), r.Form("name"), r.Form("task")); err != nil {
		return err
	}
	r.Flash("flash.backup")
	return r.Redirect(backupPath)
}

// When backups need somebody.
const (
	backupLate = 2                   // times as old as the newest may get
	slotsLate  = time.Hour           // the keys are copied each minute
	drilledIn  = 70 * 24 * time.Hour // once a month by itself; two of them have gone wrong
)

// backupsNeed are the targets that somebody must look at.
func backupsNeed(a *todoAsked) (list []task, err error) {
	s, err := a.d.backups.Backups(a.Context())
	if err != nil {
		return nil, err
	}
	add := func(u urgency, text string, since time.Time) {
		list = append(list, task{u, text, since, backupPath, a.T("todo.to.backup")})
	}
	if len(s.Targets) == 0 {
		add(soon, a.T("todo.backup.none"), time.Time{})
	}
	for _, b := range s.Targets {
		switch at, late := a.Now(), b.Every*backupLate; {
		case b.Fault == "foreign", b.Fault == "alive", b.Fault == "lost":
			add(now, a.T("todo.backup."+b.Fault, "Name", b.Name), b.Failed)
		case b.Set.IsZero() && at.Sub(b.Begun) > late:
			add(now, a.T("todo.backup.never", "Name", b.Name), b.Begun)
		case !b.Set.IsZero() && at.Sub(b.Set) > late:
			add(now, a.T("todo.backup.old", "Name", b.Name), b.Set)
		case !b.Failed.IsZero() && at.Sub(b.Failed) > slotsLate:
			add(soon, a.T("todo.backup.failed", "Name", b.Name), b.Failed)
		}
		if b.Damaged != "" {
			add(now, a.T("todo.backup.damaged", "Name", b.Name), b.Verified)
		}
		switch {
		case b.Undrilled != "":
			add(soon, a.T("todo.backup.undrilled", "Name", b.Name), b.Drilled)
		case !b.Set.IsZero() && a.Now().Sub(later(b.Drilled, b.Begun)) > drilledIn:
			add(soon, a.T("todo.backup.drill", "Name", b.Name), b.Drilled)
		}
	}
	return list, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
